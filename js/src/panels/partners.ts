/** The classes that the class drilled into trades samples with: in the transition said, and in all. */

import { PARTNERS, REST } from "../drawing/colour";
import { element } from "../drawing/dom";
import { grouped, sum } from "../drawing/numbers";
import type { Flows } from "../run/class_drill";
import type { Session } from "../session";
import { columnsWidth, shortNames, wordRuler } from "./class_names";
import { namedPartners } from "./flows";

const WAYS = ["in", "out"];
const WIDEST = 480; // pixels of the table
const BESIDE = 18 + 12 + 12; // of these, for the colours and before the two columns of either time

export class Partners {
  readonly root = element("table", "nntf-partners");

  constructor(private readonly session: Session) {}

  /** Draws the table, in so many pixels. */
  draw(width: number): void {
    const { session, root } = this;
    const { drilled, focus, facts } = session;
    root.hidden = drilled === null;
    if (!drilled) return;
    const t = Math.max(focus - 1, 0);
    const flows = t < drilled.size ? [drilled.flowsAt(t), drilled.totals] : [drilled.totals];
    const whens = [...(flows.length > 1 ? [`${facts.unit} ${t} \u2192 ${t + 1}`] : []), "in all"];
    const named = namedPartners(drilled);
    const rest = drilled.partners().slice(named.length);
    const numbers = [...named.map((class_) => [class_]), rest].map((classes) => traded(classes, flows));
    const ruler = wordRuler(root);
    const taken = whens.map((when, i) => {
      const columns = WAYS.map((way, j) => [way, ...numbers.map((texts) => texts[2 * i + j])]);
      return Math.max(columnsWidth(columns, ruler), columnsWidth([[when]], ruler));
    });
    const names = shortNames(session, named, Math.min(width, WIDEST) - BESIDE - sum(taken), ruler);
    const rows = named.map((class_, rank) =>
      partner(PARTNERS[rank], session.className(class_), names[rank], numbers[rank]),
    );
    if (rest.length) rows.push(partner(REST, "", `${rest.length} more`, numbers[named.length]));
    const heads = whens.map((when) => element("th", "", { colspan: 2, scope: "colgroup" }, when));
    const ways = whens.flatMap(() => WAYS.map((way) => element("th", "", { scope: "col" }, way)));
    const title = element("th", "nntf-partners-title", { scope: "col" }, "Trades with");
    const head = [
      [title, ...heads],
      [element("td", ""), ...ways],
    ].map((cells) => element("tr", "", {}, ...cells));
    root.replaceChildren(element("thead", "", {}, ...head), element("tbody", "", {}, ...rows));
  }
}

/** How many samples came from some classes together, and how many went to them, in each of some flows. */
function traded(classes: number[], flows: Flows[]): string[] {
  const total = (counts: Uint32Array) => grouped(sum(classes.map((class_) => counts[class_])));
  return flows.flatMap(({ arrivals, departures }) => [`+${total(arrivals)}`, `\u2212${total(departures)}`]);
}

function partner(colour: string, title: string, name: string, numbers: string[]): HTMLElement {
  const swatch = element("span", "nntf-swatch", { style: `background: ${colour}` });
  const names = element("th", "", { scope: "row" }, swatch, element("bdi", "", { title }, name));
  return element("tr", "", {}, names, ...numbers.map((text) => element("td", "nntf-number", {}, text)));
}
