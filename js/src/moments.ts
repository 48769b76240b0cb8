/** The moves behind what is shown: those of the epoch stepped to, or of the two that a pinned cell compares. */

import { element } from "./dom";
import { drawMatrix, FEWER, MORE, roomFor, type Shown } from "./move_matrix";
import { matrixOf, OTHERS, ranked, type Trade, trades, unlike } from "./moves";
import { grouped, percent } from "./numbers";
import type { Transition } from "./run";
import type { Cell, Session } from "./session";

const LISTED = 8;
const EXPLAINED = "From the row\u2019s class to the column\u2019s";
const SIDE_BY_SIDE = 180; // pixels that a matrix needs
const WIDEST = 360;
const GAP = 16; // as the style sheet has it

/** What is shown: one transition, or two that are compared. */
export interface Moment {
  title: string;
  names: [first: string, second: string];
  first: Transition;
  second: Transition | null;
}

export class Moments {
  readonly root: HTMLElement;
  private readonly title = element("h4", "nntf-moments-title");
  private readonly figures = element("div", "nntf-moments-figures");
  private readonly words = element("div", "nntf-moments-words nntf-quiet");
  private readonly list = element("table", "nntf-trades");
  private drawn = "";

  constructor(private readonly session: Session) {
    this.root = element("section", "nntf-moments", {}, this.title, this.words, this.figures);
  }

  /** Draws the matrices into so many pixels; into what one needs where there is no width yet. */
  draw(width: number): void {
    const { session } = this;
    const { pinned, epoch, drilled, facts } = session;
    this.root.hidden = epoch < 1;
    if (epoch < 1) return;
    const state = [
      pinned ?? epoch,
      drilled?.class_,
      drilled?.partner,
      width,
      facts.class_names,
      session.run.numSamples,
    ];
    const key = JSON.stringify(state);
    if (key === this.drawn) return;
    this.drawn = key;
    const moment = momentOf(session);
    const all = tradesOf(session, moment);
    this.title.textContent = moment.title;
    this.words.textContent = EXPLAINED;
    this.drawFigures(moment, all, width || WIDEST);
    this.listTrades(moment, all);
  }

  private drawFigures({ names, second }: Moment, all: Trade[], room: number): void {
    const { session } = this;
    const width = Math.min(widthOfOne(room, second ? 3 : 1), WIDEST);
    const matrix = matrixOf(all, session.run.numClasses, roomFor(width));
    const named = matrix.cells.filter(({ row, column }) => matrix.classes[Math.max(row, column)] !== OTHERS);
    const most = named.reduce((largest, cell) => Math.max(largest, cell.first, cell.second), 1);
    const shared = { matrix, most };
    const caption = (name: string) => [
      `${second ? name : "Colour"}: up to ${grouped(most)} ${most === 1 ? "sample" : "samples"}`,
    ];
    const title = (name: string) => `Samples that moved in epoch ${name}, by the classes they left and reached`;
    const shown: Shown[] = [{ ...shared, title: title(names[0]), caption: caption(names[0]), value: "first" }];
    if (second) {
      const apart = named.reduce((largest, cell) => Math.max(largest, Math.abs(cell.second - cell.first)), 1);
      const words = "Difference";
      const key = (colour: string, name: string) =>
        element("span", "nntf-key-entry", {}, element("span", "nntf-swatch", { style: `background: ${colour}` }), name);
      shown.push(
        { ...shared, title: title(names[1]), caption: caption(names[1]), value: "second" },
        {
          ...shared,
          most: apart,
          title: words,
          caption: [`${words}: `, key(MORE, "more"), key(FEWER, "fewer")],
          value: "difference",
        },
      );
    }
    const say = (words: string) => {
      this.words.textContent = words || EXPLAINED;
    };
    const className = (class_: number) => session.className(class_);
    const listed = element("div", "nntf-trades-box", {}, this.list);
    this.figures.replaceChildren(...shown.map((one) => drawMatrix(one, width, className, say)), listed);
  }

  /** The pair's name; a click drills into the pair. */
  private opener({ from, to }: Trade): HTMLElement {
    const names = [from, to].map((class_) => this.session.className(class_));
    const parts = [element("bdi", "", {}, names[0]), " \u2192 ", element("bdi", "", {}, names[1])];
    const button = element("button", "nntf-trade-open", { type: "button", title: names.join(" \u2192 ") }, ...parts);
    button.addEventListener("click", () => {
      this.root.closest<HTMLElement>(".nntf")?.focus(); // the button is about to go
      this.session.openPair(from, to);
    });
    return button;
  }

  private listTrades({ names, second }: Moment, all: Trade[]): void {
    const cell = (tag: "td" | "th", text: string, place: number, all: string[]) =>
      element(tag, `nntf-number ${["nntf-share", ""][all.length - 1 - place] ?? "nntf-roomy"}`, {}, text);
    const pair = second !== null;
    const heads = pair ? [...names, "difference", "share"] : ["samples", "share"];
    const total = all.reduce((sum, trade) => sum + unlike(trade), 0);
    const rows = ranked(all, LISTED).map((trade) => {
      const numbers = pair
        ? [grouped(trade.first), grouped(trade.second), signed(trade.second - trade.first)]
        : [grouped(trade.first)];
      const share = percent(unlike(trade) / total);
      const name = element("th", "nntf-trade", { scope: "row" }, this.opener(trade));
      return element("tr", "", {}, name, ...[...numbers, share].map((text, ...at) => cell("td", text, ...at)));
    });
    const caption = pair ? "Pairs of classes that make the distance" : "Pairs of classes that traded most";
    this.list.hidden = rows.length === 0;
    const more = all.length - rows.length;
    this.list.replaceChildren(
      element(
        "caption",
        "nntf-panel-title",
        {},
        more > 0 ? `${caption}; ${grouped(more)} more are not listed` : caption,
      ),
      element(
        "thead",
        "",
        {},
        element("tr", "", {}, element("td", ""), ...heads.map((head, ...at) => cell("th", head, ...at))),
      ),
      element("tbody", "", {}, ...rows),
    );
  }
}

/** The moment to show: the pinned cell's, or the epoch stepped to. */
export function momentOf(session: Session): Moment {
  const { run, pinned, epoch, drilled } = session;
  const name = (t: number) => `${t} \u2192 ${t + 1}`;
  if (pinned?.between && pinned.row !== pinned.column) {
    const { row, column } = pinned;
    const names: Moment["names"] = [name(row), name(column)];
    const value = (drilled?.distance ?? run.transitionDistance).at(row, column).toFixed(3);
    const title = `Epochs ${names[0]} and ${names[1]} compared: distance ${value}`;
    return { title, names, first: run.transitions[row], second: run.transitions[column] };
  }
  const [from, to] = !pinned ? [epoch - 1, epoch] : pinned.between ? [pinned.row, pinned.row + 1] : ends(pinned);
  const first = to === from + 1 ? run.transitions[from] : run.between(from, to);
  const moved = tradesOf(session, { first, second: null }).reduce((sum, trade) => sum + trade.first, 0);
  const which = !drilled ? "moved" : drilled.partner === null ? "moved to or from this class" : "moved between the two";
  const title = `Epoch ${from} \u2192 ${to}: ${grouped(moved)} samples ${which} (${percent(moved / run.numSamples)})`;
  return { title, names: [`${from} \u2192 ${to}`, ""], first, second: null };
}

function ends({ row, column }: Cell): [number, number] {
  return row < column ? [row, column] : [column, row];
}

/** The trades of a moment; those of the class or the pair drilled into alone, where there is one. */
export function tradesOf({ run, drilled }: Session, { first, second }: Pick<Moment, "first" | "second">): Trade[] {
  const all = trades(first, second, run.numClasses);
  if (!drilled) return all;
  const { class_, partner } = drilled;
  const between = ({ from, to }: Trade, one: number) => from === one || to === one;
  return all.filter((trade) => between(trade, class_) && (partner === null || between(trade, partner)));
}

/** The width of each of `count` matrices, as many of them in a row as fit. */
function widthOfOne(room: number, count: number): number {
  const inARow = Math.min(Math.max(Math.floor((room + GAP) / (SIDE_BY_SIDE + GAP)), 1), count);
  return (room - GAP * (inARow - 1)) / inARow;
}

function signed(value: number): string {
  return value < 0 ? `\u2212${grouped(-value)}` : `+${grouped(value)}`;
}
