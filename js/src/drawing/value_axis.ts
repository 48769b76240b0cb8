/** The axis of some values: round ends around them, and round numbers from one to the other. */

import { scaleLinear } from "d3-scale";

const [STEPS, TICKS] = [3, 2]; // of the ends, and of the numbers between, that slim plots have little room for
const SAME = 1e-9; // values that differ by less of their size cannot be told apart in a plot
const NOTHING = 1e-200; // below it, a computer's numbers are too few to divide an axis

export interface ValueAxis {
  ends: [low: number, high: number];
  ticks: number[];
}

/** The axis that holds all values between two, or, where these are the same, some on either side. */
export function valueAxis([low, high]: [low: number, high: number]): ValueAxis {
  const size = Math.max(Math.abs(low), Math.abs(high));
  const beyond = size < NOTHING ? 0.5 : high - low < SAME * size ? size / 2 : 0;
  const scale = scaleLinear([low - beyond, high + beyond], [0, 1]).nice(STEPS);
  const [from, to] = scale.domain();
  return { ends: [from, to], ticks: scale.ticks(TICKS) };
}
