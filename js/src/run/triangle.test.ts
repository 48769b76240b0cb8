import { expect, it } from "vitest";
import { Triangle } from "./triangle";

/** One row for each number from 0: its value left of the diagonal is told by where it stands. */
function grown(size: number): Triangle {
  const triangle = new Triangle();
  for (let row = 0; row < size; row++) triangle.append(Array.from({ length: row }, (_, column) => 100 * row + column));
  return triangle;
}

it("is the same from both sides, and zero on its diagonal", () => {
  const triangle = grown(4);
  expect([triangle.at(3, 1), triangle.at(1, 3)]).toEqual([301, 301]);
  expect([0, 1, 2, 3].map((index) => triangle.at(index, index))).toEqual([0, 0, 0, 0]);
});

it("gives the values of a row left of the diagonal, and no more", () => {
  expect([0, 1, 3].map((index) => [...grown(9).row(index)])).toEqual([[], [100], [300, 301, 302]]);
});

it("keeps all values as it grows", () => {
  const triangle = grown(100);
  expect(triangle.size).toBe(100);
  for (const [row, column] of [
    [1, 0],
    [12, 11],
    [99, 0],
    [99, 98],
  ])
    expect(triangle.at(row, column)).toBe(100 * row + column);
});
