/** A page that stands alone: the run is in the page, and there is no kernel. */

import type { RenderProps } from "@anywidget/types";
import { Host } from "./host";
import { type Facts, type Traits, UNTOUCHED } from "./traits";
import widget from "./widget";

interface Saved {
  facts: Facts;
  /** The log, in base 64. */
  log: string;
  /** What the samples look like, in base 64. */
  samples: string;
}

const saved = JSON.parse(document.getElementById("nntf-run")?.textContent ?? "") as Saved;
const bytes = (text: string) => new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
const { model } = new Host<Traits>({
  facts: saved.facts,
  log: bytes(saved.log),
  sample_bytes: bytes(saved.samples),
  ...UNTOUCHED,
});
const hooks = widget();
hooks.initialize({ model });
hooks.render({ model, el: document.getElementById("nntf") } as unknown as RenderProps<Traits>);
