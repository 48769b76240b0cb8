import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { valueAxis } from "./value_axis";

describe("the axis of values", () => {
  it.each([
    [0.05, 0.96, [0, 1], [0, 0.5, 1]],
    [2.31, 9.2, [2, 10], [5, 10]],
    [-3, -1, [-3, -1], [-3, -2, -1]],
    [0.5, 0.5, [0.2, 0.8], [0.2, 0.4, 0.6, 0.8]],
    [1, 1 + 1e-15, [0, 2], [0, 1, 2]],
    [0, 0, [-0.5, 0.5], [-0.5, 0, 0.5]],
  ])("of values from %d to %d has round ends, and few numbers between", (low, high, ends, ticks) => {
    expect(valueAxis([low, high])).toEqual({ ends, ticks });
  });

  it("holds the values, whatever they are", () => {
    const value = fc.double({ noNaN: true, min: -1e9, max: 1e9 });
    fc.assert(
      fc.property(value, value, (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const { ends } = valueAxis([low, high]);
        const nearly = 1e-9 * Math.max(-low, high);
        expect(ends[0]).toBeLessThanOrEqual(low + nearly);
        expect(ends[1]).toBeGreaterThanOrEqual(high - nearly);
        expect(ends[0]).toBeLessThan(ends[1]);
      }),
    );
  });
});
