/** A page that stands alone: the run is in the page, and there is no kernel. */

import type { RenderProps } from "@anywidget/types";
import type { Facts, Traits } from "../session";
import { Host } from "./host";
import widget from "./widget";

const AROUND = 60; // pixels of the window that are not for the epoch column
const LEAST = 640; // of those that are

interface Saved {
  facts: Facts;
  /** The log, in base 64. */
  log: string;
}

/** Shows the run that is in the page. Throws where it is not, as in a page that was cut or edited. */
function show(el: HTMLElement): void {
  const saved = JSON.parse(document.getElementById("nntf-run")?.textContent ?? "") as Saved;
  const log = Uint8Array.from(atob(saved.log), (character) => character.charCodeAt(0));
  const { model } = new Host<Traits>({
    facts: saved.facts,
    log: new DataView(log.buffer),
    distance: "transition",
    selected_class: null,
    selected_epochs: null,
    focused_epoch: null,
    epoch_range: null,
    height: Math.max(window.innerHeight - AROUND, LEAST),
  });
  const hooks = widget();
  hooks.initialize({ model });
  hooks.render({ model, el } as unknown as RenderProps<Traits>);
}

const place = document.getElementById("nntf") as HTMLElement;
try {
  show(place);
} catch (error) {
  place.textContent = `The run in this page is damaged: ${error}`;
}
