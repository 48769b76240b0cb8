/** How much more unlike two transitions are than chance would make them: nntf_widget/excess.py has the definition. */

import { Deal } from "./chance";
import { Comparison, type Measure } from "./comparison";
import { allMoves, type Counted } from "./counted";
import { withRoom } from "./room";
import type { Run } from "./run";

const TOO_ALIKE = 0.05; // where chance leaves less than this between itself and 1, too few samples moved to tell

/** The whole run's transitions, beyond chance. */
export function excessOf(run: Run): Comparison {
  const moves = allMoves(run);
  return new Comparison(moves, excess(moves));
}

/** The distance beyond chance, 0 where it is what chance makes it; NaN where too few moved to tell. */
export function excess(counted: Counted, part = 1_000_000): Measure {
  let own = new Int32Array(0);
  let met = new Uint32Array(0);
  let meetings = 0;
  const deal = new Deal();
  const compare = (t: number, first: number, step: number) => {
    const { places, counts, starts, totals, bound } = counted;
    const row = new Float32Array(Math.ceil((t - first) / step));
    own = withRoom(own, bound);
    met = withRoom(met, bound);
    const [begin, stop] = [starts[t], starts[t + 1]];
    for (let i = begin; i < stop; i++) own[places[i]] = counts[i];
    for (let s = first, at = 0; s < t; s += step, at++) {
      let [shared, differences] = [0, 0];
      deal.between(totals[s], totals[t]);
      meetings++;
      const end = starts[s + 1];
      for (let i = starts[s]; i < end; i++) {
        const place = places[i];
        met[place] = meetings;
        shared += Math.min(counts[i], own[place]);
        differences += deal.difference(counts[i] + own[place]);
      }
      for (let i = begin; i < stop; i++) if (met[places[i]] !== meetings) differences += deal.difference(counts[i]);
      const total = totals[s] + totals[t];
      const [distance, expected] = [(total - 2 * shared) / total, differences / total];
      row[at] = 1 - expected >= TOO_ALIKE ? (distance - expected) / (1 - expected) : Number.NaN;
    }
    for (let i = begin; i < stop; i++) own[places[i]] = 0;
    return row;
  };
  return { compare, part };
}
