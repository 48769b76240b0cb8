/** The one axis that all plots of the epoch column share: snapshot t at x = t, half a snapshot more at either end. */

import { scaleLinear } from "d3-scale";

export class EpochAxis {
  constructor(
    /** Where the plots begin, in CSS pixels from the left end of the column. */
    readonly left: number,
    /** Extent of the plots, in CSS pixels. */
    readonly extent: number,
    /** The snapshots shown, both included; the last is before the first where there are none. */
    readonly first: number,
    readonly last: number,
  ) {}

  /** Number of snapshots shown. */
  get count(): number {
    return this.last - this.first + 1;
  }

  /** CSS pixels per epoch. */
  get step(): number {
    return this.extent / Math.max(this.count, 1);
  }

  /** Epochs that share a pixel of the screen, so that none is left out. */
  get span(): number {
    const pixels = Math.floor(this.extent * (window.devicePixelRatio || 1));
    return Math.max(Math.ceil(this.count / pixels), 1);
  }

  /** The ends of the axis, as places on it. */
  get ends(): [low: number, high: number] {
    return [this.first - 0.5, this.last + 0.5];
  }

  /** Whether a place is on the axis. */
  holds(x: number): boolean {
    const [low, high] = this.ends;
    return low <= x && x <= high;
  }

  /** Where a place on the axis is, in pixels from the left end of the plot. */
  offset(x: number): number {
    return (x - this.first + 0.5) * this.step;
  }

  /** The place at a number of pixels from the left end of the plot. */
  placeAt(pixels: number): number {
    return pixels / this.step + this.first - 0.5;
  }

  /** The snapshot at a place in the plot, in pixels from its left end; null where there is none. */
  epochAt(pixels: number): number | null {
    const t = Math.floor(this.placeAt(pixels) + 0.5);
    return t >= this.first && t <= this.last ? t : null;
  }

  /** The transition at a place in the plot, in pixels from its left end; null where there is none. */
  transitionAt(pixels: number): number | null {
    const t = Math.floor(this.placeAt(pixels));
    return t >= this.first && t < this.last ? t : null;
  }

  /** Round epochs to label, as many as fit with so many pixels for each. */
  ticks(room = 60): number[] {
    const wanted = Math.min(Math.floor(this.extent / room), this.count);
    return scaleLinear(this.ends, [0, 1]).ticks(Math.max(wanted, 1)).filter(Number.isInteger);
  }
}
