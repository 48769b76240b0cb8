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

/** The same across a matrix, at the rows of the same axis from the top down. */
export function seamRows(rows: EpochAxis, seams: number[], left: number, width: number): SVGElement[] {
  return seams
    .filter((place) => rows.holds(place))
    .flatMap((place) => {
      const y = rows.offset(place);
      return seam({ x1: left, x2: left + width, y1: y, y2: y });
    });
}

/** Light dashes on a dark line, which show on every colour. */
function seam(ends: Record<"x1" | "x2" | "y1" | "y2", number>): SVGElement[] {
  return [svg("line", { class: "nntf-seam", ...ends }), svg("line", { class: "nntf-seam-dashes", ...ends })];
}
