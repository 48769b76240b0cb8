/**
 * A matrix as it is shown: the means of its blocks of `span` × `span` cells from `first` on. The diagonal is left out, and
 * so are values that are no numbers.
 */

import { withRoom } from "./room";
import type { Triangle } from "./triangle";

/** The two ends of a range of values. */
export type Bounds = [low: number, high: number];

const TAIL = 0.02; // the share of blocks that may lie beyond each end of the colour scale
const BINS = 4096;

export class Blocks {
  /** Blocks along each side. */
  size = 0;
  /** Rows of the matrix that are in them, from `first` on. */
  taken = 0;
  private sums = new Float32Array(0);
  private counts = new Uint32Array(0);
  private means = new Float32Array(0);

  constructor(
    readonly source: Triangle,
    /** Cells along each side of a block. */
    readonly span: number,
    /** What the values are shares of. */
    readonly unit: number,
    /** The row and column of the matrix with which they begin. */
    readonly first: number,
  ) {}

  /** Takes in the rows that came since, up to the row `end` of the matrix, which is left out. */
  catchUp(end: number): void {
    const rows = Math.max(Math.min(end, this.source.size) - this.first, 0);
    const changed = Math.floor(this.taken / this.span);
    this.size = Math.ceil(rows / this.span);
    this.sums = withRoom(this.sums, start(this.size));
    this.counts = withRoom(this.counts, start(this.size));
    this.means = withRoom(this.means, start(this.size));
    for (; this.taken < rows; this.taken++) this.add(this.taken);
    for (let row = changed; row < this.size; row++) this.average(row);
  }

  /** The mean of a block; NaN where it holds no number. */
  at(row: number, column: number): number {
    return row >= column ? this.means[start(row) + column] : this.means[start(column) + row];
  }

  /** Whether a block off the diagonal holds no number. */
  get hasGaps(): boolean {
    for (let row = 1; row < this.size; row++) {
      for (let at = start(row); at < start(row) + row; at++) if (Number.isNaN(this.means[at])) return true;
    }
    return false;
  }

  /** The range of all blocks but the few at either end; null where there is none. */
  bounds(): Bounds | null {
    return robustBounds(this.means.subarray(0, start(this.size)));
  }

  private add(index: number): void {
    const values = this.source.row(this.first + index).subarray(this.first);
    let block = start(Math.floor(index / this.span));
    for (let column = 0; column < index; block++) {
      const end = Math.min(column + this.span, index);
      let [sum, count] = [0, 0];
      for (; column < end; column++) {
        if (Number.isNaN(values[column])) continue;
        sum += values[column];
        count++;
      }
      this.sums[block] += sum;
      this.counts[block] += count;
    }
  }

  private average(row: number): void {
    const { sums, counts, means, unit } = this;
    for (let at = start(row); at < start(row + 1); at++) means[at] = sums[at] / (counts[at] * unit);
  }
}

/** The range that leaves out TAIL of the values at either end; numbers that are none are left out. */
export function robustBounds(values: Float32Array): Bounds | null {
  let [low, high, count] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
    if (!Number.isNaN(value)) count++;
  }
  if (count === 0) return null;
  if (low === high) return [low, high];
  const width = (high - low) / BINS;
  const counts = new Uint32Array(BINS);
  for (const value of values) {
    if (!Number.isNaN(value)) counts[Math.min(Math.floor((value - low) / width), BINS - 1)]++;
  }
  const beyond = (bins: Iterable<number>) => {
    let [left, passed] = [Math.floor(TAIL * count), 0];
    for (const bin of bins) {
      left -= bin;
      if (left < 0) break;
      passed++;
    }
    return passed * width;
  };
  return [low + beyond(counts), high - beyond(counts.toReversed())];
}

/** Where a row begins, of a triangle that holds its diagonal. */
function start(row: number): number {
  return (row * (row + 1)) / 2;
}
