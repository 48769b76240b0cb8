import { describe, expect, it } from "vitest";
import { capitalised, compact, fixed, grouped, listed, percent, signed, sum, writer } from "./numbers";

describe("numbers as people read them", () => {
  it.each([
    [0, "0"],
    [999, "999"],
    [1000, "1\u202f000"],
    [-1000, "-1\u202f000"],
    [1234567, "1\u202f234\u202f567"],
  ])("have their thousands set apart: %d", (value, expected) => {
    expect(grouped(value)).toBe(expected);
  });

  it.each([
    [0, "0"],
    [9999, "9999"],
    [10_000, "10k"],
    [-7, "\u22127"],
    [-123_456, "\u2212123k"],
  ])("are short in little room: %d", (value, expected) => {
    expect(compact(value)).toBe(expected);
  });

  it.each([
    [0.126, "0.13"],
    [-0.126, "\u22120.13"],
    [-0.004, "0.00"],
    [-2, "\u22122.00"],
    [Number.NaN, "\u2013"],
  ])("have so many digits, and no sign where these are none but zeros: %d", (value, expected) => {
    expect(fixed(value, 2)).toBe(expected);
  });

  it.each([
    [0, "\u00b10"],
    [1200, "+1\u202f200"],
    [-3, "\u22123"],
  ])("have their sign as changes: %d", (value, expected) => {
    expect(signed(value)).toBe(expected);
  });

  it("are percentages as shares, where there are any", () => {
    expect([0.5, 1, 0.12345, Number.NaN].map(percent)).toEqual(["50.0 %", "100.0 %", "12.3 %", "\u2013"]);
  });

  it("stand in a row of words", () => {
    expect([[3], [3, 8], [3, 8, 19]].map(listed)).toEqual(["3", "3 and 8", "3, 8 and 19"]);
  });

  it("have as many digits as tell the ends of their range apart", () => {
    expect([0.5, 0.02, 0.004].map((width) => writer(width, false)(0.12345))).toEqual(["0.12", "0.12", "0.123"]);
    expect([0.5, 0.02, 0.004].map((width) => writer(width, true)(0.12345))).toEqual(
      ["12", "12", "12.3"].map((digits) => `${digits}\u202f%`),
    );
  });

  it("have a sum", () => {
    expect([sum([]), sum([4, -1, 5])]).toEqual([0, 8]);
  });
});

it("a word begins a sentence with a capital", () => {
  expect([capitalised("epoch"), capitalised("")]).toEqual(["Epoch", ""]);
});
