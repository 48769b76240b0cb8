/** The colour scale of a matrix: which values its two ends stand for. */

import type { Bounds } from "../run/blocks";
import { colour } from "./colour";

export type End = "low" | "high";

const WHOLE: Bounds = [0, 1];
const NARROWEST = 0.001;

export class ColourScale {
  low = 0;
  high = 1;
  /** How the ends are set: fitted to what is visible, 0 to 1, or by hand. */
  mode: "fitted" | "whole" | "by hand" = "fitted";
  private view: readonly unknown[] | null = null;

  /**
   * Fits the ends to the bounds of what is visible. While a view, which is known by its parts, grows they only move
   * apart, so that its colours do not flicker; another is fitted anew, also where the ends were set by hand before.
   */
  fit(view: readonly unknown[], bounds: Bounds | null): void {
    const another = view.length !== this.view?.length || view.some((part, i) => part !== this.view?.[i]);
    this.view = bounds && view;
    if (another && this.mode === "by hand") this.mode = "fitted";
    if (this.mode !== "fitted") return;
    const [low, high] = bounds ? apart(bounds) : WHOLE;
    [this.low, this.high] = another ? [low, high] : [Math.min(low, this.low), Math.max(high, this.high)];
  }

  /** Moves one end, at most to the other and to 0 or 1. */
  move(end: End, value: number): void {
    this.mode = "by hand";
    if (end === "low") this.low = Math.min(Math.max(value, 0), this.high - NARROWEST);
    else this.high = Math.max(Math.min(value, 1), this.low + NARROWEST);
  }

  /** Sets the ends to 0 and 1, or fits them again. */
  toggleWhole(): void {
    this.mode = this.mode === "whole" ? "fitted" : "whole";
    this.view = null;
    if (this.mode === "whole") [this.low, this.high] = WHOLE;
  }

  /** The colour of a value, for a Uint32Array over image data; none for a value that is no number. */
  colour(value: number): number {
    return Number.isNaN(value) ? 0 : colour((value - this.low) / (this.high - this.low));
  }
}

/** Bounds that are not the same, within 0 to 1. */
function apart([low, high]: Bounds): Bounds {
  const lack = Math.max(NARROWEST - (high - low), 0);
  const from = Math.min(Math.max(low - lack / 2, 0), 1 - NARROWEST);
  return [from, Math.max(high, from + NARROWEST)];
}
