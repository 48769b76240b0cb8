/** Where a run was interrupted and taken up again from its log: a line between the two snapshots, in every plot. */

import { svg } from "./dom";
import type { EpochAxis } from "./epoch_axis";
import { listed } from "./numbers";

/** Says where: "resumed at epoch 4", "resumed at epochs 4 and 9". */
export function resumedAt(seams: number[], unit: string): string {
  return `resumed at ${unit}${seams.length > 1 ? "s" : ""} ${listed(seams.map((place) => place + 0.5))}`;
}

/** Lines across a plot that begins at `left` and is `height` high, where the epoch axis has the seams. */
export function seamLines(axis: EpochAxis, seams: number[], left: number, height: number): SVGElement[] {
  return seams
    .filter((place) => axis.holds(place))
    .flatMap((place) => {
      const x = left + axis.offset(place);
      return seam({ x1: x, x2: x, y1: 0, y2: height });
    });
}

/** The same along the other axis of a matrix. */
export function seamRows(axis: EpochAxis, seams: number[]): SVGElement[] {
  return seams
    .filter((place) => axis.holds(place))
    .flatMap((place) => {
      const y = axis.offset(place);
      return seam({ x1: axis.left, x2: axis.left + axis.extent, y1: y, y2: y });
    });
}

/** Light dashes on a dark line, which show on every colour. */
function seam(ends: Record<"x1" | "x2" | "y1" | "y2", number>): SVGElement[] {
  return [svg("line", { class: "nntf-seam", ...ends }), svg("line", { class: "nntf-seam-dashes", ...ends })];
}
