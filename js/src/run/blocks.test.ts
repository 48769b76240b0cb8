import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Blocks, robustBounds } from "./blocks";
import { Triangle } from "./triangle";

function triangle(rows: number[][]): Triangle {
  const made = new Triangle();
  for (const row of rows) made.append(row);
  return made;
}

/** Rows of a triangle of the given size, their values in 32 bits. */
const rows = (size: number) =>
  fc.tuple(
    ...Array.from({ length: size }, (_, length) =>
      fc.array(
        fc.oneof({ arbitrary: fc.float({ min: -1, max: 1, noNaN: true }), weight: 5 }, fc.constant(Number.NaN)),
        {
          minLength: length,
          maxLength: length,
        },
      ),
    ),
  );

describe("the blocks of a matrix", () => {
  it("are the means of its cells off the diagonal that are numbers, however it came to be", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 13 }).chain(rows),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 4 }),
        fc.integer({ min: 1, max: 15 }),
        (values, span, unit, first, end) => {
          const matrix = new Triangle();
          const blocks = new Blocks(matrix, span, unit, first);
          for (const row of values) {
            matrix.append(row);
            blocks.catchUp(end);
          }
          const taken = Math.max(Math.min(values.length, end) - first, 0);
          const size = Math.ceil(taken / span);
          expect([blocks.size, blocks.taken]).toEqual([size, taken]);
          for (let row = 0; row < size; row++) {
            for (let column = 0; column < size; column++) {
              const cells = [];
              for (let i = row * span; i < Math.min((row + 1) * span, taken); i++) {
                for (let j = column * span; j < Math.min((column + 1) * span, taken); j++) {
                  const cell = matrix.at(first + i, first + j) / unit;
                  if (i !== j && !Number.isNaN(cell)) cells.push(cell);
                }
              }
              const mean = cells.reduce((sum, cell) => sum + cell, 0) / cells.length;
              if (cells.length) expect(blocks.at(row, column)).toBeCloseTo(mean, 5);
              else expect(blocks.at(row, column)).toBeNaN();
            }
          }
        },
      ),
    );
  });

  it("have gaps where a block off the diagonal holds no number", () => {
    const gaps = (...rows: number[][]) => {
      const blocks = new Blocks(triangle(rows), 1, 1, 0);
      blocks.catchUp(Number.POSITIVE_INFINITY);
      return blocks.hasGaps;
    };
    expect(gaps([], [0.5], [0.25, 0.5])).toBe(false);
    expect(gaps([], [0.5], [0.25, Number.NaN])).toBe(true);
    expect(gaps([])).toBe(false);
  });

  it("have room for as many as there are", () => {
    const blocks = new Blocks(triangle(Array.from({ length: 100 }, (_, t) => new Array(t).fill(t / 100))), 1, 1, 0);
    blocks.catchUp(Number.POSITIVE_INFINITY);
    expect([blocks.at(99, 0), blocks.at(0, 99), blocks.at(50, 7)]).toEqual([0.99, 0.99, 0.5].map(Math.fround));
  });

  it("have bounds where they hold more than the diagonal", () => {
    const matrix = triangle([[]]);
    const blocks = new Blocks(matrix, 1, 1, 0);
    blocks.catchUp(Number.POSITIVE_INFINITY);
    expect(blocks.bounds()).toBeNull();
    matrix.append([0.25]);
    blocks.catchUp(Number.POSITIVE_INFINITY);
    expect(blocks.bounds()).toEqual([0.25, 0.25]);
  });
});

describe("robust bounds", () => {
  it("leave out the two hundredths at either end", () => {
    const values = Float32Array.from({ length: 1000 }, (_, i) => ((i * 7) % 1000) / 1000);
    const [low, high] = robustBounds(values) ?? [];
    expect(low).toBeCloseTo(0.02, 3);
    expect(high).toBeCloseTo(0.979, 3);
  });

  it("are the ends themselves where there are few values", () => {
    expect(robustBounds(Float32Array.of(0.5, Number.NaN, 0.25, 0.75))).toEqual([0.25, 0.75]);
  });

  it("hold at least 96 of 100 values between them", () => {
    fc.assert(
      fc.property(fc.array(fc.float({ min: 0, max: 1, noNaN: true }), { minLength: 1 }), (values) => {
        const [low, high] = robustBounds(Float32Array.from(values)) as [number, number];
        const within = values.filter((value) => value >= low - 1e-6 && value <= high + 1e-6);
        expect(within.length).toBeGreaterThanOrEqual(0.96 * values.length);
      }),
    );
  });

  it("are null where there is no number", () => {
    expect(robustBounds(Float32Array.of(Number.NaN))).toBeNull();
    expect(robustBounds(new Float32Array(0))).toBeNull();
  });
});
