/** What is taken for what, snapshot by snapshot: kept as changes, so that an epoch costs what moved in it. */

import { Tally } from "./tally";

type ClassIds = Uint8Array | Uint16Array;

/** Counts of one snapshot for one class, by the other class. */
export interface Confused {
  /** Samples of the class, by what they are predicted as; its own place holds those that are right. */
  missed: Uint32Array;
  /** Samples of other classes that are predicted as the class, by what they are. */
  mistaken: Uint32Array;
}

export class Confusion {
  /** What changed up to each snapshot; cell = label * K + predicted. The first holds all. */
  readonly changes: { cells: Uint32Array; counts: Int32Array }[] = [];
  private readonly tally: Tally;

  constructor(
    private readonly labels: ClassIds,
    first: ClassIds,
    readonly numClasses: number,
  ) {
    this.tally = new Tally(numClasses);
    for (let sample = 0; sample < first.length; sample++) this.tally.add(labels[sample], first[sample], 1);
    this.end();
  }

  /** Takes in a move of the snapshot under way. */
  move(sample: number, from: number, to: number): void {
    const label = this.labels[sample];
    this.tally.add(label, from, -1);
    this.tally.add(label, to, 1);
  }

  /** Ends the snapshot under way. */
  end(): void {
    this.changes.push(this.tally.take());
  }
}

/** One class's part of it, extended as the run grows. */
export class ClassConfusion {
  readonly snapshots: Confused[] = [];

  constructor(
    readonly whole: Confusion,
    private readonly class_: number,
  ) {
    this.catchUp();
  }

  /** Takes in the snapshots that came since. */
  catchUp(): void {
    const { changes, numClasses } = this.whole;
    for (const { cells, counts } of changes.slice(this.snapshots.length)) {
      const before = this.snapshots.at(-1);
      const missed = before?.missed.slice() ?? new Uint32Array(numClasses);
      const mistaken = before?.mistaken.slice() ?? new Uint32Array(numClasses);
      for (let i = 0; i < cells.length; i++) {
        const predicted = cells[i] % numClasses;
        const label = (cells[i] - predicted) / numClasses;
        if (label === this.class_) missed[predicted] += counts[i];
        else if (predicted === this.class_) mistaken[label] += counts[i];
      }
      this.snapshots.push({ missed, mistaken });
    }
  }
}
