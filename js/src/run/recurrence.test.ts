import { describe, expect, it } from "vitest";
import { BANDS, type Definition, isIn, lowEnd, Recurrence } from "./recurrence";
import { Triangle } from "./triangle";

const DEFINITIONS: Definition[] = (["paper", "standard"] as const).flatMap((convention) =>
  [true, false].map((hasDiagonal) => ({ convention, hasDiagonal })),
);

/** Distances with a given number of decimals, so that few of them lie in many bands or many on the ends of bands. */
function drawn(size: number, steps: number): number[][] {
  let seed = size + steps;
  const random = () => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647;
  };
  return Array.from({ length: size }, (_, row) =>
    Array.from({ length: row }, () => Math.min(Math.round(random() * steps * 1.2) / steps, 1)),
  );
}

function measured(rows: number[][], definition: Definition): Recurrence {
  const matrix = new Triangle();
  const recurrence = new Recurrence(matrix, definition);
  for (const row of rows) {
    matrix.append(row);
    recurrence.advance();
  }
  return recurrence;
}

/** The lengths of the runs of true in a line. */
const runs = (line: boolean[]) =>
  line
    .map((cell) => (cell ? "x" : " "))
    .join("")
    .split(" ")
    .map((run) => run.length)
    .filter((length) => length > 0);

const orNone = (value: number) => (Number.isNaN(value) ? -1 : value);

/** The measures of a band by their definitions, from all its cells. */
function obvious(rows: number[][], band: number, { convention, hasDiagonal }: Definition) {
  const size = rows.length;
  const [low, high] = [lowEnd(band), lowEnd(band) + 0.05]; // as the kernel has them
  const at = (row: number, column: number) => (row === column ? 0 : rows[Math.max(row, column)][Math.min(row, column)]);
  const isInside = (row: number, column: number) => low <= at(row, column) && at(row, column) <= high;
  const all = Array.from({ length: size }, (_, i) => i);
  const columns = all.flatMap((column) => runs(all.map((row) => isInside(row, column))));
  const shortened = columns.map((length) => (convention === "paper" && length === size ? length - 1 : length));
  const total = (lengths: number[]) => lengths.reduce((sum, length) => sum + length, 0);
  const long = (lengths: number[]) => lengths.filter((length) => length >= 2);
  const diagonals = all.flatMap((distance) => {
    const line = runs(all.slice(distance).map((row) => isInside(row, row - distance)));
    return distance > 0 ? [...line, ...line] : hasDiagonal ? line : [];
  });
  const whole = convention === "paper" ? total(long(diagonals)) : long(diagonals).length;
  const tiny = convention === "paper" ? 1e-8 : 0;
  const shares = [...new Set(long(diagonals))].map(
    (length) => diagonals.filter((other) => other === length).length / whole,
  );
  return {
    laminarity: total(shortened) ? total(long(shortened)) / total(shortened) : convention === "paper" ? 0 : Number.NaN,
    entropy: shares.reduce((sum, share) => sum - share * Math.log(share + tiny), 0),
    cells: total(all.map((row) => 2 * all.slice(0, row).filter((column) => isInside(row, column)).length)),
  };
}

describe.each(DEFINITIONS)("the measures of $convention, with the main diagonal: $hasDiagonal", (definition) => {
  it.each([
    [1, 1],
    [2, 1],
    [9, 2],
    [30, 20],
    [30, 97],
    [24, 4],
  ])("are those of their definitions, after %i rows of distances in steps of 1/%i", (size, steps) => {
    const rows = drawn(size, steps);
    const { bands } = measured(rows, definition);
    for (const [band, { laminarity, entropy, cells }] of bands.entries()) {
      const expected = obvious(rows, band, definition);
      expect(cells).toBe(expected.cells);
      expect(orNone(laminarity)).toBeCloseTo(orNone(expected.laminarity), 12);
      expect(entropy).toBeCloseTo(expected.entropy, 12);
    }
  });

  it("are the same whether the rows come one by one or together", () => {
    const rows = drawn(20, 20);
    const matrix = new Triangle();
    for (const row of rows) matrix.append(row);
    const together = new Recurrence(matrix, definition);
    together.advance();
    const growing = measured(rows, definition);
    expect(together.isWhole).toBe(true);
    expect(together.bands).toEqual(growing.bands);
    expect(together.best).toEqual(growing.best);
  });
});

describe("the best bands", () => {
  it("are those of the highest laminarity, and of the lowest entropy above 0, at every row", () => {
    for (const definition of DEFINITIONS) {
      const rows = drawn(24, 20);
      const { best } = measured(rows, definition);
      for (let size = 1; size <= rows.length; size++) {
        const bands = Array.from({ length: BANDS }, (_, band) => obvious(rows.slice(0, size), band, definition));
        const highest = Math.max(0, ...bands.map(({ laminarity }) => laminarity || 0));
        const lowest = Math.min(...bands.map(({ entropy }) => entropy || Number.POSITIVE_INFINITY));
        expect(best[size - 1].laminarity?.value ?? 0).toBeCloseTo(highest, 12);
        expect(best[size - 1].entropy?.value ?? Number.POSITIVE_INFINITY).toBeCloseTo(lowest, 12);
      }
    }
  });

  it("are the first of equals", () => {
    const rows = Array.from({ length: 6 }, (_, row) => Array.from({ length: row }, () => 0.5));
    const { best } = measured(rows, { convention: "standard", hasDiagonal: false });
    expect(best[5].laminarity?.band).toBe(9); // 0.5 ends one band and begins the next
    expect(best[5].entropy?.band).toBe(9);
  });

  it("are none of a single transition without its diagonal", () => {
    const { best } = measured([[]], { convention: "paper", hasDiagonal: false });
    expect(best).toEqual([{ laminarity: null, entropy: null }]);
  });
});

describe("a band", () => {
  it("has both its ends, where the kernel's has them", () => {
    const bandsOf = (distance: number) =>
      Array.from({ length: BANDS }, (_, band) => band).filter((band) => isIn(band, distance));
    for (let end = 0; end <= BANDS; end++) {
      const value = end / BANDS;
      const kernel = Array.from({ length: BANDS }, (_, band) => band).filter(
        (band) => lowEnd(band) <= value && value <= lowEnd(band) + 0.05,
      );
      expect(bandsOf(Math.fround(value))).toEqual(kernel);
    }
    expect(bandsOf(Math.fround(0.12))).toEqual([2]);
    expect(bandsOf(Number.NaN)).toEqual([]);
  });
});
