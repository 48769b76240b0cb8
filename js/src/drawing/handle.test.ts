// @vitest-environment happy-dom
import { describe, expect, it, vi } from "vitest";
import { movable } from "./handle";

function made() {
  const moves = { drag: vi.fn(), step: vi.fn(), hold: vi.fn() };
  const handle = movable(document.createElement("div"), { ArrowUp: 2, Home: 0 }, moves);
  handle.tabIndex = 0;
  handle.setPointerCapture = vi.fn();
  document.body.replaceChildren(handle);
  const point = (type: string) => {
    const event = new PointerEvent(type, { pointerId: 7, cancelable: true });
    handle.dispatchEvent(event);
    return event;
  };
  const press = (key: string) => {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
    handle.dispatchEvent(event);
    return event;
  };
  return { ...moves, handle, point, press };
}

describe("a handle", () => {
  it.each(["pointerup", "pointercancel"])("is dragged from where it is taken until the %s", (end) => {
    const { drag, hold, point } = made();
    point("pointermove");
    const taken = point("pointerdown");
    const moved = point("pointermove");
    point(end);
    point("pointermove");
    expect(drag.mock.calls).toEqual([[moved]]);
    expect(hold.mock.calls).toEqual([[taken], [null]]);
  });

  it("has the pointer and the focus while it is dragged, and nothing is selected", () => {
    const { handle, point } = made();
    expect(point("pointerdown").defaultPrevented).toBe(true);
    expect(handle.setPointerCapture).toHaveBeenCalledWith(7);
    expect(document.activeElement).toBe(handle);
  });

  it("is moved by its keys, which it keeps to itself, and lets others through", () => {
    const { step, press } = made();
    const outside = vi.fn();
    document.body.addEventListener("keydown", outside);
    expect(["ArrowUp", "Home", "x"].map((key) => press(key).defaultPrevented)).toEqual([true, true, false]);
    expect(step.mock.calls).toEqual([[2], [0]]);
    expect(outside).toHaveBeenCalledOnce();
    document.body.removeEventListener("keydown", outside);
  });

  it("need not be moved by keys, nor tell that it is held", () => {
    const drag = vi.fn();
    const handle = movable(document.createElement("div"), { ArrowUp: 1 }, { drag });
    handle.setPointerCapture = vi.fn();
    for (const type of ["pointerdown", "pointermove"]) handle.dispatchEvent(new PointerEvent(type));
    handle.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp" }));
    expect(drag).toHaveBeenCalledOnce();
  });
});
