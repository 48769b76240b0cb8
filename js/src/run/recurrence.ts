/**
 * Recurrence of a distance in bands: how its picture repeats itself. nntf_widget/recurrence.py has the definitions and
 * the sources; the lengths of all lines are kept as the matrix grows, and the measures are read off them.
 */

import { withRoom } from "./room";
import type { Triangle } from "./triangle";

export const BANDS = 20;
const WIDTH = 1 / BANDS;
const SHORTEST = 2; // cells of a line that counts
const PART = 400_000; // cells that are taken in within a few milliseconds

/** How the measures are defined: as the authors' program or the textbook has them; with the main diagonal or without. */
export interface Definition {
  convention: "paper" | "standard";
  hasDiagonal: boolean;
}

export interface Band {
  /** NaN where there is nothing to measure. */
  laminarity: number;
  entropy: number;
  /** Cells of the matrix in the band, off the main diagonal. */
  cells: number;
}

/** The bands that are best, the first of equals: of the highest laminarity, and of the lowest entropy above 0. */
export interface Best {
  laminarity: Measured | null;
  entropy: Measured | null;
}

interface Measured {
  band: number;
  value: number;
}

interface Edges {
  low: number;
  high: number;
  /** Whether the upper end belongs to it: it is a sum, which may come out a little lower than the next band's lower end. */
  hasHigh: boolean;
}

/** The ends as the kernel has them, and for comparison with distances that were rounded on their way to the page. */
const EDGES: Edges[] = Array.from({ length: BANDS }, (_, band) => {
  const [low, next] = [lowEnd(band), lowEnd(band + 1)];
  return { low: Math.fround(low), high: Math.fround(next), hasHigh: low + WIDTH >= next };
});

/** The lowest distance in a band. */
export function lowEnd(band: number): number {
  return Math.round(band * 5) / 100;
}

/** Whether a distance lies in a band. */
export function isIn(band: number, distance: number): boolean {
  const { low, high, hasHigh } = EDGES[band];
  const value = Math.fround(distance);
  return value >= low && (value < high || (hasHigh && value === high));
}

/** The measures of every band of a growing matrix, and what was best as it grew. */
export class Recurrence {
  /** Rows taken in. */
  size = 0;
  /** What was best when each of them had come. */
  readonly best: Best[] = [];
  private readonly vertical = new Lines();
  /** On one side of the main one; place d - 1 is the diagonal at distance d. */
  private readonly diagonal = new Lines();

  constructor(
    readonly matrix: Triangle,
    readonly definition: Definition,
  ) {}

  /** Whether all rows of the matrix are taken in. */
  get isWhole(): boolean {
    return this.size === this.matrix.size;
  }

  /** Takes in the next rows. */
  advance(): void {
    for (let left = PART; left > 0 && !this.isWhole; left -= this.size) {
      this.append(this.matrix.row(this.size));
      this.best.push(bestOf(this.bands));
    }
  }

  /** The measures of every band. */
  get bands(): Band[] {
    const { convention, hasDiagonal } = this.definition;
    return EDGES.map((_, band) => {
      const vertical = [...this.vertical.numbers[band]];
      const diagonal = this.diagonal.numbers[band].map((number) => 2 * number);
      const cells = cellsOn(diagonal, 1);
      if (hasDiagonal && band === 0 && this.size) diagonal[this.size] = 1;
      if (convention === "standard") return { laminarity: laminarity(vertical), entropy: entropy(diagonal), cells };
      shortenWhole(vertical, this.size);
      return { laminarity: laminarity(vertical) || 0, entropy: paperEntropy(diagonal), cells };
    });
  }

  private append(row: Float32Array): void {
    const { vertical, diagonal, size } = this;
    for (const lines of [vertical, diagonal]) lines.makeRoom(size + 1);
    for (let column = 0; column < size; column++) {
      const near = Math.floor(row[column] * BANDS);
      for (let band = Math.max(near - 1, 0); band <= Math.min(near + 1, BANDS - 1); band++) {
        if (!isIn(band, row[column])) continue;
        vertical.extend(band, column, size);
        vertical.extend(band, size, column); // the same cell on the other side of the diagonal
        diagonal.extend(band, size - 1 - column, size);
      }
    }
    vertical.extend(0, size, size);
    this.size++;
  }
}

function bestOf(bands: Band[]): Best {
  const found: Best = { laminarity: null, entropy: null };
  for (const [band, { laminarity, entropy }] of bands.entries()) {
    if (laminarity > (found.laminarity?.value ?? 0)) found.laminarity = { band, value: laminarity };
    if (entropy > 0 && entropy < (found.entropy?.value ?? Number.POSITIVE_INFINITY))
      found.entropy = { band, value: entropy };
  }
  return found;
}

/** Lengths of lines that run along places, in every band. */
class Lines {
  /** The number of lines of every length, by band; entry 0 means nothing. */
  readonly numbers: number[][] = EDGES.map(() => [0]);
  /** The line that was begun last at every place, by band: its length, and the step behind it. */
  private lengths = EDGES.map(() => new Uint32Array(0));
  private behind = EDGES.map(() => new Uint32Array(0));

  makeRoom(places: number): void {
    this.lengths = this.lengths.map((each) => withRoom(each, places));
    this.behind = this.behind.map((each) => withRoom(each, places));
  }

  /** Adds a cell at one step of a place; the steps of a place rise. */
  extend(band: number, place: number, step: number): void {
    const [numbers, lengths, behind] = [this.numbers[band], this.lengths[band], this.behind[band]];
    const before = behind[place] === step ? lengths[place] : 0;
    if (before) numbers[before]--;
    numbers[before + 1] = (numbers[before + 1] ?? 0) + 1;
    lengths[place] = before + 1;
    behind[place] = step + 1;
  }
}

/** Cells on lines of `shortest` or more. */
function cellsOn(numbers: number[], shortest: number): number {
  let cells = 0;
  for (let length = shortest; length < numbers.length; length++) cells += length * (numbers[length] ?? 0);
  return cells;
}

function laminarity(numbers: number[]): number {
  return cellsOn(numbers, SHORTEST) / cellsOn(numbers, 1);
}

/** Counts a line that fills its column as one cell shorter, as the authors' program does. */
function shortenWhole(numbers: number[], size: number): void {
  if (!numbers[size]) return;
  numbers[size - 1] += numbers[size];
  numbers[size] = 0;
}

/** -Σ P ln P over the shares of the lengths among the long lines. */
function entropy(numbers: number[]): number {
  const long = numbers.slice(SHORTEST).filter((number) => number > 0);
  const total = long.reduce((all, number) => all + number, 0);
  return long.reduce((bits, number) => bits - (number / total) * Math.log(number / total), 0);
}

/** The same as the authors' program has it: P over the cells of the long lines, and ln(P + 1e-8). */
function paperEntropy(numbers: number[]): number {
  const cells = cellsOn(numbers, SHORTEST);
  const long = numbers.slice(SHORTEST).filter((number) => number > 0);
  return long.reduce((bits, number) => bits - (number / cells) * Math.log(number / cells + 1e-8), 0);
}
