/** The change log replayed: every move of every sample, snapshot by snapshot. */

import type { Run } from "./run";

export class Replay {
  /** The class of every sample at snapshot t. */
  readonly current: Uint8Array | Uint16Array;
  /** The last snapshot replayed. */
  t = 0;

  /** Stands at the first snapshot of a run that has one. */
  constructor(private readonly run: Run) {
    this.current = run.moves[0].classes.slice();
  }

  /** Goes on to the next snapshot; false where there is none yet. */
  next(visit: (sample: number, from: number, to: number) => void): boolean {
    if (this.t + 1 >= this.run.length) return false;
    const { current } = this;
    const { samples, classes } = this.run.moves[++this.t];
    for (let i = 0; i < classes.length; i++) {
      const sample = samples ? samples[i] : i;
      const from = current[sample];
      const to = classes[i];
      if (from === to) continue;
      current[sample] = to;
      visit(sample, from, to);
    }
    return true;
  }
}
