/** The moment in focus: what its epoch changed, and what is confused with what, or, of a pinned pair, the difference. */

import { element } from "../drawing/dom";
import { fitted } from "../drawing/names";
import { capitalised, grouped, metric, signed } from "../drawing/numbers";
import { type ClassMatrix, largest, matrixOf, type Pair } from "../run/class_matrix";
import type { Unfinished } from "../run/comparison";
import { confusionAt, difference, movesTo } from "../run/moment";
import type { Counts } from "../run/tally";
import type { Session } from "../session";
import { ClassGrid } from "./class_grid";
import { columnsWidth, shortNames, wordRuler } from "./class_names";
import { EpochControl } from "./epoch_control";
import { cellsOf, KINDS, type Kind } from "./matrix_cells";
import { RateCharts } from "./rates";
import { cellWords, seamWords } from "./readout";
import { RecurrenceCharts } from "./recurrence";
import { sentence } from "./sentence";
import { TrajectoryChart } from "./trajectory";

/** What is shown of it: a matrix, or, of the whole run, with the moment marked, the rates, recurrence or trajectory. */
const SHOWN = {
  confusion: KINDS.confusion.name,
  moves: KINDS.moves.name,
  rates: "Rates",
  recurrence: "Recurrence",
  trajectory: "Path",
};
type Shown = keyof typeof SHOWN;

const MEASURES = ["count", "row", "column"] as const;
const LISTED = 5;
const WIDEST_LIST = 480; // pixels
const AXES = 130; // pixels for the names of the matrix's axes
const NONE: Counts = { cells: new Uint32Array(0), counts: new Int32Array(0) };

export class Moment {
  readonly root: HTMLElement;
  private readonly title = element("h3", "nntf-moment-title");
  private readonly control: EpochControl;
  private readonly words = element("div", "nntf-moment-words");
  private readonly metrics = element("div", "nntf-moment-metrics nntf-quiet");
  private readonly choices: Record<Shown, HTMLButtonElement>;
  private readonly measures: HTMLButtonElement[];
  private readonly measureGroup: HTMLElement;
  private readonly axes = element("span", "nntf-grid-axes");
  /** Which cell the pointer or the keys are on, as far as there is room beside the axes. */
  private readonly said = element("span", "nntf-grid-said");
  private readonly above = element("div", "nntf-grid-above nntf-quiet", {}, this.axes, this.said);
  private readonly grid = new ClassGrid((spoken) => {
    const room = this.width - AXES;
    this.said.textContent = spoken && fitted([spoken], room, wordRuler(this.said))[0];
  });
  private readonly release = element("button", "nntf-release", { type: "button" }, "Let go");
  private readonly others = element("details", "nntf-others nntf-quiet");
  private readonly list = element("table", "nntf-ranking");
  private readonly matrix = element("div", "", {}, this.above, this.grid.root, this.others, this.list);
  private readonly rates: RateCharts;
  private readonly recurrence: RecurrenceCharts;
  private readonly trajectory: TrajectoryChart;
  private shown: Shown = "confusion";
  private measure: (typeof MEASURES)[number] = "count";
  private pointed: number | null = null;
  /** Pixels that it is drawn into. */
  private width = 0;
  /** The classes, and the names, for which it was said which others are summed. */
  private told: [classes: string, names: string[]] | null = null;

  constructor(
    private readonly session: Session,
    onChange: () => void,
    onHover: (epoch: number | null) => void,
  ) {
    this.control = new EpochControl(session);
    this.rates = new RateCharts(session);
    this.recurrence = new RecurrenceCharts(session, onChange);
    this.trajectory = new TrajectoryChart(session, onHover);
    const choose = (change: () => void) => () => {
      change();
      onChange();
    };
    const shown = (Object.keys(SHOWN) as Shown[]).map((each) => [
      each,
      choice(
        SHOWN[each],
        choose(() => (this.shown = each)),
      ),
    ]);
    this.choices = Object.fromEntries(shown);
    this.measures = MEASURES.map((measure) =>
      choice(
        "",
        choose(() => (this.measure = measure)),
      ),
    );
    this.release.addEventListener("click", () => session.select("selected_epochs", null));
    this.measureGroup = group("Numbers", this.measures);
    const choices = element(
      "div",
      "nntf-moment-choices",
      {},
      group("What is shown", Object.values(this.choices)),
      this.measureGroup,
    );
    const header = element("div", "nntf-moment-header", {}, this.title, this.control.root);
    this.root = element(
      "section",
      "nntf-moment",
      {},
      header,
      this.release,
      this.metrics,
      this.words,
      choices,
      this.matrix,
      this.rates.root,
      this.recurrence.root,
      this.trajectory.root,
    );
  }

  /** What is worked out for what is shown; null where that is nothing. */
  get unfinished(): Unfinished | null {
    if (this.shown === "rates") return this.session.excess;
    return this.shown === "recurrence" || this.shown === "trajectory" ? this[this.shown].unfinished : null;
  }

  /** The band of distances whose cells are to be marked; null where none is. */
  get band(): number | null {
    return this.shown === "recurrence" ? this.recurrence.band : null;
  }

  draw(width: number): void {
    const { session } = this;
    const { run, compared, focus } = session;
    this.width = width;
    this.root.hidden = run.length === 0;
    if (run.length === 0) return;
    this.control.draw();
    this.title.textContent = this.heading();
    this.say();
    this.sayMetrics(compared ?? [focus]);
    const shown = this.shown === "confusion" && !run.labels ? "moves" : this.shown;
    this.drawChoices(shown);
    this.rates.root.hidden = shown !== "rates";
    this.recurrence.root.hidden = shown !== "recurrence";
    this.trajectory.root.hidden = shown !== "trajectory";
    this.matrix.hidden = !isMatrix(shown);
    if (isMatrix(shown)) this.drawMatrix(shown, width);
    else this[shown].draw(width);
  }

  private drawMatrix(kind: Kind, width: number): void {
    const { run, compared, focus } = this.session;
    const [earlier, later] = (compared ?? [focus - 1, focus]).map((t) => this.countsAt(kind, t));
    const counts = compared ? difference(later, earlier) : later;
    this.drawGrid(kind, counts, width);
    this.rank(kind, largest(counts, run.numClasses, LISTED), earlier, later, width);
  }

  /** Says what the transition changed that the pointer is on, or else the one that led to the epoch in focus. */
  point(transition: number | null, epochs: number[]): void {
    this.trajectory.point(epochs);
    if (transition === this.pointed) return;
    this.pointed = transition;
    if (!this.root.hidden) this.say();
  }

  /** Puts an epoch in focus by hand. */
  goTo(epoch: number): void {
    this.control.goTo(epoch);
  }

  close(): void {
    this.control.close();
  }

  private heading(): string {
    const { compared, focus, facts } = this.session;
    const unit = capitalised(facts.unit);
    return compared ? `${unit} ${compared[1]} minus ${facts.unit} ${compared[0]}` : `${unit} ${focus}`;
  }

  private say(): void {
    const { session, pointed } = this;
    const { run, focus, pinned } = session;
    this.release.hidden = pinned === null;
    if (pinned && pointed === null) {
      this.words.replaceChildren(...cellWords(session, pinned));
      return;
    }
    const transition = pointed ?? focus - 1;
    const isThere = transition >= 0 && transition < run.transitions.length;
    this.words.replaceChildren(...(isThere ? [sentence(session, transition), ...seamWords(session, transition)] : []));
  }

  /** Says the metrics of an epoch, or how they went from one to another. */
  private sayMetrics(epochs: number[]): void {
    const { run, facts } = this.session;
    const names = Object.values(facts.measures).flatMap((splits) => Object.keys(splits));
    const measured = names.map((name) => [name, epochs.map((t) => run.metrics[t][name] ?? null)] as const);
    const said = measured.filter(([, values]) => values.some((value) => value !== null));
    const texts = said.map(([name, values]) => `${name} ${values.map(metric).join(" \u2192 ")}`);
    this.metrics.hidden = texts.length === 0;
    this.metrics.replaceChildren(...texts.map((text) => element("span", "", {}, text)));
  }

  private countsAt(kind: Kind, t: number): Counts {
    const { run, replay } = this.session;
    if (t < 0) return NONE;
    if (kind === "confusion" && run.labels) return confusionAt(replay, run.labels, run.numClasses, t);
    return t > 0 ? movesTo(run, t) : NONE;
  }

  private drawChoices(shown: Shown): void {
    const { run, compared } = this.session;
    const { choices } = this;
    choices.confusion.hidden = run.labels === null;
    for (const [each, button] of Object.entries(choices)) button.setAttribute("aria-pressed", String(each === shown));
    this.measureGroup.hidden = compared !== null || !isMatrix(shown);
    if (!isMatrix(shown)) return;
    for (const [i, measure] of MEASURES.entries()) {
      this.measures[i].textContent = measure === "count" ? "count" : `% of ${KINDS[shown][measure]}`;
      this.measures[i].setAttribute("aria-pressed", String(measure === this.measure));
    }
  }

  private drawGrid(kind: Kind, counts: Counts, width: number): void {
    const { session } = this;
    const { run, compared, focus, facts } = session;
    const matrix = matrixOf(counts, run.numClasses, session.busiest);
    const missing = run.numClasses - matrix.classes.filter((class_) => class_ !== null).length;
    const names = matrix.classes.map((class_) => (class_ === null ? `${missing} others` : session.className(class_)));
    const ids = matrix.classes.map((class_) => (class_ === null ? "others" : String(class_)));
    const cells = cellsOf(kind, matrix, names, compared ? "difference" : this.measure);
    const when = compared ? `${facts.unit} ${compared[1]} minus ${compared[0]}` : `${facts.unit} ${focus}`;
    const what = kind === "confusion" ? "Confusion matrix" : "Moves";
    this.axes.textContent = `${KINDS[kind].row} \u2193  ${KINDS[kind].column} \u2192`;
    this.grid.draw(`${what}, ${when}`, ids, names, cells, width);
    this.sayOthers(matrix, missing);
  }

  private sayOthers({ classes }: ClassMatrix, missing: number): void {
    this.others.hidden = missing === 0;
    if (missing === 0) return;
    const { run, facts } = this.session;
    const key = classes.join();
    if (this.told?.[0] === key && this.told[1] === facts.class_names) return;
    this.told = [key, facts.class_names];
    const shown = new Set(classes);
    const left = Array.from({ length: run.numClasses }, (_, class_) => class_).filter((class_) => !shown.has(class_));
    const words = `The ${classes.length - 1} classes that move the most; the other ${missing} are summed`;
    const names = left.map((class_) => this.session.className(class_)).join(", ");
    this.others.replaceChildren(element("summary", "", {}, words), names);
  }

  /** Says the largest pairs in words, their names as far as these fit. */
  private rank(kind: Kind, pairs: Pair[], earlier: Counts, later: Counts, width: number): void {
    const { compared, focus, run, facts } = this.session;
    // Of a class drilled into, its partners are said in place of the largest pairs of all classes.
    this.list.hidden = pairs.length === 0 || this.session.drilled !== null;
    const classes = [...new Set(pairs.flatMap(({ row, column }) => [row, column]))];
    const numbers = pairs.map(({ row, column, count }) => {
      const [before, after] = [earlier, later].map((counts) => countOf(counts, row * run.numClasses + column));
      if (compared) return [signed(count), `${grouped(before)} \u2192 ${grouped(after)}`];
      return [grouped(count), focus > 0 ? signed(after - before) : ""];
    });
    const ruler = wordRuler(this.list);
    const columns = [0, 1].map((column) => numbers.map((texts) => texts[column]));
    const taken = columnsWidth(columns, ruler) + ruler(KINDS[kind].verb);
    const texts = shortNames(this.session, classes, (Math.min(width, WIDEST_LIST) - taken) / 2, ruler);
    const name = (class_: number) =>
      element("bdi", "", { title: this.session.className(class_) }, texts[classes.indexOf(class_)]);
    const rows = pairs.map(({ row, column }, i) => {
      const pair = element("th", "", { scope: "row" }, name(row), KINDS[kind].verb, name(column));
      return element("tr", "", {}, pair, ...numbers[i].map((text) => element("td", "nntf-number", {}, text)));
    });
    const since = compared || focus === 0 ? "" : `since ${facts.unit} ${focus - 1}`;
    const title = compared ? "Largest changes" : KINDS[kind].ranking;
    this.list.replaceChildren(
      element("caption", "", {}, `${title} `, element("span", "nntf-since nntf-quiet", {}, since)),
      element("tbody", "", {}, ...rows),
    );
  }
}

function isMatrix(shown: Shown): shown is Kind {
  return shown in KINDS;
}

function countOf({ cells, counts }: Counts, cell: number): number {
  return counts[cells.indexOf(cell)] ?? 0;
}

function choice(name: string, onClick: () => void): HTMLButtonElement {
  const button = element("button", "nntf-choice", { type: "button" }, name);
  button.addEventListener("click", onClick);
  return button;
}

function group(label: string, buttons: HTMLElement[]): HTMLElement {
  return element("div", "nntf-choices", { role: "group", "aria-label": label }, ...buttons);
}
