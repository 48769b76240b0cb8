/** The heatmap from the keyboard: arrows walk over its cells, Enter pins one, plus and minus zoom. */

import type { Cell, Session } from "./session";
import { scaled, within } from "./zoom";

const STEPS: Record<string, [rows: number, columns: number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};
const STRIDE = 10; // cells at a time with Shift

export const KEYS =
  "Arrow keys walk over the cells, with Shift ten at a time. Enter pins a cell. Plus and minus zoom, 0 shows all.";

/** What a key does: the cell it leads to, or null where it does something else; undefined where it does nothing. */
export function answer(event: KeyboardEvent, session: Session, from: Cell | null): Cell | null | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey || session.run.length < 2) return undefined;
  const step = STEPS[event.key];
  if (step) return walk(session, from, step, event.shiftKey ? STRIDE : 1);
  const centre = from?.column ?? (session.epochs[0] + session.epochs[1]) / 2;
  const snapshots = session.run.length;
  if (event.key === "+" || event.key === "=")
    session.select("epoch_range", scaled(session.epochs, 0.5, centre, snapshots));
  else if (event.key === "-") session.select("epoch_range", scaled(session.epochs, 2, centre, snapshots));
  else if (event.key === "0") session.select("epoch_range", null);
  else if ((event.key === "Enter" || event.key === " ") && from) session.pin(from);
  else return undefined;
  return null;
}

function walk(session: Session, from: Cell | null, [rows, columns]: [number, number], stride: number): Cell | null {
  const [first, last] = session.epochs;
  if (!from) return session.pinned ?? session.cell(first, first);
  const size = Math.max(...session.layers.map(({ matrix }) => matrix.size));
  const moved = (index: number, by: number) => Math.min(Math.max(index + by * stride, 0), size - 1);
  const [row, column] = [moved(from.row, rows), moved(from.column, columns)];
  const to = session.cell(row, column) ?? from;
  follow(session, Math.min(to.row, to.column), Math.max(to.row, to.column) + (to.between ? 1 : 0), first, last);
  return to;
}

/** Moves the range shown where a cell lies outside it. */
function follow(session: Session, low: number, high: number, first: number, last: number): void {
  const by = low < first ? low - first : high > last ? high - last : 0;
  if (by) session.select("epoch_range", within(first + by, last + by, session.run.length));
}
