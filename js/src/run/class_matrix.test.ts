import { describe, expect, it } from "vitest";
import { busiest, largest, matrixOf, shares } from "./class_matrix";
import type { Counts } from "./tally";

/** Counts of a whole table of classes. */
function countsOf(table: number[][]): Counts {
  const all = table.flat();
  return { cells: Uint32Array.from(all.keys()), counts: Int32Array.from(all) };
}

const TABLE = [
  [90, 1, 2, 3],
  [4, 80, 5, 6],
  [7, 8, 70, 9],
  [0, 3, 1, 60],
];

describe("a matrix over classes", () => {
  it("has all of few classes", () => {
    const matrix = matrixOf(countsOf(TABLE), 4, busiest(Float64Array.of(0, 9, 4, 1)));
    expect(matrix.classes).toEqual([0, 1, 2, 3]);
    expect([...matrix.counts]).toEqual(TABLE.flat());
  });

  it("has, of many, those with the most traffic, in their order, and the rest summed", () => {
    const classes = busiest(Float64Array.of(5, 9, 4, 9), 2);
    expect(classes).toEqual([1, 3]);
    const { classes: shown, counts } = matrixOf(countsOf(TABLE), 4, classes);
    expect(shown).toEqual([1, 3, null]);
    expect([...counts]).toEqual([80, 6, 4 + 5, 3, 60, 0 + 1, 1 + 8, 3 + 9, 90 + 2 + 7 + 70]);
  });

  it("has the first of those that are as busy as each other", () => {
    expect(busiest(Float64Array.of(1, 1, 1, 2), 3)).toEqual([0, 1, 3]);
    expect(busiest(new Float64Array(41))).toEqual(Array.from({ length: 40 }, (_, class_) => class_));
  });

  it("has shares of its rows and of its columns", () => {
    const matrix = matrixOf(
      countsOf([
        [3, 1],
        [0, 4],
      ]),
      2,
      [0, 1],
    );
    expect([...shares(matrix, "row")]).toEqual([0.75, 0.25, 0, 1]);
    expect([...shares(matrix, "column")]).toEqual([1, 0.2, 0, 0.8]);
  });

  it("has no shares of what is empty", () => {
    const [first, second] = shares(
      matrixOf(
        countsOf([
          [0, 0],
          [1, 1],
        ]),
        2,
        [0, 1],
      ),
      "row",
    );
    expect([first, second]).toEqual([Number.NaN, Number.NaN]);
  });
});

describe("the largest counts", () => {
  it("are those off the diagonal, the largest first, the first class first among equals", () => {
    expect(largest(countsOf(TABLE), 4, 3)).toEqual([
      { row: 2, column: 3, count: 9 },
      { row: 2, column: 1, count: 8 },
      { row: 2, column: 0, count: 7 },
    ]);
    expect(largest(countsOf(TABLE), 4, 99)[6]).toEqual({ row: 0, column: 3, count: 3 });
    expect(largest(countsOf(TABLE), 4, 99)[7]).toEqual({ row: 3, column: 1, count: 3 });
    expect(largest(countsOf(TABLE), 4, 7).at(-1)).toEqual({ row: 0, column: 3, count: 3 });
  });

  it("have the first class first among equals in whatever order they come", () => {
    const [cells, counts] = [Uint32Array.of(5, 2, 1), Int32Array.of(4, 4, 4)];
    expect(largest({ cells, counts }, 3, 3).map(({ row, column }) => [row, column])).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
    ]);
    expect(largest({ cells, counts }, 3, 1)).toEqual([{ row: 0, column: 1, count: 4 }]);
  });

  it("are large in either direction", () => {
    const changes = { cells: Uint32Array.of(1, 2, 3), counts: Int32Array.of(-5, 4, 6) };
    expect(largest(changes, 3, 2).map(({ count }) => count)).toEqual([6, -5]);
  });

  it("are none where there is nothing off the diagonal", () => {
    expect(largest({ cells: Uint32Array.of(0, 4), counts: Int32Array.of(5, 5) }, 3, 5)).toEqual([]);
  });
});
