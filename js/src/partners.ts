/** The partners of the class drilled into, with the colour that each has in all charts, and what was traded. */

import type { ClassDrill } from "./class_drill";
import { REST } from "./colour";
import { element } from "./dom";
import { grouped } from "./numbers";
import type { Session } from "./session";

export class Partners {
  readonly root = element("div", "nntf-partners");
  /** Whether the partners without a colour are listed too. */
  private whole = false;

  constructor(
    private readonly session: Session,
    private readonly onOpen: (partner: number) => void,
  ) {}

  draw(): void {
    const { drilled, partnerColours } = this.session;
    this.root.hidden = drilled === null;
    if (!drilled) return;
    const partners = drilled.partners();
    const listed = this.whole ? partners : partners.slice(0, partnerColours.size);
    const rows = listed.map((class_) => this.partner(drilled, class_, partnerColours.get(class_) ?? REST));
    const rest = partners.slice(partnerColours.size);
    const head = element(
      "div",
      "nntf-partner nntf-partner-head nntf-quiet",
      {},
      element("span", "nntf-partner-name", {}, "Trades with"),
      element("span", "", {}, "in"),
      element("span", "", {}, "out"),
    );
    const name = this.session.className(drilled.class_);
    const itself = element(
      "div",
      "nntf-partner nntf-quiet",
      {},
      element("span", "nntf-swatch nntf-itself"),
      element("span", "nntf-partner-name", { title: name }, name),
      element("span", "", {}, "itself"),
    );
    const focused = [...this.root.querySelectorAll("button")].indexOf(document.activeElement as HTMLButtonElement);
    this.root.replaceChildren(
      head,
      element("div", "nntf-partner-list", {}, ...rows),
      ...(rest.length > 0 && drilled.partner === null ? [this.more(drilled, rest)] : []),
      itself,
    );
    if (focused >= 0) this.root.querySelectorAll("button")[focused]?.focus();
  }

  private partner(drilled: ClassDrill, class_: number, colour: string): HTMLElement {
    const name = this.session.className(class_);
    const row = element(
      "button",
      "nntf-partner",
      { type: "button", title: name, disabled: drilled.partner !== null },
      element("span", "nntf-swatch", { style: `background: ${colour}` }),
      element("span", "nntf-partner-name", {}, name),
      ...traded(drilled, [class_]),
    );
    row.addEventListener("click", () => this.onOpen(class_));
    return row;
  }

  /** The others, summed; a click lists them. */
  private more(drilled: ClassDrill, rest: readonly number[]): HTMLElement {
    const row = element(
      "button",
      "nntf-partner",
      { type: "button", "aria-expanded": this.whole },
      element("span", "nntf-swatch", { style: `background: ${REST}` }),
      element("span", "nntf-partner-name", {}, this.whole ? "fewer" : `${rest.length} more`),
      ...(this.whole ? [] : traded(drilled, rest)),
    );
    row.addEventListener("click", () => {
      this.whole = !this.whole;
      this.draw();
    });
    return row;
  }
}

/** How many samples came from these partners, and how many went to them. */
function traded({ totals }: ClassDrill, partners: readonly number[]): HTMLElement[] {
  const sum = (counts: Map<number, number>) =>
    grouped(partners.reduce((total, class_) => total + (counts.get(class_) ?? 0), 0));
  return [
    element("span", "nntf-number", {}, `+${sum(totals.arrivals)}`),
    element("span", "nntf-number", {}, `\u2212${sum(totals.departures)}`),
  ];
}
