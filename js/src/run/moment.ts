/** What is counted at one moment of a run by pair of classes: the confusion of a snapshot, or the moves that led to it. */

import type { Replay } from "./replay";
import type { ClassIds, Run } from "./run";
import { type Counts, tally } from "./tally";

/** Counts at snapshot t by true class (row) and predicted class (column). */
export function confusionAt(replay: Replay, labels: ClassIds, numClasses: number, t: number): Counts {
  return tally(labels, replay.at(t), numClasses);
}

/** Counts by the class at snapshot t - 1 (row) and at t (column); on the diagonal the samples that stayed. */
export function movesTo(run: Run, t: number): Counts {
  const { cells, counts } = run.transitions[t - 1];
  const size = run.numClasses;
  const stayed = Int32Array.from(run.classCounts[t - 1]);
  for (let i = 0; i < cells.length; i++) stayed[Math.floor(cells[i] / size)] -= counts[i];
  const classes = Uint32Array.from(stayed.keys()).filter((class_) => stayed[class_] > 0);
  return {
    cells: Uint32Array.from([...cells, ...classes.map((class_) => class_ * (size + 1))]),
    counts: Int32Array.from([...counts, ...classes.map((class_) => stayed[class_])]),
  };
}

/** What was counted later, less what was counted earlier; cells without a change are left out. */
export function difference(later: Counts, earlier: Counts): Counts {
  const change = new Map<number, number>();
  for (const [i, cell] of later.cells.entries()) change.set(cell, later.counts[i]);
  for (const [i, cell] of earlier.cells.entries()) change.set(cell, (change.get(cell) ?? 0) - earlier.counts[i]);
  const changed = [...change].filter(([, count]) => count !== 0);
  return {
    cells: Uint32Array.from(changed, ([cell]) => cell),
    counts: Int32Array.from(changed, ([, count]) => count),
  };
}

/** The samples that came to or left each class since the run began, kept up to date as it grows. */
export class Traffic {
  readonly byClass: Float64Array;
  private taken = 0;

  constructor(private readonly run: Run) {
    this.byClass = new Float64Array(run.numClasses);
  }

  /** Takes in the transitions that came since. */
  catchUp(): void {
    for (; this.taken < this.run.transitions.length; this.taken++) {
      const { cells, counts } = this.run.transitions[this.taken];
      for (let i = 0; i < cells.length; i++) {
        const to = cells[i] % this.run.numClasses;
        this.byClass[to] += counts[i];
        this.byClass[(cells[i] - to) / this.run.numClasses] += counts[i];
      }
    }
  }
}
