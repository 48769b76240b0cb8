import { describe, expect, it } from "vitest";
import { LagProfile } from "./lag_profile";
import { Triangle } from "./triangle";

function triangle(size: number, value: (row: number, column: number) => number): Triangle {
  const made = new Triangle();
  for (let row = 0; row < size; row++) made.append(Array.from({ length: row }, (_, column) => value(row, column)));
  return made;
}

function profile(matrix: Triangle): LagProfile {
  const made = new LagProfile(matrix);
  made.catchUp();
  return made;
}

/** Distances that depend on the lag alone. */
const byLag = (size: number, value: (lag: number) => number) => triangle(size, (row, column) => value(row - column));

describe("a lag profile", () => {
  it("has the mean of what is known at each lag", () => {
    const values = [[], [0.5], [0.25, Number.NaN], [Number.NaN, 1, 0.75]];
    const { means } = profile(triangle(4, (row, column) => values[row][column]));
    expect(means).toEqual([Number.NaN, (0.5 + 0.75) / 2, (0.25 + 1) / 2, Number.NaN]);
  });

  it("keeps up with the matrix", () => {
    const matrix = byLag(3, (lag) => lag / 8);
    const growing = profile(matrix);
    matrix.append([0.5, 0.5, 0.5]);
    growing.catchUp();
    growing.catchUp();
    expect(growing.means).toEqual(profile(matrix).means);
  });

  it("is empty before the first transition", () => {
    expect(profile(new Triangle()).means).toEqual([Number.NaN]);
  });
});

describe("its period", () => {
  it.each([2, 3, 4, 5])("is the lag after which the moves come back: %i", (period) => {
    expect(profile(byLag(20, (lag) => (lag % period ? 0.8 : 0.1))).period).toBe(period);
  });

  it("is found on a slope, and where one lag is not told", () => {
    const slope = (lag: number) => 0.2 + lag / 40 + (lag % 2 ? 0.2 : 0);
    expect(profile(byLag(20, slope)).period).toBe(2);
    expect(profile(byLag(20, (lag) => (lag === 2 ? Number.NaN : slope(lag)))).period).toBe(2);
  });

  it.each([
    ["what only grows", (lag: number) => lag / 30],
    ["neighbours that differ most", (lag: number) => 0.5 + 0.1 / lag],
    ["noise", (lag: number) => 0.5 + 0.04 * Math.sin(7 * lag)],
    ["what cannot be told", () => Number.NaN],
  ])("is none of %s", (_, value) => {
    expect(profile(byLag(20, value)).period).toBeNull();
  });

  it("is none before it has come three times", () => {
    const alternating = (size: number) => profile(byLag(size, (lag) => lag % 2)).period;
    expect([alternating(5), alternating(6)]).toEqual([null, 2]);
  });
});
