/** The axes of the charts that the kernel draws beside the fingerprint, set through the traits that they are linked to. */

import type { EpochAxis } from "../drawing/epoch_axis";
import { valueAxis } from "../drawing/value_axis";
import { boundsOf, curvesOf } from "../run/curves";
import type { Session } from "../session";

/** Gives these charts the epochs shown, and value axes that fit the curves there. */
export function alignCharts(axis: EpochAxis, session: Session): void {
  session.setAxis("epochs", axis.ends, axis.ticks());
  for (const [index, names] of Object.values(session.facts.measures).entries()) {
    const bounds = boundsOf(curvesOf(session.run, names, axis.first, axis.last));
    if (!bounds) continue;
    const { ends, ticks } = valueAxis(bounds);
    session.setAxis(`chart${index}`, ends, ticks);
  }
}
