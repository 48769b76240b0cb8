/** The one axis that all plots of the epoch column share: snapshot t at x = t, from -0.5 to T - 0.5. */

import { scaleLinear } from "d3-scale";

/** Room beside the plots, in CSS pixels; the kernel's learning curves keep the same. */
export const GUTTER = { left: 96, right: 72 } as const;

export class EpochAxis {
  readonly left = GUTTER.left;
  /** Extent of the plots, in CSS pixels. */
  readonly extent: number;

  constructor(
    columnWidth: number,
    /** T. */
    readonly snapshots: number,
  ) {
    this.extent = Math.max(columnWidth - GUTTER.left - GUTTER.right, 1);
  }

  /** CSS pixels per epoch. */
  get step(): number {
    return this.extent / Math.max(this.snapshots, 1);
  }

  /** Epochs that share a pixel of the screen, so that none is left out. */
  get span(): number {
    const pixels = Math.floor(this.extent * (window.devicePixelRatio || 1));
    return Math.max(Math.ceil(this.snapshots / pixels), 1);
  }

  /** Where a place on the axis is, in pixels from the left end of the plot. */
  offset(x: number): number {
    return (x + 0.5) * this.step;
  }

  /** The snapshot at a place in the plot, in pixels from its left end; null where there is none. */
  epochAt(pixels: number): number | null {
    const t = Math.floor(pixels / this.step);
    return t >= 0 && t < this.snapshots ? t : null;
  }

  /** The transition at a place in the plot, in pixels from its left end; null where there is none. */
  transitionAt(pixels: number): number | null {
    const t = Math.floor(pixels / this.step - 0.5);
    return t >= 0 && t < this.snapshots - 1 ? t : null;
  }

  /** Round epochs to label, as many as fit. */
  ticks(): number[] {
    const wanted = Math.min(Math.floor(this.extent / 60), this.snapshots);
    return scaleLinear([-0.5, this.snapshots - 0.5], [0, 1])
      .ticks(Math.max(wanted, 1))
      .filter(Number.isInteger);
  }
}
