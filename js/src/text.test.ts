// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fitted, shortened } from "./text";

beforeEach(() => {
  const measureText = (text: string) => ({ width: [...text].length * 6 });
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue({ measureText } as never);
});
afterEach(() => vi.restoreAllMocks());

describe("a text", () => {
  it("stays whole where it fits", () => expect(fitted("automobile", 60)).toBe("automobile"));
  it("is cut by whole letters where it does not", () => {
    expect(fitted("automobile", 59)).toBe("automobi\u2026");
    expect(fitted("\u{1f680}\u{1f680}\u{1f680}\u{1f680}", 18)).toBe("\u{1f680}\u{1f680}\u2026");
    expect(fitted("abc", 1)).toBe("\u2026");
  });
});

it("cuts a very long name for a sentence, by letters and not by half letters", () => {
  expect(shortened("cat")).toBe("cat");
  expect([...shortened("\u{1f408}".repeat(30))]).toHaveLength(24);
});
