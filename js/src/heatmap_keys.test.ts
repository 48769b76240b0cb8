// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { answer } from "./heatmap_keys";
import { shownRun } from "./run.fixture";
import type { Cell } from "./session";

const key = (name: string, held: KeyboardEventInit = {}) => new KeyboardEvent("keydown", { key: name, ...held });
const cell = (row: number, column: number, between = true): Cell => ({ row, column, between });

describe("a key on the heatmap", () => {
  it("starts at the first cell shown, or at the pinned one", () => {
    const { session, host } = shownRun(12);
    expect(answer(key("ArrowRight"), session, null)).toEqual(cell(0, 0));
    host.set("selected_epochs", [2, 5]);
    expect(answer(key("ArrowRight"), session, null)).toEqual(cell(2, 5));
  });

  it("walks to the next cell, ten with Shift, and stops at the edge", () => {
    const { session } = shownRun(12);
    expect(answer(key("ArrowDown"), session, cell(3, 4))).toEqual(cell(4, 4));
    expect(answer(key("ArrowLeft"), session, cell(3, 0))).toEqual(cell(3, 0));
    expect(answer(key("ArrowRight", { shiftKey: true }), session, cell(3, 4))).toEqual(cell(3, 10));
  });

  it("takes the range of epochs along", () => {
    const { session, host } = shownRun(12);
    host.set("epoch_range", [3, 6]);
    answer(key("ArrowRight"), session, cell(4, 5));
    expect(session.epochs).toEqual([4, 7]);
    answer(key("ArrowUp"), session, cell(4, 5));
    expect(session.epochs).toEqual([3, 6]);
  });

  it("crosses from one distance to the other where both are shown", () => {
    const { session, host } = shownRun(12);
    host.set("distance", "both");
    expect(answer(key("ArrowDown"), session, cell(4, 4))).toEqual(cell(5, 4, false));
    expect(answer(key("ArrowUp"), session, cell(5, 4, false))).toEqual(cell(4, 4));
  });

  it("pins a cell and lets go of it", () => {
    const { session, host } = shownRun(12);
    answer(key("Enter"), session, cell(3, 4));
    expect(host.get("selected_epochs")).toEqual([3, 4]);
    answer(key(" "), session, cell(3, 4));
    expect(host.get("selected_epochs")).toBeNull();
  });

  it("zooms around the cell, and back to all", () => {
    const { session } = shownRun(12);
    answer(key("+"), session, cell(2, 8));
    const [first, last] = session.epochs;
    expect(last - first + 1).toBe(6);
    expect(first <= 8 && 8 <= last).toBe(true);
    answer(key("0"), session, cell(2, 8));
    expect(session.epochs).toEqual([0, 11]);
  });

  it("is left to others where it means nothing here, or before the second epoch", () => {
    expect(answer(key("s", { ctrlKey: true }), shownRun(12).session, null)).toBeUndefined();
    expect(answer(key("d"), shownRun(12).session, null)).toBeUndefined();
    expect(answer(key("ArrowRight"), shownRun(1).session, null)).toBeUndefined();
  });
});
