/** The colour scale of a matrix: which values its two ends stand for, and the colours between them. */

import type { Bounds } from "../run/blocks";
import { DIVERGING, faded, GAP, type Palette, SEQUENTIAL } from "./colour";

export type End = "low" | "high";

const NARROWEST = 0.001;
/** Of a scale around 0, how far it reaches at least where it is fitted: what is no more than noise stays pale. */
const LEAST_REACH = 0.2;

export class ColourScale {
  low = 0;
  high = 1;
  /** How the ends are set: fitted to what is visible, 0 to 1, or by hand. */
  mode: "fitted" | "whole" | "by hand" = "fitted";
  /** Whether 0 is in the middle, and the ends move together. */
  isCentred = false;
  /** Which values stand out, the others being faded; null where none does. */
  isMarked: ((value: number) => boolean) | null = null;
  private view: readonly unknown[] | null = null;

  /** The ends that it can have at most. */
  get whole(): Bounds {
    return [this.isCentred ? -1 : 0, 1];
  }

  get palette(): Palette {
    return this.isCentred ? DIVERGING : SEQUENTIAL;
  }

  /**
   * Fits the ends to the bounds of what is visible. While a view, which is known by its parts, grows they only move
   * apart, so that its colours do not flicker; another is fitted anew, also where the ends were set by hand before.
   */
  fit(view: readonly unknown[], bounds: Bounds | null, isCentred = false): void {
    const another = view.length !== this.view?.length || view.some((part, i) => part !== this.view?.[i]);
    this.view = bounds && view;
    this.isCentred = isCentred;
    if (another && this.mode === "by hand") this.mode = "fitted";
    if (this.mode === "whole") [this.low, this.high] = this.whole;
    if (this.mode !== "fitted") return;
    const [low, high] = bounds ? (isCentred ? around(bounds) : apart(bounds)) : this.whole;
    [this.low, this.high] = another ? [low, high] : [Math.min(low, this.low), Math.max(high, this.high)];
  }

  /** Moves one end, at most to the other and to an end of the whole; of a scale around 0 the other as well. */
  move(end: End, value: number): void {
    this.mode = "by hand";
    if (this.isCentred) {
      this.high = Math.min(Math.max(end === "low" ? -value : value, NARROWEST), 1);
      this.low = -this.high;
    } else if (end === "low") this.low = Math.min(Math.max(value, 0), this.high - NARROWEST);
    else this.high = Math.max(Math.min(value, 1), this.low + NARROWEST);
  }

  /** Moves the ends as far apart as they can be, or fits them again. */
  toggleWhole(): void {
    this.mode = this.mode === "whole" ? "fitted" : "whole";
    this.view = null;
    if (this.mode === "whole") [this.low, this.high] = this.whole;
  }

  /** The colour of a value, for a Uint32Array over image data; for one that is no number none, or that of a gap. */
  colour(value: number): number {
    if (Number.isNaN(value)) return this.isCentred ? GAP : 0;
    const colour = this.palette.colour((value - this.low) / (this.high - this.low));
    return this.isMarked?.(value) === false ? faded(colour) : colour;
  }
}

/** Bounds that are not the same, within 0 to 1. */
function apart([low, high]: Bounds): Bounds {
  const lack = Math.max(NARROWEST - (high - low), 0);
  const from = Math.min(Math.max(low - lack / 2, 0), 1 - NARROWEST);
  return [from, Math.max(high, from + NARROWEST)];
}

/** Bounds as far from 0 on either side. */
function around([low, high]: Bounds): Bounds {
  const reach = Math.min(Math.max(-low, high, LEAST_REACH), 1);
  return [-reach, reach];
}
