/** The charts that the kernel draws, aligned with the plots of the column through the traits that they are linked to. */

import type { EpochAxis } from "../drawing/epoch_axis";
import { valueAxis } from "../drawing/value_axis";
import { boundsOf, curvesOf } from "../run/curves";
import type { Session } from "../session";

/** Gives these charts the epochs shown, and value axes that fit the curves there. */
export function alignCharts(axis: EpochAxis, session: Session): void {
  const [low, high] = axis.ends;
  session.align({ epochs_low: low, epochs_high: high });
  for (const [index, splits] of Object.values(session.facts.measures).entries()) {
    const bounds = boundsOf(curvesOf(session.run, Object.keys(splits), axis.first, axis.last));
    if (!bounds) continue;
    const { ends, ticks } = valueAxis(bounds);
    session.align({ [`chart${index}_low`]: ends[0], [`chart${index}_high`]: ends[1], [`chart${index}_ticks`]: ticks });
  }
}

/** Lays them, where the host shows them, over the curves of the column and those of the bands, which leave them the room. */
export function layCharts(curves: HTMLElement, bands: Element | null): void {
  const layout = curves.closest<HTMLElement>(".nntf-layout");
  if (!layout) return;
  const from = layout.getBoundingClientRect();
  for (const [name, room] of [
    ["charts", curves],
    ["bands", bands],
  ] as const) {
    const { left, top, width } = room?.getBoundingClientRect() ?? new DOMRect();
    layout.style.setProperty(`--nntf-${name}-left`, `${left - from.left}px`);
    layout.style.setProperty(`--nntf-${name}-top`, `${Math.round(top - from.top)}px`);
    layout.style.setProperty(`--nntf-${name}-width`, `${width}px`);
  }
}
