/** What the pointer is on, in words and numbers; the legend; the partners of the class drilled into. */

import { PARTNERS, REST } from "../drawing/colour";
import { element } from "../drawing/dom";
import { grouped, percent } from "../drawing/numbers";
import { resumedAt } from "../drawing/seams";
import type { Session } from "../session";
import type { Place } from "./class_strip";
import { namedPartners, sum } from "./flows";
import type { Cell } from "./heatmap";

const distance = (value: number) => value.toFixed(3);

/** What the pointer is on. */
export type Pointed = { cell: Cell } | { place: Place } | { transition: number } | null;

export class SidePanel {
  readonly root: HTMLElement;
  private readonly readout = element("div", "nntf-readout");
  private readonly partners = element("div", "nntf-partners");

  constructor(private readonly session: Session) {
    this.root = element("div", "nntf-side", {}, this.readout, this.partners);
  }

  draw(pointed: Pointed): void {
    this.readout.replaceChildren(...this.words(pointed));
    this.listPartners();
  }

  /** Says only what the pointer is on; the rest stays as it is. */
  point(pointed: Pointed): void {
    this.readout.replaceChildren(...this.words(pointed));
  }

  private words(pointed: Pointed): Node[] {
    const { session } = this;
    const { run } = session;
    const { unit, ended } = session.facts;
    const pinned = session.model.get("selected_epochs");
    const cell = pointed && "cell" in pointed ? pointed.cell : null;
    if (pointed && "place" in pointed) return this.placeWords(pointed.place);
    if (pointed && "transition" in pointed) return this.transitionWords(pointed.transition);
    if (cell) return this.cellWords(cell);
    if (pinned && Math.max(...pinned) < session.matrix.size) {
      return [
        ...this.cellWords({ row: pinned[0], column: pinned[1] }),
        hint("Pinned. Click the cell again, or press Escape, to let go."),
      ];
    }
    if (run.length === 0) return ended ? [] : [hint(`Each ${unit} will add a row and a column.`)];
    const newest = run.transitions.length ? [this.sentence(run.transitions.length - 1)] : [];
    return [
      ...newest,
      session.drilled
        ? hint("Hover a cell or a bar for its numbers. Press Escape to go back to all classes.")
        : hint("Hover a cell to compare two moments. Click a class to see its own story."),
    ];
  }

  /** Says what a transition changed: "Epoch 60 → 61: 99 moved, 41 became right, …". */
  private sentence(t: number): HTMLElement {
    const { run, outcomes, drilled, facts } = this.session;
    const when = `${capitalised(facts.unit)} ${t} \u2192 ${t + 1}: `;
    if (!outcomes) {
      const { arrivals, departures } = drilled?.flows[t] ?? {};
      const moved =
        arrivals && departures
          ? `${grouped(sum(arrivals))} arrived, ${grouped(sum(departures))} departed`
          : `${grouped(run.transitions[t].samples.length)} moved`;
      return element("p", "nntf-sentence", {}, element("strong", "", {}, when), moved);
    }
    const [gained, lost, sideways] = [outcomes.gained[t], outcomes.lost[t], outcomes.sideways[t]];
    const whose = drilled ? `of ${grouped(run.support[drilled.class_])} samples ` : "";
    return element(
      "p",
      "nntf-sentence",
      {},
      element("strong", "", {}, when),
      `${whose}${grouped(gained + lost + sideways)} moved, `,
      element("strong", "nntf-gained", {}, `${grouped(gained)} became right`),
      ", ",
      element("strong", "nntf-lost", {}, `${grouped(lost)} became wrong`),
      `, ${grouped(sideways)} from wrong to wrong`,
    );
  }

  private cellWords({ row, column }: Cell): Node[] {
    const { run, drilled, showsTransitions } = this.session;
    const { unit } = this.session.facts;
    const name = (index: number) => (showsTransitions ? `${index} \u2192 ${index + 1}` : String(index));
    const transitions = run.transitionDistance;
    const facts: Node[] = [
      heading(`${capitalised(unit)} ${name(row)}`),
      line("compared with", `${unit} ${name(column)}`),
      line(
        "transition distance",
        Math.max(row, column) < transitions.size ? distance(transitions.at(row, column)) : "\u2013",
      ),
    ];
    const moved = run.predictionDistance.at(row, column);
    facts.push(line("prediction distance", `${percent(moved / run.numSamples)}  (${grouped(moved)})`));
    if (showsTransitions) facts.push(...this.seamWords(row, column));
    if (drilled) facts.splice(2, 0, line("this class alone", distance(drilled.distance.at(row, column))));
    return facts;
  }

  private placeWords({ class_, epoch }: Place): Node[] {
    const { run } = this.session;
    const facts = [heading(this.session.className(class_)), line(this.session.facts.unit, String(epoch))];
    if (run.labels)
      facts.push(line("recall", percent(run.classShare(epoch, class_))), line("samples", grouped(run.support[class_])));
    if (run.length) facts.push(line("predicted", grouped(run.classCounts[epoch][class_])));
    return facts;
  }

  private transitionWords(t: number): Node[] {
    const { drilled } = this.session;
    const facts: Node[] = [this.sentence(t)];
    if (drilled) {
      const { arrivals, departures } = drilled.flows[t];
      facts.push(line("arrived", grouped(sum(arrivals))), line("departed", grouped(sum(departures))));
      for (const class_ of namedPartners(drilled)) {
        facts.push(
          line(this.session.className(class_), `+${grouped(arrivals[class_])}  \u2212${grouped(departures[class_])}`),
        );
      }
    }
    return [...facts, ...this.seamWords(t)];
  }

  /** Says of transitions that the run was interrupted within them. */
  private seamWords(...transitions: number[]): Node[] {
    const { seams, facts } = this.session;
    const within = seams.filter((place) => transitions.includes(place - 0.5));
    return within.length ? [hint(`${capitalised(resumedAt(within, facts.unit))}.`)] : [];
  }

  private listPartners(): void {
    const { drilled } = this.session;
    this.partners.hidden = drilled === null;
    if (!drilled) return;
    const partners = drilled.partners();
    const { arrivals, departures } = drilled.totals;
    const named = namedPartners(drilled);
    const rows = named.map((class_, rank) =>
      partner(PARTNERS[rank], this.session.className(class_), arrivals[class_], departures[class_]),
    );
    const rest = partners.slice(named.length);
    if (rest.length) {
      const total = (values: Uint32Array) => rest.reduce((all, class_) => all + values[class_], 0);
      rows.push(partner(REST, `${rest.length} more`, total(arrivals), total(departures)));
    }
    this.partners.replaceChildren(
      element("div", "nntf-panel-title", {}, "Trades samples with"),
      element(
        "div",
        "nntf-partner nntf-quiet",
        {},
        element("span", ""),
        element("span", ""),
        element("span", "", {}, "in"),
        element("span", "", {}, "out"),
      ),
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

function heading(text: string): HTMLElement {
  return element("div", "nntf-readout-title", {}, text);
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function hint(text: string): HTMLElement {
  return element("div", "nntf-quiet", {}, text);
}

function line(name: string, value: string): HTMLElement {
  return element(
    "div",
    "nntf-fact",
    {},
    element("span", "nntf-quiet", {}, name),
    element("span", "nntf-number", {}, value),
  );
}
