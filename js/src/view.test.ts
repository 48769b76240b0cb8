// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { robustBounds } from "./run/blocks";
import { joined, wandering, writeRun } from "./run/packets.fixture";
import { readPacket } from "./run/wire";
import { frame, host, packets, pixels, predictions, shown, withoutCanvas } from "./view.fixture";

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

  it("takes the metrics that come after their snapshot", async () => {
    const kernel = host(4);
    const { root } = shown(kernel).open();
    const metrics = (values: object) => new DataView(new TextEncoder().encode(JSON.stringify(values)).buffer);
    kernel.set("facts", { ...kernel.get("facts"), measures: { loss: { val_loss: "val" } } });
    kernel.receive({ type: "metrics", t: 3 }, [metrics({ val_loss: 0.25 })]);
    kernel.receive({ type: "metrics", t: 4 }, [metrics({ val_loss: 7 })]);
    await frame();
    const words = [...root.querySelectorAll('[aria-label="val_loss by epoch"] text')].map((text) => text.textContent);
    expect(words).toEqual(["loss", "val 0.25"]);
    expect(kernel.sent).toEqual([]);
  });

  it("draws one row and one column for a new epoch whose values the scale holds", async () => {
    vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(500);
    const kernel = host(8);
    const { root } = shown(kernel).open();
    await frame();
    (root.querySelector(".nntf-whole") as HTMLElement).click();
    await frame();
    const before = Number(root.dataset.cellsDrawn);
    kernel.receive({ type: "snapshot" }, [packets[8]]);
    await frame();
    expect(Number(root.dataset.cellsDrawn) - before).toBe(2 * 8 - 1);
  });

  it("keeps the line through all charts where the pointer is as new epochs make the columns narrower", async () => {
    vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(500);
    const kernel = host(6);
    const { root } = shown(kernel).open();
    await frame();
    const canvas = root.querySelector("canvas") as HTMLElement;
    canvas.dispatchEvent(new MouseEvent("pointermove", { clientX: 220, clientY: 120, bubbles: true }));
    const line = () => Number.parseFloat((root.querySelector(".nntf-marker") as HTMLElement).style.left);
    const pointer = () => Number(root.querySelector(".nntf-crosshair")?.getAttribute("x1"));
    const before = line();
    expect(before).toBeCloseTo(pointer(), 3);
    kernel.receive({ type: "snapshot" }, [packets[6]]);
    await frame();
    expect(line()).not.toBe(before);
    expect(line()).toBeCloseTo(pointer(), 3);
  });

  it("drills into a class and comes back without the kernel", async () => {
    vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(500);
    const kernel = host(8);
    const { root } = shown(kernel).open();
    await frame();
    (root.querySelectorAll(".nntf-class")[1] as HTMLElement).click();
    await frame();
    expect([root.dataset.class, root.querySelector(".nntf-title")?.textContent]).toEqual([
      "1",
      "Class \u201cdog\u201d",
    ]);
    root.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    await frame();
    expect(root.dataset.class).toBe("");
    expect(kernel.sent).toEqual([]);
  });

  it("says whom the class drilled into trades samples with, in the epoch in focus and in all", async () => {
    vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(500);
    const kernel = host(12);
    kernel.set("selected_class", 1);
    kernel.set("focused_epoch", 5);
    const { root } = shown(kernel).open();
    await frame();
    const moves = (from: number, to: number, ts: number[]) => {
      const moved = ts.flatMap((t) => predictions[t].filter((was, i) => was === from && predictions[t + 1][i] === to));
      return moved.length;
    };
    const table = root.querySelector(".nntf-partners") as HTMLTableElement;
    expect([...table.rows[0].cells].map((cell) => cell.textContent)).toEqual([
      "Trades with",
      "epoch 4 \u2192 5",
      "in all",
    ]);
    const rows = [...table.querySelectorAll("tbody tr")].map((row) =>
      [...row.children].map((cell) => cell.textContent),
    );
    const all = [...packets.keys()].slice(0, -1);
    for (const [name, ...numbers] of rows) {
      const partner = ["cat", "dog", "frog"].indexOf(name);
      const flows = [[4], all].map((ts) => [`+${moves(partner, 1, ts)}`, `\u2212${moves(1, partner, ts)}`]);
      expect(numbers).toEqual(flows.flat());
    }
    expect(rows.map(([name]) => name).sort()).toEqual(["cat", "frog"]);
    expect((root.querySelector(".nntf-ranking") as HTMLElement).hidden).toBe(true);
  });

  it("cuts a long name in its title in the middle", async () => {
    vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(500); // of which 300 are for 50 letters
    const name = "the first of two names that are very long, and so much alike";
    const kernel = host(8, [name, "b", "c"]);
    kernel.set("selected_class", 0);
    const { root } = shown(kernel).open();
    await frame();
    const title = root.querySelector(".nntf-title") as HTMLElement;
    expect(title.textContent).toBe("Class \u201cthe first of two names th\u2026 long, and so much alike\u201d");
    expect(title.title).toBe(name);
  });

  it("shows class names as text, whatever they hold", async () => {
    const name = "<img src=x onerror=alert(1)>";
    const { root } = shown(host(3, [name, "b", "c"])).open();
    await frame();
    const button = root.querySelector(".nntf-class");
    expect([button?.ariaLabel ?? button?.getAttribute("aria-label"), button?.getAttribute("title")]).toEqual([
      name,
      name,
    ]);
    expect(button?.textContent).toMatch(/^<img.*\u2026.*\)>$/);
    expect(root.querySelector("img")).toBeNull();
  });

  it("says what it waits for", async () => {
    const [texts, places]: unknown[][] = [[], []];
    for (const snapshots of [0, 1, 2, 3]) {
      const { root } = shown(host(snapshots)).open();
      await frame();
      texts.push(root.querySelector(".nntf-status")?.textContent);
      places.push(root.querySelector(".nntf-matrix svg")?.textContent);
      expect((root.querySelector(".nntf-legend") as HTMLElement).hidden).toBe(snapshots < 3);
    }
    expect(texts[0]).toBe("waiting for the first epoch");
    expect(texts[1]).toContain("waiting for the second epoch");
    for (const [snapshots, next] of ["first", "second", "third"].entries())
      expect(places[snapshots]).toMatch(`Waiting for the ${next} epoch`);
    expect(places[3]).not.toContain("Waiting");
  });

  it("shows many epochs in a pixel, and says so", async () => {
    vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(177); // plots of 5 pixels
    const kernel = host(5);
    const { root } = shown(kernel).open();
    const caption = root.querySelector(".nntf-caption") as HTMLElement;
    await frame();
    expect(caption.hidden).toBe(true);
    kernel.receive({ type: "snapshot" }, [packets[5]]);
    await frame();
    expect([caption.hidden, caption.textContent]).toEqual([false, "each pixel: 2 \u00d7 2 epochs"]);
  });

  it("fits its colours to the matrix that is shown", async () => {
    vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(500);
    const kernel = host(12);
    const { root } = shown(kernel).open();
    const ends = () =>
      [...root.querySelectorAll(".nntf-scale-end")].map((end) => Number(end.getAttribute("aria-valuenow")));
    const expected = (values: number[]) => robustBounds(Float32Array.from(values))?.toReversed() ?? [];
    await frame();
    const transitions = [];
    for (let t = 2; t < 12; t++) transitions.push(...readPacket(packets[t]).transitionRow);
    expect(ends()).toEqual(expected(transitions));
    kernel.set("distance", "prediction");
    await frame();
    const shares = [];
    for (let t = 1; t < 12; t++) for (const moved of readPacket(packets[t]).predictionRow) shares.push(moved / 60);
    for (const [i, end] of expected(shares).entries()) expect(ends()[i]).toBeCloseTo(end, 6);
    expect(root.querySelector(".nntf-legend")?.textContent).toContain("Share predicted differently");
  });

  it("shows the distance beyond chance, of all classes or of one", async () => {
    const kernel = host(12);
    const { root } = shown(kernel).open();
    await frame();
    const choices = [...root.querySelectorAll<HTMLButtonElement>(".nntf-header .nntf-choice")];
    expect(choices.map(({ textContent }) => textContent)).toEqual([
      "Transitions",
      "Beyond chance",
      "Predictions",
      "Both",
    ]);
    choices[1].click();
    await frame();
    const state = () => [
      root.querySelector(".nntf-legend-title")?.textContent,
      choices.map((choice) => choice.disabled),
      choices.findIndex((choice) => choice.getAttribute("aria-pressed") === "true"),
    ];
    expect([kernel.get("distance"), root.dataset.distance]).toEqual(["excess", "excess"]);
    expect(state()).toEqual(["Distance beyond chance", [false, false, false, false], 1]);
    kernel.set("selected_class", 1);
    await frame();
    expect(state()).toEqual(["Distance beyond chance of this class", [false, false, true, true], 1]);
    kernel.set("distance", "prediction");
    await frame();
    expect(state()).toEqual(["Distance of this class", [false, false, true, true], 0]);
  });

  it("shows both distances at once, each with its own scale", async () => {
    const kernel = host(12);
    const { root } = shown(kernel).open();
    await frame();
    ([...root.querySelectorAll(".nntf-header .nntf-choice")].at(-1) as HTMLElement).click();
    await frame();
    expect(root.dataset.distance).toBe("both");
    expect(root.querySelector(".nntf-heatmap")?.getAttribute("aria-label")).toBe(
      "Transition distance above the diagonal, Share predicted differently below the diagonal, 12 epochs",
    );
    const titles = () => [...root.querySelectorAll(".nntf-legend-title")].map((title) => title.textContent);
    expect(titles()).toEqual(["Transition distance", "Share predicted differently"]);
    kernel.set("distance", "prediction");
    await frame();
    expect(titles()).toEqual(["Share predicted differently"]);
  });

  it("shows some epochs alone, in the kernel's charts too, on scales that fit them", async () => {
    vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(372 + 300);
    const kernel = host(12);
    const { root } = shown(kernel).open();
    await frame();
    const ends = () =>
      [...root.querySelectorAll(".nntf-scale-end")].map((end) => Number(end.getAttribute("aria-valuenow")));
    const before = ends();
    kernel.set("epoch_range", [4, 8]);
    await frame();
    expect(root.dataset.range).toBe("4-8");
    const distances = [];
    for (let t = 5; t < 8; t++) distances.push(...readPacket(packets[t + 1]).transitionRow.subarray(4));
    expect(ends()).toEqual(robustBounds(Float32Array.from(distances))?.toReversed());
    expect(ends()).not.toEqual(before);
    const labelled = [...root.querySelectorAll(".nntf-matrix text[text-anchor=middle]")].map(
      (text) => text.textContent,
    );
    expect(labelled).toEqual(["4", "5", "6", "7", "8"]);
    const told = (...names: string[]) => names.map((name) => kernel.get(name as "distance"));
    expect(told("epochs_low", "epochs_high")).toEqual([3.5, 8.5]);
    // The loss falls from 1/5 to 1/9.
    expect(told("chart0_low", "chart0_high", "chart0_ticks")).toEqual([0.1, 0.2, [0.1, 0.15, 0.2]]);
    const [loss] = [...root.querySelectorAll(".nntf-curve path")].map((path) => path.getAttribute("d") ?? "");
    expect(loss.match(/[ML]/g)?.join("")).toBe("MLLLL");
    kernel.set("focused_epoch", 2);
    await frame();
    expect((root.querySelector(".nntf-focus-marker") as HTMLElement).hidden).toBe(true);
  });

  it("says why no more will come", async () => {
    const texts = [];
    const waiting = [];
    for (const snapshots of [0, 1, 3]) {
      const kernel = host(snapshots);
      kernel.set("facts", { ...kernel.get("facts"), ended: "replaced by <b>" });
      const { root } = shown(kernel).open();
      await frame();
      texts.push(root.querySelector(".nntf-status")?.textContent);
      waiting.push(/No .*<b>/.exec(root.querySelector(".nntf-matrix")?.textContent ?? "")?.[0]);
    }
    expect(texts[0]).toBe("replaced by <b>");
    expect(waiting).toEqual(["No epoch: replaced by <b>", "No second epoch: replaced by <b>", undefined]);
    expect(texts[1]).toBe("1 epoch \u00b7 60 samples \u00b7 3 classes \u00b7 replaced by <b>");
    expect(texts[2]).toContain("3 epochs \u00b7 60 samples \u00b7 3 classes \u00b7 replaced by <b>");
  });

  it("shows in every plot where the run was taken up again", async () => {
    const kernel = host(12);
    kernel.set("facts", { ...kernel.get("facts"), resumed_at: [4, 9, 12] }); // no snapshot came after the last yet
    kernel.set("selected_class", 1);
    const { root } = shown(kernel).open();
    await frame();
    const seams = (plot: string) => root.querySelectorAll(`${plot} .nntf-seam`).length;
    expect(root.querySelector(".nntf-status")?.textContent).toContain("resumed at epochs 4 and 9");
    expect(seams(".nntf-matrix")).toBe(4);
    expect([".nntf-flows", ".nntf-outcomes", ".nntf-classes", ".nntf-curve"].map(seams)).toEqual([2, 2, 2, 2 * 2]);
  });

  it("says of a transition that the run was interrupted within it", async () => {
    const kernel = host(12);
    kernel.set("facts", { ...kernel.get("facts"), resumed_at: [4, 9] });
    const { root } = shown(kernel).open();
    const read = async (cell: [number, number]) => {
      kernel.set("selected_epochs", cell);
      await frame();
      return root.querySelector(".nntf-moment-words")?.textContent;
    };
    expect(await read([8, 3])).toContain("Resumed at epochs 4 and 9.");
    expect(await read([3, 3])).toContain("Resumed at epoch 4.");
    expect(await read([4, 2])).not.toContain("Resumed");
  });

  it("says what the newest epoch changed, in all classes or in the one drilled into", async () => {
    const kernel = host(12);
    const { root } = shown(kernel).open();
    const labels = predictions[11]; // what is right is what was predicted last
    const said = async (class_: number | null) => {
      kernel.set("selected_class", class_);
      await frame();
      return root.querySelector(".nntf-sentence")?.textContent;
    };
    const gained = (class_: number | null) =>
      labels.filter((truth, i) => truth !== predictions[10][i] && (class_ ?? truth) === truth).length;
    const own = labels.filter((truth) => truth === 1).length;
    const [all, one] = [gained(null), gained(1)];
    expect(await said(null)).toBe(
      `Epoch 10 \u2192 11: ${all} moved, ${all} became right, 0 became wrong, 0 from wrong to wrong`,
    );
    expect(await said(1)).toBe(
      `Epoch 10 \u2192 11: of ${own} samples ${one} moved, ${one} became right, 0 became wrong, 0 from wrong to wrong`,
    );
  });

  it("says, without labels, how many moved, or arrived and departed", async () => {
    const kernel = host(0);
    kernel.set("log", joined(writeRun(predictions, 3)));
    const { root } = shown(kernel).open();
    await frame();
    const sentence = () => root.querySelector(".nntf-sentence")?.textContent;
    const changed = (from: number, to: number) =>
      predictions[11].filter((class_, i) => {
        const before = predictions[10][i];
        return before !== class_ && (from < 0 || from === before) && (to < 0 || to === class_);
      }).length;
    expect(sentence()).toBe(`Epoch 10 \u2192 11: ${changed(-1, -1)} moved`);
    expect((root.querySelector(".nntf-outcomes") as HTMLElement).hidden).toBe(false);
    kernel.set("selected_class", 2);
    await frame();
    expect(sentence()).toBe(`Epoch 10 \u2192 11: ${changed(-1, 2)} arrived, ${changed(2, -1)} departed`);
    expect((root.querySelector(".nntf-outcomes") as HTMLElement).hidden).toBe(true);
  });

  it("says what the epoch changed that the pointer is on", async () => {
    vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(96 + 76 + 120);
    const { root } = shown(host(12)).open();
    await frame();
    const bars = root.querySelector(".nntf-outcomes .nntf-bars") as Element;
    bars.dispatchEvent(new MouseEvent("pointermove", { clientX: 96 + 35, bubbles: true }));
    const moved = predictions[4].filter((class_, i) => class_ !== predictions[3][i]).length;
    expect(root.querySelector(".nntf-sentence")?.textContent).toContain(`Epoch 3 \u2192 4: ${moved} moved`);
    expect((root.querySelector(".nntf-marker") as HTMLElement).style.left).toBe("136px");
  });

  it("says no more of a place that is gone", async () => {
    vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(96 + 76 + 120);
    const kernel = host(12);
    const { root } = shown(kernel).open();
    const readout = root.querySelector(".nntf-readout") as HTMLElement;
    for (const [css, clientX] of [
      [".nntf-strip", 115],
      [".nntf-heatmap", 96 + 105],
      [".nntf-outcomes .nntf-bars", 96 + 105],
    ] as const) {
      kernel.set("log", joined(packets));
      await frame();
      root.querySelector(css)?.dispatchEvent(new MouseEvent("pointermove", { clientX, clientY: 20, bubbles: true }));
      expect((root.querySelector(".nntf-marker") as HTMLElement).hidden).toBe(false);
      kernel.set("log", joined(packets.slice(0, 5)));
      await frame();
      expect([readout.hidden, (root.querySelector(".nntf-marker") as HTMLElement).hidden]).toEqual([true, true]);
    }
  });

  it("marks what the pointer is on in the trajectory, and what is pointed to there in all plots", async () => {
    vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(96 + 76 + 240);
    const { root } = shown(host(12)).open();
    await frame();
    const button = [...root.querySelectorAll("button")].find(({ textContent }) => textContent === "Path");
    button?.click();
    await frame();
    const marked = () => [...root.querySelectorAll(".nntf-path-marked")].map(({ textContent }) => Number(textContent));
    expect(marked()).toEqual([11, 11]);
    const bars = root.querySelector(".nntf-outcomes .nntf-bars") as SVGElement;
    bars.dispatchEvent(new MouseEvent("pointermove", { clientX: 96 + 70, bubbles: true }));
    expect(marked()).toEqual([4, 11, 4, 11]);
    bars.dispatchEvent(new MouseEvent("pointerleave"));
    expect(marked()).toEqual([11, 11]);
    const marker = root.querySelector(".nntf-marker") as HTMLElement;
    const ring = root.querySelectorAll(".nntf-path-focus")[1];
    const at = { clientX: Number(ring.getAttribute("cx")), clientY: Number(ring.getAttribute("cy")), bubbles: true };
    expect(marker.hidden).toBe(true);
    ring.dispatchEvent(new PointerEvent("pointermove", at));
    expect([marker.hidden, marker.style.left]).toEqual([
      false,
      (root.querySelector(".nntf-focus-marker") as HTMLElement).style.left,
    ]);
    root.querySelector(".nntf-paths")?.dispatchEvent(new PointerEvent("pointerleave"));
    expect(marker.hidden).toBe(true);
  });

  it("says the verdicts in its header, and draws nothing else anew for them", async () => {
    const kernel = host(12);
    const { root } = shown(kernel).open();
    await frame();
    const chips = () => [...root.querySelectorAll<HTMLButtonElement>(".nntf-header .nntf-verdict-chip")];
    expect(chips()).toEqual([]);
    const strip = root.querySelector(".nntf-sentence");
    kernel.set("verdicts", [{ name: "plateau", epochs: [3, 8], classes: [2], sentence: "It leads nowhere." }]);
    await frame();
    expect(chips().map(({ textContent }) => textContent)).toEqual(["plateau"]);
    expect(root.querySelector(".nntf-sentence")).toBe(strip);
    chips()[0].click();
    await frame();
    expect(root.dataset.range).toBe("3-8");
    expect(root.querySelector(".nntf-verdict")?.textContent).toBe("It leads nowhere.frog");
    const marked = () => [...root.querySelectorAll(".nntf-class.nntf-marked")].map(({ textContent }) => textContent);
    expect(marked()).toEqual(["frog"]);
    kernel.set("verdicts", [{ name: "plateau", epochs: [3, 8], classes: [0, 1], sentence: "It leads nowhere." }]);
    await frame();
    expect(marked()).toEqual(["cat", "dog"]);
    kernel.set("verdicts", [{ name: "plateau", epochs: [3, 8], classes: [2], sentence: "It leads nowhere." }]);
    await frame();
    root.querySelector<HTMLButtonElement>(".nntf-verdict button")?.click();
    await frame();
    expect(root.dataset.class).toBe("2");
  });

  it("lays a long run out over some frames, and answers meanwhile", async () => {
    const kernel = host(0);
    kernel.set("log", joined(writeRun(wandering(260, 40, 3), 3)));
    const { root } = shown(kernel).open();
    await frame();
    [...root.querySelectorAll("button")].find(({ textContent }) => textContent === "Path")?.click();
    const notes = () => [...root.querySelectorAll(".nntf-trajectory figcaption")].map((each) => each.lastElementChild);
    await frame();
    expect(notes().some((note) => note?.textContent === "being worked out")).toBe(true);
    kernel.set("focused_epoch", 3);
    await frame();
    expect(root.dataset.focus).toBe("3");
    for (let frames = 0; notes().some((note) => note?.textContent); frames++) {
      expect(frames).toBeLessThan(100);
      await frame();
    }
    expect(root.querySelectorAll(".nntf-path-focus").length).toBe(2);
  });

  it("says beside the pointer what it is on, within the view", async () => {
    vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(96 + 76 + 120);
    const { root } = shown(host(12)).open();
    await frame();
    const readout = root.querySelector(".nntf-readout") as HTMLElement;
    vi.spyOn(root, "getBoundingClientRect").mockReturnValue(new DOMRect(0, 0, 800, 300));
    vi.spyOn(readout, "offsetWidth", "get").mockReturnValue(200);
    vi.spyOn(readout, "offsetHeight", "get").mockReturnValue(80);
    const canvas = root.querySelector(".nntf-heatmap") as HTMLElement;
    const at = (clientX: number, clientY: number) => {
      canvas.dispatchEvent(new MouseEvent("pointermove", { clientX: 200, clientY: 20, bubbles: true }));
      root.dispatchEvent(new MouseEvent("pointermove", { clientX, clientY }));
      return [readout.style.left, readout.style.top];
    };
    expect(at(200, 20)).toEqual(["214px", "34px"]);
    expect(at(700, 250)).toEqual(["486px", "156px"]);
    expect(readout.textContent).toContain("transition distance");
    canvas.dispatchEvent(new MouseEvent("pointerleave"));
    expect(readout.hidden).toBe(true);
  });

  describe("of a moment", () => {
    beforeEach(() => {
      vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(460);
    });
    const K = 3;
    const names = ["cat", "dog", "frog"];
    const labels = predictions[11];
    const grid = (root: HTMLElement) => root.querySelector("[role=grid]") as HTMLElement;
    const counts = (root: HTMLElement) =>
      [...root.querySelectorAll<HTMLElement>("[role=gridcell]")].map((cell) => Number(cell.dataset.count));
    const counted = (rows: number[], columns: number[]) =>
      Array.from({ length: K * K }, (_, cell) => {
        const [row, column] = [Math.floor(cell / K), cell % K];
        return rows.filter((class_, i) => class_ === row && columns[i] === column).length;
      });
    const press = async (root: HTMLElement, key: string) => {
      root.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
      await frame();
    };
    const choose = async (root: HTMLElement, name: string) => {
      const buttons = [...root.querySelectorAll<HTMLElement>(".nntf-moment button")];
      buttons.find((button) => button.textContent === name)?.click();
      await frame();
    };

    it("shows the confusion of the epoch in focus, and follows the arrow keys", async () => {
      const kernel = host(12);
      const { root } = shown(kernel).open();
      await frame();
      expect(grid(root).getAttribute("aria-label")).toBe("Confusion matrix, epoch 11");
      expect(counts(root)).toEqual(counted(labels, predictions[11]));
      await press(root, "ArrowLeft");
      await press(root, "ArrowLeft");
      await press(root, "ArrowRight");
      expect(kernel.get("focused_epoch")).toBe(10);
      expect([root.dataset.focus, root.querySelector(".nntf-moment-title")?.textContent]).toEqual(["10", "Epoch 10"]);
      expect(counts(root)).toEqual(counted(labels, predictions[10]));
      expect(root.querySelector(".nntf-sentence")?.textContent).toContain("Epoch 9 \u2192 10");
      await press(root, "ArrowRight");
      expect(kernel.get("focused_epoch")).toBeNull();
    });

    it("draws nothing else anew when the focus moves", async () => {
      const kernel = host(12);
      const { root } = shown(kernel).open();
      await frame();
      pixels.putImageData.mockClear();
      const others = [...root.querySelectorAll(".nntf-bars, .nntf-overlay, .nntf-slim-curves")];
      const parts = others.map((plot) => plot.firstElementChild);
      await press(root, "ArrowLeft");
      expect(root.dataset.focus).toBe("10");
      expect(others.map((plot) => plot.firstElementChild)).toEqual(parts);
      expect(pixels.putImageData).not.toHaveBeenCalled();
      kernel.receive({ type: "snapshot" }, [packets[11]]); // it came twice, and changes nothing
      kernel.set("focused_epoch", 3);
      kernel.set("selected_class", 2);
      await frame();
      expect([root.dataset.focus, root.dataset.class]).toEqual(["3", "2"]);
    });

    it("leaves the arrow keys to its own slider", async () => {
      const kernel = host(12);
      const { root } = shown(kernel).open();
      await frame();
      const slider = root.querySelector("input") as HTMLElement;
      slider.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft", bubbles: true }));
      expect(kernel.get("focused_epoch")).toBeNull();
    });

    it("shows the moves that led to it, and none before the first", async () => {
      const { root } = shown(host(12)).open();
      await frame();
      await choose(root, "Moves");
      expect(grid(root).getAttribute("aria-label")).toBe("Moves, epoch 11");
      expect(counts(root)).toEqual(counted(predictions[10], predictions[11]));
      for (let t = 0; t < 11; t++) await press(root, "ArrowLeft");
      expect([root.dataset.focus, counts(root)]).toEqual(["0", new Array(K * K).fill(0)]);
      expect([root.querySelector(".nntf-sentence"), root.querySelectorAll(".nntf-ranking tr").length]).toEqual([
        null,
        0,
      ]);
    });

    it("says the five largest in words, and how they changed", async () => {
      const { root } = shown(host(12)).open();
      await frame();
      await choose(root, "Moves");
      const [now, before] = [11, 10].map((t) => counted(predictions[t - 1], predictions[t]));
      const expected = [1, 2, 3, 5, 6, 7]
        .filter((cell) => now[cell] > 0)
        .sort((a, b) => now[b] - now[a] || a - b)
        .slice(0, 5)
        .map((cell) => {
          const change = now[cell] - before[cell];
          const since = change > 0 ? `+${change}` : `\u2212${-change}`;
          const pair = `${names[Math.floor(cell / K)]} \u2192 ${names[cell % K]}`;
          return [pair, String(now[cell]), change === 0 ? "\u00b10" : since];
        });
      const rows = [...root.querySelectorAll(".nntf-ranking tr")];
      expect(rows.map((row) => [...row.children].map((cell) => cell.textContent))).toEqual(expected);
      expect(root.querySelector(".nntf-ranking caption")?.textContent).toBe("Largest moves since epoch 10");
    });

    it("shows shares of the true or of the predicted class", async () => {
      vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(460);
      const { root } = shown(host(11)).open();
      await frame();
      await choose(root, "% of true");
      const whole = counted(labels, predictions[10]);
      const row = whole[0] + whole[1] + whole[2];
      const [, cell] = root.querySelectorAll("[role=gridcell]");
      expect(cell.textContent).toBe(String(Math.round((100 * whole[1]) / row)));
      await choose(root, "% of predicted");
      const column = whole[1] + whole[4] + whole[7];
      const share = `${((100 * whole[1]) / column).toFixed(1)} %`;
      expect(cell.getAttribute("aria-label")).toBe(`true cat, predicted dog: ${whole[1]} (${share} of predicted dog)`);
    });

    it("shows what differs between the two epochs of a pinned pair, and lets go of it", async () => {
      const kernel = host(12);
      kernel.set("selected_epochs", [8, 2]); // the transitions that led to epochs 9 and 3
      const { root } = shown(kernel).open();
      await frame();
      const [early, late] = [3, 9].map((t) => counted(labels, predictions[t]));
      expect(root.querySelector(".nntf-moment-title")?.textContent).toBe("Epoch 9 minus epoch 3");
      expect(grid(root).getAttribute("aria-label")).toBe("Confusion matrix, epoch 9 minus 3");
      expect(counts(root)).toEqual(late.map((count, cell) => count - early[cell]));
      const [first] = root.querySelectorAll(".nntf-ranking tr");
      expect(first.textContent).toMatch(/^\w+ seen as \w+[+\u2212]\d+\d+ \u2192 \d+$/);
      await choose(root, "Let go");
      expect([kernel.get("selected_epochs"), counts(root)]).toEqual([null, counted(labels, predictions[11])]);
    });

    it("says the metrics of the epoch in focus, or how they went from one to another", async () => {
      const kernel = host(12);
      const { root } = shown(kernel).open();
      const said = () => [...root.querySelectorAll(".nntf-moment-metrics span")].map((each) => each.textContent);
      await frame();
      expect(said()).toEqual(["loss 0.0833", "accuracy 0.5"]);
      kernel.set("selected_epochs", [8, 2]);
      await frame();
      expect(said()).toEqual(["loss 0.25 \u2192 0.1", "accuracy 0.5 \u2192 0.5"]);
      kernel.set("facts", { ...kernel.get("facts"), measures: { loss: { loss: "", val_loss: "val" } } });
      kernel.set("selected_epochs", null);
      await frame();
      expect(said()).toEqual(["loss 0.0833"]); // of the other, nothing is known
    });

    it("leaves the focus on its buttons as the run grows", async () => {
      const kernel = host(8);
      kernel.set("selected_epochs", [5, 2]);
      const { root } = shown(kernel).open();
      await frame();
      const letGo = root.querySelector(".nntf-release") as HTMLElement;
      letGo.focus();
      kernel.receive({ type: "snapshot" }, [packets[8]]);
      await frame();
      expect([root.dataset.snapshots, document.activeElement]).toEqual(["9", letGo]);
    });

    it("offers the moves alone without labels", async () => {
      const kernel = host(0);
      kernel.set("log", joined(writeRun(predictions, K)));
      const { root } = shown(kernel).open();
      await frame();
      const shownButtons = [...root.querySelectorAll<HTMLElement>(".nntf-moment-choices button")]
        .filter((button) => !button.closest("[hidden]"))
        .map((button) => button.textContent);
      expect(shownButtons).toEqual(["Moves", "Rates", "Recurrence", "Path", "count", "% of from", "% of to"]);
      expect(counts(root)).toEqual(counted(predictions[10], predictions[11]));
    });

    it("shows of many classes the busiest, and says which are summed", async () => {
      const many = 50;
      const kernel = host(
        0,
        Array.from({ length: many }, (_, class_) => `<b>class ${class_}`),
      );
      kernel.set("log", joined(writeRun(wandering(6, 200, many), many)));
      const { root } = shown(kernel).open();
      await frame();
      expect(root.querySelectorAll("[role=gridcell]").length).toBe(41 ** 2);
      const others = root.querySelector(".nntf-others") as HTMLElement;
      expect(others.querySelector("summary")?.textContent).toBe(
        "The 40 classes that move the most; the other 10 are summed",
      );
      const ids = [...root.querySelectorAll<HTMLElement>("[data-column='others']")].map(({ dataset }) => dataset.row);
      const left = Array.from({ length: many }, (_, class_) => class_).filter((each) => !ids.includes(String(each)));
      expect(others.textContent).toContain(left.map((class_) => `<b>class ${class_}`).join(", "));
      expect(counts(root).reduce((sum, count) => sum + count)).toBe(200);
    });

    it("is put where a person clicks on a strip", async () => {
      vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(96 + 76 + 120);
      const kernel = host(12);
      const { root } = shown(kernel).open();
      await frame();
      const click = (css: string, clientX: number, clientY = 0) => {
        root.querySelector(css)?.dispatchEvent(new MouseEvent("click", { clientX, clientY, bubbles: true }));
        return kernel.get("focused_epoch");
      };
      expect(click(".nntf-outcomes .nntf-bars", 96 + 35)).toBe(4); // the bar of 3 \u2192 4
      expect(click(".nntf-strip", 25, 20)).toBe(2);
      expect(click(".nntf-slim-curves", 96 + 71)).toBe(7);
      expect(click(".nntf-slim-curves", 50)).toBe(7);
      expect(kernel.get("selected_class")).toBeNull();
      await frame();
      expect((root.querySelector(".nntf-focus-marker") as HTMLElement).style.left).toBe("171px");
    });
  });

  it("calls snapshots that are no epochs so", async () => {
    const kernel = host(7);
    kernel.set("facts", { ...kernel.get("facts"), unit: "snapshot" });
    const { root } = shown(kernel).open();
    await frame();
    expect(root.textContent).toContain("7 snapshots");
    expect(root.querySelector(".nntf-axis-name")?.textContent).toBe("snapshot");
    expect(root.outerHTML).not.toMatch(/epoch/i);
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

  it("draws of thousands of classes those in sight, wherever the strip is scrolled to", async () => {
    const many = 5000;
    const kernel = host(0);
    const names = Array.from({ length: many }, (_, class_) => `class ${class_}`);
    kernel.set("facts", { ...kernel.get("facts"), num_classes: many, class_names: names });
    kernel.set("log", joined(writeRun(wandering(3, 60, many), many)));
    const { root } = shown(kernel).open();
    await frame();
    const rows = root.querySelector(".nntf-strip-rows") as HTMLElement;
    const strip = root.querySelector(".nntf-strip") as HTMLCanvasElement;
    const named = () => [...root.querySelectorAll(".nntf-class")].map((name) => name.textContent);
    expect(named()).toEqual(names.slice(0, 16));
    expect(strip.height).toBe(16 * 10);
    rows.scrollTop = 10 * 4000 + 7;
    rows.dispatchEvent(new Event("scroll"));
    expect(named()).toEqual(names.slice(4000, 4016));
    (root.querySelectorAll(".nntf-class")[1] as HTMLElement).click();
    expect(kernel.get("selected_class")).toBe(4001);
  });

  it("reaches every class by the arrow keys", async () => {
    const many = 40;
    const kernel = host(
      0,
      Array.from({ length: many }, (_, class_) => String(class_)),
    );
    kernel.set("log", joined(writeRun(wandering(3, 60, many), many)));
    const { root } = shown(kernel).open();
    await frame();
    const press = (key: string) =>
      document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    (root.querySelector(".nntf-class[tabindex='0']") as HTMLElement).focus();
    for (let class_ = 1; class_ < many; class_++) {
      press("ArrowDown");
      expect(document.activeElement?.textContent).toBe(String(class_));
    }
    press("ArrowDown");
    for (let i = 1; i < many; i++) press("ArrowUp");
    expect(document.activeElement?.textContent).toBe("0");
  });

  it("draws no more once it is closed, though the run goes on", async () => {
    const kernel = host(4);
    const { close } = shown(kernel).open();
    await frame();
    close();
    const frames = vi.spyOn(window, "requestAnimationFrame");
    kernel.receive({ type: "snapshot" }, [packets[4]]);
    kernel.set("distance", "prediction");
    expect(frames).not.toHaveBeenCalled();
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

describe("a run that is damaged", () => {
  const broken = (from: number) => {
    const log = joined(packets.slice(0, 6));
    const start = packets.slice(0, from).reduce((sum, packet) => sum + packet.byteLength, 0);
    log.setUint8(start, 0);
    return log;
  };

  it("says so, shows what is good of it, and asks the kernel once", async () => {
    const kernel = host(0);
    kernel.set("log", broken(4));
    const { root } = shown(kernel).open();
    await frame();
    expect(root.dataset.snapshots).toBe("4");
    expect(root.querySelector(".nntf-notes")?.textContent).toBe(
      "This run is damaged; only its first 4 epochs can be read: these bytes are no packet.",
    );
    expect(root.querySelector(".nntf-status")?.textContent).toContain("damaged");
    kernel.set("log", broken(5));
    kernel.receive({ type: "snapshot" }, [packets[8]]);
    await frame();
    expect(kernel.sent).toEqual([{ type: "resend" }]);
    expect(root.textContent).not.toContain("aiting");
    kernel.set("log", joined(packets.slice(0, 6)));
    await frame();
    expect([root.dataset.snapshots, root.querySelector(".nntf-notes")?.textContent]).toEqual(["6", ""]);
  });

  it.each([0, 1])("is not waited for, with %i good snapshots", async (good) => {
    const kernel = host(0);
    kernel.set("log", broken(good));
    const { root } = shown(kernel).open();
    await frame();
    expect(root.textContent).toContain("This run is damaged");
    expect(root.querySelector(".nntf-matrix")?.textContent).toContain("this run is damaged");
    expect(root.textContent).not.toContain("aiting");
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

  it.each([[[]], [undefined], [[new DataView(new ArrayBuffer(0))]]])(
    "leaves the run as it was, and asks for the log: %o",
    async (buffers) => {
      const kernel = host(3);
      const { root } = shown(kernel).open();
      kernel.receive({ type: "snapshot" }, buffers);
      await frame();
      expect([root.dataset.snapshots, kernel.sent]).toEqual(["3", [{ type: "resend" }]]);
      kernel.set("log", joined(packets.slice(0, 4)));
      kernel.receive({ type: "metrics", t: 1 }, buffers);
      await frame();
      expect([root.dataset.snapshots, kernel.sent.length]).toEqual(["4", 2]);
    },
  );

  it("is left alone when it came twice", async () => {
    const kernel = host(3);
    const { root } = shown(kernel).open();
    kernel.receive({ type: "snapshot" }, [packets[2]]);
    await frame();
    expect([root.dataset.snapshots, kernel.sent]).toEqual(["3", []]);
  });
});
