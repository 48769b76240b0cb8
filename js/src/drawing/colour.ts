/** Colours: scales for distances and shares, a sequential and a diverging one, for time, and palettes for curves and classes. */

import { scaleLinear } from "d3-scale";
import { interpolateRdBu, interpolateViridis } from "d3-scale-chromatic";

const STEPS = 256;
const FADED = 0x24000000;

/** Colours of the values from 0 to 1. */
export class Palette {
  private readonly names: string[];
  private readonly numbers: Uint32Array;

  constructor(colourOf: (value: number) => string) {
    this.names = Array.from({ length: STEPS }, (_, i) => colourOf(i / (STEPS - 1)));
    this.numbers = Uint32Array.from(this.names, (name) => {
      const [r, g, b] = channels(name);
      return 0xff000000 + (b << 16) + (g << 8) + r;
    });
  }

  /** The colour of a value, for a Uint32Array over image data. */
  colour(value: number): number {
    return this.numbers[step(value)];
  }

  /** The same for a style sheet. */
  css(value: number): string {
    return this.names[step(value)];
  }
}

export const SEQUENTIAL = new Palette(interpolateViridis);
/** From blue over white to red. */
export const DIVERGING = new Palette((value) => interpolateRdBu(1 - value));
/** From early to late: as dark all along, so that both ends stand out from a light and from a dark ground. */
export const TIME = new Palette(scaleLinear([0, 0.5, 1], ["#2f7fc1", "#a9589f", "#d9691f"]));
/** What has no number, for a Uint32Array over image data: a grey, which no colour of the diverging scale is. */
export const GAP = 0xffbdbdbd;

/** A colour that lets the ground through, for a Uint32Array over image data. */
export function faded(colour: number): number {
  return (colour & 0xffffff) + FADED;
}

function step(value: number): number {
  return Math.round(Math.min(Math.max(value, 0), 1) * (STEPS - 1));
}

/** Red, green and blue of "#rrggbb" or "rgb(r, g, b)". */
function channels(name: string): number[] {
  const hex = /^#(..)(..)(..)$/.exec(name)?.slice(1);
  return hex ? hex.map((digits) => Number.parseInt(digits, 16)) : (name.match(/\d+/g) ?? []).map(Number);
}

/** Learning curves, in the colours that the kernel's charts have. */
export const CURVES = ["#3a8fc9", "#e07b39", "#2fa384", "#c77da6"];

/** Okabe and Ito's colours, told apart by colour-blind readers, and grey for all that are not named. */
export const PARTNERS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00"];
export const REST = "#8a8a8a";
