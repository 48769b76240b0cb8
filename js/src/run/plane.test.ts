import { describe, expect, it } from "vitest";
import { between, moved, type Points, part, turnedOnto, width } from "./plane";

const points = (...places: [number, number][]): Points => ({
  x: Float64Array.from(places, ([x]) => x),
  y: Float64Array.from(places, ([, y]) => y),
});
const places = ({ x, y }: Points) => Array.from(x, (each, i) => [each, y[i]]);

const corner = points([0, 0], [4, 0], [4, 3], [1, 7]);
/** The same turned by an angle, mirrored or not, and shifted. */
const elsewhere = (angle: number, way: 1 | -1) =>
  points(
    ...places(corner).map(([x, y]): [number, number] => [
      x * Math.cos(angle) - way * y * Math.sin(angle) + 5,
      x * Math.sin(angle) + way * y * Math.cos(angle) - 2,
    ]),
  );

describe("points", () => {
  it.each([0, 0.4, 2, -3].flatMap((angle) => ([1, -1] as const).map((way) => ({ angle, way }))))(
    "that were turned by $angle and mirrored or not ($way) are turned back",
    ({ angle, way }) => {
      const back = places(turnedOnto(part(corner, 0, 3), elsewhere(angle, way)));
      for (const [i, [x, y]] of places(corner).entries()) {
        expect(back[i][0]).toBeCloseTo(x, 9);
        expect(back[i][1]).toBeCloseTo(y, 9);
      }
    },
  );

  it("stay where they are where none was known, and where all known ones were one", () => {
    expect(places(turnedOnto(part(corner, 0, 0), corner))).toEqual(places(corner));
    expect(places(turnedOnto(points([1, 1]), corner))).toEqual([
      [1, 1],
      [5, 1],
      [5, 4],
      [2, 8],
    ]);
  });

  it("reach as far as they do along the longer axis", () => {
    expect(width(corner)).toBe(7);
    expect(width(points([2, 1]))).toBe(0);
  });

  it("have moved by the median of their ways", () => {
    expect(moved(points([0, 0]), corner)).toBe(0);
    expect(moved(points([0, 0], [0, 0]), corner)).toBe(2);
    expect(moved(points([0, 0], [0, 0], [0, 0]), corner)).toBe(4);
    expect(moved(points(), corner)).toBeNaN();
  });

  it("go a share of the way", () => {
    expect(places(between(points([0, 0], [2, 2]), points([4, 8], [2, 2]), 0.25))).toEqual([
      [1, 2],
      [2, 2],
    ]);
  });
});
