/** The one axis that all plots of the epoch column share: snapshot t at x = t, half an epoch of room on either side. */

import { scaleLinear } from "d3-scale";

/** Room beside the plots, in CSS pixels; the kernel's learning curves keep the same. */
export const GUTTER = { left: 96, right: 20 } as const;

export class EpochAxis {
  readonly left = GUTTER.left;
  /** Extent of the plots, in CSS pixels. */
  readonly extent: number;

  /** The first and last snapshot shown. */
  readonly first: number;
  readonly last: number;

  constructor(
    columnWidth: number,
    /** T. */
    readonly snapshots: number,
    epochs: readonly [number, number] = [0, Math.max(snapshots - 1, 0)],
  ) {
    this.extent = Math.max(columnWidth - GUTTER.left - GUTTER.right, 1);
    [this.first, this.last] = epochs;
  }

  /** Pixels per epoch. */
  get step(): number {
    return this.extent / (this.last - this.first + 1);
  }

  /** Where a place on the axis is, in pixels from the left end of the plot. */
  offset(x: number): number {
    return (x - this.first + 0.5) * this.step;
  }

  /** The place on the axis that is so many pixels from the left end of the plot. */
  at(pixels: number): number {
    return pixels / this.step + this.first - 0.5;
  }

  /** Whether the axis shows only a part of the run. */
  get zoomed(): boolean {
    return this.last - this.first + 1 < this.snapshots;
  }

  /** Those of some snapshots that are shown. */
  shown(snapshots: readonly number[]): number[] {
    return snapshots.filter((epoch) => epoch >= this.first && epoch <= this.last);
  }

  /** The snapshots shown that came after an interruption, where the one before it is shown too. */
  gaps(resumedAt: readonly number[]): number[] {
    return resumedAt.filter((epoch) => epoch > this.first && epoch <= this.last);
  }

  /** Round epochs to label, as many as fit. */
  ticks(): number[] {
    const wanted = Math.min(Math.floor(this.extent / 60), this.last - this.first + 1);
    return scaleLinear([this.first - 0.5, this.last + 0.5], [0, 1])
      .ticks(Math.max(wanted, 1))
      .filter(Number.isInteger);
  }
}
