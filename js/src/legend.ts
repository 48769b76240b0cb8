/** The scale of colours: from which value to which, and the part of it that a band brings out. */

import { cssScale } from "./colour";
import { element } from "./dom";

export class Legend {
  private readonly outside = [element("span", "nntf-scale-faded"), element("span", "nntf-scale-faded")];
  private readonly ends = [element("span", ""), element("span", "")];
  private readonly words = element("span", "nntf-scale-band");
  readonly root = element(
    "span",
    "nntf-legend",
    {},
    this.ends[0],
    element("span", "nntf-scale", { style: `background: ${cssScale()}` }, ...this.outside),
    this.ends[1],
    this.words,
  );

  /** Names the values at both ends; a band lies between 0 and 1. */
  draw(ends: readonly [string, string], band: readonly [number, number] | null = null): void {
    for (const [i, end] of ends.entries()) this.ends[i].textContent = end;
    const [low, high] = band ?? [0, 1];
    this.outside[0].style.width = `${100 * Math.min(Math.max(low, 0), 1)}%`;
    this.outside[1].style.width = `${100 * (1 - Math.min(Math.max(high, 0), 1))}%`;
    this.words.hidden = band === null;
    this.words.textContent = `band ${low.toFixed(2)} \u2013 ${high.toFixed(2)}`;
  }
}
