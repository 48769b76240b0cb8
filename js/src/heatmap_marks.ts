/** What is drawn around and over the heatmap: frame, epochs, crosshair, the pinned cell. */

import { svg } from "./dom";
import type { EpochAxis } from "./epoch_axis";
import type { Cell } from "./session";

export const AXIS_HEIGHT = 22;

/** The edge of the plot. */
export function frame({ left, extent }: EpochAxis): SVGElement {
  return svg("rect", { class: "nntf-frame", x: left - 0.5, y: 0.5, width: extent + 1, height: extent });
}

/** What stands where no cell can be yet. */
export function waiting({ left, extent, snapshots }: EpochAxis): SVGElement {
  const at = { x: left + extent / 2, y: extent / 2, "text-anchor": "middle" };
  return svg("text", at, `Waiting for the ${snapshots === 0 ? "first" : "second"} epoch`);
}

/** Where the run was interrupted: a line between the two snapshots, along either axis. */
export function gapsOf(axis: EpochAxis, resumedAt: readonly number[]): SVGElement[] {
  const { left, extent } = axis;
  return axis.gaps(resumedAt).flatMap((epoch) => {
    const at = axis.offset(epoch - 0.5);
    return [
      svg("line", { class: "nntf-gap", x1: left + at, x2: left + at, y1: 0, y2: extent + 8 }),
      svg("line", { class: "nntf-gap", x1: left - 8, x2: left + extent, y1: at, y2: at }),
    ];
  });
}

/** Which epochs were captured only in part: a bar along either axis. */
export function incompleteOf(axis: EpochAxis, incomplete: readonly number[]): SVGElement[] {
  const { left, extent } = axis;
  const size = Math.max(axis.step, 2);
  return axis.shown(incomplete).flatMap((epoch) => {
    const at = axis.offset(epoch) - size / 2;
    return [
      svg("rect", { class: "nntf-incomplete", x: left + at, y: extent + 1, width: size, height: 3 }),
      svg("rect", { class: "nntf-incomplete", x: left - 4, y: at, width: 3, height: size }),
    ];
  });
}

/** The epochs along the lower and the left edge. */
export function ticksOf(axis: EpochAxis): SVGElement[] {
  const { left, extent } = axis;
  if (axis.snapshots === 0) return [];
  const marks = axis.ticks().flatMap((epoch) => {
    const at = axis.offset(epoch);
    return [
      svg("line", { class: "nntf-tick", x1: left + at, x2: left + at, y1: extent, y2: extent + 4 }),
      svg("text", { x: left + at, y: extent + 16, "text-anchor": "middle" }, String(epoch)),
      svg("line", { class: "nntf-tick", x1: left - 4, x2: left, y1: at, y2: at }),
      svg("text", { x: left - 8, y: at + 4, "text-anchor": "end" }, String(epoch)),
    ];
  });
  return [
    ...marks,
    svg("text", { class: "nntf-axis-name", x: left - 8, y: extent + 16, "text-anchor": "end" }, "epoch"),
  ];
}

export interface Marks {
  pinned: Cell | null;
  hovered: Cell | null;
  /** The epochs being dragged over. */
  span: readonly [number, number] | null;
}

/** Pinned cell, crosshair and span, cut off at the edge of the plot. */
export function marksOf(axis: EpochAxis, { pinned, hovered, span }: Marks): SVGElement {
  const { left, extent } = axis;
  const marks: SVGElement[] = [];
  if (span) {
    const [from, to] = [axis.offset(span[0] - 0.5), axis.offset(span[1] + 0.5)];
    marks.push(
      svg("path", { class: "nntf-outside", d: `M0 0H${extent}V${extent}H0ZM${from} ${from}V${to}H${to}V${from}Z` }),
      svg("rect", { class: "nntf-span", x: from, y: from, width: to - from, height: to - from }),
    );
  }
  if (pinned) marks.push(box(axis, pinned, "nntf-pinned"));
  if (hovered) {
    const [x, y] = [hovered.column, hovered.row].map((index) => axis.offset(index + (hovered.between ? 0.5 : 0)));
    marks.push(
      svg("line", { class: "nntf-crosshair", x1: x, x2: x, y1: 0, y2: extent }),
      svg("line", { class: "nntf-crosshair", x1: 0, x2: extent, y1: y, y2: y }),
      box(axis, hovered, "nntf-hovered"),
    );
  }
  return svg("svg", { class: "nntf-plot", x: left, y: 0, width: extent, height: extent }, ...marks);
}

function box(axis: EpochAxis, { row, column, between }: Cell, className: string): SVGElement {
  const corner = between ? 0 : -0.5;
  const size = Math.max(axis.step, 3);
  const at = (index: number) => axis.offset(index + corner);
  return svg("rect", { class: className, x: at(column), y: at(row), width: size, height: size });
}
