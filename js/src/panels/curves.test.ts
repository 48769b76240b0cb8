// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { withoutCanvas } from "../drawing/canvas.fixture";
import { EpochAxis } from "../drawing/epoch_axis";
import { hostOf } from "../hosts/host.fixture";
import { joined, wandering, writeRun } from "../run/packets.fixture";
import { Session } from "../session";
import { margins, SlimCurves } from "./curves";

const packets = writeRun(wandering(6, 20, 3), 3);
const LOSS = { loss: { loss: "", val_loss: "val" }, accuracy: { accuracy: "" } };

/** The curves of six epochs, ten pixels each, in an element of a class. */
function shown(within = "") {
  const host = hostOf(joined(packets), 20, ["cat", "dog", "frog"]);
  host.set("facts", { ...host.get("facts"), measures: LOSS });
  const onPick = vi.fn();
  const curves = new SlimCurves(onPick);
  const around = document.createElement("div");
  around.className = within;
  around.append(curves.root);
  document.body.replaceChildren(around);
  curves.draw(new EpochAxis(96, 60, 0, 5), 76, new Session(host.model));
  const plots = [...curves.root.children] as HTMLElement[];
  return { curves, plots, onPick };
}

beforeEach(withoutCanvas);
afterEach(() => vi.restoreAllMocks());

describe("slim curves", () => {
  it("are together where they measure the same, with its name and the newest values beside them", () => {
    const words = shown().plots.map((plot) => [...plot.querySelectorAll("text")].map((text) => text.textContent));
    expect(words).toEqual([
      ["loss", "0.167", "val"],
      ["accuracy", "0.5"],
    ]);
  });

  it("lie on the epoch axis, from the highest value at the top to the lowest", () => {
    const [path] = shown().plots[0].querySelectorAll("path");
    const points = (path.getAttribute("d") as string).split(/[ML]/).slice(1);
    const places = points.map((point) => point.split(" ").map(Number));
    expect(places.map(([x]) => x)).toEqual([0, 1, 2, 3, 4, 5].map((epoch) => 96 + 10 * epoch + 5));
    const heights = places.map(([, y]) => y); // of the loss, which falls
    expect(heights).toEqual([...heights].sort((a, b) => a - b));
    expect(heights[0]).toBe(margins(0, 0).top);
  });

  it("leave the room to the kernel's charts where these are", () => {
    const heights = (plots: HTMLElement[]) =>
      plots.map((plot) =>
        Number.parseFloat(plot.style.height || (plot.firstElementChild?.getAttribute("height") ?? "")),
      );
    const [slim, left] = [shown(), shown("nntf-layout")];
    expect(heights(left.plots)).toEqual(heights(slim.plots));
    expect(left.curves.root.querySelector("svg")).toBeNull();
  });

  it.each(["", "nntf-layout"])("put the epoch in focus that is clicked on, in %s", (within) => {
    const { curves, onPick } = shown(within);
    vi.spyOn(curves.root, "getBoundingClientRect").mockReturnValue(new DOMRect(20, 0, 240, 100));
    for (const x of [96 + 34, 90, 96 + 61]) {
      curves.root.dispatchEvent(new MouseEvent("click", { clientX: 20 + x }));
    }
    expect(onPick.mock.calls).toEqual([[3]]);
  });
});
