/** How a distance depends on the lag between two transitions: nntf_widget/lag_profile.py, which has the rule. */

import type { Triangle } from "./triangle";

const LONGEST_PERIOD = 10;
const LEAST_DIP = 0.1; // by so much the distance must be less at a period than beside it
const NEARLY = 0.8; // of the deepest dip: a period's multiples dip as deep

/** The means of a matrix at each lag, kept up to date as it grows; values that are no numbers are left out. */
export class LagProfile {
  private readonly sums: number[] = [0];
  private readonly counts: number[] = [0];
  private taken = 0;

  constructor(readonly matrix: Triangle) {}

  /** Takes in the rows that came since. */
  catchUp(): void {
    for (; this.taken < this.matrix.size; this.taken++) {
      const row = this.matrix.row(this.taken);
      if (this.taken) {
        this.sums.push(0);
        this.counts.push(0);
      }
      for (let column = 0; column < row.length; column++) {
        if (Number.isNaN(row[column])) continue;
        this.sums[this.taken - column] += row[column];
        this.counts[this.taken - column]++;
      }
    }
  }

  /** The mean at each lag from 0 on, where it is none; NaN where nothing is known. */
  get means(): number[] {
    return this.sums.map((sum, lag) => sum / this.counts[lag]);
  }

  /** After how many transitions the moves come back to what they were; null where they do not. */
  get period(): number | null {
    const { means } = this;
    const longest = Math.min(LONGEST_PERIOD, Math.floor(means.length / 3));
    const dips = new Map<number, number>();
    for (let each = 2; each <= longest; each++) dips.set(each, dip(means, each));
    const deepest = Math.max(0, ...dips.values());
    if (deepest < LEAST_DIP) return null;
    return [...dips].find(([, depth]) => depth >= NEARLY * deepest)?.[0] ?? null;
  }
}

/** By how much the distance is less at the multiples of a lag than beside them, as far as three of them. */
function dip(means: number[], each: number): number {
  let [sum, count] = [0, 0];
  for (let lag = each; lag <= Math.min(3 * each, means.length - 2); lag += each) {
    const depth = (means[lag - 1] + means[lag + 1]) / 2 - means[lag];
    if (Number.isNaN(depth)) continue;
    sum += depth;
    count++;
  }
  return count ? sum / count : 0;
}
