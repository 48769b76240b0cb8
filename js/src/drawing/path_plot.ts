/** Points of the plane as a path that is coloured by time, some of them marked with what they are. */

import { highest, lowest, type Points } from "../run/plane";
import { TIME } from "./colour";
import { type Spot, svg } from "./dom";

const MARGIN = 14; // pixels around a path
export const COLOURS = 48; // of a path at most
const FEW = 160; // points, which have room for a dot each
const REACH = 30; // pixels from the pointer to the point that is meant
const [WIDE, LINE] = [26, 13]; // pixels that a number takes
const BESIDE = 22; // pixels from a point to the middle of its number
const NARROWEST = 1e-3; // of the distance: what is nearer is no more than the rounding of its place

/** The middle of a number that is written, in pixels. */
interface Middle {
  x: number;
  y: number;
}

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
    const fitted = (room: number, extent: number) => (room - 2 * MARGIN) / Math.max(extent, NARROWEST);
    const scale = Math.min(fitted(width, right - left), fitted(height, high - low));
    this.x = x.map((each) => width / 2 + (each - (left + right) / 2) * scale);
    this.y = y.map((each) => height / 2 - (each - (low + high) / 2) * scale);
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
    const written: Middle[] = [];
    const names = [...new Set([...marked, last, 0])].flatMap((index) => {
      const middle = this.middleFor(index, written);
      if (!middle) return [];
      written.push(middle);
      const of = `nntf-path-name${marked.includes(index) ? " nntf-path-marked" : ""}`;
      const isBehind = middle.x > this.x[index];
      const at = {
        x: middle.x + (isBehind ? -WIDE : WIDE) / 2,
        y: middle.y + 4,
        "text-anchor": isBehind ? "start" : "end",
      };
      return [svg("text", { class: of, ...at }, nameOf(index))];
    });
    this.marks.replaceChildren(...rings, ...names);
  }

  /** Where to write what a point is: beside it, where no other is written and the fewest points are covered. */
  private middleFor(index: number, written: Middle[]): Middle | null {
    const room = ({ x, y }: Middle) =>
      x > WIDE / 2 && x < this.width - WIDE / 2 && written.every((other) => !covers(other, x, y));
    const middles = [BESIDE, -BESIDE].map((away) => ({ x: this.x[index] + away, y: this.y[index] })).filter(room);
    const covered = middles.map(
      (middle) =>
        this.x.filter((x, i) => Math.abs(x - middle.x) < WIDE / 2 && Math.abs(this.y[i] - middle.y) < LINE / 2).length,
    );
    return middles[covered.indexOf(Math.min(...covered))] ?? null;
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

/** Whether a number would cover another whose middle is at a place. */
function covers(middle: Middle, x: number, y: number): boolean {
  return Math.abs(middle.x - x) < WIDE && Math.abs(middle.y - y) < LINE;
}
