/** Slim learning curves on the epoch axis, for hosts where the kernel's own charts do not exist. */

import { CURVES } from "../drawing/colour";
import { element, svg } from "../drawing/dom";
import type { EpochAxis } from "../drawing/epoch_axis";
import { linePath } from "../drawing/line";
import { fitted, rulerOf } from "../drawing/names";
import { metric } from "../drawing/numbers";
import { seamLines } from "../drawing/seams";
import { valueAxis } from "../drawing/value_axis";
import { boundsOf, type Curve, curvesOf } from "../run/curves";
import type { Session } from "../session";

const LINE = 13; // pixels of a line of words
const LETTERS = 11; // and of these
const GAP = 10; // from the plot to the words
const LOWEST = 48; // pixels of a plot, as the kernel's charts have it
const [ABOVE, BELOW] = [5, 5]; // the margins of its curves

/** The room around the curves, in CSS pixels; the kernel's charts, which lie on these, keep the same. */
export function margins(left: number, right: number): Record<string, number> {
  return { left, right, top: ABOVE, bottom: BELOW };
}

/** The height of a plot of so many curves, as the kernel's charts have it. */
function heightOf(curves: number): number {
  return Math.max(LOWEST, LINE * (1 + curves) + ABOVE + BELOW);
}

export class SlimCurves {
  readonly root = element("div", "nntf-slim-curves");
  private axis: EpochAxis | null = null;

  constructor(onPick: (epoch: number) => void) {
    this.root.addEventListener("click", ({ clientX }) => {
      const epoch = this.axis?.epochAt(clientX - this.root.getBoundingClientRect().left - this.axis.left) ?? null;
      if (epoch !== null) onPick(epoch);
    });
  }

  /** Draws them over an axis that has so many pixels behind it. */
  draw(axis: EpochAxis, behind: number, session: Session): void {
    this.axis = axis;
    const { run, seams, facts } = session;
    const measures = Object.entries(facts.measures);
    if (this.root.closest(".nntf-layout")) {
      this.leaveRoom(measures.map(([, splits]) => Object.keys(splits).length));
      return;
    }
    const short = fitted(
      measures.map(([measure]) => measure),
      behind - GAP,
      rulerOf(LETTERS, this.root),
    );
    const plots = measures.map(([, splits], i) => {
      const curves = curvesOf(run, Object.keys(splits), axis.first, axis.last);
      const words = [short[i], ...curves.map((curve) => newest(curve, splits[curve.name]))];
      return plot(axis, curves, words, `${Object.keys(splits).join(" and ")} by ${facts.unit}`, seams);
    });
    this.root.replaceChildren(...plots.map((each) => element("div", "nntf-curve", {}, each)));
  }

  /** Draws none where the kernel's charts lie in their place, but takes the clicks and drags on these. */
  private leaveRoom(curves: number[]): void {
    const heights = curves.map((count) => `height: ${heightOf(count)}px`);
    this.root.replaceChildren(...heights.map((style) => element("div", "nntf-curve", { style })));
  }
}

/** The curves of one measure, and beside them its name and what is said of each, in the curve's colour. */
function plot(axis: EpochAxis, curves: Curve[], words: string[], label: string, seams: number[]): SVGElement {
  const { left, extent } = axis;
  const height = heightOf(curves.length);
  const [low, high] = valueAxis(boundsOf(curves) ?? [0, 1]).ends;
  const y = (value: number) => height - BELOW - ((value - low) / (high - low)) * (height - ABOVE - BELOW);
  const x = (index: number) => left + axis.offset(axis.first + index);
  const first = (height - LINE * (words.length - 1)) / 2 + 4;
  const colours = ["var(--nntf-quiet)", ...curves.map((_, i) => CURVES[i % CURVES.length])];
  return svg(
    "svg",
    { width: left + extent, height, role: "img", "aria-label": label },
    svg("line", { class: "nntf-tick", x1: left, x2: left + extent, y1: height - 1, y2: height - 1 }),
    ...seamLines(axis, seams, left, height - 1),
    ...curves.map(({ values }, i) =>
      svg("path", { class: "nntf-curve-line", stroke: colours[i + 1], d: linePath(values, x, y) }),
    ),
    ...words.map((text, i) =>
      svg(
        "text",
        { class: "nntf-curve-word", style: `--nntf-curve: ${colours[i]}`, x: left + extent + GAP, y: first + LINE * i },
        text,
      ),
    ),
  );
}

/** Which curve of its measure it is, and its last value: "val 0.605". */
function newest({ values }: Curve, split: string): string {
  const last = values.findLast((value) => value !== null) ?? null;
  return `${split} ${last === null ? "" : metric(last)}`.trim();
}
