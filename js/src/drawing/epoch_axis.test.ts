// @vitest-environment happy-dom
import { describe, expect, it, vi } from "vitest";
import { EpochAxis } from "./epoch_axis";

const axisOf = (pixels: number, first: number, last: number) => new EpochAxis(90, pixels, first, last);

describe("the epoch axis", () => {
  it("gives each epoch shown as much room as the others, with half of one more at either end", () => {
    const axis = axisOf(100, 20, 24);
    expect([axis.count, axis.step, axis.ends]).toEqual([5, 20, [19.5, 24.5]]);
    expect([19.5, 20, 24, 24.5].map((x) => axis.offset(x))).toEqual([0, 10, 90, 100]);
    expect([0, 10, 100].map((pixels) => axis.placeAt(pixels))).toEqual([19.5, 20, 24.5]);
    expect([19.4, 19.5, 22, 24.5, 24.6].map((x) => axis.holds(x))).toEqual([false, true, true, true, false]);
  });

  it("knows the epoch and the transition at a place", () => {
    const axis = axisOf(100, 20, 24);
    expect([-1, 0, 19, 20, 99, 100].map((pixels) => axis.epochAt(pixels))).toEqual([null, 20, 20, 21, 24, null]);
    expect([9, 10, 29, 30, 89, 90].map((pixels) => axis.transitionAt(pixels))).toEqual([null, 20, 20, 21, 23, null]);
  });

  it("has a whole number of epochs to a pixel", () => {
    expect([axisOf(10, 0, 9).span, axisOf(10, 0, 10).span, axisOf(10, 90, 120).span]).toEqual([1, 2, 4]);
  });

  it.each([
    [2, 20, 1],
    [2, 21, 2],
    [0.5, 6, 2],
    [1.25, 13, 2],
    [0, 10, 1], // as where the browser does not say
  ])("has that many to a pixel of the screen, of which there may be %d to one of the page", (ratio, count, span) => {
    vi.stubGlobal("devicePixelRatio", ratio);
    expect(axisOf(10, 0, count - 1).span).toBe(span);
    vi.unstubAllGlobals();
  });

  it("labels round epochs, as many as fit", () => {
    expect(axisOf(300, 0, 49).ticks()).toEqual([0, 10, 20, 30, 40]);
    expect(axisOf(300, 17, 21).ticks()).toEqual([17, 18, 19, 20, 21]);
    expect(axisOf(60, 0, 49).ticks()).toEqual([0]);
    expect(axisOf(60, 0, 49).ticks(30)).toEqual([0, 20, 40]);
  });

  it("has none where there are no snapshots", () => {
    const axis = axisOf(100, 0, -1);
    expect([axis.count, axis.epochAt(0), axis.transitionAt(50)]).toEqual([0, null, null]);
  });
});
