import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitted, widest } from "./names";

/** Letters of ten pixels, but for a narrow one. */
const ruler = (text: string) => [...text].reduce((sum, letter) => sum + (letter === "i" ? 4 : 10), 0);

describe("names in little room", () => {
  it.each([
    ["cat", 30, "cat"],
    ["class number 17", 150, "class number 17"],
    ["class number 17", 99, "clas\u2026r 17"],
    ["class number 17", 80, "clas\u2026 17"],
    ["iiiiiiiiii", 40, "iiiiiiiiii"],
    ["abcdef", 20, "a\u2026"],
    ["abcdef", 1, "a\u2026"],
    ["\u{1f408}\u{1f415}\u{1f438}\u{1f40e}\u{1f6a2}", 30, "\u{1f408}\u2026\u{1f6a2}"],
  ])("are cut in the middle, as far as needed: %s into %i pixels", (name, width, expected) => {
    expect(fitted([name], width, ruler)).toEqual([expected]);
  });

  it("are cut elsewhere where they would be the same", () => {
    expect(fitted(["left of it all, all", "left on it all, all"], 90, ruler)).toEqual([
      "left of \u2026",
      "left on \u2026",
    ]);
  });

  it("have their number where no cut tells them apart", () => {
    const names = ["aaaaaaaaaaaaxaaaaaaaaaaaa", "aaaaaaaaaaaayaaaaaaaaaaaa", "b"];
    expect(fitted(names, 60, ruler)).toEqual(["aaaa\u20260", "aaaa\u20261", "b"]);
  });

  it("stay the same where they are the same", () => {
    const [first, second] = fitted(["one and the same", "one and the same"], 70, ruler);
    expect(first).toBe(second);
  });

  it("fit, and differ where they did", () => {
    const name = fc.string({ minLength: 1, maxLength: 30, unit: fc.constantFrom("a", "b", "i", " ") });
    fc.assert(
      fc.property(
        fc.uniqueArray(name, { minLength: 2, maxLength: 30 }),
        fc.integer({ min: 60, max: 200 }),
        (names, width) => {
          const shown = fitted(names, width, ruler);
          expect(widest(shown, ruler)).toBeLessThanOrEqual(width);
          expect(new Set(shown).size).toBe(names.length);
        },
      ),
      { numRuns: 5000 },
    );
  });
});
