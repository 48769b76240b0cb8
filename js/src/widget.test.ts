// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { GUTTER } from "./epoch_axis";
import { joined, wandering, writeRun } from "./packets.fixture";
import { frame, kernelOf, shown, withoutCanvas } from "./views.fixture";

const predictions = wandering(12, 60, 3);
const packets = writeRun(predictions, 3, predictions[11]);

const host = (snapshots: number, names = ["cat", "dog", "frog"]) =>
  kernelOf(packets.slice(0, snapshots), { num_samples: snapshots ? 60 : null, num_classes: 3, class_names: names });

beforeEach(withoutCanvas);
afterEach(() => {
  document.body.replaceChildren();
  vi.restoreAllMocks();
});

describe("a view", () => {
  it("shows the run that the log holds, and each snapshot that comes", async () => {
    const kernel = host(4);
    const { root } = shown(kernel).open();
    await frame();
    expect(root.dataset.snapshots).toBe("4");
    for (const packet of packets.slice(4, 7)) kernel.receive({ type: "snapshot" }, [packet]);
    await frame();
    expect(root.dataset.snapshots).toBe("7");
    expect(root.textContent).toContain("7 epochs");
  });

  it("draws one row and one column for a new epoch", async () => {
    const kernel = host(8);
    const { root } = shown(kernel).open();
    await frame();
    const before = Number(root.dataset.cellsDrawn);
    kernel.receive({ type: "snapshot" }, [packets[8]]);
    await frame();
    expect(Number(root.dataset.cellsDrawn) - before).toBe(2 * 8 - 1);
  });

  it("drills into a class and comes back without the kernel", async () => {
    const kernel = host(8);
    const { root } = shown(kernel).open();
    await frame();
    (root.querySelectorAll(".nntf-class")[1] as HTMLElement).click();
    await frame();
    expect([root.dataset.class, root.querySelector(".nntf-title")?.textContent]).toEqual([
      "1",
      "Class \u201cdog\u201d",
    ]);
    expect(kernel.get("class_epochs")).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(kernel.get("class_label")).toMatch(/^dog 0\.\d+$/);
    expect(root.querySelector(".nntf-slim-curves")?.textContent).toContain("moves of dog");
    root.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    await frame();
    expect(root.dataset.class).toBe("");
    expect([kernel.get("class_moves"), kernel.get("class_label")]).toEqual([[], ""]);
    expect(kernel.sent).toEqual([]);
  });

  it("brings out a band of distances that was set from outside", async () => {
    const kernel = host(8);
    const { root } = shown(kernel).open();
    await frame();
    const before = Number(root.dataset.cellsDrawn);
    kernel.set("band", new Float64Array([0.2, 0.25]));
    await frame();
    expect(Number(root.dataset.cellsDrawn) - before).toBe(7 * 7);
    expect(root.querySelector(".nntf-scale-band")?.textContent).toBe("band 0.20 \u2013 0.25");
    kernel.set("band", []);
    await frame();
    expect((root.querySelector(".nntf-scale-band") as HTMLElement).hidden).toBe(true);
  });

  it("shows a range of epochs on every axis, and tells the charts beside it", async () => {
    const kernel = host(12);
    const { root } = shown(kernel).open();
    kernel.set("epoch_range", [3, 7]);
    await frame();
    const ticks = [...root.querySelectorAll(".nntf-matrix text")].map((text) => text.textContent);
    expect(ticks).not.toContain("2");
    expect([kernel.get("axis_low"), kernel.get("axis_high")]).toEqual([2.5, 7.5]);
    kernel.set("epoch_range", [40, 50]);
    await frame();
    expect([kernel.get("axis_low"), kernel.get("axis_high")]).toEqual([-0.5, 11.5]);
  });

  it("sets the two transitions of a pinned cell side by side, and names the pairs of classes that differ", async () => {
    const kernel = host(12);
    const { root } = shown(kernel).open();
    kernel.set("selected_epochs", [2, 7]);
    await frame();
    const captions = [...root.querySelectorAll(".nntf-moves-figure figcaption")].map((caption) => caption.textContent);
    expect(captions.map((caption) => caption?.split(":")[0])).toEqual(["2 \u2192 3", "7 \u2192 8", "Difference"]);
    const shares = [...root.querySelectorAll(".nntf-trades tbody td:last-child")].map((cell) => cell.textContent);
    expect(shares.reduce((sum, share) => sum + Number.parseFloat(share as string), 0)).toBeCloseTo(100, 0);
    expect(root.querySelector(".nntf-trade")?.textContent).toMatch(/^(cat|dog|frog) \u2192 (cat|dog|frog)$/);
  });

  it("drills into a pair of classes that is named", async () => {
    const kernel = host(12);
    const { root } = shown(kernel).open();
    await frame();
    const pair = root.querySelector(".nntf-trade-open") as HTMLElement;
    const [from, to] = (pair.textContent as string).split(" \u2192 ");
    pair.click();
    await frame();
    expect(root.querySelector(".nntf-title")?.textContent).toBe(`\u201c${from}\u201d \u21c4 \u201c${to}\u201d`);
    const named = [...root.querySelectorAll(".nntf-trade")].map((name) =>
      name.textContent?.split(" \u2192 ").toSorted(),
    );
    expect(new Set(named.map(String))).toEqual(new Set([[from, to].toSorted().toString()]));
  });

  it("shows the moves of the epoch stepped to", async () => {
    const kernel = host(12);
    const { root } = shown(kernel).open();
    await frame();
    const title = () => root.querySelector(".nntf-moments-title")?.textContent;
    expect(title()).toContain("Epoch 10 \u2192 11");
    (root.querySelector(".nntf-step") as HTMLElement).click();
    await frame();
    expect(title()).toContain("Epoch 9 \u2192 10");
    expect(kernel.get("epoch")).toBe(10);
  });

  it("shows the moves between two snapshots that are pinned", async () => {
    const kernel = host(12);
    const { root } = shown(kernel).open();
    kernel.set("distance", "prediction");
    kernel.set("selected_epochs", [8, 3]);
    await frame();
    const moved = predictions[3].filter((class_, sample) => class_ !== predictions[8][sample]).length;
    expect(root.querySelector(".nntf-moments-title")?.textContent).toContain(`Epoch 3 \u2192 8: ${moved} samples`);
  });

  it("shows class names as text, whatever they hold", async () => {
    const name = "<img src=x onerror=alert(1)>";
    const { root } = shown(host(3, [name, "b", "c"])).open();
    await frame();
    expect(root.querySelector(".nntf-class")?.textContent).toBe(name);
    expect(root.querySelector("img")).toBeNull();
  });

  it("says what it waits for", async () => {
    const texts = [];
    for (const snapshots of [0, 1]) {
      const { root } = shown(host(snapshots)).open();
      await frame();
      texts.push(root.querySelector(".nntf-status")?.textContent);
    }
    expect(texts[0]).toBe("waiting for the first epoch");
    expect(texts[1]).toContain("waiting for the second epoch");
  });

  it("says that a thinned record has not every epoch", async () => {
    const kernel = host(12);
    const { root } = shown(kernel).open();
    kernel.set("facts", { ...kernel.get("facts"), every: 4 });
    await frame();
    expect(root.querySelector(".nntf-status")?.textContent).toContain("snapshots, one in 4 epochs");
  });

  it("marks where the run was interrupted, as long as both sides are shown", async () => {
    const kernel = host(12);
    const { root } = shown(kernel).open();
    kernel.set("facts", { ...kernel.get("facts"), resumed_at: [5] });
    await frame();
    const gaps = () => root.querySelectorAll(".nntf-matrix .nntf-gap");
    expect(root.querySelector(".nntf-status")?.textContent).toContain("interrupted before epoch 5");
    const [down, across] = gaps();
    expect(Number(down.getAttribute("x1"))).toBeCloseTo(GUTTER.left + 5 / 12); // this page gives a plot one pixel
    expect(across.getAttribute("y1")).toBe(across.getAttribute("y2"));
    kernel.set("epoch_range", [5, 9]);
    await frame();
    expect(gaps().length).toBe(0);
  });

  it("marks which epochs were captured only in part", async () => {
    const kernel = host(12);
    const { root } = shown(kernel).open();
    const marks = () => root.querySelectorAll(".nntf-incomplete").length;
    await frame();
    expect(marks()).toBe(0);
    kernel.set("facts", { ...kernel.get("facts"), incomplete: [3, 4, 5, 9] });
    await frame();
    expect(root.querySelector(".nntf-notes")?.textContent).toContain("kept an older class: epochs 3\u20135, 9");
    expect(marks()).toBe(8);
    kernel.set("epoch_range", [5, 8]);
    await frame();
    expect(marks()).toBe(2);
    kernel.set("facts", { ...kernel.get("facts"), incomplete: [0, 2, 4, 6, 8, 10, 11] });
    await frame();
    expect(root.querySelector(".nntf-notes")?.textContent).toContain("older class: 7 epochs, the last 11.");
  });

  it("tells the verdicts in words", async () => {
    const kernel = host(3);
    const { root } = shown(kernel).open();
    await frame();
    expect(root.querySelector<HTMLElement>(".nntf-verdicts")?.hidden).toBe(true);
    kernel.set("facts", { ...kernel.get("facts"), verdicts: [{ kind: "plateau", sentence: "<i>It moves.</i>" }] });
    await frame();
    expect(root.querySelector(".nntf-verdict")?.textContent).toBe("plateau<i>It moves.</i>");
  });

  it("shows faults, and goes on", async () => {
    const kernel = host(3);
    const { root } = shown(kernel).open();
    kernel.set("facts", { ...kernel.get("facts"), faults: ["Capture failed: <b>"] });
    await frame();
    expect(root.querySelector(".nntf-notes")?.textContent).toBe("Capture failed: <b>");
  });

  it("stays in step with other views of the run", async () => {
    const kernel = host(5);
    const { open } = shown(kernel);
    const [first, second] = [open(), open()];
    await frame();
    (first.root.querySelectorAll(".nntf-class")[2] as HTMLElement).click();
    kernel.set("distance", "prediction");
    await frame();
    expect(second.root.dataset.class).toBe("2");
    expect(second.root.dataset.distance).toBe("prediction");
  });

  it("leaves nothing behind", async () => {
    const kernel = host(5);
    const { open, end } = shown(kernel);
    const before = kernel.listening;
    for (let i = 0; i < 50; i++) open().close();
    expect(kernel.listening).toBe(before);
    end();
    expect(kernel.listening).toBe(0);
  });
});

describe("a log that was thinned to be saved", () => {
  it("says so where nothing of it could be saved", async () => {
    const { root } = shown(kernelOf([], { num_samples: 60 })).open();
    await frame();
    expect(root.querySelector(".nntf-notes")?.textContent).toContain("too large to be saved");
    expect(root.querySelector(".nntf-status")?.textContent).toBe("");
  });

  it("says so, and marks interruptions at its own snapshots", async () => {
    const fewer = writeRun(
      predictions.filter((_, t) => t % 4 === 0),
      3,
      undefined,
      2,
    );
    const { root } = shown(kernelOf(fewer, { num_samples: 60, resumed_at: [5] })).open();
    await frame();
    expect(root.querySelector(".nntf-status")?.textContent).toContain("3 snapshots, one in 4 epochs");
    expect(root.querySelector(".nntf-status")?.textContent).toContain("interrupted before epoch 2");
    expect(root.querySelector(".nntf-notes")?.textContent).toContain("only one snapshot in 4 was saved");
  });
});

describe("a packet that is missing or broken", () => {
  it("is asked for once, and mended by the log", async () => {
    const kernel = host(3);
    const { root } = shown(kernel).open();
    kernel.receive({ type: "snapshot" }, [packets[5]]);
    kernel.receive({ type: "snapshot" }, [new DataView(new ArrayBuffer(7))]);
    await frame();
    expect(kernel.sent).toEqual([{ type: "resend" }]);
    expect(root.textContent).toContain("waiting for the kernel");
    kernel.set("log", joined(packets.slice(0, 6)));
    await frame();
    expect(root.dataset.snapshots).toBe("6");
    expect(root.textContent).not.toContain("waiting for the kernel");
  });

  it("is left alone when it came twice", async () => {
    const kernel = host(3);
    const { root } = shown(kernel).open();
    kernel.receive({ type: "snapshot" }, [packets[2]]);
    await frame();
    expect([root.dataset.snapshots, kernel.sent]).toEqual(["3", []]);
  });
});
