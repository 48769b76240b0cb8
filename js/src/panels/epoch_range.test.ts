// @vitest-environment happy-dom
import { describe, expect, it, vi } from "vitest";
import { EpochAxis } from "../drawing/epoch_axis";
import { hostOf } from "../hosts/host.fixture";
import { joined, wandering, writeRun } from "../run/packets.fixture";
import { Session } from "../session";
import { EpochRange } from "./epoch_range";

const packets = writeRun(wandering(20, 30, 3), 3);

/** The bar of a run of 20 epochs, 10 pixels each. */
function shown(snapshots = 20) {
  const host = hostOf(joined(packets.slice(0, snapshots)), 30, ["cat", "dog", "frog"]);
  const session = new Session(host.model);
  const range = new EpochRange(session);
  const draw = () => range.draw(new EpochAxis(96, 200, ...session.range));
  session.watch(draw);
  draw();
  document.body.replaceChildren(range.root);
  const part = (selector: string) => range.root.querySelector(selector) as HTMLElement;
  const track = part(".nntf-range-track");
  vi.spyOn(track, "getBoundingClientRect").mockReturnValue(new DOMRect(50, 0, 200, 16));
  const [first, last] = range.root.querySelectorAll<HTMLElement>("[role=slider]");
  for (const handle of [first, last, part(".nntf-range-shown")]) handle.setPointerCapture = () => {};
  return { host, session, range, first, last, bar: part(".nntf-range-shown"), all: part("button") };
}

const point = (on: HTMLElement, type: string, epoch: number) =>
  on.dispatchEvent(new MouseEvent(type, { clientX: 50 + 10 * epoch, bubbles: true }));
const press = (on: HTMLElement, key: string) => on.dispatchEvent(new KeyboardEvent("keydown", { key }));

function drag(handle: HTMLElement, from: number, to: number) {
  point(handle, "pointerdown", from);
  point(handle, "pointermove", to);
  point(handle, "pointerup", to);
}

describe("the bar of the epochs shown", () => {
  it("says which they are, of how many", () => {
    const { session, first, last, bar, all } = shown();
    expect([bar.style.left, bar.style.right, all.hidden]).toEqual(["0%", "0%", true]);
    session.showEpochs(5, 14);
    expect([bar.style.left, bar.style.right, all.hidden]).toEqual(["25%", "25%", false]);
    expect([first.style.left, last.style.left]).toEqual(["25%", "75%"]);
    const said = (handle: HTMLElement) =>
      ["label", "valuemin", "valuemax", "valuenow", "valuetext"].map((name) => handle.getAttribute(`aria-${name}`));
    expect(said(first)).toEqual(["Start of the range", "0", "13", "5", "epoch 5"]);
    expect(said(last)).toEqual(["End of the range", "6", "19", "14", "epoch 14"]);
  });

  it.each([0, 1, 2])("is not there after %i snapshots, which leave nothing to pick", (snapshots) => {
    expect(shown(snapshots).range.root.hidden).toBe(true);
    expect(shown(3).range.root.hidden).toBe(false);
  });

  it("has ends that are dragged, never past each other or the run", () => {
    const { session, first, last } = shown();
    drag(first, 0, 4.3);
    expect(session.range).toEqual([4, 19]);
    drag(last, 20, 10.2); // where epoch 9 ends
    expect(session.range).toEqual([4, 9]);
    drag(first, 4, 99);
    expect(session.range).toEqual([8, 9]);
    drag(last, 10, 99);
    drag(first, 8, -5);
    expect(session.pickedRange).toBeNull();
    drag(last, 20, -5);
    expect(session.range).toEqual([0, 1]);
  });

  it("has ends that the keys move", () => {
    const { session, first, last } = shown();
    for (const key of ["ArrowRight", "ArrowUp", "ArrowUp", "ArrowLeft"]) press(first, key);
    press(last, "PageDown");
    expect(session.range).toEqual([2, 9]);
    press(last, "ArrowDown");
    press(first, "End");
    expect(session.range).toEqual([7, 8]);
    press(first, "Home");
    press(last, "PageUp");
    expect(session.range).toEqual([0, 18]);
    press(last, "End");
    expect(session.pickedRange).toBeNull();
    press(first, "x");
    expect(session.pickedRange).toBeNull();
  });

  it("is moved as a whole, as far as the run goes", () => {
    const { session, bar } = shown();
    session.showEpochs(5, 9);
    drag(bar, 7, 10);
    expect(session.range).toEqual([8, 12]);
    drag(bar, 10, 99);
    expect(session.range).toEqual([15, 19]);
    drag(bar, 17, -99);
    expect(session.range).toEqual([0, 4]);
  });

  it("has a button that shows all again", () => {
    const { host, session, all } = shown();
    const root = all.parentElement as HTMLElement;
    expect(root.className).toBe("nntf-range");
    session.showEpochs(5, 9);
    expect(root.className).toBe("nntf-range nntf-range-picked");
    all.click();
    expect(host.get("epoch_range")).toBeNull();
  });
});
