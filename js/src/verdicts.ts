/** What the kernel's rules say of the run: a chip with the state, and the sentence that says why. */

import { element } from "./dom";
import type { Verdict } from "./traits";

export class Verdicts {
  readonly root = element("div", "nntf-verdicts", { role: "status", "aria-label": "Verdicts", hidden: true });
  private told = "";

  draw(verdicts: Verdict[]): void {
    const told = JSON.stringify(verdicts);
    if (told === this.told) return;
    this.told = told;
    this.root.hidden = verdicts.length === 0;
    this.root.replaceChildren(
      ...verdicts.map(({ kind, sentence }) =>
        element(
          "p",
          "nntf-verdict",
          {},
          element("span", "nntf-chip", { "data-kind": kind }, kind),
          element("span", "nntf-quiet", {}, sentence),
        ),
      ),
    );
  }
}
