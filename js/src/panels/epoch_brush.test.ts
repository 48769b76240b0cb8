// @vitest-environment happy-dom
import { describe, expect, it, vi } from "vitest";
import { EpochAxis } from "../drawing/epoch_axis";
import { hostOf } from "../hosts/host.fixture";
import { joined, wandering, writeRun } from "../run/packets.fixture";
import { Session } from "../session";
import { EpochBrush } from "./epoch_brush";

const LEFT = 96;
const packets = writeRun(wandering(20, 30, 3), 3);

/** A column whose plots give each of 20 epochs 10 pixels, with a plot and a button in it. */
function shown(snapshots = 20) {
  const host = hostOf(joined(packets.slice(0, snapshots)), 30, ["cat", "dog", "frog"]);
  const session = new Session(host.model);
  const column = document.createElement("div");
  column.innerHTML = "<canvas></canvas><button></button>";
  const brush = new EpochBrush(column, session);
  brush.draw(new EpochAxis(LEFT, 10 * snapshots, ...session.range));
  column.append(brush.root);
  document.body.replaceChildren(column);
  column.setPointerCapture = vi.fn();
  vi.spyOn(column, "getBoundingClientRect").mockReturnValue(new DOMRect(7, 0, 400, 300));
  const [plot, button] = column.children as unknown as HTMLElement[];
  const clicked = vi.fn();
  plot.addEventListener("click", clicked);
  return { host, session, column, brush: brush.root, plot, button, clicked };
}

function point(on: HTMLElement, type: string, pixels: number, button = 0) {
  const at = { clientX: 7 + LEFT + pixels, bubbles: true, button, isPrimary: true };
  on.dispatchEvent(type.startsWith("pointer") ? new PointerEvent(type, at) : new MouseEvent(type, at));
}

function drag(on: HTMLElement, from: number, to: number, button = 0) {
  point(on, "pointerdown", from, button);
  point(on, "pointermove", (from + to) / 2);
  point(on, "pointermove", to);
  point(on, "pointerup", to);
  point(on, "click", to);
}

describe("a drag across the plots", () => {
  it.each([
    [25, 91, [2, 9]],
    [91, 25, [2, 9]],
    [-1 + 1, 199, null],
    [60, 9999, [6, null]],
    [60, -9999, [0, 6]],
    [42, 47, [4, 5]],
  ])("from pixel %i to %i shows the epochs under it", (from, to, expected) => {
    const { host, plot } = shown();
    drag(plot, from, to);
    expect(host.get("epoch_range")).toEqual(expected);
  });

  it("marks them while it lasts", () => {
    const { brush, plot, column } = shown();
    point(plot, "pointerdown", 90);
    point(plot, "pointermove", 87);
    expect([brush.hidden, (column.setPointerCapture as ReturnType<typeof vi.fn>).mock.calls.length]).toEqual([true, 0]);
    for (const pixels of [80, 30]) point(plot, "pointermove", pixels);
    expect([brush.hidden, brush.style.left, brush.style.width]).toEqual([false, `${LEFT + 30}px`, "60px"]);
    expect(column.setPointerCapture).toHaveBeenCalledTimes(1);
    point(plot, "pointermove", 88); // back near to where it began, it is a drag still
    expect(brush.hidden).toBe(false);
    point(plot, "pointerup", 88);
    expect(brush.hidden).toBe(true);
  });

  it("is no click, and the next click is one again", () => {
    const { plot, clicked } = shown();
    drag(plot, 20, 80);
    expect(clicked).not.toHaveBeenCalled();
    point(plot, "pointerdown", 50);
    point(plot, "pointermove", 53);
    point(plot, "pointerup", 53);
    point(plot, "click", 53);
    expect(clicked).toHaveBeenCalledTimes(1);
  });

  it("begins on the plots, with the first button, not on a control", () => {
    const { host, plot, button } = shown();
    drag(plot, -10, 80);
    drag(plot, 205, 80);
    drag(plot, 20, 80, 2);
    drag(button, 20, 80);
    point(plot, "pointermove", 120);
    expect(host.get("epoch_range")).toBeNull();
  });

  it("is given up where the system takes the pointer", () => {
    const { host, plot, brush } = shown();
    point(plot, "pointerdown", 20);
    point(plot, "pointermove", 80);
    point(plot, "pointercancel", 80);
    expect(brush.hidden).toBe(true);
    point(plot, "pointerup", 80);
    expect(host.get("epoch_range")).toBeNull();
  });

  it("begins before the right end of the plots, not on it", () => {
    const { host, plot } = shown();
    drag(plot, 200, 80);
    expect(host.get("epoch_range")).toBeNull();
    drag(plot, 199, 80);
    expect(host.get("epoch_range")).toEqual([8, null]);
  });

  it("picks two of three epochs", () => {
    const { host, plot } = shown(3);
    drag(plot, 2, 18);
    expect(host.get("epoch_range")).toEqual([0, 1]);
  });

  it("picks none of two epochs", () => {
    const { host, plot } = shown(2);
    drag(plot, 2, 18);
    expect(host.get("epoch_range")).toBeNull();
  });
});

describe("a double click", () => {
  it("on the plots shows all epochs", () => {
    const { host, session, plot, button } = shown();
    session.showEpochs(3, 8);
    point(plot, "dblclick", -20);
    point(button, "dblclick", 20);
    expect(host.get("epoch_range")).toEqual([3, 8]);
    point(plot, "dblclick", 20);
    expect(host.get("epoch_range")).toBeNull();
  });
});
