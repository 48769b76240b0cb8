/** One view of a run: arranges its panels, draws what is new once a frame, and answers the keyboard. */

import { element, type Spot } from "./drawing/dom";
import { EpochAxis } from "./drawing/epoch_axis";
import { fitted, rulerOf } from "./drawing/names";
import { grouped } from "./drawing/numbers";
import { resumedAt } from "./drawing/seams";
import { ClassStrip } from "./panels/class_strip";
import { margins, SlimCurves } from "./panels/curves";
import { EpochBrush } from "./panels/epoch_brush";
import { EpochRange } from "./panels/epoch_range";
import { FlowChart } from "./panels/flows";
import { AXIS_HEIGHT, Heatmap } from "./panels/heatmap";
import { alignCharts, layCharts } from "./panels/linked_charts";
import { Moment } from "./panels/moment";
import { OutcomeChart } from "./panels/outcomes";
import { Partners } from "./panels/partners";
import { type Pointed, Readout } from "./panels/readout";
import { VerdictChips } from "./panels/verdicts";
import type { Unfinished } from "./run/comparison";
import type { Change, Distance, Session } from "./session";

const BEFORE = 96; // pixels of the column before the plots, at least
const BEHIND = 76; // and behind them
const LOWEST = 160; // pixels of the matrix, however little is left
const TITLE = 0.6; // of the column's width, for the name of a class in the title
const LETTERS = 14; // pixels of the title
const WORKING = 8; // milliseconds of a frame, after which no other part is begun
const FEW = 4; // epochs: until there are so many, each brings another part of the column

const DISTANCES: [Distance, string][] = [
  ["transition", "Transitions"],
  ["excess", "Beyond chance"],
  ["prediction", "Predictions"],
  ["both", "Both"],
];

export class View {
  private readonly title = element("h2", "nntf-title");
  private readonly status = element("span", "nntf-status nntf-quiet");
  private readonly back = element("button", "nntf-back", { type: "button" }, "\u2190 All classes");
  private readonly choices: HTMLButtonElement[];
  private readonly notes = element("div", "nntf-notes", { role: "status" });
  private readonly spoken = element("div", "nntf-spoken", { "aria-live": "polite" });
  private readonly column = element("div", "nntf-column");
  private readonly heatmap: Heatmap;
  private readonly range: EpochRange;
  private readonly brush: EpochBrush;
  private readonly flows: FlowChart;
  private readonly outcomes: OutcomeChart;
  private readonly strip: ClassStrip;
  private readonly curves: SlimCurves;
  private readonly moment: Moment;
  private readonly partners: Partners;
  private readonly side = element("div", "nntf-side");
  private readonly readout: Readout;
  private readonly verdicts: VerdictChips;
  private readonly marker = element("div", "nntf-marker", { hidden: true });
  private readonly focusMarker = element("div", "nntf-focus-marker", { hidden: true });
  private readonly resizing: ResizeObserver;
  private readonly unwatch: () => void;
  private frame = 0;
  /** Whether everything is to be drawn, or, else, whether the moment is, or the verdicts are. */
  private isOld = true;
  private hasMoved = false;
  private isJudged = false;
  /** Whether what is shown is a rough picture, and the rest of it has yet to be worked out. */
  private isRough = false;
  private axis = new EpochAxis(0, 1, 0, -1);
  // Pixels, as they were measured last, since asking each time would make the browser lay the page out: the widths of
  // the column and of what is beside it, and the height of the column but for the matrix, whose height is ours.
  private width = 0;
  private sideWidth = 0;
  private others = 0;
  /** Whether these are still what they were. */
  private isSettled = false;
  private drilledBefore: number | null = null;
  private pointed: Pointed = null;

  constructor(
    private readonly root: HTMLElement,
    private readonly session: Session,
  ) {
    this.heatmap = new Heatmap(
      session,
      (cell) => this.point(cell && { cell }),
      (cell, at) => this.reach({ cell }, at),
      () => this.schedule(),
    );
    this.range = new EpochRange(session);
    this.brush = new EpochBrush(this.column, session);
    const pointTo = (transition: number | null) => this.point(transition === null ? null : { transition });
    const focusOn = (epoch: number) => session.focusOn(epoch);
    this.flows = new FlowChart(session, pointTo, focusOn);
    this.outcomes = new OutcomeChart(session, pointTo, focusOn);
    this.strip = new ClassStrip(
      session,
      (place) => this.point(place && { place }),
      (place, at) => this.reach({ place }, at),
      focusOn,
    );
    this.curves = new SlimCurves(focusOn);
    this.moment = new Moment(
      session,
      () => this.schedule(),
      (epoch) => this.point(epoch === null ? null : { epoch }),
    );
    this.partners = new Partners(session);
    this.readout = new Readout(session);
    this.verdicts = new VerdictChips(session, () => this.schedule("verdicts"));
    this.choices = DISTANCES.map(([distance, name]) => {
      const button = element("button", "nntf-choice", { type: "button" }, name);
      button.addEventListener("click", () => session.select("distance", distance));
      return button;
    });
    this.back.addEventListener("click", () => session.select("selected_class", null));
    this.arrange();
    root.addEventListener("keydown", this.onKey);
    root.addEventListener("pointermove", this.onMove);
    root.addEventListener("focusin", keepKeys);
    this.resizing = new ResizeObserver(() => this.settle());
    for (const part of [root, this.column, this.side]) this.resizing.observe(part);
    this.unwatch = session.watch((change) => this.schedule(change));
    this.schedule();
  }

  close(): void {
    cancelAnimationFrame(this.frame);
    this.unwatch();
    this.resizing.disconnect();
    this.root.removeEventListener("keydown", this.onKey);
    this.root.removeEventListener("pointermove", this.onMove);
    this.root.removeEventListener("focusin", keepKeys);
    this.heatmap.close();
    this.strip.close();
    this.moment.close();
    this.root.replaceChildren();
  }

  private arrange(): void {
    const header = element(
      "div",
      "nntf-header",
      {},
      this.back,
      this.title,
      this.status,
      this.verdicts.root,
      element("div", "nntf-choices", { role: "group", "aria-label": "Distance" }, ...this.choices),
    );
    const plots = [this.heatmap, this.range, this.flows, this.outcomes, this.strip, this.curves, this.brush];
    this.column.append(...plots.map(({ root }) => root), this.focusMarker, this.marker);
    this.side.append(this.moment.root, this.partners.root);
    this.root.classList.add("nntf");
    this.root.tabIndex = -1;
    this.root.replaceChildren(
      header,
      this.verdicts.words,
      this.notes,
      element("div", "nntf-body", {}, this.column, this.side),
      this.readout.root,
      this.spoken,
    );
  }

  private schedule(change: Change = "everything"): void {
    if (change === "everything") this.isOld = true;
    else if (change === "moment") this.hasMoved = true;
    else this.isJudged = true;
    this.nextFrame();
  }

  private nextFrame(): void {
    if (!this.frame) this.frame = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    this.frame = 0;
    if (this.isRough && !this.isOld && !this.hasMoved) this.workOut();
    const { activeElement } = this.root.getRootNode() as Document | ShadowRoot;
    if (this.isOld) this.drawEverything();
    else if (this.hasMoved) this.drawMoment();
    if (this.isJudged) this.judge();
    this.isRough ||= this.unfinished !== null; // what the moment shows may be chosen anew
    if (this.isRough) this.nextFrame();
    // The keys would be lost with a control that has gone, or takes none now.
    if (this.root.contains(activeElement) && activeElement?.closest("[hidden], :disabled")) this.root.focus();
  }

  /** Works out more of a matrix, in a frame that has nothing else to draw; once it is whole, the next draws it. */
  private workOut(): void {
    const begin = performance.now();
    while (this.unfinished && performance.now() - begin < WORKING) this.unfinished.advance();
    if (!this.unfinished) this.isOld = true;
  }

  /** What is shown and has yet to be worked out. */
  private get unfinished(): Unfinished | null {
    return [this.session.comparison, this.moment.unfinished].find((each) => each?.isWhole === false) ?? null;
  }

  private judge(): void {
    this.isJudged = false;
    this.verdicts.draw();
    this.strip.mark(this.verdicts.marked);
  }

  private drawMoment(): void {
    this.hasMoved = false;
    this.moment.draw(this.sideWidth);
    this.partners.draw(this.sideWidth);
    this.strip.follow();
    this.mark();
    this.root.dataset.focus = String(this.session.focus);
  }

  private drawEverything(): void {
    this.isOld = false;
    const { run, facts, drilled, range } = this.session;
    const class_ = drilled?.class_ ?? null;
    const isAnotherClass = class_ !== this.drilledBefore;
    const isRearranged = !this.isSettled || isAnotherClass || run.length < FEW;
    if (isRearranged) [this.width, this.sideWidth] = [this.column.clientWidth, this.side.clientWidth];
    this.isSettled = true;
    this.axis = this.layOut();
    this.describe();
    this.judge();
    if (!this.isThere(this.pointed)) this.point(null);
    this.range.draw(this.axis);
    this.brush.draw(this.axis);
    this.flows.draw(this.axis);
    this.outcomes.draw(this.axis);
    this.strip.draw(this.axis);
    this.curves.draw(this.axis, BEHIND, this.session);
    if (isRearranged) this.others = this.measureOthers();
    this.heatmap.draw(this.axis, this.heightLeft, this.moment.band);
    this.drawMoment();
    alignCharts(this.axis, this.session);
    this.readout.show(this.pointed);
    const snapshots = String(run.length);
    if (this.root.dataset.snapshots !== snapshots && run.length)
      this.spoken.textContent = `${facts.unit} ${run.length - 1} added`;
    Object.assign(this.root.dataset, {
      snapshots,
      distance: this.session.distance,
      range: range.join("-"),
      class: drilled ? String(drilled.class_) : "",
      cellsDrawn: String(this.heatmap.cellsDrawn),
    });
    const wasRough = this.isRough;
    this.isRough = this.unfinished !== null;
    performance.mark("nntf:painted", { detail: { t: run.length - 1, isRough: this.isRough } });
    if (isAnotherClass || (drilled && wasRough && !this.isRough))
      performance.mark("nntf:drilled", { detail: { class: class_, isRough: this.isRough } });
    this.drilledBefore = class_;
  }

  /** The axis of the column as wide as it is now: the names of the classes take up to a third of that. */
  private layOut(): EpochAxis {
    const { session, column, width } = this;
    const left = Math.round(Math.max(Math.min(this.strip.namesWidth, width / 3), BEFORE));
    column.style.setProperty("--nntf-gutter", `${left}px`);
    session.align({ chart_margin: margins(left, BEHIND) });
    return new EpochAxis(left, Math.max(width - left - BEHIND, 1), ...session.range);
  }

  /** Pixels that the matrix can be high, so that the column is as high as it should be: at most a square. */
  private get heightLeft(): number {
    return Math.min(Math.max(this.session.model.get("height") - this.others, LOWEST), this.axis.extent);
  }

  private measureOthers(): number {
    const { column, heatmap } = this;
    return column.offsetTop + column.offsetHeight - heatmap.root.offsetHeight + AXIS_HEIGHT;
  }

  /** Brings what depends on the sizes of the parts up to them, once the browser has laid these out. */
  private settle(): void {
    layCharts(this.curves.root, this.side.querySelector(".nntf-best-bands svg"));
    const { width, sideWidth, others, column, side } = this;
    const isSame = column.clientWidth === width && side.clientWidth === sideWidth && this.measureOthers() === others;
    if (isSame) return;
    this.isSettled = false;
    this.schedule();
  }

  private describe(): void {
    const { session } = this;
    const { facts, drilled } = session;
    const shown = drilled && session.distance !== "excess" ? "transition" : session.distance; // a class has no others
    this.title.textContent = drilled ? `Class \u201c${this.nameOf(drilled.class_)}\u201d` : "Training fingerprint";
    this.title.title = drilled ? session.className(drilled.class_) : "";
    this.status.textContent = status(session);
    this.back.hidden = drilled === null;
    for (const [index, [distance]] of DISTANCES.entries()) {
      this.choices[index].setAttribute("aria-pressed", String(shown === distance));
      this.choices[index].disabled = drilled !== null && (distance === "prediction" || distance === "both");
    }
    const notes = [...facts.faults];
    if (session.outOfStep) notes.push(`Out of step: one ${facts.unit} is missing; waiting for the kernel.`);
    if (session.damage) notes.push(`${damaged(session)}: ${session.damage}.`);
    this.notes.hidden = notes.length === 0;
    this.notes.replaceChildren(...notes.map((note) => element("div", "nntf-note", {}, note)));
  }

  /** A name as it fits into the title. */
  private nameOf(class_: number): string {
    return fitted([this.session.className(class_)], this.width * TITLE, rulerOf(LETTERS, this.title))[0];
  }

  /** Points to what the keys have reached, and says it aloud. */
  private reach(pointed: Pointed, at: Spot): void {
    this.point(pointed);
    this.readout.follow(at, this.root.getBoundingClientRect());
    this.spoken.textContent = this.readout.spoken;
  }

  private point(pointed: Pointed): void {
    this.pointed = pointed;
    this.heatmap.hover(pointed && "cell" in pointed ? pointed.cell : null);
    this.moment.point(pointed && "transition" in pointed ? pointed.transition : null, this.epochsOf(pointed));
    this.readout.show(pointed);
    this.mark();
  }

  private mark(): void {
    const { axis, session } = this;
    const [hovered, focus] = [this.epochsOf(this.pointed).at(-1) ?? null, session.focus];
    this.marker.hidden = hovered === null || !axis.holds(hovered);
    this.focusMarker.hidden = session.run.length < 2 || !axis.holds(focus);
    if (hovered !== null) this.marker.style.left = `${axis.left + axis.offset(hovered)}px`;
    this.focusMarker.style.left = `${axis.left + axis.offset(focus)}px`;
  }

  /** Whether what the pointer is on is in what is shown now. */
  private isThere(pointed: Pointed): boolean {
    const { run } = this.session;
    if (!pointed) return true;
    if ("cell" in pointed && !this.session.holds(pointed.cell)) return false;
    if ("place" in pointed && pointed.place.class_ >= run.numClasses) return false;
    return this.epochsOf(pointed).every((epoch) => this.axis.holds(epoch));
  }

  /** Where what is pointed to is on the epoch axis; of a cell its row's place and its column's. */
  private epochsOf(pointed: Pointed): number[] {
    if (!pointed) return [];
    if ("epoch" in pointed) return [pointed.epoch];
    if ("place" in pointed) return [pointed.place.epoch];
    if ("transition" in pointed) return [pointed.transition + 0.5];
    const { row, column } = pointed.cell;
    return [row, column].map((index) => index + (this.session.layerOf(pointed.cell).ofTransitions ? 0.5 : 0));
  }

  private readonly onMove = (event: PointerEvent) => {
    this.readout.follow(event, this.root.getBoundingClientRect());
  };

  private readonly onKey = (event: KeyboardEvent) => {
    if (!this.answers(event)) return;
    event.preventDefault();
    event.stopPropagation();
  };

  /** Does what a key asks for; false where it asks for nothing here. */
  private answers({ key, target }: KeyboardEvent): boolean {
    const { session } = this;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
    if (step && !(target instanceof HTMLInputElement)) {
      this.moment.goTo(session.focus + step);
      return true;
    }
    if (key !== "Escape") return false;
    const trait = session.model.get("selected_epochs") ? "selected_epochs" : "selected_class";
    if (session.model.get(trait) === null) return false;
    session.select(trait, null);
    return true;
  }
}

/** JupyterLab would take an arrow key for its own, unless the element that has the focus says that it keeps it. */
function keepKeys({ target }: FocusEvent): void {
  (target as HTMLElement).dataset.lmSuppressShortcuts = "true";
}

function damaged({ run, facts }: Session): string {
  return `This run is damaged; ${run.length ? `only its first ${counted(run.length, facts.unit)} can` : "nothing of it can"} be read`;
}

function counted(number: number, unit: string): string {
  return `${number} ${unit}${number === 1 ? "" : "s"}`;
}

function status({ run, facts, seams, damage }: Session): string {
  const { unit } = facts;
  const ended = damage ? "damaged" : facts.ended;
  if (run.length === 0) return ended ?? `waiting for the first ${unit}`;
  const parts = [counted(run.length, unit), `${grouped(run.numSamples)} samples`, `${run.numClasses} classes`];
  if (seams.length > 3) parts.push(`resumed ${seams.length} times`);
  else if (seams.length) parts.push(resumedAt(seams, unit));
  if (ended) parts.push(ended);
  else if (run.length === 1) parts.push(`waiting for the second ${unit}`);
  return parts.join(" \u00b7 ");
}
