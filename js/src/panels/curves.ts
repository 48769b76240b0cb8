/** Slim learning curves on the epoch axis, for hosts where the kernel's own charts do not exist. */

import { CURVES } from "../drawing/colour";
import { element, svg } from "../drawing/dom";
import type { EpochAxis } from "../drawing/epoch_axis";
import { seamLines } from "../drawing/seams";
import { valueAxis } from "../drawing/value_axis";
import { boundsOf, type Curve, curvesOf } from "../run/curves";
import type { Session } from "../session";

const HEIGHT = 56;
const MARGIN = 6; // above and below the curves
const LINE = 13; // between two lines of text

export class SlimCurves {
  readonly root = element("div", "nntf-slim-curves");
  private axis: EpochAxis | null = null;

  constructor(onPick: (epoch: number) => void) {
    this.root.addEventListener("click", ({ clientX }) => {
      const epoch = this.axis?.epochAt(clientX - this.root.getBoundingClientRect().left - this.axis.left) ?? null;
      if (epoch !== null) onPick(epoch);
    });
  }

  draw(axis: EpochAxis, session: Session): void {
    this.axis = axis;
    const { run, seams, facts } = session;
    const plots = Object.entries(facts.measures).map(([measure, names]) => {
      const label = `${names.join(" and ")} by ${facts.unit}`;
      return plot(axis, measure, label, curvesOf(run, names, axis.first, axis.last), seams);
    });
    this.root.replaceChildren(...plots.map((each) => element("div", "nntf-curve", {}, each)));
  }
}

/** The curves of one measure, their names before them and their last values behind. */
function plot(axis: EpochAxis, measure: string, label: string, curves: Curve[], seams: number[]): SVGElement {
  const { left, extent } = axis;
  const [low, high] = valueAxis(boundsOf(curves) ?? [0, 1]).ends;
  const y = (value: number) => HEIGHT - MARGIN - ((value - low) / (high - low)) * (HEIGHT - 2 * MARGIN);
  const stroke = (i: number) => CURVES[i % CURVES.length];
  const ends = curves.map(({ values }) => values.findLast((value) => value !== null) ?? null);
  const places = apart(ends.map((value) => (value === null ? HEIGHT : y(value)) + 4));
  const middle = HEIGHT / 2 + 4 - ((curves.length - 1) * LINE) / 2;
  return svg(
    "svg",
    { width: left + extent, height: HEIGHT, role: "img", "aria-label": label, "data-measure": measure },
    svg("line", { class: "nntf-tick", x1: left, x2: left + extent, y1: HEIGHT - 1, y2: HEIGHT - 1 }),
    ...seamLines(axis, seams, left, HEIGHT - 1),
    ...curves.map((curve, i) => svg("path", { class: "nntf-curve-line", stroke: stroke(i), d: line(axis, curve, y) })),
    ...curves.map(({ name }, i) =>
      svg(
        "text",
        {
          class: "nntf-curve-word",
          style: `--nntf-curve: ${stroke(i)}`,
          x: left - 8,
          y: middle + i * LINE,
          "text-anchor": "end",
        },
        clipped(name),
      ),
    ),
    ...ends.map((value, i) =>
      svg(
        "text",
        { class: "nntf-curve-word", style: `--nntf-curve: ${stroke(i)}`, x: left + extent + 10, y: places[i] },
        value === null ? "" : value.toPrecision(3),
      ),
    ),
  );
}

function line(axis: EpochAxis, { values }: Curve, y: (value: number) => number): string {
  let path = "";
  for (const [i, value] of values.entries()) {
    if (value === null) continue;
    const joined = i > 0 && values[i - 1] !== null;
    path += `${joined ? "L" : "M"}${(axis.left + axis.offset(axis.first + i)).toFixed(1)} ${y(value).toFixed(1)}`;
  }
  return path;
}

/** Places as near to these as they can be without lying on each other, in a plot. */
function apart(places: number[]): number[] {
  const order = [...places.keys()].sort((a, b) => places[a] - places[b]);
  const found: number[] = [];
  let least = 9;
  for (const [rank, i] of order.entries()) {
    const most = HEIGHT - LINE * (order.length - 1 - rank);
    found[i] = Math.max(Math.min(places[i], most), least);
    least = found[i] + LINE;
  }
  return found;
}

/** A name that fits into the gutter. */
function clipped(name: string): string {
  return name.length > 14 ? `${name.slice(0, 13)}\u2026` : name;
}
