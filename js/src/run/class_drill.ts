/** One class's own story: the distance over only its row and column, and its flows to and from the other classes. */

import { Comparison, distance } from "./comparison";
import { Counted } from "./counted";
import { excess } from "./excess";
import { withRoom } from "./room";
import type { Run } from "./run";

/** Samples that came to a class and that left it: by partner class, or by transition. */
export interface Flows {
  arrivals: Uint32Array;
  departures: Uint32Array;
}

/** A class's own fingerprint, extended as the run grows. */
export class ClassDrill {
  /** How its transitions compare, over its row and its column alone. */
  readonly distance: Comparison;
  readonly excess: Comparison;
  /** All arrivals and departures, by partner class. */
  readonly totals: Flows;
  /** The same by transition. */
  private arrived = new Uint32Array(0);
  private departed = new Uint32Array(0);
  /** Of partner k, at place k the arrivals, at K + k the departures. */
  private readonly flows: Counted;
  private taken = 0;

  constructor(
    private readonly run: Run,
    readonly class_: number,
  ) {
    const size = run.numClasses;
    this.totals = noFlows(size);
    this.flows = new Counted(run, (cell) => {
      const to = cell % size;
      const from = (cell - to) / size;
      return to === class_ ? from : from === class_ ? size + to : -1;
    });
    this.distance = new Comparison(this.flows, distance(this.flows));
    this.excess = new Comparison(this.flows, excess(this.flows));
    this.catchUp();
  }

  /** Number of transitions. */
  get size(): number {
    return this.taken;
  }

  /** Takes in the transitions that came since. */
  catchUp(): void {
    this.flows.catchUp();
    while (this.taken < this.flows.size) this.append(this.taken++);
  }

  /** The flows of a transition, by partner class. */
  flowsAt(t: number): Flows {
    const size = this.run.numClasses;
    const { places, counts, starts } = this.flows;
    const flows = noFlows(size);
    for (let i = starts[t]; i < starts[t + 1]; i++) {
      const place = places[i];
      if (place < size) flows.arrivals[place] = counts[i];
      else flows.departures[place - size] = counts[i];
    }
    return flows;
  }

  /** The flows from and to a partner class, or, without one, from and to all, by transition. */
  flowsWith(partner: number | null): Flows {
    const { taken } = this;
    if (partner === null) {
      return { arrivals: this.arrived.subarray(0, taken), departures: this.departed.subarray(0, taken) };
    }
    const { places, counts, starts } = this.flows;
    const flows = noFlows(taken);
    const departing = this.run.numClasses + partner;
    for (let t = 0; t < taken; t++) {
      for (let i = starts[t]; i < starts[t + 1]; i++) {
        if (places[i] === partner) flows.arrivals[t] = counts[i];
        else if (places[i] === departing) flows.departures[t] = counts[i];
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

  private append(t: number): void {
    const size = this.run.numClasses;
    this.arrived = withRoom(this.arrived, t + 1);
    this.departed = withRoom(this.departed, t + 1);
    const { places, counts, starts } = this.flows;
    for (let i = starts[t]; i < starts[t + 1]; i++) {
      if (places[i] < size) {
        this.arrived[t] += counts[i];
        this.totals.arrivals[places[i]] += counts[i];
      } else {
        this.departed[t] += counts[i];
        this.totals.departures[places[i] - size] += counts[i];
      }
    }
  }
}

/** Flows of so many partners or transitions, none of them yet. */
function noFlows(length: number): Flows {
  return { arrivals: new Uint32Array(length), departures: new Uint32Array(length) };
}
