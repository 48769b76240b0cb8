/**
 * Recurrence of a distance in bands: how its picture repeats itself. nntf_widget/recurrence.py has the definitions and
 * the sources; the lengths of all lines are kept as the matrix grows, and the measures are read off them.
 */

import type { Unfinished } from "./comparison";
import { withRoom } from "./room";
import type { Triangle } from "./triangle";

export const BANDS = 20;
const WIDTH = 1 / BANDS;
const SHORTEST = 2; // cells of a line that counts
const PART = 80_000; // cells that are taken in within a few milliseconds
const LINES = 3; // cells that take as long as what is measured after a row takes for each of its own
const ROW = 200; // and for the row itself

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

/**
 * The ends of the bands as distances have them that were rounded on their way to the page. The kernel has a band's upper
 * end as a sum, which may come out a little lower than the next one's lower end: then it does not belong to the band.
 */
const LOW = Float32Array.from({ length: BANDS }, (_, band) => lowEnd(band));
const HIGH = Float32Array.from({ length: BANDS }, (_, band) => lowEnd(band + 1));
const HAS_HIGH = Array.from({ length: BANDS }, (_, band) => lowEnd(band) + WIDTH >= lowEnd(band + 1));

/** For each band, whether a distance lies in it. */
export const IN_BAND = Array.from({ length: BANDS }, (_, band) => (distance: number) => isIn(band, distance));

/** The lowest distance in a band. */
export function lowEnd(band: number): number {
  return Math.round(band * 5) / 100;
}

/** Whether a distance lies in a band; it is a number of 32 bits. */
export function isIn(band: number, distance: number): boolean {
  return distance >= LOW[band] && (distance < HIGH[band] || (distance === HIGH[band] && HAS_HIGH[band]));
}

/** The measures of every band of a growing matrix, and what was best as it grew. */
export class Recurrence implements Unfinished {
  /** Rows taken in. */
  size = 0;
  /** What was best when each of them had come. */
  readonly best: Best[] = [];
  private readonly vertical = Array.from({ length: BANDS }, () => new Lines());
  /** On one side of the main one; place d - 1 is the diagonal at distance d. */
  private readonly diagonal = Array.from({ length: BANDS }, () => new Lines());

  constructor(
    readonly matrix: Triangle,
    readonly definition: Definition,
  ) {}

  /** Whether all rows of the matrix are taken in. */
  get isWhole(): boolean {
    return this.size === this.matrix.size;
  }

  /** Takes in the rows that came since, where these are no great work. */
  catchUp(): void {
    if ((this.matrix.size - this.size) * workOf(this.matrix.size) <= PART) this.advance();
  }

  /** Takes in the next rows. */
  advance(): void {
    for (let left = PART; left > 0 && !this.isWhole; left -= workOf(this.size)) {
      this.append(this.matrix.row(this.size));
      this.best.push(bestOf(this.bands));
    }
  }

  /** The measures of every band. */
  get bands(): Band[] {
    const { vertical, diagonal, size } = this;
    const { convention, hasDiagonal } = this.definition;
    return vertical.map((columns, band) => {
      // The other side of the main diagonal has as many lines as this one; it is itself a line of the distance 0.
      const whole = hasDiagonal && band === 0 ? size : 0;
      const cells = 2 * diagonal[band].cells;
      return convention === "paper"
        ? { laminarity: paperLaminarity(columns, size), entropy: paperEntropy(diagonal[band], whole), cells }
        : { laminarity: columns.long / columns.cells, entropy: entropy(diagonal[band], whole), cells };
    });
  }

  private append(row: Float32Array): void {
    const { vertical, diagonal, size } = this;
    for (const lines of [...vertical, ...diagonal]) lines.makeRoom(size + 1);
    for (let column = 0; column < size; column++) {
      const distance = row[column];
      const near = Math.floor(distance * BANDS);
      for (let band = Math.max(near - 1, 0); band <= Math.min(near + 1, BANDS - 1); band++) {
        if (!isIn(band, distance)) continue;
        vertical[band].extend(column, size);
        vertical[band].extend(size, column); // the same cell on the other side of the diagonal
        diagonal[band].extend(size - 1 - column, size);
      }
    }
    vertical[0].extend(size, size);
    this.size++;
  }
}

/** The work of taking in a row and measuring then. */
function workOf(size: number): number {
  return LINES * size + ROW;
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

/** Lengths of lines that run along places, in one band. */
class Lines {
  /** The number of lines of every length; entry 0 means nothing. */
  numbers = new Int32Array(1);
  longest = 0;
  /** Cells on all lines. */
  cells = 0;
  /** The line that was begun last at every place: its length, and the step behind it. */
  private lengths = new Int32Array(0);
  private behind = new Int32Array(0);

  /** Cells on the lines that count. */
  get long(): number {
    return this.cells - this.numbers[1];
  }

  makeRoom(places: number): void {
    this.numbers = withRoom(this.numbers, places + 1);
    this.lengths = withRoom(this.lengths, places);
    this.behind = withRoom(this.behind, places);
  }

  /** Adds a cell at one step of a place; the steps of a place rise. */
  extend(place: number, step: number): void {
    const { numbers, lengths, behind } = this;
    const before = behind[place] === step ? lengths[place] : 0;
    numbers[before]--;
    numbers[before + 1]++;
    lengths[place] = before + 1;
    behind[place] = step + 1;
    this.cells++;
    if (before === this.longest) this.longest++;
  }
}

/** The share of the cells on long lines; one that fills its column counts as one cell shorter. */
function paperLaminarity({ numbers, cells, long }: Lines, size: number): number {
  const whole = numbers[size] ?? 0;
  const lost = size > SHORTEST ? whole : size === SHORTEST ? size * whole : 0;
  return cells > whole ? (long - lost) / (cells - whole) : 0;
}

/** -Σ P ln P over the shares of the lengths among the long lines, on both sides of the main diagonal and, in full, on it. */
function entropy(lines: Lines, whole: number): number {
  const long = numbersOfLong(lines, whole);
  const total = long.reduce((all, number) => all + number, 0);
  return long.reduce((nats, number) => nats - (number / total) * Math.log(number / total), 0);
}

/** The same as the authors' program has it: P over the cells of the long lines, and ln(P + 1e-8). */
function paperEntropy(lines: Lines, whole: number): number {
  const cells = 2 * lines.long + (whole >= SHORTEST ? whole : 0);
  return numbersOfLong(lines, whole).reduce(
    (nats, number) => nats - (number / cells) * Math.log(number / cells + 1e-8),
    0,
  );
}

/** How many lines there are of each length that counts; the main diagonal is longer than any other. */
function numbersOfLong({ numbers, longest }: Lines, whole: number): number[] {
  const found: number[] = whole >= SHORTEST ? [1] : [];
  for (let length = SHORTEST; length <= longest; length++) if (numbers[length]) found.push(2 * numbers[length]);
  return found;
}
