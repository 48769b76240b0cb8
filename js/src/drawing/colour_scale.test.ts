import { describe, expect, it } from "vitest";
import { DIVERGING, GAP, SEQUENTIAL } from "./colour";
import { ColourScale } from "./colour_scale";

const ends = ({ low, high }: ColourScale) => [low, high];
const [view, another] = [["a run"], ["a run", 5, null]];

describe("a colour scale", () => {
  it("fits what is visible, and widens as that grows", () => {
    const scale = new ColourScale();
    scale.fit(view, [0.4, 0.6]);
    expect(ends(scale)).toEqual([0.4, 0.6]);
    scale.fit(view, [0.45, 0.8]);
    expect(ends(scale)).toEqual([0.4, 0.8]);
  });

  it("narrows where another view is shown, and only there", () => {
    const scale = new ColourScale();
    scale.fit(view, [0, 1]);
    scale.fit(view, [0.4, 0.6]);
    expect(ends(scale)).toEqual([0, 1]);
    scale.fit(another, [0.4, 0.6]);
    expect(ends(scale)).toEqual([0.4, 0.6]);
  });

  it("knows a view by each of its parts", () => {
    const scale = new ColourScale();
    scale.fit(["a run", 5, 9], [0, 1]);
    scale.fit(["a run", 5, 9], [0.4, 0.6]);
    expect(ends(scale)).toEqual([0, 1]);
    scale.fit(["a run", 5, 8], [0.4, 0.6]);
    expect(ends(scale)).toEqual([0.4, 0.6]);
    scale.fit(["a run", 4, 8], [0.45, 0.5]);
    expect(ends(scale)).toEqual([0.45, 0.5]);
    scale.fit(["a run", 4], [0.46, 0.49]);
    expect(ends(scale)).toEqual([0.46, 0.49]);
  });

  it("is from 0 to 1 while there is nothing to fit, and does not keep that", () => {
    const scale = new ColourScale();
    scale.fit(view, null);
    expect(ends(scale)).toEqual([0, 1]);
    scale.fit(view, [0.4, 0.6]);
    expect(ends(scale)).toEqual([0.4, 0.6]);
  });

  it.each([
    [0, 0],
    [1, 1],
    [0.5, 0.5],
    [0.5, 0.5001],
  ])("has ends apart and within 0 to 1 where all is alike: %f to %f", (low, high) => {
    const scale = new ColourScale();
    scale.fit(view, [low, high]);
    expect(scale.high - scale.low).toBeCloseTo(0.001, 9);
    expect(scale.low).toBeGreaterThanOrEqual(0);
    expect(scale.high).toBeLessThanOrEqual(1);
    expect(scale.low).toBeLessThanOrEqual(low);
    expect(scale.high).toBeGreaterThanOrEqual(high);
  });

  it("stays as a hand set it until another view is shown", () => {
    const scale = new ColourScale();
    scale.fit(view, [0.2, 0.8]);
    scale.move("low", 0.5);
    scale.fit(view, [0.1, 0.9]);
    expect(ends(scale)).toEqual([0.5, 0.8]);
    scale.fit(another, [0.1, 0.9]);
    expect(ends(scale)).toEqual([0.1, 0.9]);
  });

  it("keeps its ends in order and within 0 to 1 whatever a hand does", () => {
    const scale = new ColourScale();
    scale.fit(view, [0.2, 0.8]);
    scale.move("low", -1);
    scale.move("high", 2);
    expect(ends(scale)).toEqual([0, 1]);
    scale.move("high", 0.3);
    scale.move("low", 0.9);
    expect(ends(scale)).toEqual([0.299, 0.3]);
    scale.move("high", 0);
    expect(ends(scale)).toEqual([0.299, 0.3]);
  });

  it("goes from 0 to 1 and back, whatever is shown meanwhile", () => {
    const scale = new ColourScale();
    scale.fit(view, [0.2, 0.8]);
    scale.move("low", 0.5);
    scale.toggleWhole();
    scale.fit(another, [0.3, 0.4]);
    expect([...ends(scale), scale.mode]).toEqual([0, 1, "whole"]);
    scale.toggleWhole();
    scale.fit(another, [0.3, 0.4]);
    expect([...ends(scale), scale.mode]).toEqual([0.3, 0.4, "fitted"]);
  });

  it("spreads the colours from end to end, and gives none to what is no number", () => {
    const scale = new ColourScale();
    scale.fit(view, [0.25, 0.75]);
    expect([0, 0.25, 0.5, 0.75, 1].map((value) => scale.colour(value))).toEqual(
      [0, 0, 0.5, 1, 1].map((share) => SEQUENTIAL.colour(share)),
    );
    expect(scale.colour(Number.NaN)).toBe(0);
  });

  describe("around 0", () => {
    function centred(low: number, high: number) {
      const scale = new ColourScale();
      scale.fit(view, [low, high], true);
      return scale;
    }

    it.each([
      [-0.05, 0.6, 0.6],
      [-0.7, 0.1, 0.7],
      [-0.01, 0.04, 0.2], // noise stays pale
      [-1.2, 0.5, 1],
    ])("reaches as far on either side as %f to %f needs", (low, high, reach) => {
      expect(ends(centred(low, high))).toEqual([-reach, reach]);
    });

    it("has ends that move together", () => {
      const scale = centred(-0.5, 0.5);
      scale.move("high", 0.3);
      expect(ends(scale)).toEqual([-0.3, 0.3]);
      scale.move("low", -0.8);
      expect(ends(scale)).toEqual([-0.8, 0.8]);
      scale.move("low", 0.4);
      expect(ends(scale)).toEqual([-0.001, 0.001]);
      scale.move("high", 7);
      expect(ends(scale)).toEqual([-1, 1]);
    });

    it("goes from -1 to 1 as a whole, and from 0 again where the next does", () => {
      const scale = centred(-0.5, 0.5);
      scale.toggleWhole();
      expect(ends(scale)).toEqual([-1, 1]);
      scale.fit(another, [0.2, 0.4]);
      expect(ends(scale)).toEqual([0, 1]);
      scale.fit(view, [0.2, 0.4], true);
      expect(ends(scale)).toEqual([-1, 1]);
      scale.fit(view, null, true);
      scale.toggleWhole();
      scale.fit(view, null, true);
      expect(ends(scale)).toEqual([-1, 1]);
    });

    it("has other colours, white in the middle", () => {
      const scale = centred(-0.5, 0.5);
      expect([-0.5, 0.25].map((value) => scale.colour(value))).toEqual([0, 0.75].map((s) => DIVERGING.colour(s)));
      const [red, green, blue] = [0, 8, 16].map((shift) => (scale.colour(0) >> shift) & 255);
      expect(Math.min(red, green, blue)).toBeGreaterThan(235);
      expect(scale.colour(Number.NaN)).toBe(GAP);
      expect(DIVERGING.css(1)).toBe("rgb(103, 0, 31)");
      expect(DIVERGING.colour(1) >>> 0).toBe(0xff1f0067);
    });
  });
});
