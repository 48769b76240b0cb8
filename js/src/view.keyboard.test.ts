// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { frame, host, packets, shown, withoutCanvas } from "./view.fixture";

beforeEach(() => {
  withoutCanvas();
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(96 + 76 + 240);
});
afterEach(() => {
  document.body.replaceChildren();
  vi.restoreAllMocks();
});

const part = (root: HTMLElement, selector: string) => root.querySelector(selector) as HTMLElement;
const said = (root: HTMLElement) => part(root, ".nntf-spoken").textContent;

function press(on: HTMLElement, key: string, more: KeyboardEventInit = {}): void {
  on.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
}

describe("the keys in the fingerprint", () => {
  it("lead from cell to cell, and pin one", async () => {
    const kernel = host(12);
    const { root } = shown(kernel).open();
    await frame();
    const matrix = part(root, ".nntf-heatmap");
    press(matrix, "ArrowLeft"); // from the newest transition and the one before
    expect(said(root)).toMatch(/^Epoch 10 \u2192 11, compared with epoch 8 \u2192 9, transition distance \d\.\d{3}, /);
    expect(part(root, ".nntf-readout").hidden).toBe(false);
    press(matrix, "ArrowUp");
    press(matrix, "ArrowDown");
    press(matrix, "ArrowUp");
    press(matrix, "ArrowRight");
    press(matrix, "ArrowLeft");
    press(matrix, "Enter");
    expect(kernel.get("selected_epochs")).toEqual([9, 8]);
    press(matrix, " ");
    expect(kernel.get("selected_epochs")).toBeNull();
    matrix.dispatchEvent(new FocusEvent("blur"));
    expect(part(root, ".nntf-readout").hidden).toBe(true);
  });

  it("stay within what is shown, and go ten cells at a time with Shift", async () => {
    const kernel = host(12);
    kernel.set("epoch_range", [3, 9]);
    kernel.set("selected_epochs", [8, 4]);
    const { root } = shown(kernel).open();
    await frame();
    const matrix = part(root, ".nntf-heatmap");
    press(matrix, "ArrowDown");
    expect(said(root)).toContain("Epoch 8 \u2192 9, compared with epoch 4 \u2192 5");
    press(matrix, "ArrowUp", { shiftKey: true });
    press(matrix, "ArrowRight", { shiftKey: true });
    expect(said(root)).toContain("Epoch 3 \u2192 4, compared with epoch 8 \u2192 9");
    kernel.set("distance", "both");
    await frame();
    press(matrix, "ArrowDown", { shiftKey: true }); // below the diagonal are snapshots
    expect(said(root)).toContain("Epoch 9, compared with epoch 8,");
  });

  it("point to where the cell is", async () => {
    const { root } = shown(host(12)).open();
    await frame();
    const matrix = part(root, ".nntf-heatmap");
    vi.spyOn(matrix, "getBoundingClientRect").mockReturnValue(new DOMRect(10, 20, 336, 240));
    vi.spyOn(root, "getBoundingClientRect").mockReturnValue(new DOMRect(10, 0, 800, 600));
    press(matrix, "ArrowLeft"); // row 10 and column 8
    const { left, top } = part(root, ".nntf-readout").style;
    const height = Number(part(root, ".nntf-frame").getAttribute("height")); // of the rows 0 to 10
    expect(left).toBe(`${96 + 9 * 20 + 14}px`);
    expect(Number.parseFloat(top)).toBeCloseTo(20 + height + 14, 3);
  });

  it("leave other keys alone", async () => {
    const { root } = shown(host(12)).open();
    await frame();
    const event = new KeyboardEvent("keydown", { key: "x", bubbles: true, cancelable: true });
    part(root, ".nntf-heatmap").dispatchEvent(event);
    expect([event.defaultPrevented, part(root, ".nntf-readout").hidden]).toEqual([false, true]);
  });

  it("do nothing where there is no cell", async () => {
    const kernel = host(1);
    const { root } = shown(kernel).open();
    await frame();
    press(part(root, ".nntf-heatmap"), "ArrowLeft");
    press(part(root, ".nntf-heatmap"), "Enter");
    expect([kernel.get("selected_epochs"), part(root, ".nntf-readout").hidden]).toEqual([null, true]);
  });
});

describe("the keys on the names of classes", () => {
  it("say what is known of the class at the epoch in focus, also as that moves", async () => {
    const kernel = host(8);
    const { root } = shown(kernel).open();
    await frame();
    const [cat] = root.querySelectorAll<HTMLElement>(".nntf-class");
    vi.spyOn(cat, "matches").mockReturnValue(true); // as where the Tab key led to it
    cat.focus();
    expect(said(root)).toMatch(/^cat, epoch 7, recall [\d.]+ %, samples \d+, predicted \d+$/);
    press(cat, "ArrowLeft");
    await frame();
    expect(said(root)).toMatch(/^cat, epoch 6, /);
    kernel.receive({ type: "snapshot" }, [packets[8]]);
    await frame();
    expect(part(root, ".nntf-readout").textContent).toContain("epoch 6");
    kernel.set("epoch_range", [0, 4]);
    await frame();
    expect(part(root, ".nntf-readout").hidden).toBe(true);
  });

  it("are not in the way of the pointer", async () => {
    const { root } = shown(host(8)).open();
    await frame();
    const [cat] = root.querySelectorAll<HTMLElement>(".nntf-class");
    vi.spyOn(cat, "matches").mockReturnValue(false);
    cat.focus();
    expect(part(root, ".nntf-readout").hidden).toBe(true);
  });
});

describe("the focus", () => {
  it("is the view's own when the button that had it goes, or takes no keys", async () => {
    const kernel = host(8);
    kernel.set("selected_class", 1);
    kernel.set("focused_epoch", 1);
    const { root } = shown(kernel).open();
    await frame();
    part(root, ".nntf-back").focus();
    part(root, ".nntf-back").click();
    await frame();
    expect(document.activeElement).toBe(root);
    const back = part(root, "[aria-label='One back']");
    back.focus();
    back.click();
    await frame();
    expect([root.dataset.focus, document.activeElement]).toEqual(["0", root]);
  });
});
