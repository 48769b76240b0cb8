/** How every two transitions compare, worked out in the page: row by row as the run grows, or some at a time. */

import type { Counted } from "./counted";
import { withRoom } from "./room";
import { Triangle } from "./triangle";

export interface Measure {
  /** Compares a transition with every `step`-th one from `first` on that comes before it. */
  compare(t: number, first: number, step: number): Float32Array;
  /** Counts that can be compared in a few milliseconds, so that no frame waits for a long run. */
  readonly part: number;
}

/** What is worked out in parts, so that no frame waits for a long run. */
export interface Unfinished {
  readonly isWhole: boolean;
  /** Works out the next part. */
  advance(): void;
}

/** A rough picture: each of its cells stands for `step` × `step`. */
export interface Rough {
  matrix: Triangle;
  step: number;
}

/** A rough picture takes no more than this share of a part, since it is to be drawn in the same frame. */
const ROUGH = 0.25;

export class Comparison implements Unfinished {
  /** Its rows are worked out some at a time: where not all are there, `advance` is to be called. */
  readonly matrix = new Triangle();

  constructor(
    private readonly counted: Counted,
    private readonly measure: Measure,
  ) {}

  /** Number of transitions. */
  get size(): number {
    return this.counted.size;
  }

  /** Whether the matrix has all its rows. */
  get isWhole(): boolean {
    return this.matrix.size === this.size;
  }

  /** Takes in the transitions that came since; their rows too, where these are no great work. */
  catchUp(): void {
    this.counted.catchUp();
    if (!this.isWhole && this.work <= this.measure.part) this.advance();
  }

  /** Works out the next rows. */
  advance(): void {
    const { matrix, counted, measure } = this;
    for (let left = measure.part; left > 0 && !this.isWhole; left -= counted.starts[matrix.size]) {
      matrix.append(measure.compare(matrix.size, 0, 1));
    }
  }

  /** How two transitions compare, also where their row is not there yet. */
  at(row: number, column: number): number {
    const [earlier, later] = [Math.min(row, column), Math.max(row, column)];
    return earlier === later ? 0 : this.measure.compare(later, earlier, later)[0];
  }

  /** A picture of the transitions from `first` on to `end`, which is left out: as fine as `least`, where that is soon done. */
  sampled(first: number, end: number, least: number): Rough {
    const { starts } = this.counted;
    const work = ((end - first) * (starts[end] - starts[first])) / 2;
    const step = Math.max(least, Math.ceil(Math.sqrt(work / (ROUGH * this.measure.part))));
    const matrix = new Triangle();
    for (let t = first; t < end; t += step) matrix.append(this.measure.compare(t, first, step));
    return { matrix, step };
  }

  /** Counts that are to be compared until the matrix has all its rows. */
  private get work(): number {
    let work = 0;
    for (let t = this.matrix.size; t < this.size; t++) work += this.counted.starts[t];
    return work;
  }
}

/** The distance of transitions: Bray-Curtis of what is counted; 0 where neither has anything. */
export function distance(counted: Counted, part = 6_000_000): Measure {
  let own = new Int32Array(0);
  const compare = (t: number, first: number, step: number) => {
    const { places, counts, starts, totals, bound } = counted;
    const row = new Float32Array(Math.ceil((t - first) / step));
    own = withRoom(own, bound);
    for (let i = starts[t]; i < starts[t + 1]; i++) own[places[i]] = counts[i];
    for (let s = first, at = 0; s < t; s += step, at++) {
      let shared = 0;
      const end = starts[s + 1];
      for (let i = starts[s]; i < end; i++) shared += Math.min(counts[i], own[places[i]]); // no branch: that is slow
      const total = totals[t] + totals[s];
      row[at] = total ? (total - 2 * shared) / total : 0; // what is not shared, on either side
    }
    for (let i = starts[t]; i < starts[t + 1]; i++) own[places[i]] = 0;
    return row;
  };
  return { compare, part };
}
