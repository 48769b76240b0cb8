/** Points of the plane as a path that is coloured by time, some of them marked with what they are. */

import { highest, lowest, type Points } from "../run/plane";
import { TIME } from "./colour";
import { type Spot, svg } from "./dom";

const MARGIN = 14; // pixels around a path
export const COLOURS = 48; // of a path at most
const FEW = 160; // points, which have room for a dot each
const REACH = 30; // pixels from the pointer to the point that is meant
const BESIDE = 8; // pixels from a point to its number
const [WIDE, LINE] = [34, 13]; // pixels that a number takes

export class PathPlot {
  readonly plot: SVGElement;
  private readonly marks = svg("g");
  private readonly x: Float64Array;
  private readonly y: Float64Array;

  /** Draws points as large as a box allows, which is given in pixels; the first are the earliest. */
  constructor(
    { x, y }: Points,
    private readonly width: number,
    height: number,
  ) {
    const [left, right, low, high] = [lowest(x), highest(x), lowest(y), highest(y)];
    const scales = [(width - 2 * MARGIN) / (right - left), (height - 2 * MARGIN) / (high - low)];
    const scale = Math.min(...scales.filter(Number.isFinite), Number.MAX_VALUE); // points on one line, or on one spot
    const within = (value: number, from: number, to: number) => (value - (from + to) / 2 || 0) * scale;
    this.x = x.map((each) => width / 2 + within(each, left, right));
    this.y = y.map((each) => height / 2 - within(each, low, high));
    this.plot = svg("svg", { width, height, role: "img" }, ...this.lines(), this.marks);
  }

  /** The point that is meant by a place in the window; null where none is near. */
  nearest({ clientX, clientY }: Spot): number | null {
    const { left, top } = this.plot.getBoundingClientRect();
    let [found, least]: [number | null, number] = [null, REACH];
    for (const [i, x] of this.x.entries()) {
      const away = Math.hypot(clientX - left - x, clientY - top - this.y[i]);
      if (away <= least) [found, least] = [i, away];
    }
    return found;
  }

  /** Marks the point in focus and those that are pointed to, and writes what they are; the ends too, where there is room. */
  mark(focus: number, pointed: number[], nameOf: (index: number) => string): void {
    const last = this.x.length - 1;
    const marked = [...pointed, focus].filter((index) => index >= 0 && index <= last);
    const rings = marked.map((index) => {
      const of = index === focus ? "nntf-path-focus" : "nntf-path-pointed";
      return svg("circle", { class: of, cx: this.x[index], cy: this.y[index], r: 5 });
    });
    const written: number[] = [];
    for (const index of [...marked, last, 0])
      if (written.every((other) => this.isApart(index, other))) written.push(index);
    const names = written
      .filter((index) => index >= 0)
      .map((index) => this.name(index, nameOf(index), marked.includes(index)));
    this.marks.replaceChildren(...rings, ...names);
  }

  private name(index: number, name: string, isMarked: boolean): SVGElement {
    const isBefore = this.x[index] > this.width - WIDE - BESIDE;
    const at = { x: this.x[index] + (isBefore ? -BESIDE : BESIDE), y: this.y[index] + 4 };
    return svg(
      "text",
      {
        class: `nntf-path-name${isMarked ? " nntf-path-marked" : ""}`,
        ...at,
        "text-anchor": isBefore ? "end" : "start",
      },
      name,
    );
  }

  /** Whether the numbers of two points do not cover each other. */
  private isApart(one: number, other: number): boolean {
    return Math.abs(this.x[one] - this.x[other]) > WIDE || Math.abs(this.y[one] - this.y[other]) > LINE;
  }

  /** The path in pieces, each of a colour, with a dot at each point where there are few. */
  private lines(): SVGElement[] {
    const last = this.x.length - 1;
    const pieces = Math.min(Math.max(last, 1), COLOURS);
    const hasDots = last < FEW;
    return Array.from({ length: pieces }, (_, piece) => {
      const [from, to] = [piece, piece + 1].map((end) => Math.round((end * last) / pieces));
      const stroke = TIME.css((piece + 0.5) / pieces);
      const places = Array.from({ length: to - from + 1 }, (_, i) => this.place(from + i));
      const line = svg("path", { class: "nntf-path-line", stroke, d: `M${places.join("L")}` });
      if (!hasDots) return [line];
      return [line, svg("path", { class: "nntf-path-dots", stroke, d: places.map((place) => `M${place}h0`).join("") })];
    }).flat();
  }

  private place(index: number): string {
    return `${this.x[index].toFixed(1)} ${this.y[index].toFixed(1)}`;
  }
}
