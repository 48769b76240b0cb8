/** The classes that the class drilled into trades samples with. */

import { PARTNERS, REST } from "../drawing/colour";
import { element } from "../drawing/dom";
import { grouped, sum } from "../drawing/numbers";
import type { Session } from "../session";
import { namedPartners } from "./flows";

export class Partners {
  readonly root = element("div", "nntf-partners");

  constructor(private readonly session: Session) {}

  draw(): void {
    const { drilled } = this.session;
    this.root.hidden = drilled === null;
    if (!drilled) return;
    const { arrivals, departures } = drilled.totals;
    const named = namedPartners(drilled);
    const rows = named.map((class_, rank) =>
      partner(PARTNERS[rank], this.session.className(class_), arrivals[class_], departures[class_]),
    );
    const rest = drilled.partners().slice(named.length);
    if (rest.length) {
      const total = (values: Uint32Array) => sum(rest.map((class_) => values[class_]));
      rows.push(partner(REST, `${rest.length} more`, total(arrivals), total(departures)));
    }
    const heads = ["", "", "in", "out"].map((head) => element("span", "", {}, head));
    this.root.replaceChildren(
      element("div", "nntf-panel-title", {}, "Trades samples with"),
      element("div", "nntf-partner nntf-quiet", {}, ...heads),
      ...rows,
    );
  }
}

function partner(colour: string, name: string, arrived: number, departed: number): HTMLElement {
  return element(
    "div",
    "nntf-partner",
    {},
    element("span", "nntf-swatch", { style: `background: ${colour}` }),
    element("span", "nntf-partner-name", { title: name }, name),
    element("span", "nntf-number", {}, `+${grouped(arrived)}`),
    element("span", "nntf-number", {}, `\u2212${grouped(departed)}`),
  );
}
