/** The class of every sample at any snapshot: the moves replayed, forwards or backwards from where one is. */

import type { ClassIds, Run } from "./run";

export class Replay {
  private readonly classes: ClassIds;
  private t: number;

  constructor(private readonly run: Run) {
    this.classes = run.current.slice();
    this.t = run.length - 1;
  }

  /** The classes at snapshot t, good until the next call. */
  at(t: number): ClassIds {
    while (this.t < t) {
      const { samples, targets } = this.run.transitions[this.t++];
      for (let i = 0; i < samples.length; i++) this.classes[samples[i]] = targets[i];
    }
    while (this.t > t) {
      const { samples, origins } = this.run.transitions[--this.t];
      for (let i = 0; i < samples.length; i++) this.classes[samples[i]] = origins[i];
    }
    return this.classes;
  }
}
