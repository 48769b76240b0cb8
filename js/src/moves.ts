/** The moves of one transition or two, by pair of classes: ranked, and as a matrix of the classes that matter. */

import type { Transition } from "./run";

/** The samples that moved from one class to another, in one transition and in a second. */
export interface Trade {
  from: number;
  to: number;
  first: number;
  second: number;
}

/** Stands for all classes that have no row of their own. */
export const OTHERS = -1;

/** Counts by the classes that samples left (rows) and reached (columns). */
export interface MoveMatrix {
  /** Classes in order, and `OTHERS` at the end where some are summed. */
  classes: number[];
  cells: { row: number; column: number; first: number; second: number }[];
}

/** All pairs of classes that traded samples in either transition. */
export function trades(first: Transition, second: Transition | null, numClasses: number): Trade[] {
  const found = Array.from(first.cells, (cell, i) => trade(cell, numClasses, first.counts[i]));
  if (!second) return found;
  const places = new Map(Array.from(first.cells, (cell, i) => [cell, i]));
  for (const [i, cell] of second.cells.entries()) {
    const known = found[places.get(cell) ?? found.push(trade(cell, numClasses, 0)) - 1];
    known.second = second.counts[i];
  }
  return found;
}

function trade(cell: number, numClasses: number, count: number): Trade {
  const to = cell % numClasses;
  return { from: (cell - to) / numClasses, to, first: count, second: 0 };
}

/** The trades whose counts differ most come first; among them, the larger. */
export function ranked(all: Trade[], limit = all.length): Trade[] {
  if (limit >= all.length) return all.toSorted(order);
  const best: Trade[] = [];
  for (const each of all) {
    if (best.length === limit && order(best[limit - 1], each) <= 0) continue;
    best.push(each);
    best.sort(order).splice(limit);
  }
  return best;
}

function order(a: Trade, b: Trade): number {
  return unlike(b) - unlike(a) || b.first + b.second - a.first - a.second || a.from - b.from || a.to - b.to;
}

/** What a pair of classes adds to the distance, before it is divided by all moves. */
export function unlike({ first, second }: Trade): number {
  return Math.abs(first - second);
}

/** The trades as a matrix of at most `limit` classes: those that make most of the difference, the rest summed. */
export function matrixOf(all: Trade[], numClasses: number, limit: number): MoveMatrix {
  const classes =
    numClasses <= limit ? Array.from({ length: numClasses }, (_, i) => i) : chosen(all, numClasses, limit - 1);
  if (classes.length < numClasses) classes.push(OTHERS);
  const size = classes.length;
  const rows = new Uint32Array(numClasses).fill(size - 1);
  for (const [row, class_] of classes.entries()) if (class_ !== OTHERS) rows[class_] = row;
  const counts = { first: new Float64Array(size * size), second: new Float64Array(size * size) };
  for (const { from, to, first, second } of all) {
    const cell = rows[from] * size + rows[to];
    counts.first[cell] += first;
    counts.second[cell] += second;
  }
  const cells = [...counts.first.keys()]
    .filter((cell) => counts.first[cell] || counts.second[cell])
    .map((cell) => ({
      row: Math.floor(cell / size),
      column: cell % size,
      first: counts.first[cell],
      second: counts.second[cell],
    }));
  return { classes, cells };
}

/** The classes with the largest share in the difference, by number. */
function chosen(all: Trade[], numClasses: number, count: number): number[] {
  const weights = new Float64Array(numClasses);
  for (const each of all) for (const class_ of [each.from, each.to]) weights[class_] += unlike(each);
  return [...weights.keys()]
    .filter((class_) => weights[class_] > 0)
    .sort((a, b) => weights[b] - weights[a] || a - b)
    .slice(0, count)
    .sort((a, b) => a - b);
}
