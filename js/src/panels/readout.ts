/** What the pointer is on, in words and numbers, beside the pointer. */

import { element, type Spot } from "../drawing/dom";
import { capitalised, fixed, grouped, percent, sum } from "../drawing/numbers";
import { resumedAt } from "../drawing/seams";
import type { Cell, Session } from "../session";
import { shortNames, wordRuler } from "./class_names";
import type { Place } from "./class_strip";
import { namedPartners } from "./flows";

/** What the pointer is on. */
export type Pointed = { cell: Cell } | { place: Place } | { transition: number } | { epoch: number } | null;

const AWAY = 14; // pixels from the pointer
const ROOM = 236; // pixels for a name as heading
const BESIDE = 150; // and for one beside numbers

export class Readout {
  readonly root = element("div", "nntf-readout", { hidden: true });

  constructor(private readonly session: Session) {}

  /** Says what the pointer is on; of a transition only what the sentence beside the plots does not. */
  show(pointed: Pointed): void {
    const words = this.words(pointed);
    this.root.hidden = words.length === 0;
    this.root.replaceChildren(...words);
  }

  /** What it says, as it is spoken. */
  get spoken(): string {
    return [...this.root.children].map((line) => line.textContent).join(", ");
  }

  /** Goes to the pointer, or to what the keys have reached, and stays within the view. */
  follow(to: Spot, within: DOMRect): void {
    if (this.root.hidden) return;
    const { offsetWidth, offsetHeight, style } = this.root;
    const [x, y] = [to.clientX - within.left, to.clientY - within.top];
    const left = x + AWAY + offsetWidth > within.width ? x - AWAY - offsetWidth : x + AWAY;
    const top = y + AWAY + offsetHeight > within.height ? y - AWAY - offsetHeight : y + AWAY;
    style.left = `${Math.max(left, 0)}px`;
    style.top = `${Math.max(top, 0)}px`;
  }

  private words(pointed: Pointed): Node[] {
    if (!pointed || "epoch" in pointed) return [];
    if ("place" in pointed) return this.placeWords(pointed.place);
    if ("transition" in pointed) return this.transitionWords(pointed.transition);
    return cellWords(this.session, pointed.cell);
  }

  private placeWords({ class_, epoch }: Place): Node[] {
    const { run } = this.session;
    const [name] = shortNames(this.session, [class_], ROOM, wordRuler(this.root));
    const facts = [heading(name), line(this.session.facts.unit, String(epoch))];
    if (run.labels)
      facts.push(line("recall", percent(run.classShare(epoch, class_))), line("samples", grouped(run.support[class_])));
    return [...facts, line("predicted", grouped(run.classCounts[epoch][class_]))];
  }

  private transitionWords(t: number): Node[] {
    const { drilled } = this.session;
    if (!drilled) return [];
    const { arrivals, departures } = drilled.flowsAt(t);
    const facts = [line("arrived", grouped(sum(arrivals))), line("departed", grouped(sum(departures)))];
    const partners = namedPartners(drilled);
    const names = shortNames(this.session, partners, BESIDE, wordRuler(this.root));
    for (const [i, class_] of partners.entries()) {
      facts.push(line(names[i], `+${grouped(arrivals[class_])}  \u2212${grouped(departures[class_])}`));
    }
    return facts;
  }
}

/** The two moments that a cell compares, and how far apart they are. */
export function cellWords(session: Session, { row, column }: Cell): Node[] {
  const { run, drilled, comparison, distance: shown } = session;
  const { ofTransitions } = session.layerOf({ row, column });
  const { unit } = session.facts;
  const name = (index: number) => (ofTransitions ? `${index} \u2192 ${index + 1}` : String(index));
  const transitions = run.transitionDistance;
  const moved = run.predictionDistance.at(row, column);
  const facts: Node[] = [
    heading(`${capitalised(unit)} ${name(row)}`),
    line("compared with", `${unit} ${name(column)}`),
    line(
      "transition distance",
      Math.max(row, column) < transitions.size ? distance(transitions.at(row, column)) : "\u2013",
    ),
    line("prediction distance", `${percent(moved / run.numSamples)}  (${grouped(moved)})`),
  ];
  if (ofTransitions) facts.push(...seamWords(session, row, column));
  if (drilled) facts.splice(2, 0, line("this class alone", distance(drilled.distance.at(row, column))));
  if (comparison && shown === "excess") {
    const value = row === column ? "\u2013" : beyond(comparison.at(row, column));
    facts.splice(2, 0, line(`${drilled ? "this class " : ""}beyond chance`, value));
  }
  return facts;
}

/** Says of transitions that the run was interrupted within them. */
export function seamWords({ seams, facts }: Session, ...transitions: number[]): Node[] {
  const within = seams.filter((place) => transitions.includes(place - 0.5));
  return within.length ? [element("div", "nntf-quiet", {}, `${capitalised(resumedAt(within, facts.unit))}.`)] : [];
}

function beyond(value: number): string {
  return Number.isNaN(value) ? "too few moved to tell" : fixed(value, 3);
}

function distance(value: number): string {
  return fixed(value, 3);
}

function heading(text: string): HTMLElement {
  return element("div", "nntf-readout-title", {}, text);
}

function line(name: string, value: string): HTMLElement {
  return element(
    "div",
    "nntf-fact",
    {},
    element("span", "nntf-quiet", {}, name),
    " ",
    element("span", "nntf-number", {}, value),
  );
}
