// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EpochControl } from "./epoch_control";

/** A session of so many epochs, as far as the control looks at it. */
function session(epochs: number, unit = "epoch") {
  return {
    run: { length: epochs },
    facts: { unit },
    chosen: null as number | null,
    get focus(): number {
      return this.chosen ?? this.run.length - 1;
    },
    focusOn(epoch: number) {
      this.chosen = epoch >= this.run.length - 1 ? null : Math.max(epoch, 0);
    },
  };
}

function shown(epochs: number, unit?: string) {
  const chosen = session(epochs, unit);
  const control = new EpochControl(chosen as never);
  control.draw();
  const slider = control.root.querySelector("input") as HTMLInputElement;
  const [back, play, on] = control.root.querySelectorAll("button");
  return { chosen, control, slider, back, play, on };
}

const calm = { matches: false, addEventListener: vi.fn(), removeEventListener: vi.fn() };

beforeEach(() => {
  vi.useFakeTimers();
  calm.matches = false;
  vi.spyOn(window, "matchMedia").mockImplementation((query) => {
    expect(query).toBe("(prefers-reduced-motion: reduce)");
    return calm as never;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("the control of the epoch in focus", () => {
  it("is a slider over all epochs, named after what they are", () => {
    const { slider } = shown(8);
    expect([slider.min, slider.max, slider.value, slider.disabled]).toEqual(["0", "7", "7", false]);
    expect(slider.getAttribute("aria-label")).toBe("Epoch");
    expect(slider.getAttribute("aria-valuetext")).toBe("epoch 7 of 7");
    expect(shown(8, "snapshot").slider.getAttribute("aria-label")).toBe("Snapshot");
  });

  it("can go nowhere in a run of one epoch", () => {
    const { slider, back, play, on } = shown(1);
    expect([slider.disabled, back.disabled, play.disabled, on.disabled]).toEqual([true, true, true, true]);
  });

  it("goes to where the slider is put, one back, one on", () => {
    const { chosen, control, slider, back, on } = shown(8);
    slider.value = "3";
    slider.dispatchEvent(new Event("input"));
    expect(chosen.focus).toBe(3);
    back.click();
    expect(chosen.focus).toBe(2);
    on.click();
    on.click();
    expect(chosen.focus).toBe(4);
    control.draw();
    expect([slider.value, back.disabled, on.disabled]).toEqual(["4", false, false]);
    control.goTo(0);
    control.draw();
    expect([back.disabled, on.disabled]).toEqual([true, false]);
    control.goTo(99);
    expect(chosen.chosen).toBeNull();
  });

  it("plays from the first epoch to the newest, where it stays", () => {
    const { chosen, play } = shown(4);
    play.click();
    expect([chosen.focus, play.title]).toEqual([0, "Pause"]);
    const seen = [];
    for (let i = 0; i < 5; i++) {
      vi.advanceTimersToNextTimer();
      seen.push(chosen.focus);
    }
    expect(seen).toEqual([1, 2, 3, 3, 3]);
    expect([chosen.chosen, play.title]).toEqual([null, "Play"]);
  });

  it("plays on from where it was, and pauses", () => {
    const { chosen, control, play } = shown(9);
    control.goTo(4);
    play.click();
    vi.advanceTimersToNextTimer();
    play.click();
    expect([chosen.focus, play.title, vi.getTimerCount()]).toEqual([5, "Play", 0]);
  });

  it("shows of a long run every so many", () => {
    const { chosen, play } = shown(1001);
    play.click();
    vi.advanceTimersToNextTimer();
    expect(chosen.focus).toBe(5);
  });

  it("stops playing for a hand", () => {
    const { control, play, chosen } = shown(9);
    play.click();
    control.goTo(6);
    expect([chosen.focus, vi.getTimerCount(), play.title]).toEqual([6, 0, "Play"]);
  });

  it("plays nothing for those who ask for less motion", () => {
    calm.matches = true;
    expect(shown(9).play.hidden).toBe(true);
    calm.matches = false;
    const { play } = shown(9);
    play.click();
    calm.matches = true;
    calm.addEventListener.mock.lastCall?.[1]();
    expect([vi.getTimerCount(), play.hidden]).toEqual([0, true]);
  });

  it("leaves nothing behind", () => {
    const { control, play } = shown(9);
    play.click();
    control.close();
    expect(vi.getTimerCount()).toBe(0);
    expect(calm.removeEventListener).toHaveBeenCalledWith(...(calm.addEventListener.mock.lastCall ?? []));
  });
});
