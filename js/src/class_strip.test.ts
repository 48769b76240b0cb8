// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { wandering, writeRun } from "./packets.fixture";
import { choose, frame, kernelOf, press, shown, withoutCanvas } from "./views.fixture";

const CLASSES = 1000;
const predictions = wandering(3, 900, CLASSES);
const names = Array.from({ length: CLASSES }, (_, class_) => (class_ === 700 ? "<i>snail</i>" : `kind ${class_}`));

async function opened() {
  const kernel = kernelOf(writeRun(predictions, CLASSES, predictions[2]), { num_classes: CLASSES, class_names: names });
  const { open } = shown(kernel);
  const { root } = open();
  await frame();
  const strip = root.querySelector(".nntf-classes") as HTMLElement;
  const part = <E extends HTMLElement>(selector: string) => strip.querySelector(selector) as E;
  const listed = () =>
    [...strip.querySelectorAll<HTMLElement>(".nntf-class")]
      .sort((a, b) => Number.parseInt(a.style.top, 10) - Number.parseInt(b.style.top, 10))
      .map((button) => button.textContent);
  return { kernel, root, part, listed, open };
}

const focused = () => document.activeElement?.textContent;

beforeEach(withoutCanvas);
afterEach(() => {
  document.body.replaceChildren();
  vi.restoreAllMocks();
});

describe("the strip of a thousand classes", () => {
  it("keeps a button for those in sight alone", async () => {
    const { listed, part } = await opened();
    expect(listed().length).toBeLessThan(30);
    expect(listed().slice(0, 3)).toEqual(["kind 0", "kind 1", "kind 2"]);
    part(".nntf-strip-rows").scrollTop = 15 * 500;
    part(".nntf-strip-rows").dispatchEvent(new Event("scroll"));
    expect(listed()).toContain("kind 500");
    expect(listed().length).toBeLessThan(30);
  });

  it("is walked with the keys, to the end and back", async () => {
    const { part } = await opened();
    part<HTMLButtonElement>('.nntf-class[tabindex="0"]').focus();
    const walk = (key: string) => press(document.activeElement as Element, key);
    walk("ArrowDown");
    expect(focused()).toBe("kind 1");
    walk("End");
    expect(focused()).toBe("kind 999");
    walk("PageUp");
    expect(focused()).toBe("kind 974");
    walk("Home");
    walk("ArrowUp");
    expect(focused()).toBe("kind 0");
  });

  it("keeps the focus of a class that is scrolled out of sight", async () => {
    const { part } = await opened();
    part<HTMLButtonElement>('.nntf-class[tabindex="0"]').focus();
    part(".nntf-strip-rows").scrollTop = 15 * 500;
    part(".nntf-strip-rows").dispatchEvent(new Event("scroll"));
    expect(focused()).toBe("kind 0");
  });

  it("finds a class by a part of its name, and Enter drills into it", async () => {
    const { kernel, part, listed } = await opened();
    const search = part<HTMLInputElement>("input");
    search.value = "SNAIL";
    search.dispatchEvent(new Event("input"));
    await frame();
    expect(listed()).toEqual(["<i>snail</i>"]);
    expect(part(".nntf-strip-controls").textContent).toContain("1 of 1000");
    press(search, "Enter");
    expect(kernel.get("selected_class")).toBe(700);
    press(search, "Escape");
    await frame();
    expect([kernel.get("selected_class"), search.value]).toEqual([700, ""]);
    expect(listed()).toContain("<i>snail</i>");
  });

  it("shows nothing where no name fits", async () => {
    const { part, listed } = await opened();
    const search = part<HTMLInputElement>("input");
    search.value = "nobody";
    search.dispatchEvent(new Event("input"));
    await frame();
    expect(listed()).toEqual([]);
    expect(part(".nntf-strip-controls").textContent).toContain("0 of 1000");
    press(search, "Enter");
  });

  it("is sorted in all views alike", async () => {
    const { part, listed, open } = await opened();
    const other = open();
    choose(part<HTMLSelectElement>("select"), "change");
    await frame();
    const first = listed()[0];
    expect(first).not.toBe("kind 0");
    expect(other.root.querySelector("select")?.isConnected).toBe(true);
    const top = [...other.root.querySelectorAll<HTMLElement>(".nntf-class")].find(({ style }) => style.top === "0px");
    expect(top?.textContent).toBe(first);
  });

  it("brings a class that Python selects into sight", async () => {
    const { kernel, listed, part } = await opened();
    kernel.set("selected_class", 640);
    await frame();
    expect(listed()).toContain("kind 640");
    expect(part('[aria-pressed="true"]').textContent).toBe("kind 640");
  });
});
