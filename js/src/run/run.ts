/** The run as the page holds it: the change log replayed, with everything that the views draw. */

import { type Counts, tally } from "./tally";
import { Triangle } from "./triangle";
import { type Metrics, type Packet, WireError } from "./wire";

/** The class of each of some samples. */
export type ClassIds = Uint8Array | Uint16Array;

/** What moved from one snapshot to the next. */
export interface Transition extends Counts {
  /** The samples that moved, ascending, and the classes that they left and came to; counted by pair of these. */
  samples: Uint32Array;
  origins: ClassIds;
  targets: ClassIds;
}

export class Run {
  numSamples = 0;
  numClasses = 0;
  /** The class of every sample at the last snapshot. */
  current: ClassIds = new Uint8Array(0);
  labels: ClassIds | null = null;
  readonly transitions: Transition[] = [];
  readonly transitionDistance = new Triangle();
  readonly predictionDistance = new Triangle();
  /** Samples predicted as each class, by snapshot. */
  readonly classCounts: Uint32Array[] = [];
  /** Those of them rightly so, by snapshot; empty without labels. */
  hits: Uint32Array[] = [];
  /** Samples whose true class it is; empty without labels. */
  support: Uint32Array = new Uint32Array(0);
  readonly metrics: Metrics[] = [];

  /** T, the number of snapshots. */
  get length(): number {
    return this.classCounts.length;
  }

  /** Adds the next snapshot. Throws WireError where it does not fit, and is then as before. */
  append(packet: Packet): void {
    if (packet.t !== this.length) throw new WireError(`packet ${packet.t} came after ${this.length} snapshots`);
    if (packet.t === 0) this.begin(packet);
    if (packet.numSamples !== this.numSamples || packet.numClasses !== this.numClasses) {
      throw new WireError(`packet ${packet.t} is of another run`);
    }
    const counts = packet.t ? this.classCounts[packet.t - 1].slice() : new Uint32Array(this.numClasses);
    if (packet.t) this.transitions.push(this.move(packet, counts));
    else this.first(packet, counts);
    this.classCounts.push(counts);
    if (packet.t) this.transitionDistance.append(packet.transitionRow);
    this.predictionDistance.append(packet.predictionRow);
    this.metrics.push(packet.metrics);
    if (packet.labels) this.label(packet.labels);
    else if (this.labels) this.hits.push(this.hitsBeyond(this.hits[packet.t - 1], this.transitions[packet.t - 1], 1));
  }

  /** Takes the metrics of snapshot t anew, some of which came after it. */
  amend(t: number, metrics: Metrics): void {
    if (t >= 0 && t < this.length) this.metrics[t] = metrics;
  }

  /** The share of its samples that a class recalls at snapshot t, or, without labels, its share of the predictions. */
  classShare(t: number, class_: number): number {
    if (!this.labels) return this.classCounts[t][class_] / this.numSamples;
    return this.support[class_] ? this.hits[t][class_] / this.support[class_] : Number.NaN;
  }

  private begin(packet: Packet): void {
    this.numSamples = packet.numSamples;
    this.numClasses = packet.numClasses;
  }

  private first(packet: Packet, counts: Uint32Array): void {
    this.current = packet.classes;
    for (const class_ of packet.classes) counts[class_]++;
  }

  private move(packet: Packet, classCounts: Uint32Array): Transition {
    const entries = packet.classes.length;
    const moves = {
      samples: new Uint32Array(entries),
      origins: packet.classes.slice(),
      targets: packet.classes.slice(),
    };
    let moved = 0;
    for (let i = 0; i < entries; i++) {
      const sample = packet.samples ? packet.samples[i] : i;
      const [from, to] = [this.current[sample], packet.classes[i]];
      if (from === to) continue;
      this.current[sample] = to;
      classCounts[from]--;
      classCounts[to]++;
      moves.samples[moved] = sample;
      moves.origins[moved] = from;
      moves.targets[moved] = to;
      moved++;
    }
    const [origins, targets] = [moves.origins.slice(0, moved), moves.targets.slice(0, moved)];
    return { samples: moves.samples.slice(0, moved), origins, targets, ...tally(origins, targets, this.numClasses) };
  }

  /** Takes in the true classes, which hold for the snapshots before as well. */
  private label(labels: ClassIds): void {
    this.labels = labels;
    this.support = new Uint32Array(this.numClasses);
    const newest = new Uint32Array(this.numClasses);
    for (const [sample, class_] of labels.entries()) {
      this.support[class_]++;
      if (this.current[sample] === class_) newest[class_]++;
    }
    const backwards: Uint32Array[] = [newest];
    for (const transition of this.transitions.toReversed()) {
      backwards.push(this.hitsBeyond(backwards[backwards.length - 1], transition, -1));
    }
    this.hits = backwards.reverse();
  }

  /** The hits of each class after a transition, given those before it; or, backwards, the other way round. */
  private hitsBeyond(hits: Uint32Array, transition: Transition, direction: 1 | -1): Uint32Array {
    const { samples, origins, targets } = transition;
    const labels = this.labels as ClassIds;
    const beyond = hits.slice();
    for (const [i, sample] of samples.entries()) {
      const truth = labels[sample];
      if (targets[i] === truth) beyond[truth] += direction;
      else if (origins[i] === truth) beyond[truth] -= direction;
    }
    return beyond;
  }
}
