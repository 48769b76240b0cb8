/** A view for tests: of a run of twelve snapshots, in a page without a canvas to draw on. */

import type { Host } from "./hosts/host";
import { hostOf } from "./hosts/host.fixture";
import widget from "./hosts/widget";
import { joined, wandering, writeRun } from "./run/packets.fixture";
import type { Traits } from "./session";

export { pixels, withoutCanvas } from "./drawing/canvas.fixture";

export const predictions = wandering(12, 60, 3);
export const packets = writeRun(predictions, 3, predictions[11]);

export const host = (snapshots: number, names = ["cat", "dog", "frog"]) =>
  hostOf(joined(packets.slice(0, snapshots)), 60, names);

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
