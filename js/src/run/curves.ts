/** The learning curves of a run, as far as they are shown. */

import type { Run } from "./run";

/** One metric along some snapshots, null where a snapshot had none of that name. */
export interface Curve {
  name: string;
  values: (number | null)[];
}

/** The metrics of these names from the snapshot `first` to `last`. */
export function curvesOf({ metrics }: Run, names: string[], first: number, last: number): Curve[] {
  const shown = metrics.slice(first, last + 1);
  return names.map((name) => ({ name, values: shown.map((numbers) => numbers[name] ?? null) }));
}

/** The lowest and the highest value of some curves; null where they have none. */
export function boundsOf(curves: Curve[]): [low: number, high: number] | null {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { values } of curves) {
    for (const value of values) {
      if (value === null) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return low > high ? null : [low, high];
}
