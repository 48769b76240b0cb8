/** Views of a run for tests, in a page that has no canvas to draw on. */

import { vi } from "vitest";
import { Host } from "./host";
import { joined } from "./packets.fixture";
import { traits } from "./run.fixture";
import type { Facts, Traits } from "./traits";
import widget from "./widget";

/** A kernel that knows these snapshots. */
export function kernelOf(packets: DataView[], facts: Partial<Facts>): Host<Traits> {
  const all = traits(joined(packets), []);
  return new Host<Traits>({ ...all, facts: { ...all.facts, ...facts } });
}

export function shown(from: Host<Traits>) {
  const hooks = widget();
  const model = from.model;
  const end = hooks.initialize({ model });
  const open = () => {
    const el = document.createElement("div");
    document.body.append(el);
    const close = hooks.render({ model, el } as never);
    return { root: el.firstElementChild as HTMLElement, close };
  };
  return { end, open };
}

/** Lets the next frame be drawn. */
export const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));

/** Stands in for what this page cannot draw; the browser tests look at real pixels. */
export function withoutCanvas(): void {
  const known: Record<string, unknown> = { measureText: (text: string) => ({ width: 6 * text.length }) };
  const context = new Proxy(known, { get: (_, name: string) => known[name] ?? vi.fn(), set: () => true });
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(context as never);
  vi.stubGlobal("ImageData", class {});
}

export function press(on: Element, key: string, options: KeyboardEventInit = {}): void {
  on.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, ...options }));
}

export function choose(select: HTMLSelectElement, value: string): void {
  select.value = value;
  select.dispatchEvent(new Event("change"));
}
