/** One class's own story: the distance over only its row and column, and its flows to and from the other classes. */

import { ClassSamples } from "./class_samples";
import type { Run } from "./run";
import { Triangle } from "./triangle";

/** The traffic of one class in one transition, by partner class; those without any are left out. */
export interface Flows {
  /** Samples that came from each class. */
  arrivals: Map<number, number>;
  /** Samples that went to each class. */
  departures: Map<number, number>;
  arrived: number;
  departed: number;
}

/** The flows of a class in the transition from snapshot t to t + 1; with a partner, those between the two alone. */
export function flowsOf(run: Run, class_: number, t: number, partner: number | null = null): Flows {
  const size = run.numClasses;
  const flows: Flows = { arrivals: new Map(), departures: new Map(), arrived: 0, departed: 0 };
  const { cells, counts } = run.transitions[t];
  for (let i = 0; i < cells.length; i++) {
    const to = cells[i] % size;
    const from = (cells[i] - to) / size;
    if (from !== class_ && to !== class_) continue;
    if (partner !== null && from !== partner && to !== partner) continue;
    if (from === class_) {
      flows.departures.set(to, counts[i]);
      flows.departed += counts[i];
    } else {
      flows.arrivals.set(from, counts[i]);
      flows.arrived += counts[i];
    }
  }
  return flows;
}

/** Flows as counts by partner, departures after all arrivals. */
interface Keyed {
  keys: Uint32Array;
  counts: Uint32Array;
  total: number;
}

/** A class's own fingerprint, or that of what it trades with one partner, extended as the run grows. */
export class ClassDrill {
  readonly distance = new Triangle();
  readonly flows: Flows[] = [];
  /** Total arrivals and departures of every partner. */
  readonly totals: Pick<Flows, "arrivals" | "departures"> = { arrivals: new Map(), departures: new Map() };
  private readonly earlier: Keyed[] = [];
  /** The newest flows by key; zero between two appends. */
  private readonly newest: Uint32Array;
  private story: ClassSamples | null = null;

  constructor(
    readonly run: Run,
    readonly class_: number,
    readonly partner: number | null = null,
  ) {
    this.newest = new Uint32Array(2 * run.numClasses);
    this.catchUp();
  }

  /** The samples behind it. */
  get samples(): ClassSamples {
    this.story ??= new ClassSamples(this.run, this.class_, this.partner);
    this.story.catchUp();
    return this.story;
  }

  /** Takes in the transitions that came since. */
  catchUp(): void {
    for (let t = this.flows.length; t < this.run.transitions.length; t++)
      this.append(flowsOf(this.run, this.class_, t, this.partner));
  }

  /** The samples that arrived or departed in each transition. */
  get moves(): number[] {
    return this.flows.map(({ arrived, departed }) => arrived + departed);
  }

  /** Samples that came from and went to a partner, in all. */
  traffic(partner: number): number {
    return (this.totals.arrivals.get(partner) ?? 0) + (this.totals.departures.get(partner) ?? 0);
  }

  /** Partner classes by their traffic, the busiest first; those without any are left out. */
  partners(): number[] {
    const { arrivals, departures } = this.totals;
    const all = [...new Set([...arrivals.keys(), ...departures.keys()])];
    return all.sort((a, b) => this.traffic(b) - this.traffic(a) || a - b);
  }

  private append(flows: Flows): void {
    const now = this.keyed(flows);
    for (let i = 0; i < now.keys.length; i++) this.newest[now.keys[i]] = now.counts[i];
    this.distance.append(Float32Array.from(this.earlier, (before) => this.unlike(before, now)));
    for (const key of now.keys) this.newest[key] = 0;
    this.earlier.push(now);
    this.flows.push(flows);
    for (const direction of ["arrivals", "departures"] as const) {
      const totals = this.totals[direction];
      for (const [partner, count] of flows[direction]) totals.set(partner, (totals.get(partner) ?? 0) + count);
    }
  }

  /** Bray-Curtis dissimilarity of an earlier transition's flows and the newest's; 0 where neither has any. */
  private unlike({ keys, counts, total }: Keyed, now: Keyed): number {
    const { newest } = this;
    let common = 0;
    for (let i = 0; i < keys.length; i++) common += Math.min(counts[i], newest[keys[i]]);
    return total + now.total ? 1 - (2 * common) / (total + now.total) : 0;
  }

  private keyed({ arrivals, departures, arrived, departed }: Flows): Keyed {
    const keys = [...arrivals.keys(), ...[...departures.keys()].map((partner) => partner + this.run.numClasses)];
    return {
      keys: Uint32Array.from(keys),
      counts: Uint32Array.from([...arrivals.values(), ...departures.values()]),
      total: arrived + departed,
    };
  }
}
