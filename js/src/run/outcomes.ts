/** What the moves did: samples that became right (gained), became wrong (lost), went from wrong to wrong (sideways). */

import type { ClassIds, Run } from "./run";

/** Counted for every transition of a run with labels, over all samples or over those of one true class. */
export class Outcomes {
  readonly gained: number[] = [];
  readonly lost: number[] = [];
  readonly sideways: number[] = [];

  constructor(
    private readonly run: Run,
    readonly labels: ClassIds,
    readonly class_: number | null,
  ) {}

  /** Takes in the transitions that came since. */
  catchUp(): void {
    for (const { samples, origins, targets } of this.run.transitions.slice(this.gained.length)) {
      let [gained, lost, sideways] = [0, 0, 0];
      for (let i = 0; i < samples.length; i++) {
        const truth = this.labels[samples[i]];
        if (this.class_ !== null && truth !== this.class_) continue;
        if (targets[i] === truth) gained++;
        else if (origins[i] === truth) lost++;
        else sideways++;
      }
      this.gained.push(gained);
      this.lost.push(lost);
      this.sideways.push(sideways);
    }
  }
}
