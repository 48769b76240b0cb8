/** Colours: one sequential scale for distances and shares, and a palette for partner classes. */

import { interpolateViridis } from "d3-scale-chromatic";

const STEPS = 256;

const NAMES = Array.from({ length: STEPS }, (_, i) => interpolateViridis(i / (STEPS - 1)));

/** The scale as RGBA numbers, written little-endian into image data. */
const SCALE = Uint32Array.from(NAMES, (name) => {
  const [, r, g, b] = /^#(..)(..)(..)$/.exec(name) ?? [];
  return 0xff000000 + (Number.parseInt(b, 16) << 16) + (Number.parseInt(g, 16) << 8) + Number.parseInt(r, 16);
});

/** The colour of a value from 0 to 1, for a Uint32Array over image data. */
export function colour(value: number): number {
  return SCALE[step(value)];
}

/** The same for a style sheet. */
export function cssColour(value: number): string {
  return NAMES[step(value)];
}

function step(value: number): number {
  return Math.round(Math.min(Math.max(value, 0), 1) * (STEPS - 1));
}

/** Learning curves, in the colours that the kernel's charts have. */
export const CURVES = ["#3a8fc9", "#e07b39", "#2fa384", "#c77da6"];

/** Okabe and Ito's colours, told apart by colour-blind readers, and grey for all that are not named. */
export const PARTNERS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00"];
export const REST = "#8a8a8a";
