/** How a matrix over classes is written, coloured and spoken of, cell by cell. */

import { SEQUENTIAL } from "../drawing/colour";
import { compact, grouped, percent, signed } from "../drawing/numbers";
import { type ClassMatrix, shares } from "../run/class_matrix";
import type { GridCell } from "./class_grid";

export type Kind = "confusion" | "moves";
/** What is shown of each pair: its count, that as a share of its row or column, or what the count differs by. */
export type Measure = "count" | "row" | "column" | "difference";

/** What the rows and the columns of each kind are, and what is said of a pair. */
export const KINDS: Record<Kind, { name: string; row: string; column: string; verb: string; ranking: string }> = {
  confusion: { name: "Confusion", row: "true", column: "predicted", verb: " seen as ", ranking: "Most confused" },
  moves: { name: "Moves", row: "from", column: "to", verb: " \u2192 ", ranking: "Largest moves" },
};

/** The cells of a matrix, row by row, whose classes have these names. */
export function cellsOf(kind: Kind, matrix: ClassMatrix, names: string[], measure: Measure): GridCell[] {
  const { classes, counts } = matrix;
  const { row, column } = KINDS[kind];
  const size = classes.length;
  const measured = measure === "row" || measure === "column" ? shares(matrix, measure) : null;
  const values = measured ?? counts;
  const plain = (cell: number) => {
    const [from, to] = [Math.floor(cell / size), cell % size];
    return from === to || classes[from] === null || classes[to] === null;
  };
  let most = 0;
  for (let cell = 0; cell < counts.length; cell++) if (!plain(cell)) most = Math.max(most, Math.abs(values[cell] || 0));
  const written = measure === "difference" ? signed : grouped;
  return Array.from(counts, (count, cell) => {
    const value = values[cell];
    const share = most ? Math.abs(value || 0) / most : 0;
    const [from, to] = [names[Math.floor(cell / size)], names[cell % size]];
    const whole = measure === "row" ? `${row} ${from}` : `${column} ${to}`;
    const percentage = measured ? ` (${percent(value)} of ${whole})` : "";
    const colours = plain(cell) ? QUIET : measure === "difference" ? twoHues(value, share) : oneHue(share);
    return {
      count,
      text: measured ? wholePercent(value) : (measure === "difference" && count > 0 ? "+" : "") + compact(count),
      spoken: `${row} ${from}, ${column} ${to}: ${written(count)}${percentage}`,
      ...colours,
    };
  });
}

const [MORE, FEWER] = ["224 123 57", "58 143 201"];
const QUIET = { fill: "transparent", ink: "" };

function oneHue(share: number): { fill: string; ink: string } {
  return { fill: SEQUENTIAL.css(share), ink: share > 0.6 ? "#111" : "#fff" };
}

/** More in one hue, fewer in the other, on the ground of the page. */
function twoHues(value: number, share: number): { fill: string; ink: string } {
  return { fill: `rgb(${value > 0 ? MORE : FEWER} / ${Math.round(90 * share)}%)`, ink: "" };
}

function wholePercent(share: number): string {
  return Number.isNaN(share) ? "\u2013" : String(Math.round(100 * share));
}
