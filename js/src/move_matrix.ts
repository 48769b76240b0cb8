/** A labelled matrix of moves: the classes that samples left as rows, those they reached as columns. */

import { cssColour } from "./colour";
import { element, svg } from "./dom";
import { type MoveMatrix, OTHERS } from "./moves";
import { grouped } from "./numbers";
import { fitted, widest } from "./text";

/** The most and the least room for names. */
const LABELS = 74;
const FROM = 46;
/** The smallest cell whose row can be named, and the smallest that holds a count. */
const NAMED = 12;
const COUNTED = 25;
const LARGEST_CELL = 34;
/** More in the second of two transitions, and more in the first; told apart by colour-blind readers. */
export const MORE = "#e07b39";
export const FEWER = "#3a8fc9";

/** How many classes have room in a matrix so wide. */
export function roomFor(width: number): number {
  return Math.max(Math.floor((width - LABELS) / NAMED), 4);
}

export interface Shown {
  /** What it shows, in words. */
  title: string;
  /** What stands above it. */
  caption: (Node | string)[];
  matrix: MoveMatrix;
  value: "first" | "second" | "difference";
  /** The count at the end of the scale. */
  most: number;
}

/** Draws the matrix; `say` is told what the pointer is on, in words. */
export function drawMatrix(
  shown: Shown,
  width: number,
  className: (class_: number) => string,
  say: (words: string) => void,
): HTMLElement {
  const { classes, cells } = shown.matrix;
  const name = (class_: number) => (class_ === OTHERS ? "others" : className(class_));
  const room = Math.min(Math.max(widest(classes.map(name)) + 8, FROM), LABELS);
  const cell = Math.min((width - room) / classes.length, LARGEST_CELL);
  const extent = cell * classes.length;
  const describe = (row: number, column: number, value: number) =>
    `${name(classes[row])} \u2192 ${name(classes[column])}: ${written(shown.value, value)}`;
  const squares = cells.flatMap(({ row, column, first, second }) => {
    const value = { first, second, difference: second - first }[shown.value];
    if (value === 0) return [];
    return square(shown, { row, column, value, cell, words: describe(row, column, value) });
  });
  const plot = svg(
    "svg",
    { class: "nntf-moves-plot", x: room, y: room, width: extent, height: extent },
    svg("rect", { class: "nntf-moves-ground", width: extent, height: extent }),
    ...squares,
    svg("line", { class: "nntf-moves-diagonal", x1: 0, y1: 0, x2: extent, y2: extent }),
  );
  plot.addEventListener("pointermove", (event) => say((event.target as Element).getAttribute("data-words") ?? ""));
  plot.addEventListener("pointerleave", () => say(""));
  const picture = svg(
    "svg",
    {
      class: "nntf-moves-matrix",
      width: room + extent,
      height: room + extent,
      role: "img",
      "aria-label": shown.title,
    },
    svg("text", { x: room - 5, y: room - 22, "text-anchor": "end", class: "nntf-axis-name" }, "to \u2192"),
    svg("text", { x: room - 5, y: room - 7, "text-anchor": "end", class: "nntf-axis-name" }, "from \u2193"),
    ...classes.flatMap((class_, i) => labels(name(class_), (i + 0.5) * cell, room)),
    plot,
  );
  return element(
    "figure",
    "nntf-moves-figure",
    {},
    element("figcaption", "nntf-panel-title", {}, ...shown.caption),
    picture as unknown as HTMLElement,
  );
}

interface Square {
  row: number;
  column: number;
  value: number;
  cell: number;
  words: string;
}

function square(shown: Shown, { row, column, value, cell, words }: Square): SVGElement[] {
  const share = Math.min(Math.abs(value) / shown.most, 1);
  const differs = shown.value === "difference";
  const fill = differs ? (value > 0 ? MORE : FEWER) : cssColour(share);
  const opacity = differs ? 0.12 + 0.88 * share : 1;
  const box = { x: column * cell, y: row * cell, width: cell, height: cell };
  const drawn: SVGElement[] = [svg("rect", { ...box, fill, "fill-opacity": opacity, "data-words": words })];
  if (cell >= COUNTED) {
    const at = { x: (column + 0.5) * cell, y: (row + 0.5) * cell + 4, "text-anchor": "middle" };
    const ink = differs ? "nntf-strong" : share > 0.6 ? "nntf-on-bright" : "nntf-on-dark";
    drawn.push(svg("text", { ...at, class: ink, "data-words": words }, short(value, differs)));
  }
  return drawn;
}

/** A class's name before its row and above its column, cut where it does not fit. */
function labels(name: string, at: number, room: number): SVGElement[] {
  const text = fitted(name, room - 8);
  const row = svg("text", { x: room - 5, y: room + at + 4, "text-anchor": "end" }, svg("title", {}, name), text);
  const turned = { transform: `translate(${room + at + 4} ${room - 5}) rotate(-90)` };
  return [row, svg("text", turned, svg("title", {}, name), text)];
}

function written(kind: Shown["value"], value: number): string {
  if (kind !== "difference") return `${grouped(value)} ${value === 1 ? "sample" : "samples"}`;
  return value > 0 ? `${grouped(value)} more` : `${grouped(-value)} fewer`;
}

function short(value: number, signed: boolean): string {
  const size = Math.abs(value);
  const digits =
    size < 1000 ? String(size) : size < 10_000 ? `${(size / 1000).toFixed(1)}k` : `${Math.round(size / 1000)}k`;
  if (!signed) return digits;
  return value < 0 ? `\u2212${digits}` : `+${digits}`;
}
