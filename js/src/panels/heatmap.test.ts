// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { pixels, withoutCanvas } from "../drawing/canvas.fixture";
import { EpochAxis } from "../drawing/epoch_axis";
import { hostOf } from "../hosts/host.fixture";
import { joined, wandering, writeRun } from "../run/packets.fixture";
import { type Distance, Session } from "../session";
import { Heatmap } from "./heatmap";

const LEFT = 96;
const [AT_X, AT_Y] = [7, 40]; // where the canvas is in the window
const packets = writeRun(wandering(40, 30, 3), 3);

interface Given {
  snapshots?: number;
  distance?: Distance;
  /** Pixels of an epoch, across and down. */
  step?: number;
  range?: [number, number];
}

/** The matrix of a run of 12 epochs, 10 pixels each. */
function shown({ snapshots = 12, distance = "transition", step = 10, range }: Given = {}) {
  const host = hostOf(joined(packets.slice(0, snapshots)), 30, ["cat", "dog", "frog"]);
  host.set("distance", distance);
  const session = new Session(host.model);
  if (range) session.showEpochs(...range);
  const [onHover, onReach, onScale] = [vi.fn(), vi.fn(), vi.fn()];
  const heatmap = new Heatmap(session, onHover, onReach, onScale);
  onReach.mockImplementation((cell) => heatmap.hover(cell));
  const part = (selector: string) => heatmap.root.querySelector(selector) as HTMLElement;
  const all = (selector: string) => [...heatmap.root.querySelectorAll(selector)];
  const canvas = part(".nntf-heatmap") as HTMLCanvasElement;
  vi.spyOn(canvas, "getBoundingClientRect").mockReturnValue(new DOMRect(AT_X, AT_Y, 500, 400));
  document.body.replaceChildren(heatmap.root);
  const draw = () => {
    const [first, last] = session.range;
    const extent = step * (last - first + 1) || 100;
    heatmap.draw(new EpochAxis(LEFT, extent, first, last), extent);
  };
  session.watch(draw);
  draw();
  const point = (type: string, x: number, y: number) =>
    canvas.dispatchEvent(new MouseEvent(type, { clientX: AT_X + LEFT + x, clientY: AT_Y + y }));
  /** The cell at a place, row before column. */
  const at = (x: number, y: number) => {
    point("pointermove", x, y);
    const [cell] = onHover.mock.lastCall as [{ row: number; column: number } | null];
    return cell && [cell.row, cell.column];
  };
  const press = (key: string, shiftKey = false) => {
    const event = new KeyboardEvent("keydown", { key, shiftKey, bubbles: true, cancelable: true });
    canvas.dispatchEvent(event);
    return event;
  };
  /** The cell that the keys have reached. */
  const reached = () => {
    const [{ row, column }] = onReach.mock.lastCall as [{ row: number; column: number }];
    return [row, column];
  };
  return { host, session, heatmap, canvas, part, all, draw, point, at, press, reached, onHover, onReach };
}

const numbers = (of: Element, ...names: string[]) => names.map((name) => Number(of.getAttribute(name)));
const place = (of: Element) => numbers(of, "x", "y", "width", "height");

beforeEach(withoutCanvas);
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("the cell at the pointer", () => {
  it("compares two transitions, each between its snapshots", () => {
    const { at } = shown(); // 11 transitions; the first begins in the middle of the first epoch
    expect([at(5, 5), at(14, 5), at(15, 5), at(5, 15)]).toEqual([
      [0, 0],
      [0, 0],
      [0, 1],
      [1, 0],
    ]);
    expect([at(114, 114), at(4, 5), at(5, 4), at(115, 5), at(5, 115)]).toEqual([[10, 10], null, null, null, null]);
  });

  it("compares two snapshots", () => {
    const { at } = shown({ distance: "prediction" });
    expect([at(0, 0), at(9, 10), at(119, 119)]).toEqual([
      [0, 0],
      [1, 0],
      [11, 11],
    ]);
    expect([at(-1, 0), at(0, -1), at(121, 0), at(0, 121)]).toEqual([null, null, null, null]);
  });

  it("is a transition's above the diagonal and a snapshot's below it, where both are shown", () => {
    const { at } = shown({ distance: "both" });
    expect([at(46, 39), at(39, 46)]).toEqual([
      [3, 4],
      [4, 3],
    ]);
    // Epochs 3 and 3 beside the diagonal are of the one below; the other half of this cell is no one's.
    expect([at(33, 33), at(33, 35), at(36, 35), at(36, 44)]).toEqual([[3, 3], [3, 3], null, [4, 3]]);
    expect([at(114, 5), at(115, 5), at(5, 119)]).toEqual([[0, 10], null, [11, 0]]);
  });

  it("is one of the range that was picked", () => {
    const { at } = shown({ range: [4, 8] }); // the transitions from 4 to 7
    expect([at(5, 5), at(44, 5), at(5, 44)]).toEqual([
      [4, 4],
      [4, 7],
      [7, 4],
    ]);
  });

  it("is none of the transitions that lead into and out of that range, of which half has room", () => {
    const { at, point, host } = shown({ range: [4, 8] });
    expect([at(45, 5), at(4, 5), at(5, 45), at(5, 4)]).toEqual([null, null, null, null]);
    point("click", 47, 5);
    expect(host.get("selected_epochs")).toBeNull();
    const both = shown({ distance: "both", range: [4, 8] });
    expect([both.at(47, 5), both.at(5, 47)]).toEqual([null, [8, 4]]);
  });

  it("is exact also where several epochs share a pixel", () => {
    const { at } = shown({ snapshots: 40, step: 0.25, distance: "prediction" });
    expect([at(0, 0), at(1, 2), at(9, 0)]).toEqual([
      [0, 0],
      [8, 4],
      [0, 36],
    ]);
  });

  it("is none once the pointer has left, or before anything was drawn", () => {
    const { point, onHover, session } = shown();
    point("pointerleave", 20, 20);
    expect(onHover.mock.lastCall).toEqual([null]);
    const [hovered, reached] = [vi.fn(), vi.fn()];
    const canvas = new Heatmap(session, hovered, reached, vi.fn()).root.children[0];
    canvas.dispatchEvent(new MouseEvent("pointermove", { clientX: 150, clientY: 50 }));
    canvas.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp" }));
    expect([hovered.mock.calls, reached.mock.calls]).toEqual([[[null]], []]);
  });
});

describe("a click", () => {
  it("pins the cell, another in its place, and lets go of it the second time", () => {
    const { host, point } = shown();
    const click = (x: number, y: number) => {
      point("click", x, y);
      return host.get("selected_epochs");
    };
    expect([click(20, 40), click(40, 40), click(40, 20), click(40, 20)]).toEqual([[3, 1], [3, 3], [1, 3], null]);
  });

  it("beside the cells lets go", () => {
    const { host, point } = shown();
    point("click", 20, 40);
    point("click", 2, 40);
    expect(host.get("selected_epochs")).toBeNull();
  });
});

describe("the keys", () => {
  it("set out from the epoch in focus and the one before it, by cells or by ten of them", () => {
    const { session, press, reached } = shown({ snapshots: 40 });
    session.focusOn(20); // the transitions to 20 and to 19
    press("ArrowUp");
    expect(reached()).toEqual([18, 18]);
    press("ArrowRight");
    expect(reached()).toEqual([18, 19]);
    press("ArrowDown", true);
    expect(reached()).toEqual([28, 19]);
    press("ArrowLeft", true);
    expect(reached()).toEqual([28, 9]);
    for (let i = 0; i < 2; i++) press("ArrowDown", true);
    expect(reached()).toEqual([38, 9]); // the last transition
    press("ArrowLeft", true);
    expect(reached()).toEqual([38, 0]);
  });

  it.each([
    ["transition", 12, [10, 9]],
    ["prediction", 12, [11, 10]],
    ["prediction", 2, [1, 0]],
    ["transition", 3, [1, 0]],
  ] as const)("by %s, of %i snapshots, begin at the newest pair", (distance, snapshots, expected) => {
    const { canvas, reached, onReach, onHover } = shown({ distance, snapshots });
    const matches = vi.spyOn(canvas, "matches").mockReturnValue(false); // as where a click led to it
    canvas.dispatchEvent(new FocusEvent("focus"));
    expect(onReach).not.toHaveBeenCalled();
    matches.mockImplementation((selector) => selector === ":focus-visible");
    canvas.dispatchEvent(new FocusEvent("focus"));
    expect(reached()).toEqual(expected);
    canvas.dispatchEvent(new FocusEvent("blur"));
    expect(onHover.mock.lastCall).toEqual([null]);
  });

  it("set out from the pinned cell, or from the one under the pointer", () => {
    const { host, heatmap, press, reached } = shown();
    host.set("selected_epochs", [2, 5]);
    press("ArrowDown");
    expect(reached()).toEqual([3, 5]);
    heatmap.hover({ row: 7, column: 7 });
    press("ArrowLeft");
    expect(reached()).toEqual([7, 6]);
  });

  it("tell the middle of the cell", () => {
    const { heatmap, press, onReach } = shown();
    heatmap.hover({ row: 4, column: 2 });
    press("ArrowRight");
    const at = { clientX: AT_X + LEFT + 40, clientY: AT_Y + 50 }; // between epochs 3 and 4, and 4 and 5
    expect(onReach.mock.calls).toEqual([[{ row: 4, column: 3 }, at]]);
    const other = shown({ distance: "prediction", range: [2, 9] });
    other.heatmap.hover({ row: 4, column: 2 });
    other.press("ArrowRight");
    expect(other.onReach.mock.lastCall?.[1]).toEqual({ clientX: AT_X + LEFT + 15, clientY: AT_Y + 25 });
  });

  it("stay in the range that was picked", () => {
    const { session, press, reached } = shown({ distance: "prediction", range: [4, 8] });
    session.focusOn(0);
    press("ArrowUp");
    expect(reached()).toEqual([4, 4]);
    for (let i = 0; i < 3; i++) press("ArrowRight", true);
    expect(reached()).toEqual([4, 8]);
    const transitions = shown({ range: [4, 8] });
    transitions.press("ArrowRight");
    expect(transitions.reached()).toEqual([7, 7]);
  });

  it("pin the cell that they have reached, and let go of it", () => {
    const { host, press } = shown();
    press("Enter");
    expect(host.get("selected_epochs")).toBeNull();
    press("ArrowUp");
    press("Enter");
    expect(host.get("selected_epochs")).toEqual([9, 9]);
    press(" ");
    expect(host.get("selected_epochs")).toBeNull();
  });

  it("are kept, where they are of use", () => {
    const { press, heatmap } = shown();
    const outside = vi.fn();
    heatmap.root.addEventListener("keydown", outside);
    for (const key of ["ArrowUp", "Enter", " "]) expect(press(key).defaultPrevented).toBe(true);
    expect(outside).not.toHaveBeenCalled();
    expect(press("x").defaultPrevented).toBe(false);
    expect(outside).toHaveBeenCalledOnce();
  });

  it.each([0, 1])("lead nowhere after %i snapshots", (snapshots) => {
    const { press, onReach } = shown({ snapshots });
    for (const key of ["ArrowUp", "ArrowRight"]) press(key);
    expect(onReach).not.toHaveBeenCalled();
  });
});

describe("the marks on the matrix", () => {
  it("are a crosshair through the middle of the cell under the pointer", () => {
    const { heatmap, all, part } = shown();
    heatmap.hover({ row: 4, column: 2 });
    expect(all(".nntf-hovered").map(place)).toEqual([[LEFT + 25, 45, 10, 10]]);
    expect(all(".nntf-crosshair").map((line) => numbers(line, "x1", "x2", "y1", "y2"))).toEqual([
      [LEFT + 30, LEFT + 30, 0, 120],
      [LEFT, LEFT + 120, 50, 50],
    ]);
    heatmap.hover(null);
    expect(part(".nntf-cells").childNodes.length).toBe(0);
  });

  it("are a frame around the pinned cell, without a crosshair", () => {
    const { host, all } = shown({ distance: "prediction" });
    host.set("selected_epochs", [4, 2]);
    expect(all(".nntf-pinned").map(place)).toEqual([[LEFT + 20, 40, 10, 10]]);
    expect(all(".nntf-crosshair")).toEqual([]);
  });

  it("are three pixels wide at least", () => {
    const { heatmap, all } = shown({ snapshots: 40, step: 2 });
    heatmap.hover({ row: 4, column: 2 });
    expect(all(".nntf-hovered").map(place)).toEqual([[LEFT + 5, 9, 3, 3]]);
  });

  it.each([
    ["transition", [4, 7], 1],
    ["transition", [3, 7], 0],
    ["transition", [5, 8], 0],
    ["prediction", [4, 8], 1],
    ["prediction", [8, 9], 0],
    ["prediction", [3, 4], 0],
  ] as const)("are there where the range has the %s cell %j", (distance, cell, marks) => {
    const { host, all } = shown({ distance, range: [4, 8] });
    host.set("selected_epochs", [...cell]);
    expect(all(".nntf-pinned").length).toBe(marks);
  });

  it("are each of its own distance, where both are shown", () => {
    const { heatmap, host, all } = shown({ distance: "both" });
    host.set("selected_epochs", [4, 2]);
    heatmap.hover({ row: 2, column: 4 });
    expect(all(".nntf-pinned").map(place)).toEqual([[LEFT + 20, 40, 10, 10]]);
    expect(all(".nntf-hovered").map(place)).toEqual([[LEFT + 45, 25, 10, 10]]);
  });

  it("are lines where the run was taken up again", () => {
    const { host, all } = shown();
    host.set("facts", { ...host.get("facts"), resumed_at: [3] });
    expect(all(".nntf-seam").map((line) => numbers(line, "x1", "x2", "y1", "y2"))).toEqual([
      [LEFT, LEFT + 120, 30, 30],
      [LEFT + 30, LEFT + 30, 0, 120],
    ]);
  });
});

describe("the axes", () => {
  const texts = (all: (selector: string) => Element[]) =>
    all(".nntf-overlay text").map((text) => [text.textContent, ...numbers(text, "x", "y")]);

  it("have round epochs below and beside the matrix, and the name of what they count", () => {
    const { all, part } = shown({ snapshots: 12 });
    expect(texts(all)).toEqual([
      ["0", LEFT + 5, 136],
      ["5", LEFT + 55, 136],
      ["10", LEFT + 105, 136],
      ...[0, 2, 4, 6, 8, 10].map((epoch) => [String(epoch), LEFT - 8, 9 + 10 * epoch]),
      ["epoch", LEFT - 8, 136],
    ]);
    expect(all(".nntf-tick").map((line) => numbers(line, "x1", "x2", "y1", "y2"))).toEqual([
      ...[5, 55, 105].map((x) => [LEFT + x, LEFT + x, 120, 124]),
      ...[5, 25, 45, 65, 85, 105].map((y) => [LEFT - 4, LEFT, y, y]),
    ]);
    expect(place(part(".nntf-overlay")).slice(2)).toEqual([LEFT + 120, 140]);
  });

  it("are drawn sharp, on a frame around the cells", () => {
    const { part, canvas } = shown();
    expect(place(part(".nntf-frame"))).toEqual([LEFT + 4.5, 5.5, 111, 110]);
    expect([canvas.style.width, canvas.style.height]).toEqual([`${LEFT + 120}px`, "121px"]);
    expect(JSON.parse(canvas.dataset.plot ?? "")).toEqual({ x: LEFT + 5, y: 5, width: 110, height: 110 });
  });

  it.each([
    [0, null, "Waiting for the first epoch"],
    [1, null, "Waiting for the second epoch"],
    [2, null, "Waiting for the third epoch"],
    [0, "the training ended", "No epoch: the training ended"],
    [1, "the training ended", "No second epoch: the training ended"],
  ])("say, after %i snapshots of transitions, what is waited for: %s", (snapshots, ended, words) => {
    const { host, all, part } = shown({ snapshots });
    if (ended) host.set("facts", { ...host.get("facts"), ended });
    const extent = snapshots ? 10 * snapshots : 100;
    expect(texts(all)[0]).toEqual([words, LEFT + extent / 2, extent / 2]);
    expect(place(part(".nntf-frame"))).toEqual([LEFT - 0.5, 0.5, extent + 1, extent]);
    if (snapshots === 0) expect(texts(all).length).toBe(1);
  });

  it("say that nothing comes of a damaged run", () => {
    const { host, all } = shown({ snapshots: 1 });
    const log = joined(packets.slice(0, 2));
    host.set("log", new DataView(log.buffer, log.byteOffset, log.byteLength - 1));
    expect(texts(all)[0][0]).toBe("No second epoch: this run is damaged");
  });
});

describe("what is said of the matrix", () => {
  it("is what it holds, and of how many epochs", () => {
    const { host, session, canvas } = shown();
    const said = () => canvas.getAttribute("aria-label");
    expect(said()).toBe("Transition distance, 12 epochs");
    session.showEpochs(2, 5);
    expect(said()).toBe("Transition distance, 4 epochs");
    host.set("distance", "both");
    expect(said()).toBe(
      "Transition distance above the diagonal, Share predicted differently below the diagonal, 4 epochs",
    );
    host.set("selected_class", 1);
    expect(said()).toBe("Distance of this class, 4 epochs");
  });

  it("is how it is used", () => {
    const { canvas } = shown();
    const { role, tabIndex } = canvas;
    expect([role, tabIndex]).toEqual(["application", 0]);
    expect(canvas.getAttribute("aria-roledescription")).toBe("matrix");
    expect(canvas.getAttribute("aria-description")).toContain("Enter pins one");
  });

  it("is how many epochs share a pixel, where some do", () => {
    const { part, heatmap } = shown({ snapshots: 40, step: 0.25 });
    const caption = part(".nntf-caption");
    expect([caption.hidden, caption.textContent]).toEqual([false, "each pixel: 4 \u00d7 4 epochs"]);
    heatmap.draw(new EpochAxis(LEFT, 40, 0, 39), 20); // in which there is less room down than across
    expect(caption.textContent).toBe("each pixel: 2 \u00d7 2 epochs");
    expect(shown().part(".nntf-caption").hidden).toBe(true);
  });

  it("is a legend for each distance", () => {
    const { host, part } = shown();
    const legends = () => part(".nntf-legends").childElementCount - 1;
    expect(legends()).toBe(1);
    host.set("distance", "both");
    expect(legends()).toBe(2);
    host.set("distance", "prediction");
    expect(legends()).toBe(1);
    expect(part(".nntf-legends").children[0].className).toBe("nntf-caption");
  });

  it("stays in its place while the run grows, so that a hand can be on its legend", () => {
    const { part, draw } = shown({ distance: "both" });
    const replaced = vi.spyOn(part(".nntf-legends"), "replaceChildren");
    draw();
    expect(replaced).not.toHaveBeenCalled();
  });
});

describe("the image of the matrix", () => {
  it("costs the pixels of each distance shown", () => {
    const cost = (distance: Distance) => shown({ distance }).heatmap.cellsDrawn;
    expect(cost("transition")).toBeGreaterThan(0);
    expect(cost("both")).toBe(cost("transition") + cost("prediction"));
  });

  it("is drawn over its cells", () => {
    shown({ distance: "prediction" });
    expect(pixels.drawImage.mock.lastCall?.slice(1)).toEqual([0, 0, 12, 12, LEFT, 0, 120, 120]);
  });

  it("gives its memory back", () => {
    const { heatmap, canvas } = shown();
    heatmap.close();
    expect([canvas.width, canvas.height]).toEqual([0, 0]);
  });
});
