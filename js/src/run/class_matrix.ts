/** Counts by pair of classes as a matrix that can be read: of many classes the busiest, the rest summed. */

import type { Counts } from "./tally";

/** Classes that have a row and a column of their own, at most. */
export const MOST = 40;

export interface ClassMatrix {
  /** The class of each row and column, in order; null for all others together, which come last. */
  classes: (number | null)[];
  /** The counts, row by row. */
  counts: Int32Array;
}

/** A count of a pair of classes. */
export interface Pair {
  row: number;
  column: number;
  count: number;
}

/** Of many classes those with the most traffic, in the order of their numbers. */
export function busiest(traffic: Float64Array, most = MOST): number[] {
  const classes = [...traffic.keys()];
  if (classes.length <= most) return classes;
  return classes
    .sort((a, b) => traffic[b] - traffic[a] || a - b)
    .slice(0, most)
    .sort((a, b) => a - b);
}

/** The counts as a matrix of these classes, and, where there are more, of the others together. */
export function matrixOf({ cells, counts }: Counts, numClasses: number, classes: number[]): ClassMatrix {
  const shown: (number | null)[] = classes.length < numClasses ? [...classes, null] : classes;
  const size = shown.length;
  const places = new Uint16Array(numClasses).fill(size - 1);
  for (const [place, class_] of classes.entries()) places[class_] = place;
  const matrix = new Int32Array(size * size);
  for (let i = 0; i < cells.length; i++) {
    const column = cells[i] % numClasses;
    matrix[places[(cells[i] - column) / numClasses] * size + places[column]] += counts[i];
  }
  return { classes: shown, counts: matrix };
}

/** The pairs of different classes that have the largest counts, in size, of whatever sign. */
export function largest({ cells, counts }: Counts, numClasses: number, limit: number): Pair[] {
  const best: Pair[] = [];
  const before = (a: Pair, b: Pair) => Math.abs(b.count) - Math.abs(a.count) || a.row - b.row || a.column - b.column;
  for (let i = 0; i < cells.length; i++) {
    if (best.length === limit && Math.abs(counts[i]) < Math.abs(best[limit - 1].count)) continue;
    const column = cells[i] % numClasses;
    const row = (cells[i] - column) / numClasses;
    if (row === column) continue;
    best.push({ row, column, count: counts[i] });
    best.sort(before).splice(limit);
  }
  return best;
}

/** The counts as shares of the sum of their row or of their column; NaN where that is 0. */
export function shares({ classes, counts }: ClassMatrix, of: "row" | "column"): Float64Array {
  const size = classes.length;
  const line = (cell: number) => (of === "row" ? Math.floor(cell / size) : cell % size);
  const sums = new Float64Array(size);
  for (const [cell, count] of counts.entries()) sums[line(cell)] += count;
  return Float64Array.from(counts, (count, cell) => count / sums[line(cell)]);
}
