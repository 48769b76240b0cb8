// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { shownRun } from "./run.fixture";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

describe("playback", () => {
  it("goes from the first epoch to the last and stops", () => {
    const { session } = shownRun(6);
    const seen: number[] = [];
    session.watch(() => seen.push(session.epoch));
    session.playback.play();
    vi.runAllTimers();
    expect([...new Set(seen)]).toEqual([1, 2, 3, 4, 5]);
    expect(session.playback.playing).toBe(false);
  });

  it("plays the range of epochs shown", () => {
    const { session, host } = shownRun(12);
    host.set("epoch_range", [4, 7]);
    session.playback.goTo(4);
    const seen: number[] = [];
    session.watch(() => seen.push(session.epoch));
    session.playback.play();
    vi.runAllTimers();
    expect([...new Set(seen)]).toEqual([4, 5, 6, 7]);
  });

  it("stays with the run at its latest epoch, and where it was before that", () => {
    const { session, grow } = shownRun(6);
    session.playback.goTo(3);
    grow();
    expect(session.epoch).toBe(3);
    session.playback.goTo(99);
    grow();
    expect(session.epoch).toBe(7);
  });

  it("lets go of a pinned cell", () => {
    const { session, host } = shownRun(6);
    host.set("selected_epochs", [1, 3]);
    session.playback.goTo(2);
    expect(host.get("selected_epochs")).toBeNull();
  });

  it("goes slower for those who asked for less motion", () => {
    vi.spyOn(window, "matchMedia").mockReturnValue({ matches: true } as MediaQueryList);
    const { session } = shownRun(6);
    session.playback.goTo(1);
    session.playback.play();
    vi.advanceTimersByTime(500);
    expect(session.epoch).toBe(1);
    vi.advanceTimersByTime(200);
    expect(session.epoch).toBe(2);
    session.playback.pause();
    vi.restoreAllMocks();
  });

  it("leaves no timer when the session ends", () => {
    const { session } = shownRun(6);
    session.playback.play();
    session.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
