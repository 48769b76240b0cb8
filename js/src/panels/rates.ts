/** The rates of a run: what moves, what goes straight back, what has settled, and how far apart moves are by their lag. */

import { CURVES } from "../drawing/colour";
import { element, svg } from "../drawing/dom";
import { EpochAxis } from "../drawing/epoch_axis";
import { linePath } from "../drawing/line";
import { fixed, percent } from "../drawing/numbers";
import { seamLines } from "../drawing/seams";
import { valueAxis } from "../drawing/value_axis";
import type { Session } from "../session";

const [HIGH, LOW] = [70, 50]; // pixels of a plot: without, and with, a class's partners below them
const BEFORE = 40; // and before it, for the numbers of its axis
const BEHIND = 14; // and behind it, for half of the last number below it
const LINE = 13; // and below it, for a line of numbers
const MARGIN = 4; // above and below a curve
const TICK = 62; // for a number of an axis
const LEAST_REACH = 0.2; // of the distances by lag: what is no more than noise stays flat

interface Plot {
  axis: EpochAxis;
  /** Values from the first place on the axis on, and how far each lies beyond its place. */
  values: number[];
  shift: number;
  ends: [low: number, high: number];
  written: (value: number) => string;
  /** The place that is said, where it is on the axis. */
  marked: number | null;
}

export class RateCharts {
  readonly root = element("div", "nntf-rates");
  private axis = new EpochAxis(BEFORE, 1, 0, -1);

  constructor(private readonly session: Session) {
    this.root.addEventListener("click", ({ target, clientX }) => {
      const plot = (target as Element).closest(".nntf-rate-of-epochs");
      const epoch = plot && this.axis.epochAt(clientX - plot.getBoundingClientRect().left - BEFORE);
      if (epoch !== null) session.focusOn(epoch);
    });
  }

  draw(width: number): void {
    const { session } = this;
    const { rates, focus, range, facts } = session;
    if (!rates) return;
    const [first, last] = range;
    this.axis = new EpochAxis(BEFORE, Math.max(width - BEFORE - BEHIND, 1), first, last);
    const { unit } = facts;
    const { moved, returned, settled, halfSettled } = rates;
    const transition = focus > 0 ? `${unit} ${focus - 1} \u2192 ${focus}` : `from ${unit} 1 on`;
    const at = (values: number[], index: number) => percent(values[index] ?? Number.NaN);
    const since = `have not moved since ${unit} ${focus}; half of all since ${unit} ${halfSettled}`;
    this.root.replaceChildren(
      this.share("moved", at(moved, focus - 1), `of all samples, ${transition}`, moved, true),
      this.share("went straight back", at(returned, focus - 1), `of those that moved, ${transition}`, returned, true),
      this.share("settled", at(settled, focus), since, settled, false),
      this.byLag(),
    );
  }

  private get height(): number {
    return this.session.drilled ? LOW : HIGH;
  }

  /** Shares of each transition, or of each snapshot, over the epochs shown. */
  private share(name: string, value: string, of: string, all: number[], ofTransitions: boolean): HTMLElement {
    const { axis, session, height } = this;
    const { focus, seams, facts } = session;
    const values = all.slice(axis.first, axis.last + (ofTransitions ? 0 : 1));
    const most = values.reduce((highest, each) => Math.max(highest, each || 0), 0);
    const shared = { axis, values, written: wholePercent };
    const plot = ofTransitions
      ? drawn({ ...shared, shift: 0.5, ends: [0, valueAxis([0, most]).ends[1]], marked: focus - 1 }, height)
      : drawn({ ...shared, shift: 0, ends: [0, 1], marked: focus }, height);
    plot.append(...seamLines(axis, seams, axis.left, height));
    if (!ofTransitions) writeBelow(plot, axis, height, facts.unit, [String]);
    plot.setAttribute("class", "nntf-rate-of-epochs");
    return figure(name, value, of, plot);
  }

  /** The mean distance beyond chance by the lag between two transitions, as far as half of all have one. */
  private byLag(): HTMLElement {
    const { lagProfile, facts } = this.session;
    const name = "beyond chance, by lag";
    if (!lagProfile) return figure(name, "\u2026", "is being worked out");
    const { means, period } = lagProfile;
    const last = Math.floor(means.length / 2);
    const values = means.slice(1, last + 1);
    const told = values.filter((value) => !Number.isNaN(value));
    if (told.length < 2) return figure(name, "\u2013", "too few moved to tell");
    const { ends } = valueAxis([Math.min(0, ...told), Math.max(LEAST_REACH, ...told)]);
    const axis = new EpochAxis(BEFORE, this.axis.extent, 1, last);
    const plot = drawn({ axis, values, shift: 0, ends, marked: period, written: twoDigits }, this.height);
    writeBelow(plot, axis, this.height, "lag", [String, (lag) => twoDigits(means[lag])]);
    plot.removeAttribute("aria-hidden");
    plot.setAttribute("role", "img");
    plot.setAttribute("aria-label", values.map((value, i) => `lag ${i + 1}: ${twoDigits(value)}`).join(", "));
    const neighbours = `${twoDigits(means[1])} to the next ${facts.unit}, ${twoDigits(means[2])} to the next but one`;
    const found = period === null ? "no period" : `repeats every ${period} ${facts.unit}s`;
    return figure(name, found, neighbours, plot);
  }
}

/** A plot under what it shows in words: its name, the value that is marked in it, and what that is of. */
function figure(name: string, value: string, of: string, ...plot: SVGElement[]): HTMLElement {
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
  return element("figure", "nntf-rate", {}, words, ...plot);
}

function drawn({ axis, values, shift, ends, written, marked }: Plot, height: number): SVGElement {
  const [low, high] = ends;
  const { left, extent, first } = axis;
  const y = (value: number) => height - MARGIN - ((value - low) / (high - low)) * (height - 2 * MARGIN);
  const x = (index: number) => left + axis.offset(first + index + shift);
  const index = marked === null ? -1 : marked - first;
  const isMarked = !Number.isNaN(values[index] ?? Number.NaN);
  const mark = () => [
    svg("line", { class: "nntf-rate-mark", x1: x(index), x2: x(index), y1: 0, y2: height }),
    svg("circle", { class: "nntf-rate-dot", cx: x(index), cy: y(values[index]), r: 3, fill: CURVES[0] }),
  ];
  return svg(
    "svg",
    { width: left + extent + BEHIND, height, "aria-hidden": "true" }, // the caption says what is marked,
    ...ends.map((value) =>
      svg("line", { class: "nntf-tick", x1: left, x2: left + extent, y1: y(value), y2: y(value) }),
    ),
    ...ends.map((value) => svg("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end" }, written(value))),
    svg("path", { class: "nntf-curve-line", stroke: CURVES[0], d: linePath(values, x, y) }),
    ...(isMarked ? mark() : []),
  );
}

/** Writes lines of numbers below a plot, at round places of its axis. */
function writeBelow(
  plot: SVGElement,
  axis: EpochAxis,
  height: number,
  name: string,
  lines: ((place: number) => string)[],
) {
  plot.setAttribute("height", String(height + LINE * lines.length));
  plot.append(svg("text", { x: axis.left - 6, y: height + LINE - 3, "text-anchor": "end" }, name));
  for (const [i, written] of lines.entries()) {
    for (const place of axis.ticks(TICK)) {
      const at = { x: axis.left + axis.offset(place), y: height + LINE * (i + 1) - 3, "text-anchor": "middle" };
      plot.append(svg("text", at, written(place)));
    }
  }
}

function wholePercent(share: number): string {
  return `${Number((100 * share).toPrecision(2))}\u202f%`;
}

function twoDigits(value: number): string {
  return fixed(value, 2);
}
