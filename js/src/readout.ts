/** What the pointer is on, in words and numbers. */

import type { Place } from "./class_strip";
import { element } from "./dom";
import { grouped, percent } from "./numbers";
import type { Cell, Session } from "./session";

const distance = (value: number) => value.toFixed(3);

/** What the pointer is on. */
export type Pointed =
  | { cell: Cell }
  | { place: Place }
  | { transition: number }
  | { confused: number }
  | { epoch: number }
  | null;

export class Readout {
  readonly root = element("div", "nntf-readout");

  constructor(private readonly session: Session) {}

  draw(pointed: Pointed): void {
    this.root.replaceChildren(...this.words(pointed));
  }

  /** What is said of the place pointed at, to be read aloud. */
  get spoken(): string {
    return [...this.root.children]
      .map((said) => [...said.childNodes].map((part) => part.textContent).join(" "))
      .join(", ");
  }

  private words(pointed: Pointed): Node[] {
    const { session } = this;
    const { run } = session;
    const { pinned } = session;
    const cell = pointed && "cell" in pointed ? pointed.cell : null;
    if (pointed && "place" in pointed) return this.placeWords(pointed.place);
    if (pointed && "transition" in pointed) return this.flowWords(pointed.transition);
    if (pointed && "confused" in pointed) return this.confusionWords(pointed.confused);
    if (cell) return this.cellWords(cell);
    if (pinned) {
      return [...this.cellWords(pinned), hint("Pinned. Click the cell again, or press Escape, to let go.")];
    }
    if (run.length === 0) return [hint("Each finished epoch will add a row and a column.")];
    if (session.drilled)
      return [hint("Hover a cell, a bar or a sample. Click a partner for the pair, press Escape to go back.")];
    return [hint("Hover a cell to compare two moments, drag to zoom in. Click a class to see its own story.")];
  }

  private cellWords({ row, column, between }: Cell): Node[] {
    const { run, drilled } = this.session;
    const name = (index: number) => (between ? `${index} \u2192 ${index + 1}` : String(index));
    const transitions = run.transitionDistance;
    const facts = [
      heading(`Epoch ${name(row)}`),
      line("compared with", `epoch ${name(column)}`),
      line(
        "transition distance",
        Math.max(row, column) < transitions.size ? distance(transitions.at(row, column)) : "\u2013",
      ),
    ];
    const moved = run.predictionDistance.at(row, column);
    facts.push(line("prediction distance", `${percent(moved / run.numSamples)}  (${grouped(moved)})`));
    if (drilled) facts.splice(2, 0, line("this class alone", distance(drilled.distance.at(row, column))));
    return facts;
  }

  private placeWords({ class_, epoch }: Place): Node[] {
    const { run } = this.session;
    const facts = [heading(this.session.className(class_)), line("epoch", String(epoch))];
    if (run.labels)
      facts.push(line("recall", percent(run.classShare(epoch, class_))), line("samples", grouped(run.support[class_])));
    facts.push(line("predicted", grouped(run.classCounts[epoch][class_])));
    facts.push(line("moves in all", grouped(run.moveCounts[class_])));
    facts.push(line("of them straight back", grouped(run.returnCounts[class_])));
    return facts;
  }

  private flowWords(t: number): Node[] {
    const { drilled } = this.session;
    if (!drilled) return [];
    const { arrivals, departures, arrived, departed } = drilled.flows[t];
    return [
      heading(`Epoch ${t} \u2192 ${t + 1}`),
      line("arrived", grouped(arrived)),
      line("departed", grouped(departed)),
      ...this.byPartner(
        (class_) => arrivals.get(class_) ?? 0,
        (class_) => departures.get(class_) ?? 0,
      ),
    ];
  }

  private confusionWords(t: number): Node[] {
    const { drilled, run } = this.session;
    const confused = drilled?.samples.confusion?.snapshots[t];
    if (!drilled || !confused) return [];
    const { missed, mistaken } = confused;
    const right = missed[drilled.class_];
    return [
      heading(`Epoch ${t}`),
      line("its samples taken for others", grouped(run.support[drilled.class_] - right)),
      line("others taken for it", grouped(run.classCounts[t][drilled.class_] - right)),
      ...this.byPartner(
        (class_) => missed[class_],
        (class_) => mistaken[class_],
      ),
    ];
  }

  /** A line for each partner that has a colour: what is above the line of the chart, and below. */
  private byPartner(above: (class_: number) => number, below: (class_: number) => number): Node[] {
    return [...this.session.partnerColours.keys()].map((class_) =>
      line(this.session.className(class_), `+${grouped(above(class_))}  \u2212${grouped(below(class_))}`),
    );
  }
}

function heading(text: string): HTMLElement {
  return element("div", "nntf-readout-title", {}, text);
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
