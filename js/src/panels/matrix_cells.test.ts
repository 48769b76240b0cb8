import { describe, expect, it } from "vitest";
import { SEQUENTIAL } from "../drawing/colour";
import type { ClassMatrix } from "../run/class_matrix";
import { cellsOf } from "./matrix_cells";

const NAMES = ["cat", "dog"];
const matrix = (counts: number[], classes: ClassMatrix["classes"] = [0, 1]): ClassMatrix => ({
  classes,
  counts: Int32Array.from(counts),
});

describe("the cells of a matrix", () => {
  it("are spoken of by what their row and column are", () => {
    const counts = matrix([4908, 17, 6, 4981]);
    const spoken = (kind: "confusion" | "moves") => cellsOf(kind, counts, NAMES, "count").map((cell) => cell.spoken);
    expect(spoken("confusion")).toEqual([
      "true cat, predicted cat: 4\u202f908",
      "true cat, predicted dog: 17",
      "true dog, predicted cat: 6",
      "true dog, predicted dog: 4\u202f981",
    ]);
    expect(spoken("moves")[1]).toBe("from cat, to dog: 17");
  });

  it("have the colours of their share of the largest, and none on the diagonal", () => {
    const cells = cellsOf("confusion", matrix([99, 20, 5, 0]), NAMES, "count");
    expect(cells.map(({ fill }) => fill)).toEqual([
      "transparent",
      SEQUENTIAL.css(1),
      SEQUENTIAL.css(0.25),
      "transparent",
    ]);
    expect(cells.map(({ ink }) => ink)).toEqual(["", "#111", "#fff", ""]);
    expect(cells.map(({ text, count }) => [text, count])[1]).toEqual(["20", 20]);
  });

  it("are dark where nothing is off the diagonal", () => {
    const cells = cellsOf("moves", matrix([5, 0, 0, 5]), NAMES, "count");
    expect(cells[1].fill).toBe(SEQUENTIAL.css(0));
  });

  it("have no colour where all other classes are summed, which would outshine the rest", () => {
    const counts = matrix([9, 2, 70, 4, 9, 80, 50, 60, 9], [3, 5, null]);
    const cells = cellsOf("confusion", counts, ["cat", "dog", "8 others"], "count");
    const [none, most, half] = ["transparent", SEQUENTIAL.css(1), SEQUENTIAL.css(0.5)];
    expect(cells.map(({ fill }) => fill)).toEqual([none, half, none, most, none, none, none, none, none]);
    expect(cells[2].spoken).toBe("true cat, predicted 8 others: 70");
  });

  it("are, as shares, whole percents, and say of what", () => {
    const counts = matrix([3, 1, 0, 0]);
    const cells = (measure: "row" | "column") => cellsOf("confusion", counts, NAMES, measure);
    expect(cells("row").map(({ text }) => text)).toEqual(["75", "25", "\u2013", "\u2013"]);
    expect(cells("row")[1].spoken).toBe("true cat, predicted dog: 1 (25.0 % of true cat)");
    expect(cells("row")[2].fill).toBe(SEQUENTIAL.css(0));
    expect(cells("column")[1].spoken).toBe("true cat, predicted dog: 1 (100.0 % of predicted dog)");
    expect(cells("row")[1].count).toBe(1);
  });

  it("are, as differences, of two hues, with their signs", () => {
    const cells = cellsOf("confusion", matrix([30, -20, 10, -7]), NAMES, "difference");
    expect(cells.map(({ text }) => text)).toEqual(["+30", "\u221220", "+10", "\u22127"]);
    expect(cells[1].fill).toBe("rgb(58 143 201 / 90%)");
    expect(cells[2].fill).toBe("rgb(224 123 57 / 45%)");
    expect(cells[1].spoken).toBe("true cat, predicted dog: \u221220");
    expect(cells[0].fill).toBe("transparent");
  });

  it("are written short where they are large", () => {
    const cells = cellsOf("moves", matrix([0, 12_345, -9_999, 0]), NAMES, "difference");
    expect(cells.map(({ text }) => text)).toEqual(["0", "+12k", "\u22129999", "0"]);
  });
});
