/** The data behind the views as comma-separated values. */

import { momentOf, tradesOf } from "./moments";
import { ranked } from "./moves";
import type { Session } from "./session";

type Value = string | number | null;

/** A table for each view, by its name. */
export const TABLES: Record<string, (session: Session) => Value[][]> = {
  fingerprint,
  classes,
  curves,
  moves,
};

/** One row for each pair of moments of each distance shown; the matrices are symmetric, so that each pair comes once. */
function fingerprint(session: Session): Value[][] {
  const rows: Value[][] = [["distance", "epoch", "compared_with", "value"]];
  for (const { matrix, unit, between } of session.layers) {
    const distance = session.drilled ? "class_transition" : between ? "transition" : "prediction";
    for (let row = 0; row < matrix.size; row++) {
      for (let column = 0; column < row; column++) rows.push([distance, row, column, matrix.at(row, column) / unit]);
    }
  }
  return rows;
}

function classes(session: Session): Value[][] {
  const { run } = session;
  const rows: Value[][] = [["epoch", "class", "predicted", run.labels ? "recall" : "share"]];
  for (let t = 0; t < run.length; t++) {
    for (let class_ = 0; class_ < run.numClasses; class_++) {
      const share = run.classShare(t, class_);
      rows.push([t, session.className(class_), run.classCounts[t][class_], Number.isNaN(share) ? null : share]);
    }
  }
  return rows;
}

function curves({ run }: Session): Value[][] {
  const names = [...new Set(run.metrics.flatMap((metrics) => Object.keys(metrics)))];
  const rows = run.metrics.map((metrics, t) => {
    const moved = t ? run.transitions[t - 1].moved / run.numSamples : null;
    return [t, ...names.map((name) => metrics[name] ?? null), moved];
  });
  return [["epoch", ...names, "share_moved"], ...rows];
}

/** The moves behind the matrices beside the fingerprint. */
function moves(session: Session): Value[][] {
  if (session.epoch < 1) return [["from", "to", "samples"]];
  const moment = momentOf(session);
  const counts = moment.second
    ? moment.names.map((name) => `samples_epoch_${name.replace(" \u2192 ", "_")}`)
    : ["samples"];
  const rows = ranked(tradesOf(session, moment)).map(({ from, to, first, second }) => {
    const names = [session.className(from), session.className(to)];
    return moment.second ? [...names, first, second] : [...names, first];
  });
  return [["from", "to", ...counts], ...rows];
}

/** The table as text (RFC 4180). A name that a spreadsheet would take for a formula is marked as text. */
export function csv(rows: Value[][]): string {
  return rows.map((row) => `${row.map(field).join(",")}\r\n`).join("");
}

function field(value: Value): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
