/** A small chart beside the fingerprint: what it shows in words, a plot, and numbers beside and below that. */

import { CURVES } from "./colour";
import { element, svg } from "./dom";
import { EpochAxis } from "./epoch_axis";
import { linePath } from "./line";

const BEFORE = 40; // pixels before the plot, for the numbers of its axis
const BEHIND = 14; // and behind it, for half of the last number below it
const LINE = 13; // and below it, for a line of numbers
const MARGIN = 4; // above and below a curve
const TICK = 62; // for a number of an axis

/** The axis of a chart that is so wide in all. */
export function sideAxis(width: number, first: number, last: number): EpochAxis {
  return new EpochAxis(BEFORE, Math.max(width - BEFORE - BEHIND, 1), first, last);
}

/** The class of a chart's plot over epochs. */
export const OVER_EPOCHS = "nntf-side-epochs";

interface Frame {
  axis: EpochAxis;
  /** Pixels that the plot is high. */
  height: number;
  /** The lowest and the highest value, and how these are written. */
  ends: [low: number, high: number];
  written: (value: number) => string;
  /** The place that is marked, where it is within the axis. */
  marked: number | null;
}

export class SideChart {
  readonly plot: SVGElement;
  private readonly marked: number;

  constructor(private readonly frame: Frame) {
    const { axis, height, ends, written, marked } = frame;
    const { left, extent } = axis;
    const [before, behind] = axis.ends;
    this.marked = marked !== null && marked > before && marked < behind ? marked : Number.NaN;
    const x = this.x(this.marked);
    const mark = () => svg("line", { class: "nntf-side-mark", x1: x, x2: x, y1: 0, y2: height });
    this.plot = svg(
      "svg",
      { width: left + extent + BEHIND, height, "aria-hidden": "true" }, // what it shows is said in words
      ...ends.map((value) =>
        svg("line", { class: "nntf-tick", x1: left, x2: left + extent, y1: this.y(value), y2: this.y(value) }),
      ),
      ...ends.map((value) => svg("text", { x: left - 6, y: this.y(value) + 4, "text-anchor": "end" }, written(value))),
      ...(Number.isNaN(x) ? [] : [mark()]),
    );
  }

  /** Draws a curve through values from the first place on the axis on, each so far beyond its place. */
  curve(values: number[], shift: number, colour = CURVES[0]): void {
    const { first } = this.frame.axis;
    const x = (index: number) => this.x(first + index + shift);
    const y = (value: number) => this.y(value);
    this.plot.append(svg("path", { class: "nntf-curve-line", stroke: colour, d: linePath(values, x, y) }));
    const value = values[this.marked - first - shift] ?? Number.NaN;
    if (Number.isNaN(value)) return;
    this.plot.append(
      svg("circle", { class: "nntf-side-dot", cx: this.x(this.marked), cy: y(value), r: 3, fill: colour }),
    );
  }

  /** Draws a bar at every place of the axis, those of a number above 0; some of them stand out. */
  bars(values: number[], standsOut: (index: number) => boolean, colour = CURVES[0]): void {
    const { axis } = this.frame;
    const bottom = this.y(0);
    for (const [index, value] of values.entries()) {
      if (!(value > 0)) continue;
      const top = Math.min(this.y(value), bottom - 1);
      const at = { x: this.x(axis.first + index - 0.5) + 0.5, y: top, width: axis.step - 1, height: bottom - top };
      this.plot.append(svg("rect", { class: "nntf-bar", ...at, fill: colour, opacity: standsOut(index) ? 1 : 0.45 }));
    }
  }

  /** Marks all of a place. */
  shade(place: number): void {
    const { axis, height } = this.frame;
    const at = { x: this.x(place - 0.5), y: 0, width: axis.step, height };
    this.plot.append(svg("rect", { class: "nntf-side-shade", ...at }));
  }

  /** Writes lines of numbers below the plot, each at some places of its axis. */
  writeBelow(
    name: string | null,
    lines: ((place: number) => string)[],
    places: number[] = this.frame.axis.ticks(TICK),
  ): void {
    const { axis, height } = this.frame;
    this.plot.setAttribute("height", String(height + LINE * lines.length));
    if (name) this.plot.append(svg("text", { x: axis.left - 6, y: height + LINE - 3, "text-anchor": "end" }, name));
    for (const [i, written] of lines.entries()) {
      for (const place of places) {
        const at = { x: this.x(place), y: height + LINE * (i + 1) - 3, "text-anchor": "middle" };
        this.plot.append(svg("text", at, written(place)));
      }
    }
  }

  private x(place: number): number {
    const { axis } = this.frame;
    return axis.left + axis.offset(place);
  }

  private y(value: number): number {
    const { height, ends } = this.frame;
    const [low, high] = ends;
    return height - MARGIN - ((value - low) / (high - low)) * (height - 2 * MARGIN);
  }
}

/** Calls `onPick` with the epoch that is clicked in a chart over epochs, of those within an element. */
export function pickEpochs(within: HTMLElement, axisOf: () => EpochAxis, onPick: (epoch: number) => void): void {
  within.addEventListener("click", ({ target, clientX }) => {
    const plot = (target as Element).closest(`.${OVER_EPOCHS}`);
    const axis = axisOf();
    const epoch = plot && axis.epochAt(clientX - plot.getBoundingClientRect().left - axis.left);
    if (epoch !== null) onPick(epoch);
  });
}

/** A chart under what it shows in words: its name, the value that is marked in it, and what that is of. */
export function figure(name: string, value: string, of: string, ...charts: Pick<SideChart, "plot">[]): HTMLElement {
  const words = element(
    "figcaption",
    "",
    {},
    element("strong", "", {}, name),
    " ",
    element("span", "nntf-number", {}, value),
    " ",
    element("span", "nntf-quiet", {}, of),
  );
  return element("figure", "nntf-side-chart", {}, words, ...charts.map(({ plot }) => plot));
}
