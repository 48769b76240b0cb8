/** Counts of pairs of classes, of those alone that occur: cell = row * K + column. */

import type { ClassIds } from "./run";

export interface Counts {
  cells: Uint32Array;
  counts: Int32Array;
}

/** Counts how often each class of `rows` stands beside each of `columns`. */
export function tally(rows: ClassIds, columns: ClassIds, numClasses: number): Counts {
  const known = numClasses * numClasses;
  return known <= 4 * rows.length ? inTable(rows, columns, numClasses) : inMap(rows, columns, numClasses);
}

/** Where most cells are likely to occur. */
function inTable(rows: ClassIds, columns: ClassIds, numClasses: number): Counts {
  const table = new Int32Array(numClasses * numClasses);
  for (let i = 0; i < rows.length; i++) table[rows[i] * numClasses + columns[i]]++;
  const counts = table.filter((count) => count > 0);
  const cells = new Uint32Array(counts.length);
  for (let cell = 0, at = 0; at < cells.length; cell++) if (table[cell] > 0) cells[at++] = cell;
  return { cells, counts };
}

/** Where few of many do. */
function inMap(rows: ClassIds, columns: ClassIds, numClasses: number): Counts {
  const map = new Map<number, number>();
  for (let i = 0; i < rows.length; i++) {
    const cell = rows[i] * numClasses + columns[i];
    map.set(cell, (map.get(cell) ?? 0) + 1);
  }
  return { cells: Uint32Array.from(map.keys()), counts: Int32Array.from(map.values()) };
}
