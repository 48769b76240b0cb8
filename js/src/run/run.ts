/** The run as the page holds it: the change log replayed, with everything that the views draw. */

import { Triangle } from "./triangle";
import { type Metrics, type Packet, WireError } from "./wire";

/** The moves of one transition, counted by pair of classes: cell = from * K + to. */
export interface Transition {
  cells: Uint32Array;
  counts: Uint32Array;
  /** Number of samples that moved. */
  moved: number;
}

export class Run {
  numSamples = 0;
  numClasses = 0;
  /** The class of every sample at the last snapshot. */
  current: Uint8Array | Uint16Array = new Uint8Array(0);
  labels: Uint8Array | Uint16Array | null = null;
  readonly transitions: Transition[] = [];
  readonly transitionDistance = new Triangle();
  readonly predictionDistance = new Triangle();
  /** Samples predicted as each class, and those of them rightly so, by snapshot. */
  readonly classCounts: Uint32Array[] = [];
  readonly hits: Uint32Array[] = [];
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
    else if (this.labels) this.hits.push(this.countHits(this.current));
  }

  /** Takes the metrics of snapshot t anew, some of which came after it. */
  amend(t: number, metrics: Metrics): void {
    if (t >= 0 && t < this.length) this.metrics[t] = metrics;
  }

  /** The share of its samples that a class recalls at snapshot t, or, without labels, its share of the predictions. */
  classShare(t: number, class_: number): number {
    if (!this.labels) return this.classCounts[t][class_] / this.numSamples;
    const hits = this.hits[t - (this.length - this.hits.length)];
    return hits && this.support[class_] ? hits[class_] / this.support[class_] : Number.NaN;
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
    const tally = new Map<number, number>();
    let moved = 0;
    for (let i = 0; i < packet.classes.length; i++) {
      const sample = packet.samples ? packet.samples[i] : i;
      const [from, to] = [this.current[sample], packet.classes[i]];
      if (from === to) continue;
      this.current[sample] = to;
      classCounts[from]--;
      classCounts[to]++;
      const cell = from * this.numClasses + to;
      tally.set(cell, (tally.get(cell) ?? 0) + 1);
      moved++;
    }
    return { cells: Uint32Array.from(tally.keys()), counts: Uint32Array.from(tally.values()), moved };
  }

  private label(labels: Uint8Array | Uint16Array): void {
    this.labels = labels;
    this.support = new Uint32Array(this.numClasses);
    for (const class_ of labels) this.support[class_]++;
    this.hits.push(this.countHits(this.current));
  }

  private countHits(classes: Uint8Array | Uint16Array): Uint32Array {
    const hits = new Uint32Array(this.numClasses);
    for (let i = 0; i < classes.length; i++) if (classes[i] === this.labels?.[i]) hits[classes[i]]++;
    return hits;
  }
}
