import { expect, it } from "vitest";
import { shortened } from "./names";

it.each([
  ["cat", 3, "cat"],
  ["class number 17", 15, "class number 17"],
  ["class number 17", 9, "clas\u2026r 17"],
  ["class number 17", 8, "clas\u2026 17"],
  ["abcdef", 2, "a\u2026"],
  ["abcdef", 1, "a\u2026"],
  ["\u{1f408}\u{1f415}\u{1f438}\u{1f40e}\u{1f6a2}", 3, "\u{1f408}\u2026\u{1f6a2}"],
])("cuts %s to %i letters in its middle", (name, letters, expected) => {
  expect(shortened(name, letters)).toBe(expected);
});
