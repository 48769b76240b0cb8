/** One class's own story: the distance over only its row and column, and its flows to and from the other classes. */

import type { Run } from "./run";
import { Triangle } from "./triangle";

/** The traffic of one class in one transition, by partner class. */
export interface Flows {
  /** Samples that came from each class. */
  arrivals: Uint32Array;
  /** Samples that went to each class. */
  departures: Uint32Array;
}

/** The flows of a class in the transition from snapshot t to t + 1. */
export function flowsOf(run: Run, class_: number, t: number): Flows {
  const size = run.numClasses;
  const arrivals = new Uint32Array(size);
  const departures = new Uint32Array(size);
  const { cells, counts } = run.transitions[t];
  for (let i = 0; i < cells.length; i++) {
    const to = cells[i] % size;
    const from = (cells[i] - to) / size;
    if (from === class_) departures[to] = counts[i];
    else if (to === class_) arrivals[from] = counts[i];
  }
  return { arrivals, departures };
}

/** A class's own fingerprint, extended as the run grows. */
export class ClassDrill {
  readonly distance = new Triangle();
  readonly flows: Flows[] = [];
  /** Total arrivals and departures of every partner. */
  readonly totals: Flows;

  constructor(
    private readonly run: Run,
    readonly class_: number,
  ) {
    this.totals = { arrivals: new Uint32Array(run.numClasses), departures: new Uint32Array(run.numClasses) };
    this.catchUp();
  }

  /** Takes in the transitions that came since. */
  catchUp(): void {
    for (let t = this.flows.length; t < this.run.transitions.length; t++)
      this.append(flowsOf(this.run, this.class_, t));
  }

  /** Partner classes by their traffic, the busiest first; those without any are left out. */
  partners(): number[] {
    const traffic = (class_: number) => this.totals.arrivals[class_] + this.totals.departures[class_];
    return Array.from({ length: this.run.numClasses }, (_, class_) => class_)
      .filter((class_) => traffic(class_) > 0)
      .sort((a, b) => traffic(b) - traffic(a));
  }

  private append(flows: Flows): void {
    this.distance.append(Float32Array.from(this.flows, (earlier) => unlike(earlier, flows)));
    this.flows.push(flows);
    for (let class_ = 0; class_ < this.run.numClasses; class_++) {
      this.totals.arrivals[class_] += flows.arrivals[class_];
      this.totals.departures[class_] += flows.departures[class_];
    }
  }
}

/** Bray-Curtis dissimilarity of two transitions' flows; 0 where neither has any. */
function unlike(a: Flows, b: Flows): number {
  let [difference, total] = [0, 0];
  for (const direction of ["arrivals", "departures"] as const) {
    const [x, y] = [a[direction], b[direction]];
    for (let i = 0; i < x.length; i++) {
      difference += Math.abs(x[i] - y[i]);
      total += x[i] + y[i];
    }
  }
  return total ? difference / total : 0;
}
