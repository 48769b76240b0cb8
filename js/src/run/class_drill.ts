/** One class's own story: the distance over only its row and column, and its flows to and from the other classes. */

import { withRoom } from "./room";
import type { Run } from "./run";
import { Triangle } from "./triangle";

/** Samples that came to a class and that left it: by partner class, or by transition. */
export interface Flows {
  arrivals: Uint32Array;
  departures: Uint32Array;
}

/** Counts that are compared at a time, at most: a few milliseconds, so that no frame waits for a long run. */
const PART = 6_000_000;

/** A class's own fingerprint, extended as the run grows. */
export class ClassDrill {
  /** Its rows are worked out some at a time: where not all are there, `advance` is to be called. */
  readonly distance = new Triangle();
  /** All arrivals and departures, by partner class. */
  readonly totals: Flows;
  /** The same by transition. */
  private arrived = new Uint32Array(0);
  private departed = new Uint32Array(0);
  // The flows of each transition, one after the other: of partner k at place k the arrivals, at K + k the departures.
  private places = new Uint32Array(0);
  private counts = new Int32Array(0);
  private starts = new Uint32Array(1);
  private taken = 0;
  private readonly table: Int32Array;

  constructor(
    private readonly run: Run,
    readonly class_: number,
    private readonly part = PART,
  ) {
    const size = run.numClasses;
    this.totals = noFlows(size);
    this.table = new Int32Array(2 * size);
    this.catchUp();
  }

  /** Number of transitions. */
  get size(): number {
    return this.taken;
  }

  /** Whether the distance has all its rows. */
  get isWhole(): boolean {
    return this.distance.size === this.taken;
  }

  /** Takes in the transitions that came since; their rows of the distance too, where these are no great work. */
  catchUp(): void {
    while (this.taken < this.run.transitions.length) this.append(this.taken++);
    if (!this.isWhole && this.work <= this.part) this.advance();
  }

  /** Works out the next rows of the distance. */
  advance(): void {
    for (let left = this.part; left > 0 && !this.isWhole; left -= this.starts[this.distance.size]) {
      this.distance.append(this.compare(this.distance.size, 0, 1));
    }
  }

  /** The distance of two transitions. */
  at(row: number, column: number): number {
    const [earlier, later] = [Math.min(row, column), Math.max(row, column)];
    return earlier === later ? 0 : this.compare(later, earlier, later)[0];
  }

  /** The distance of every `step`-th transition from `first` on to `end`, which is left out: a rough picture of all. */
  sampled(first: number, end: number, step: number): Triangle {
    const rough = new Triangle();
    for (let t = first; t < end; t += step) rough.append(this.compare(t, first, step));
    return rough;
  }

  /** The flows of a transition, by partner class. */
  flowsAt(t: number): Flows {
    const size = this.run.numClasses;
    const flows = noFlows(size);
    for (let i = this.starts[t]; i < this.starts[t + 1]; i++) {
      const place = this.places[i];
      if (place < size) flows.arrivals[place] = this.counts[i];
      else flows.departures[place - size] = this.counts[i];
    }
    return flows;
  }

  /** The flows from and to a partner class, or, without one, from and to all, by transition. */
  flowsWith(partner: number | null): Flows {
    const { taken } = this;
    if (partner === null) {
      return { arrivals: this.arrived.subarray(0, taken), departures: this.departed.subarray(0, taken) };
    }
    const flows = noFlows(taken);
    const departing = this.run.numClasses + partner;
    for (let t = 0; t < taken; t++) {
      for (let i = this.starts[t]; i < this.starts[t + 1]; i++) {
        if (this.places[i] === partner) flows.arrivals[t] = this.counts[i];
        else if (this.places[i] === departing) flows.departures[t] = this.counts[i];
      }
    }
    return flows;
  }

  /** Partner classes by their traffic, the busiest first; those without any are left out. */
  partners(): number[] {
    const traffic = (class_: number) => this.totals.arrivals[class_] + this.totals.departures[class_];
    return Array.from({ length: this.run.numClasses }, (_, class_) => class_)
      .filter((class_) => traffic(class_) > 0)
      .sort((a, b) => traffic(b) - traffic(a));
  }

  /** Counts that are to be compared until the distance has all its rows. */
  private get work(): number {
    let work = 0;
    for (let t = this.distance.size; t < this.taken; t++) work += this.starts[t];
    return work;
  }

  private append(t: number): void {
    const size = this.run.numClasses;
    const { cells, counts } = this.run.transitions[t];
    for (const name of ["starts", "arrived", "departed"] as const) this[name] = withRoom(this[name], t + 2);
    let end = this.starts[t];
    for (let i = 0; i < cells.length; i++) {
      const to = cells[i] % size;
      const from = (cells[i] - to) / size;
      if (from !== this.class_ && to !== this.class_) continue;
      this.places = withRoom(this.places, end + 1);
      this.counts = withRoom(this.counts, end + 1);
      this.places[end] = to === this.class_ ? from : size + to;
      this.counts[end++] = counts[i];
      if (to === this.class_) {
        this.arrived[t] += counts[i];
        this.totals.arrivals[from] += counts[i];
      } else {
        this.departed[t] += counts[i];
        this.totals.departures[to] += counts[i];
      }
    }
    this.starts[t + 1] = end;
  }

  /** How unlike a transition is to every `step`-th one from `first` on: Bray-Curtis; 0 where neither has any flow. */
  private compare(t: number, first: number, step: number): Float32Array {
    const { places, counts, starts, arrived, departed, table } = this;
    const row = new Float32Array(Math.ceil((t - first) / step));
    for (let i = starts[t]; i < starts[t + 1]; i++) table[places[i]] = counts[i];
    const own = arrived[t] + departed[t];
    for (let s = first, at = 0; s < t; s += step, at++) {
      let shared = 0;
      const end = starts[s + 1];
      for (let i = starts[s]; i < end; i++) shared += Math.min(counts[i], table[places[i]]); // no branch: that is slow
      const total = own + arrived[s] + departed[s];
      row[at] = total ? (total - 2 * shared) / total : 0; // what is not shared, on either side
    }
    for (let i = starts[t]; i < starts[t + 1]; i++) table[places[i]] = 0;
    return row;
  }
}

/** Flows of so many partners or transitions, none of them yet. */
function noFlows(length: number): Flows {
  return { arrivals: new Uint32Array(length), departures: new Uint32Array(length) };
}
