// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { pixels, withoutCanvas } from "../drawing/canvas.fixture";
import { ColourScale } from "../drawing/colour_scale";
import { EpochAxis } from "../drawing/epoch_axis";
import { hostOf } from "../hosts/host.fixture";
import { joined, wandering, writeRun } from "../run/packets.fixture";
import { Session } from "../session";
import { ClassStrip } from "./class_strip";

const LEFT = 96;
const [ROW, SLIM] = [15, 10]; // pixels of a row, where there are few and where there are many

// The shares of cat, dog and frog: 1/2 1/4 1/4, then 1/4 1/2 1/4, then 1/4 3/4 0.
const animals = [
  [0, 0, 1, 2],
  [0, 1, 1, 2],
  [0, 1, 1, 1],
];
const few = ["cat", "dog", "frog"];
const many = Array.from({ length: 20 }, (_, class_) => `c${class_}`); // of which 15 are in sight

interface Given {
  predictions?: number[][];
  names?: string[];
  labels?: number[];
  /** Pixels of an epoch. */
  step?: number;
}

function shown({ predictions = animals, names = few, labels, step = 10 }: Given = {}) {
  const numSamples = predictions[0]?.length ?? 0;
  const host = hostOf(joined(writeRun(predictions, names.length, labels)), numSamples, names);
  const session = new Session(host.model);
  const [onHover, onReach, onPick] = [vi.fn(), vi.fn(), vi.fn()];
  const strip = new ClassStrip(session, onHover, onReach, onPick);
  const axis = () => new EpochAxis(LEFT, step * session.run.length, ...session.range);
  const draw = () => strip.draw(axis());
  const part = (selector: string) => strip.root.querySelector(selector) as HTMLElement;
  const [canvas, rows] = [part(".nntf-strip"), part(".nntf-strip-rows")];
  vi.spyOn(canvas, "getBoundingClientRect").mockReturnValue(new DOMRect(103, 40, 100, 150));
  document.body.replaceChildren(strip.root);
  session.watch(draw);
  draw();
  const buttons = () => [...strip.root.querySelectorAll<HTMLButtonElement>(".nntf-class")];
  const scroll = (to: number) => {
    rows.scrollTop = to;
    rows.dispatchEvent(new Event("scroll"));
  };
  return { host, session, strip, canvas, rows, part, buttons, scroll, draw, onHover, onReach, onPick };
}

const point = (on: HTMLElement, type: string, x: number, y: number) =>
  on.dispatchEvent(new MouseEvent(type, { clientX: 103 + x, clientY: 40 + y }));

function press(key: string) {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
  document.activeElement?.dispatchEvent(event);
  return event;
}

/** The pixels that were painted last, row by row. */
function painted() {
  const [{ data, width, height }] = pixels.putImageData.mock.lastCall as [ImageData];
  return { size: [width, height], colours: [...new Uint32Array(data.buffer)] };
}

function colours(low: number, high: number, values: number[]) {
  const scale = new ColourScale();
  scale.fit([], [low, high]);
  return values.map((value) => scale.colour(value));
}

beforeEach(withoutCanvas);
afterEach(() => {
  vi.clearAllMocks();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("the rows of classes", () => {
  it("tell the class and the epoch at the pointer", () => {
    const { canvas, onHover } = shown();
    const at = (x: number, y: number) => {
      point(canvas, "pointermove", x, y);
      return onHover.mock.lastCall?.[0];
    };
    expect(at(0, 0)).toEqual({ class_: 0, epoch: 0 });
    expect(at(9, ROW - 1)).toEqual({ class_: 0, epoch: 0 });
    expect(at(10, ROW - 1)).toEqual({ class_: 0, epoch: 1 });
    expect(at(9, ROW)).toEqual({ class_: 1, epoch: 0 });
    expect(at(29, 3 * ROW - 1)).toEqual({ class_: 2, epoch: 2 });
    expect([at(30, 0), at(-1, 0), at(0, -1), at(0, 3 * ROW)]).toEqual([null, null, null, null]);
  });

  it("tell when the pointer leaves", () => {
    const { canvas, onHover } = shown();
    point(canvas, "pointermove", 0, 0);
    point(canvas, "pointerleave", 0, 0);
    expect(onHover.mock.lastCall).toEqual([null]);
  });

  it("tell the epoch that is clicked, where there is one", () => {
    const { canvas, onPick } = shown();
    point(canvas, "click", 25, 5);
    point(canvas, "click", 5, -5);
    point(canvas, "click", 31, 5);
    expect(onPick.mock.calls).toEqual([[2]]);
  });

  it("are those of the epochs that were picked", () => {
    const { session, canvas, onPick } = shown();
    session.showEpochs(1, 2);
    point(canvas, "click", 0, 0);
    expect(onPick.mock.lastCall).toEqual([1]);
    expect(painted().colours).toEqual(colours(0, 0.75, [0.25, 0.25, 0.5, 0.75, 0.25, 0]));
  });

  it("know no place before they are drawn", () => {
    const session = new Session(hostOf(joined(writeRun(animals, 3)), 4, few).model);
    const [onHover, onPick] = [vi.fn(), vi.fn()];
    const strip = new ClassStrip(session, onHover, vi.fn(), onPick);
    const canvas = strip.root.querySelector(".nntf-strip") as HTMLElement;
    point(canvas, "pointermove", 0, 0);
    point(canvas, "click", 0, 0);
    strip.root.querySelector(".nntf-strip-rows")?.dispatchEvent(new Event("scroll"));
    strip.follow();
    expect([onHover.mock.calls, onPick.mock.calls]).toEqual([[[null]], []]);
  });

  it("have the colours of each class's share of the predictions", () => {
    const { canvas, part } = shown();
    expect(painted()).toEqual({
      size: [3, 3],
      colours: colours(0, 0.75, [0.5, 0.25, 0.25, 0.25, 0.5, 0.75, 0.25, 0.25, 0]),
    });
    expect(pixels.drawImage.mock.lastCall?.slice(1)).toEqual([0, 0, 3, 3, 0, 0, 30, 3 * ROW]);
    expect([canvas.style.width, canvas.style.height]).toEqual(["30px", "45px"]);
    const legend = part(".nntf-strip-legend");
    expect(legend.textContent).toBe("share\n0 \u2013 75\u202f%");
    expect(legend.title).toBe(
      "Share of the predictions that are of each class: 0\u202f% the darkest, 75\u202f% the lightest",
    );
    expect(canvas.getAttribute("aria-label")).toBe(
      "Share of the predictions that are of each class over time, from 0\u202f% to 75\u202f%",
    );
  });

  it("have those of its recall where there are labels, and none where it has no samples", () => {
    const { part } = shown({ labels: [0, 0, 1, 1] });
    expect(painted().colours).toEqual([...colours(0.5, 1, [1, 0.5, 0.5, 0.5, 0.5, 1]), 0, 0, 0]);
    expect(part(".nntf-strip-legend").textContent).toBe("recall\n50 \u2013 100\u202f%");
    expect(part(".nntf-strip-legend").title).toMatch(/^Recall of each class: /);
  });

  it("are, where several epochs share a pixel, their mean", () => {
    const alternating = [0, 1, 0, 1, 1].map((class_) => [class_, class_, 0, 1]);
    shown({ predictions: alternating, names: ["a", "b"], step: 2 / 5 }); // 2 pixels, for 3 epochs and for 2
    const [a, b] = [
      [7 / 12, 1 / 4],
      [5 / 12, 3 / 4],
    ];
    expect(painted()).toEqual({ size: [2, 2], colours: colours(1 / 4, 3 / 4, [...a, ...b].map(Math.fround)) });
    expect(pixels.drawImage.mock.lastCall?.slice(1)).toEqual([0, 0, 5 / 3, 2, 0, 0, 2, 2 * ROW]);
  });

  it("are not there, nor painted, without a snapshot", () => {
    expect(shown({ predictions: [] }).strip.root.hidden).toBe(true);
    expect(pixels.putImageData).not.toHaveBeenCalled();
    expect(shown().strip.root.hidden).toBe(false);
  });

  it("keep their colours as the run grows, and have others for another range", () => {
    const { host, session } = shown({ predictions: animals.slice(0, 2) });
    const [, , next] = writeRun([...animals.slice(0, 2), [0, 1, 1, 2]], 3);
    host.receive({ type: "snapshot" }, [next]);
    expect(painted().colours[0]).toBe(colours(0.25, 0.5, [0.5])[0]);
    session.showEpochs(1, 2); // where all are between 1/4 and 1/2 as well
    expect(painted().colours).toEqual(colours(0.25, 0.5, [0.25, 0.25, 0.5, 0.5, 0.25, 0.25]));
    const other = shown();
    other.session.showEpochs(0, 1); // without the 0 and the 3/4 of the last epoch
    expect(painted().colours).toEqual(colours(0.25, 0.5, [0.5, 0.25, 0.25, 0.5, 0.25, 0.25]));
  });

  it("say their range with as many digits as tell its ends apart", () => {
    const numSamples = 1000; // of which one class has 500 or 501
    const first = Array.from({ length: numSamples }, (_, i) => i % 2);
    const { part } = shown({ predictions: [first, [1, ...first.slice(1)]], names: ["a", "b"] });
    expect(part(".nntf-strip-legend").textContent).toBe("share\n49.9 \u2013 50.1\u202f%");
  });

  it("are known as a group of buttons and an image", () => {
    const { part, canvas } = shown();
    const names = part(".nntf-class-names");
    expect([names.getAttribute("role"), names.getAttribute("aria-label")]).toEqual(["group", "Classes"]);
    expect(canvas.getAttribute("role")).toBe("img");
  });

  it("have a line where the run was taken up again", () => {
    const { host, part } = shown();
    host.set("facts", { ...host.get("facts"), resumed_at: [2] });
    const seam = part(".nntf-seam");
    expect(["x1", "x2", "y1", "y2"].map((name) => seam.getAttribute(name))).toEqual(["20", "20", "0", "45"]);
    const overlay = part(".nntf-overlay");
    expect([overlay.getAttribute("width"), overlay.getAttribute("height")]).toEqual(["30", "45"]);
  });

  it("give their memory back", () => {
    const { strip, canvas } = shown();
    strip.close();
    expect((canvas as HTMLCanvasElement).width).toBe(0);
  });

  it.each([
    [3, 15, 11],
    [7, 15, 11],
    [9, 12, 9],
    [11, 10, 9],
    [20, 10, 9],
  ])("of %i classes are %i pixels high, with letters of %i", (count, row, letters) => {
    const { part } = shown({ predictions: [[0, 1]], names: Array.from({ length: count }, (_, i) => `c${i}`) });
    const { style } = part(".nntf-class-names");
    expect(style.getPropertyValue("--nntf-class-row")).toBe(`${row}px`);
    expect(style.getPropertyValue("--nntf-class-letters")).toBe(`${letters}px`);
    expect(style.height).toBe(`${count * row}px`);
  });
});

describe("many classes", () => {
  const predictions = wandering(4, 40, 20);

  it("are scrolled through, and only those in sight are painted", () => {
    const { rows, part, buttons, scroll, canvas, onHover } = shown({ predictions, names: many });
    const inSight = () => buttons().map((button) => button.title);
    expect(rows.style.maxHeight).toBe(`${15 * SLIM}px`);
    expect(inSight()).toEqual(many.slice(0, 16)); // and the one that a part is seen of
    expect(painted().size).toEqual([4, 16]);
    scroll(3 * SLIM + 4);
    expect(inSight()).toEqual(many.slice(3, 19));
    expect(part(".nntf-class-names").style.paddingTop).toBe("30px");
    expect([canvas.style.top, part(".nntf-overlay").style.top]).toEqual(["30px", "30px"]);
    point(canvas, "pointermove", 0, 2 * SLIM);
    expect(onHover.mock.lastCall).toEqual([{ class_: 5, epoch: 0 }]);
    scroll(999);
    expect(inSight()).toEqual(many.slice(5));
    point(canvas, "pointermove", 0, 15 * SLIM);
    expect(onHover.mock.lastCall).toEqual([null]);
  });

  it("are not painted again where another part of the same row is in sight", () => {
    const { scroll } = shown({ predictions, names: many });
    const before = pixels.putImageData.mock.calls.length;
    scroll(SLIM - 1);
    expect(pixels.putImageData.mock.calls.length).toBe(before);
    scroll(SLIM);
    expect(pixels.putImageData.mock.calls.length).toBe(before + 1);
  });

  it("come into sight as the keys lead to them, as far as there are any", () => {
    const { rows, buttons } = shown({ predictions, names: many });
    const focused = () => (document.activeElement as HTMLElement).title;
    buttons()[0].focus();
    press("ArrowUp");
    expect(focused()).toBe("c0");
    for (let i = 0; i < 14; i++) press("ArrowDown");
    expect([focused(), rows.scrollTop]).toEqual(["c14", 0]);
    press("ArrowDown");
    expect([focused(), rows.scrollTop]).toEqual(["c15", SLIM]);
    for (let i = 0; i < 9; i++) press("ArrowDown");
    expect([focused(), rows.scrollTop]).toEqual(["c19", 5 * SLIM]);
    for (let i = 0; i < 15; i++) press("ArrowUp");
    expect([focused(), rows.scrollTop]).toEqual(["c4", 4 * SLIM]);
  });

  it("are reached by the Tab key at the one drilled into, or at the first in sight", () => {
    const { host, buttons, scroll } = shown({ predictions, names: many });
    const reached = () =>
      buttons()
        .filter(({ tabIndex }) => tabIndex === 0)
        .map(({ title }) => title);
    expect(reached()).toEqual(["c0"]);
    expect(new Set(buttons().map(({ tabIndex }) => tabIndex))).toEqual(new Set([0, -1]));
    host.set("selected_class", 2);
    expect(reached()).toEqual(["c2"]);
    scroll(4 * SLIM);
    expect(reached()).toEqual(["c4"]);
  });
});

describe("the name of a class", () => {
  it("drills into it by a click, and leaves it by a second one", () => {
    const { host, buttons } = shown();
    const pressed = () => buttons().map((button) => button.getAttribute("aria-pressed"));
    expect(pressed()).toEqual(["false", "false", "false"]);
    buttons()[1].click();
    expect([host.get("selected_class"), pressed()]).toEqual([1, ["false", "true", "false"]]);
    buttons()[0].click();
    expect([host.get("selected_class"), pressed()]).toEqual([0, ["true", "false", "false"]]);
    buttons()[0].click();
    expect([host.get("selected_class"), pressed()]).toEqual([null, ["false", "false", "false"]]);
  });

  it("stays the same button while the run grows, and is another where it is another name", () => {
    const { host, buttons, draw } = shown();
    const before = buttons();
    draw();
    expect(buttons()).toEqual(before);
    before[1].focus();
    host.set("facts", { ...host.get("facts"), class_names: ["cat", "wolf", "frog"] });
    const after = buttons();
    expect(after.map((button, i) => button === before[i])).toEqual([true, false, true]);
    expect(after.map(({ title, textContent }) => [title, textContent])).toEqual([
      ["cat", "cat"],
      ["wolf", "wolf"],
      ["frog", "frog"],
    ]);
    expect(document.activeElement).toBe(after[1]); // the focus is on the same class
  });

  it("is cut to the room there is, and known as a whole", () => {
    const long = "a class of which much can be said";
    const { strip, buttons } = shown({ names: [long, "b", "c"] });
    expect(buttons().map(({ textContent }) => textContent?.length)).toEqual([13, 1, 1]); // of 6 pixels, in 82
    expect([buttons()[0].title, buttons()[0].getAttribute("aria-label")]).toEqual([long, long]);
    expect(strip.namesWidth).toBe(6 * long.length + 14);
  });

  it("is cut anew where there is other room", () => {
    const { strip, session, buttons } = shown({ names: ["a class of which much can be said", "b", "c"] });
    const lengths = [96, 126, 96].map((left) => {
      strip.draw(new EpochAxis(left, 30, ...session.range));
      return buttons()[0].textContent?.length;
    });
    expect(lengths).toEqual([13, 18, 13]);
  });

  it("is measured once for as long as neither the names nor their room change", () => {
    const measured = vi.spyOn(pixels, "measureText");
    const { draw, strip, session, host } = shown();
    const cost = (change: () => void) => {
      measured.mockClear();
      change();
      return measured.mock.calls.length;
    };
    expect(cost(draw)).toBe(0);
    expect(cost(() => strip.draw(new EpochAxis(LEFT + 1, 30, ...session.range)))).toBeGreaterThan(0);
    draw();
    const facts = host.get("facts");
    expect(cost(() => host.set("facts", { ...facts, class_names: ["cat", "dog", "toad"] }))).toBeGreaterThan(0);
    expect(cost(() => host.set("facts", { ...facts, ended: "the training ended" }))).toBeGreaterThan(0);
    expect(cost(() => host.set("facts", { ...facts, ended: null }))).toBe(0);
  });

  it("takes the focus without scrolling", () => {
    const focus = vi.spyOn(HTMLElement.prototype, "focus");
    const { buttons, host } = shown();
    buttons()[0].focus();
    press("ArrowDown");
    host.set("facts", { ...host.get("facts"), class_names: ["cat", "wolf", "frog"] });
    expect(focus.mock.calls.slice(1)).toEqual([[{ preventScroll: true }], [{ preventScroll: true }]]);
  });

  it("is given up where it is scrolled out of sight with the focus", () => {
    const { buttons, scroll } = shown({ predictions: wandering(4, 40, 20), names: many });
    buttons()[0].focus();
    expect(() => scroll(4 * SLIM)).not.toThrow();
    expect(buttons()[0].title).toBe("c4");
  });

  it("leaves other keys alone", () => {
    const { buttons } = shown();
    buttons()[0].focus();
    const outside = vi.fn();
    document.body.addEventListener("keydown", outside, { once: true });
    expect(press("ArrowDown").defaultPrevented).toBe(true);
    expect(outside).not.toHaveBeenCalled();
    expect(press("ArrowRight").defaultPrevented).toBe(false);
    expect(outside).toHaveBeenCalledOnce();
    expect(document.activeElement).toBe(buttons()[1]);
  });
});

describe("the class that the keys have reached", () => {
  /** As where the Tab key, or a click, led to it. */
  function reached(byKeys: boolean, index = 1) {
    const all = shown();
    const button = all.buttons()[index];
    vi.spyOn(button, "matches").mockImplementation((selector) => byKeys && selector === ":focus-visible");
    button.focus();
    return all;
  }

  it("is pointed to at the epoch in focus, beside its row", () => {
    const { session, strip, onReach } = reached(true);
    expect(onReach.mock.calls).toEqual([
      [
        { class_: 1, epoch: 2 },
        { clientX: 103, clientY: 40 + 1.5 * ROW },
      ],
    ]);
    session.focusOn(0);
    strip.follow();
    expect(onReach.mock.lastCall?.[0]).toEqual({ class_: 1, epoch: 0 });
  });

  it("is not where that epoch is not shown, or the pointer led there", () => {
    const { session, strip, onReach, onHover } = reached(true);
    session.focusOn(0);
    session.showEpochs(1, 2);
    onHover.mockClear();
    strip.follow();
    expect([onReach.mock.calls.length, onHover.mock.calls]).toEqual([1, [[null]]]);
    const other = reached(false);
    expect([other.onReach.mock.calls, other.onHover.mock.calls]).toEqual([[], []]);
  });

  it("is left with the focus", () => {
    const { buttons, onHover, strip, onReach } = reached(true);
    buttons()[1].blur();
    expect(onHover.mock.lastCall).toEqual([null]);
    strip.follow();
    expect(onReach).toHaveBeenCalledTimes(1);
  });

  it("is beside its row also where some are scrolled past", () => {
    const { buttons, scroll, onReach } = shown({ predictions: wandering(4, 40, 20), names: many });
    scroll(3 * SLIM);
    const button = buttons()[2];
    vi.spyOn(button, "matches").mockReturnValue(true);
    button.focus();
    expect(onReach.mock.lastCall).toEqual([
      { class_: 5, epoch: 3 },
      { clientX: 103, clientY: 40 + 2.5 * SLIM },
    ]);
  });
});
