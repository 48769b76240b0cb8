/** Bars that stack up and down from a line, one for each transition on the epoch axis. */

import { svg } from "./dom";
import type { EpochAxis } from "./epoch_axis";
import { grouped } from "./numbers";
import { seamLines } from "./seams";

/** One part of every bar. */
export interface Part {
  fill: string;
  count: (transition: number) => number;
}

/** A part of a bar: its place on the axis in pixels, and where it begins and ends in samples from the line. */
interface Piece {
  x: number;
  width: number;
  from: number;
  to: number;
}

const BESIDE = 10; // pixels from a plot to what is written beside it

export class MirroredBars {
  readonly root = svg("svg", { class: "nntf-bars", role: "img" });
  private axis: EpochAxis | null = null;

  constructor(
    private readonly height: number,
    onHover: (transition: number | null) => void,
    onPick: (epoch: number) => void,
  ) {
    this.root.addEventListener("pointermove", (event) => onHover(this.transitionAt(event)));
    this.root.addEventListener("pointerleave", () => onHover(null));
    this.root.addEventListener("click", (event) => {
      const transition = this.transitionAt(event);
      if (transition !== null) onPick(transition + 1); // the epoch that it led to
    });
  }

  /** Draws the bars; `words` name their parts, from the top down, each of a class of its own. */
  draw(axis: EpochAxis, seams: number[], label: string, up: Part[], down: Part[], words: [string, string][]): void {
    this.axis = axis;
    const { left, extent } = axis;
    const { height } = this;
    const [above, below] = [stacked(axis, up), stacked(axis, down)];
    const [most, least] = [highest(above), highest(below)];
    const scale = (height - 1) / Math.max(most + least, 1);
    const line = most + least ? most * scale : height / 2;
    this.root.setAttribute("width", String(left + extent));
    this.root.setAttribute("height", String(height));
    this.root.setAttribute("aria-label", label);
    const beside = (y: number, count: number) =>
      count ? [svg("text", { x: left + extent + BESIDE, y }, short(count))] : [];
    this.root.replaceChildren(
      ...up.map((part, i) => svg("path", { fill: part.fill, d: outline(above[i], left, line, -scale) })),
      ...down.map((part, i) => svg("path", { fill: part.fill, d: outline(below[i], left, line, scale) })),
      svg("line", { class: "nntf-tick", x1: left, x2: left + extent, y1: line, y2: line }),
      ...seamLines(axis, seams, left, height),
      ...words.map(([text, className], i) => {
        const y = words.length > 1 ? 9 + (i * (height - 11)) / (words.length - 1) : height / 2 + 4;
        return svg("text", { class: className, x: left - BESIDE + 2, y, "text-anchor": "end" }, text);
      }),
      ...beside(9, most),
      ...beside(height - 2, least),
    );
  }

  private transitionAt(event: MouseEvent): number | null {
    if (!this.axis) return null;
    return this.axis.transitionAt(event.clientX - this.root.getBoundingClientRect().left - this.axis.left);
  }
}

/** The pieces of each part, one on top of the other; of transitions that share a pixel, their mean. */
function stacked(axis: EpochAxis, parts: Part[]): Piece[][] {
  const { first, last, span, step } = axis;
  const pieces: Piece[][] = parts.map(() => []);
  for (let t = first; t < last; t += span) {
    const end = Math.min(t + span, last);
    const room = (end - t) * step;
    let from = 0;
    for (const [i, { count }] of parts.entries()) {
      let sum = 0;
      for (let each = t; each < end; each++) sum += count(each);
      const to = from + sum / (end - t);
      pieces[i].push({ x: axis.offset(t), width: room > 4 ? room - 1 : room, from, to });
      from = to;
    }
  }
  return pieces;
}

/** How far the bars reach: as far as their outermost parts. */
function highest(pieces: Piece[][]): number {
  return (pieces.at(-1) ?? []).reduce((most, { to }) => Math.max(most, to), 0);
}

function outline(pieces: Piece[], left: number, line: number, scale: number): string {
  return pieces
    .filter(({ from, to }) => to > from)
    .map(({ x, width, from, to }) => {
      const [x1, x2, y1, y2] = [left + x, left + x + width, line + from * scale, line + to * scale].map(rounded);
      return `M${x1} ${y1}H${x2}V${y2}H${x1}Z`;
    })
    .join("");
}

function rounded(pixels: number): number {
  return Math.round(100 * pixels) / 100;
}

/** A count, or, where it is a small mean, with a digit more. */
function short(count: number): string {
  return count < 10 ? String(Math.round(10 * count) / 10) : grouped(Math.round(count));
}
