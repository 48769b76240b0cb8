/**
 * What chance would make of the moves of two transitions, thrown together and dealt out again at random. The same as in
 * nntf_widget/excess.py, which says why.
 */

/** Counts below are summed over exactly: of them the normal approximation can be off by more than a thousandth. */
const EXACT = 24;
const STEPS = 512; // to a standard deviation
const LAST = 4; // standard deviations beyond which 2B - n keeps its sign

/** E|Z + r| - r of a normal Z, for r in the middle of each step from 0 on. */
const BEYOND_MEAN = beyondMean();

/** E|2B - n|, B being how many of n moves the first of two transitions is dealt. */
export class Deal {
  private readonly exact = new Float64Array(EXACT);
  private lean = 0;
  private rise = 0;
  private fall = 0;
  private turn = 0;

  /** Takes two transitions with so many moves. */
  between(first: number, second: number): void {
    this.sumUp(first, second);
    const total = Math.max(first + second, EXACT);
    this.lean = Math.abs(first - second) / total;
    const spread = (1 - this.lean ** 2) / (total - 1);
    const skew = ((2 / 3) * this.lean ** 2) / (total - 2);
    this.rise = total * (spread + skew);
    this.fall = spread + 2 * skew;
    this.turn = 2 * Math.min(first, second);
  }

  /** E|2B - n| for n = `together`. */
  difference(together: number): number {
    if (together < EXACT) return this.exact[together];
    const mean = this.lean * together;
    if (together >= this.turn) return mean;
    const variance = (this.rise - this.fall * together) * together + (together & 1) - 0.5;
    if (variance <= 0) return mean;
    const deviation = Math.sqrt(variance);
    const step = (STEPS * mean) / deviation;
    return step < LAST * STEPS ? mean + deviation * BEYOND_MEAN[Math.trunc(step)] : mean;
  }

  /** Follows the walk S = 2B - n from move to move: E|S|, E[sign S] and P(S = 0). */
  private sumUp(first: number, second: number): void {
    const [total, drift] = [first + second, first - second];
    let [size, sign, atZero] = [0, 0, 1];
    for (let n = 0; n < EXACT; n += 2) {
      this.exact[n] = n < total ? size : Math.abs(drift);
      const left = total - n;
      size += n < total ? atZero + (sign * drift - size) / left : 0;
      sign += n < total ? (atZero * drift) / left : 0;
      this.exact[n + 1] = n + 1 < total ? size : Math.abs(drift);
      if (n + 1 >= total) continue;
      size += (sign * drift - size) / (left - 1);
      const pairs = n / 2;
      atZero *= ((first - pairs) * (second - pairs) * 2 * (n + 1)) / ((pairs + 1) * left * (left - 1));
    }
  }
}

/** Integrated twice from far out inwards, since its second derivative is twice the normal density. */
function beyondMean(): Float64Array {
  const values = new Float64Array(LAST * STEPS);
  let [beyond, tail] = [0, 0];
  for (let i = 2 * LAST * STEPS; i >= 0; i--) {
    const density = (at: number) => Math.exp((-at * at) / 2) / Math.sqrt(2 * Math.PI);
    const outer = tail;
    tail += density((i + 1) / STEPS) / STEPS;
    beyond += (outer + tail) / STEPS;
    if (i < values.length) values[i] = beyond;
  }
  return values;
}
