// @vitest-environment happy-dom
import { describe, expect, it, vi } from "vitest";
import { ColourScale } from "../drawing/colour_scale";
import { Triangle } from "../run/triangle";
import type { Layer } from "../session";
import { Legend } from "./legend";

const layer: Layer = {
  matrix: new Triangle(),
  size: 0,
  rough: null,
  name: "Distance",
  unit: 1,
  ofTransitions: true,
  isCentred: false,
  part: "whole",
};

function shown(low: number, high: number, inPercent = false, part: Layer["part"] = "whole", isCentred = false) {
  const scale = new ColourScale();
  scale.fit([], [low, high], isCentred);
  const draw = vi.fn(() => legend.draw({ ...layer, ofTransitions: !inPercent, part, isCentred }, false));
  const legend: Legend = new Legend(scale, draw);
  draw();
  draw.mockClear();
  document.body.replaceChildren(legend.root);
  const bar = legend.root.querySelector(".nntf-scale") as HTMLElement;
  vi.spyOn(bar, "getBoundingClientRect").mockReturnValue(new DOMRect(0, 100, 10, 120));
  const [upper, lower] = legend.root.querySelectorAll<HTMLElement>("[role=slider]");
  const button = legend.root.querySelector("button") as HTMLElement;
  return { scale, draw, bar, upper, lower, button };
}

const numbers = (...ends: HTMLElement[]) => ends.map((end) => end.querySelector(".nntf-scale-number")?.textContent);

describe("the legend", () => {
  it("says what the ends of the scale stand for", () => {
    const { upper, lower, bar } = shown(0.25, 0.75);
    const colours = bar.querySelector(".nntf-scale-colours") as HTMLElement;
    expect(numbers(upper, lower)).toEqual(["0.75", "0.25"]);
    expect(upper.getAttribute("aria-valuetext")).toBe("0.75, unlike");
    expect(lower.getAttribute("aria-valuetext")).toBe("0.25, alike");
    expect([upper, lower].map((end) => Number(end.getAttribute("aria-valuenow")))).toEqual([0.75, 0.25]);
    // The bar reaches a quarter of the range beyond either end.
    expect(Number.parseFloat(upper.style.bottom)).toBeCloseTo(100 * (0.625 / 0.75), 9);
    expect(Number.parseFloat(lower.style.bottom)).toBeCloseTo(100 * (0.125 / 0.75), 9);
    expect(colours.style.background).toMatch(/^linear-gradient\(to top, .+ 16\.67%, .+ 83\.33%\)$/);
  });

  it("says which side of the diagonal it is of, where it is not of both", () => {
    const sides = (["whole", "above", "below"] as const).map((part) => {
      shown(0.25, 0.75, false, part);
      expect(document.querySelector(".nntf-legend-title")?.textContent).toBe("Distance");
      const sign = document.querySelector(".nntf-side-sign")?.className;
      return [document.querySelector("[role=group]")?.getAttribute("aria-label"), sign];
    });
    expect(sides).toEqual([
      ["Colour scale", undefined],
      ["Colour scale above the diagonal", "nntf-side-sign nntf-side-above"],
      ["Colour scale below the diagonal", "nntf-side-sign nntf-side-below"],
    ]);
  });

  it.each([
    [0.29, 0.9, false, ["0.90", "0.29"]],
    [0.9881, 0.9994, false, ["1.00", "0.99"]],
    [0.9921, 0.9994, false, ["0.999", "0.992"]],
    [0.03, 0.61, true, ["61\u202f%", "3\u202f%"]],
    [0.001, 0.004, true, ["0.4\u202f%", "0.1\u202f%"]],
  ])("writes %f and %f so that they differ (in percent: %s)", (low, high, inPercent, expected) => {
    const { upper, lower, button } = shown(low, high, inPercent);
    expect(numbers(upper, lower)).toEqual(expected);
    expect(button.textContent).toBe(inPercent ? "0\u200a\u2026\u200a100\u202f%" : "0 \u2026 1");
  });

  it("has 0 in the middle where values lie on both sides of it, and says that it is chance", () => {
    const { upper, lower, button, bar } = shown(-0.1, 0.5, false, "whole", true);
    expect(numbers(upper, lower)).toEqual(["0.50", "\u22120.50"]);
    const middle = bar.querySelector(".nntf-scale-middle") as HTMLElement;
    expect([middle.textContent, middle.style.bottom, middle.hidden]).toEqual(["0chance", "50%", false]);
    expect([upper, lower].map((end) => end.getAttribute("aria-valuemin"))).toEqual(["-1", "-1"]);
    expect(button.textContent).toBe("\u22121 \u2026 1");
    expect(shown(0, 0.5).bar.querySelector<HTMLElement>(".nntf-scale-middle")?.hidden).toBe(true);
  });

  it("takes its ends to where they are dragged, on a bar that stays meanwhile", () => {
    const { scale, upper, lower, draw } = shown(0.25, 0.75);
    const drag = (end: HTMLElement, type: string, clientY: number) =>
      end.dispatchEvent(new MouseEvent(type, { clientY }));
    upper.setPointerCapture = lower.setPointerCapture = () => {};
    drag(upper, "pointermove", 160); // no button is pressed
    expect([scale.high, draw.mock.calls.length]).toEqual([0.75, 0]);
    drag(upper, "pointerdown", 120);
    expect(document.activeElement).toBe(upper);
    for (const clientY of [150, 160]) drag(upper, "pointermove", clientY);
    expect(scale.high).toBeCloseTo(0.5, 9); // the middle of a bar from 0.125 to 0.875
    expect(scale.mode).toBe("by hand");
    drag(upper, "pointerup", 160);
    drag(upper, "pointermove", 100);
    expect(scale.high).toBeCloseTo(0.5, 9);
    drag(lower, "pointerdown", 210);
    drag(lower, "pointermove", 9999);
    expect(scale.low).toBe(0);
  });

  it("takes its ends up and down by the keyboard", () => {
    const { scale, upper, lower } = shown(0.2, 0.7);
    const press = (end: HTMLElement, key: string) => end.dispatchEvent(new KeyboardEvent("keydown", { key }));
    press(upper, "ArrowUp");
    expect(scale.high).toBeCloseTo(0.71, 9);
    press(lower, "PageDown");
    expect(scale.low).toBeCloseTo(0.2 - 0.2 * 0.51, 9);
    press(lower, "x");
    expect(scale.low).toBeCloseTo(0.2 - 0.2 * 0.51, 9);
  });

  it("has a button that sets 0 to 1, and back", () => {
    const { scale, button, draw, upper, lower } = shown(0.2, 0.7);
    button.click();
    expect([scale.low, scale.high, button.getAttribute("aria-pressed")]).toEqual([0, 1, "true"]);
    expect([upper.style.bottom, lower.style.bottom]).toEqual(["100%", "0%"]);
    button.click();
    expect([scale.mode, button.getAttribute("aria-pressed"), draw.mock.calls.length]).toEqual(["fitted", "false", 2]);
  });
});
