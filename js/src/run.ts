/** The run as the page holds it: the change log replayed, with everything that the views draw. */

import { Confusion } from "./confusion";
import { Replay } from "./replay";
import { Tally } from "./tally";
import { Triangle } from "./triangle";
import { type Packet, WireError } from "./wire";

/** The moves of one transition, counted by pair of classes: cell = from * K + to. */
export interface Transition {
  cells: Uint32Array;
  counts: Uint32Array;
  /** Number of samples that moved. */
  moved: number;
}

/** The samples that moved, all of them where `samples` is null, and the classes they reached. */
export type Moves = Pick<Packet, "samples" | "classes">;

export class Run {
  numSamples = 0;
  /** How many snapshots apart those of this log are in the run itself; more than 1 where a saved log was thinned. */
  every = 1;
  numClasses = 0;
  /** The class of every sample at the last snapshot. */
  current: Uint8Array | Uint16Array = new Uint8Array(0);
  labels: Uint8Array | Uint16Array | null = null;
  /** By snapshot: what changed since the one before; the first names the class of every sample. */
  readonly moves: Moves[] = [];
  readonly transitions: Transition[] = [];
  /** Moves to or from each class, and those of them that go straight back, p[t+1] = p[t-1]. */
  moveCounts: Uint32Array = new Uint32Array(0);
  returnCounts: Uint32Array = new Uint32Array(0);
  /** What is taken for what; null without labels. */
  confusion: Confusion | null = null;
  private pairs = new Tally(0);
  private previous: Uint8Array | Uint16Array = new Uint8Array(0);
  readonly transitionDistance = new Triangle();
  readonly predictionDistance = new Triangle();
  /** Samples predicted as each class, and those of them rightly so, by snapshot. */
  readonly classCounts: Uint32Array[] = [];
  readonly hits: Uint32Array[] = [];
  /** Samples whose true class it is; empty without labels. */
  support: Uint32Array = new Uint32Array(0);
  readonly metrics: Record<string, number | null>[] = [];

  /** T, the number of snapshots. */
  get length(): number {
    return this.classCounts.length;
  }

  /** Adds the next snapshot. Throws WireError where it does not fit, and is then as before. */
  append(packet: Packet): void {
    if (packet.t !== this.length) throw new WireError(`packet ${packet.t} came after ${this.length} snapshots`);
    if (packet.t === 0) this.begin(packet);
    const same = packet.numSamples === this.numSamples && packet.numClasses === this.numClasses;
    if (!same || packet.every !== this.every) {
      throw new WireError(`packet ${packet.t} is of another run`);
    }
    const counts = packet.t ? this.classCounts[packet.t - 1].slice() : new Uint32Array(this.numClasses);
    if (packet.t) this.transitions.push(this.move(packet, counts));
    else this.first(packet, counts);
    this.moves.push({ samples: packet.samples, classes: packet.classes });
    this.classCounts.push(counts);
    if (packet.t) this.transitionDistance.append(packet.transitionRow);
    this.predictionDistance.append(packet.predictionRow);
    this.metrics.push(packet.metrics);
    if (packet.labels) this.label(packet.labels);
    else if (this.labels) this.hits.push(this.countHits(this.current));
  }

  /** The share of its samples that a class recalls at snapshot t, or, without labels, its share of the predictions. */
  classShare(t: number, class_: number): number {
    if (!this.labels) return this.classCounts[t][class_] / this.numSamples;
    const hits = this.hits[t - (this.length - this.hits.length)];
    return hits && this.support[class_] ? hits[class_] / this.support[class_] : Number.NaN;
  }

  /** The class of every sample at snapshot t. */
  classesAt(t: number): Uint8Array | Uint16Array {
    const classes = this.moves[0].classes.slice();
    for (const { samples, classes: reached } of this.moves.slice(1, t + 1)) {
      for (let i = 0; i < reached.length; i++) classes[samples ? samples[i] : i] = reached[i];
    }
    return classes;
  }

  /** The moves from snapshot s to snapshot t, whatever came between. */
  between(s: number, t: number): Transition {
    const [from, to] = [this.classesAt(s), this.classesAt(t)];
    let moved = 0;
    for (let sample = 0; sample < from.length; sample++) {
      if (from[sample] === to[sample]) continue;
      this.pairs.add(from[sample], to[sample], 1);
      moved++;
    }
    return this.transition(moved);
  }

  private begin(packet: Packet): void {
    this.numSamples = packet.numSamples;
    this.every = packet.every;
    this.numClasses = packet.numClasses;
    this.pairs = new Tally(packet.numClasses);
    this.moveCounts = new Uint32Array(packet.numClasses);
    this.returnCounts = new Uint32Array(packet.numClasses);
  }

  private first(packet: Packet, counts: Uint32Array): void {
    this.current = packet.classes.slice();
    this.previous = packet.classes;
    for (const class_ of packet.classes) counts[class_]++;
  }

  private move(packet: Packet, classCounts: Uint32Array): Transition {
    const before = this.current.slice();
    let moved = 0;
    for (let i = 0; i < packet.classes.length; i++) {
      const sample = packet.samples ? packet.samples[i] : i;
      const [from, to] = [this.current[sample], packet.classes[i]];
      if (from === to) continue;
      this.current[sample] = to;
      classCounts[from]--;
      classCounts[to]++;
      this.moveCounts[from]++;
      this.moveCounts[to]++;
      if (this.previous[sample] === to) {
        this.returnCounts[from]++;
        this.returnCounts[to]++;
      }
      this.pairs.add(from, to, 1);
      this.confusion?.move(sample, from, to);
      moved++;
    }
    this.previous = before;
    this.confusion?.end();
    return this.transition(moved);
  }

  private transition(moved: number): Transition {
    const { cells, counts } = this.pairs.take();
    return { cells, counts: Uint32Array.from(counts), moved };
  }

  private label(labels: Uint8Array | Uint16Array): void {
    this.labels = labels;
    this.support = new Uint32Array(this.numClasses);
    for (const class_ of labels) this.support[class_]++;
    this.hits.push(this.countHits(this.current));
    const replay = new Replay(this);
    const confusion = new Confusion(labels, replay.current, this.numClasses);
    while (replay.next((sample, from, to) => confusion.move(sample, from, to))) confusion.end();
    this.confusion = confusion;
  }

  private countHits(classes: Uint8Array | Uint16Array): Uint32Array {
    const hits = new Uint32Array(this.numClasses);
    for (let i = 0; i < classes.length; i++) if (classes[i] === this.labels?.[i]) hits[classes[i]]++;
    return hits;
  }
}
