/** How many samples move, how many of these go straight back, and how many have settled: nntf_widget/dynamics.py. */

import type { ClassIds, Run } from "./run";

/** Shares, kept up to date as the run grows. */
export class Rates {
  /** Of the samples those that moved, by transition. */
  readonly moved: number[] = [];
  /** Of those that moved the ones that went straight back to where they were before, by transition; NaN without moves. */
  readonly returned: number[] = [];
  /** The snapshot since which each sample has not moved, and the class that it left then. */
  private readonly since: Uint32Array;
  private readonly left: ClassIds;
  /** Samples that have not moved since each snapshot but before it. */
  private readonly settling: number[];

  constructor(private readonly run: Run) {
    this.since = new Uint32Array(run.numSamples);
    this.left = run.current.slice();
    this.settling = [run.numSamples];
  }

  /** Takes in the transitions that came since. */
  catchUp(): void {
    for (let t = this.moved.length; t < this.run.transitions.length; t++) this.append(t);
  }

  /** Of the samples those that have not moved since each snapshot; what it says of the past changes as the run grows. */
  get settled(): number[] {
    let settled = 0;
    return this.settling.map((count) => {
      settled += count;
      return settled / this.run.numSamples;
    });
  }

  /** The snapshot since which half of the samples have not moved. */
  get halfSettled(): number {
    return this.settled.findIndex((share) => share >= 0.5);
  }

  private append(t: number): void {
    const { since, left, settling } = this;
    const { samples, origins, targets } = this.run.transitions[t];
    let returned = 0;
    for (let i = 0; i < samples.length; i++) {
      const sample = samples[i];
      if (since[sample] === t && t > 0 && left[sample] === targets[i]) returned++;
      settling[since[sample]]--;
      since[sample] = t + 1;
      left[sample] = origins[i];
    }
    settling.push(samples.length);
    this.moved.push(samples.length / this.run.numSamples);
    this.returned.push(samples.length ? returned / samples.length : Number.NaN);
  }
}
