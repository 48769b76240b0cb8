// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { wandering, writeRun } from "./packets.fixture";
import { choose, frame, kernelOf, press, shown, withoutCanvas } from "./views.fixture";

const predictions = wandering(12, 60, 3);
const labels = predictions[11];
const members = labels.flatMap((label, sample) => (label === 1 ? [sample] : []));
const forgotten = (sample: number) =>
  predictions.filter((classes, t) => t > 0 && predictions[t - 1][sample] === 1 && classes[sample] !== 1).length;
const mostForgotten = [...members].sort((a, b) => forgotten(b) - forgotten(a) || a - b);

async function drilled(withLabels = true) {
  const packets = writeRun(predictions, 3, withLabels ? labels : undefined);
  const kernel = kernelOf(packets, { num_classes: 3, class_names: ["cat", "<b>", "frog"] });
  kernel.set("selected_class", 1);
  const { open } = shown(kernel);
  const { root } = open();
  await frame();
  const part = <E extends HTMLElement>(selector: string) => root.querySelector(`.nntf-samples ${selector}`) as E;
  const box = part(".nntf-sample-box");
  const height = Math.min(Math.max(Math.floor(240 / members.length), 4), 14);
  const at = (type: string, place: number, keys: MouseEventInit = {}) =>
    box.dispatchEvent(new MouseEvent(type, { clientX: 96, clientY: (place + 0.5) * height, bubbles: true, ...keys }));
  const named = () => part(".nntf-sample-name").textContent;
  return { kernel, root, part, box, at, named, open };
}

beforeEach(withoutCanvas);
afterEach(() => {
  document.body.replaceChildren();
  vi.restoreAllMocks();
});

describe("the rows of samples", () => {
  it("are named by the pointer, with their story", async () => {
    const { at, named, part } = await drilled();
    for (const place of [0, 3, members.length - 1]) {
      at("pointermove", place);
      expect(named()).toBe(`#${mostForgotten[place]}`);
    }
    expect(part(".nntf-card").textContent).toContain("labelled <b>");
    expect(part(".nntf-card").querySelector("b")).toBeNull();
    at("pointerleave", 0);
    expect(part(".nntf-card").hidden).toBe(true);
  });

  it("are selected with clicks: one, one more, one less, all from the last one", async () => {
    const { kernel, at, part } = await drilled();
    const selected = () => kernel.get("selected_samples");
    at("click", 2);
    expect(selected()).toEqual([mostForgotten[2]]);
    at("click", 4, { ctrlKey: true });
    expect(selected()).toEqual([mostForgotten[2], mostForgotten[4]]);
    at("click", 2, { ctrlKey: true });
    expect(selected()).toEqual([mostForgotten[4]]);
    at("click", 1);
    at("click", 3, { shiftKey: true });
    expect(selected()).toEqual(mostForgotten.slice(1, 4));
    await frame();
    expect(part(".nntf-link").textContent).toContain("3 selected");
    part(".nntf-link").click();
    expect(selected()).toEqual([]);
  });

  it("are walked and selected with the keys", async () => {
    const { kernel, box, named, part } = await drilled();
    press(box, "ArrowDown");
    press(box, "ArrowDown");
    expect(named()).toBe(`#${mostForgotten[1]}`);
    press(box, "ArrowRight");
    expect(part(".nntf-card").textContent).toContain("epoch 1: predicted");
    press(box, " ");
    press(box, "End");
    press(box, "Enter");
    expect(kernel.get("selected_samples")).toEqual([mostForgotten[1], mostForgotten.at(-1)]);
    press(box, "Escape");
    expect([kernel.get("selected_samples"), kernel.get("selected_class")]).toEqual([[], 1]);
    expect(box.getAttribute("aria-activedescendant")).toBe(part("[role=option]").id);
  });

  it("change their order in all views alike", async () => {
    const { part, at, named, open } = await drilled();
    const other = open().root.querySelector(".nntf-samples select") as HTMLSelectElement;
    choose(part<HTMLSelectElement>("select"), "changed");
    await frame();
    expect(other.value).toBe("changed");
    const moved = (sample: number) =>
      predictions.findLastIndex((classes, t) => t > 0 && predictions[t - 1][sample] !== classes[sample]);
    at("pointermove", 0);
    expect(named()).toBe(`#${[...members].sort((a, b) => moved(b) - moved(a) || a - b)[0]}`);
  });

  it("without labels are those ever predicted so, by their moves", async () => {
    const { part } = await drilled(false);
    expect(part<HTMLSelectElement>("select").value).toBe("moves");
    expect(part(".nntf-strip-controls").textContent).toContain("samples once so predicted");
  });
});

describe("a pair of classes", () => {
  it("is opened from a partner, and left to its class", async () => {
    const { root, kernel } = await drilled();
    (root.querySelector(".nntf-partner-list button") as HTMLElement).click();
    await frame();
    expect([root.dataset.class, root.dataset.partner]).toEqual(["1", expect.stringMatching(/[02]/)]);
    expect(root.querySelector(".nntf-title")?.textContent).toContain("\u21c4");
    expect((root.querySelector(".nntf-samples select") as HTMLSelectElement).value).toBe("crossings");
    press(root, "Escape");
    await frame();
    expect([root.dataset.class, root.dataset.partner]).toEqual(["1", ""]);
    expect(kernel.sent).toEqual([]);
  });

  it("ends with its class", async () => {
    const { root, kernel } = await drilled();
    (root.querySelector(".nntf-partner-list button") as HTMLElement).click();
    kernel.set("selected_class", 0);
    await frame();
    expect([root.dataset.class, root.dataset.partner]).toEqual(["0", ""]);
  });
});
