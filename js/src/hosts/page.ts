/** A page that stands alone: the run is in the page, and there is no kernel. */

import type { RenderProps } from "@anywidget/types";
import type { Facts, Traits, Verdict } from "../session";
import { Host } from "./host";
import widget from "./widget";

const AROUND = 60; // pixels of the window that are not for the epoch column
const LEAST = 640; // of those that are

interface Saved {
  facts: Facts;
  verdicts: Verdict[];
  /** The log, in base 64. */
  log: string;
}

/** The bytes of a text in base 64; a loop, since a callback for each of many millions takes a second. */
function decoded(base64: string): DataView {
  const characters = atob(base64);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return new DataView(bytes.buffer);
}

/** Shows the run that is in the page. Throws where it is not, as in a page that was cut or edited. */
function show(el: HTMLElement): void {
  const saved = JSON.parse(document.getElementById("nntf-run")?.textContent ?? "") as Saved;
  const { model } = new Host<Traits>({
    facts: saved.facts,
    verdicts: saved.verdicts,
    log: decoded(saved.log),
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
