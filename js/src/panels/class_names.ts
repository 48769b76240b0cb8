/** Names of classes where there is little room for them, as in a table beside its numbers. */

import { fitted, type Ruler, rulerOf, widest } from "../drawing/names";
import type { Session } from "../session";

const LETTERS = 12; // pixels
const BETWEEN = 12; // pixels before a column of numbers
const SLACK = 4; // of a table's columns, which the browser rounds

/** A ruler for the words of a panel. */
export function wordRuler(within: Element): Ruler {
  return rulerOf(LETTERS, within);
}

/** The names of some classes as they fit into a number of pixels. */
export function shortNames(session: Session, classes: number[], room: number, ruler: Ruler): string[] {
  const names = classes.map((class_) => session.className(class_));
  return fitted(names, room, ruler);
}

/** Pixels that columns of numbers take beside names. */
export function columnsWidth(columns: string[][], ruler: Ruler): number {
  return columns.reduce((width, texts) => width + BETWEEN + widest(texts, ruler), SLACK);
}
