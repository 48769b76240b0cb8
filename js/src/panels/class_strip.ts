/** One row for each class over the epoch axis: its recall, or its share of the predictions; its name drills into it. */

import { ColourScale } from "../drawing/colour_scale";
import { element, type Spot, sized, svg } from "../drawing/dom";
import type { EpochAxis } from "../drawing/epoch_axis";
import { fitted, rulerOf, widest } from "../drawing/names";
import { writer } from "../drawing/numbers";
import { seamLines } from "../drawing/seams";
import { robustBounds } from "../run/blocks";
import type { Session } from "../session";

const [LOWEST, HIGHEST] = [10, 15]; // pixels of a row
const [FEW, ROOM] = [110, 150]; // pixels of all rows that do not scroll, where they are few, and of those in sight
const [SMALL, LARGE] = [9, 11]; // pixels of letters
const BESIDE = 14; // pixels of the gutter that are not for a name

/** A class at an epoch. */
export interface Place {
  class_: number;
  epoch: number;
}

export class ClassStrip {
  readonly root: HTMLElement;
  /** What the colours stand for, and the range that they spread over. */
  private readonly legend = element("div", "nntf-strip-legend nntf-quiet");
  private readonly scale = new ColourScale();
  private readonly names = element("div", "nntf-class-names", { role: "group", "aria-label": "Classes" });
  private readonly canvas = element("canvas", "nntf-strip", { role: "img", "aria-label": "Classes over time" });
  private readonly overlay = svg("svg", { class: "nntf-overlay", "aria-hidden": "true" });
  private readonly plot: HTMLElement;
  private readonly rows: HTMLElement;
  private drawnFrom = 0;
  /** Pixels above what is in sight, as they were told: asking would make the browser lay the page out. */
  private scrolled = 0;
  /** The names in sight, by class. */
  private buttons = new Map<number, HTMLButtonElement>();
  private marked = new Set<number>();
  private readonly raster = document.createElement("canvas");
  private axis: EpochAxis | null = null;
  /** The names as they fit into a number of pixels. */
  private shown: { names: string[]; room: number; texts: string[] } = { names: [], room: 0, texts: [] };

  constructor(
    private readonly session: Session,
    private readonly onHover: (place: Place | null) => void,
    private readonly onReach: (place: Place, at: Spot) => void,
    onPick: (epoch: number) => void,
  ) {
    this.plot = element("div", "nntf-strip-plot", {}, this.canvas, this.overlay);
    this.rows = element("div", "nntf-strip-rows", {}, this.names, this.plot);
    this.root = element("div", "nntf-classes", {}, this.rows, this.legend);
    this.rows.addEventListener("scroll", () => {
      this.scrolled = this.rows.scrollTop;
      if (this.axis && this.first !== this.drawnFrom) this.draw(this.axis);
    });
    this.canvas.addEventListener("pointermove", (event) => onHover(this.placeAt(event)));
    this.canvas.addEventListener("pointerleave", () => onHover(null));
    this.canvas.addEventListener("click", (event) => {
      const place = this.placeAt(event);
      if (place) onPick(place.epoch);
    });
    this.names.addEventListener("keydown", (event) => this.walk(event));
    this.names.addEventListener("focusin", () => this.follow());
    this.names.addEventListener("focusout", () => onHover(null));
  }

  /** Pixels of the gutter that all names would fit into as they are. */
  get namesWidth(): number {
    return widest(this.session.classNames, rulerOf(this.letters, this.root)) + BESIDE;
  }

  /** Points to the class that the keys have reached, at the epoch in focus. */
  follow(): void {
    const { axis, focused } = this;
    const epoch = this.session.focus;
    if (!axis || focused === null || !this.buttons.get(focused)?.matches(":focus-visible")) return;
    const { left, top } = this.canvas.getBoundingClientRect();
    const beside = { clientX: left, clientY: top + (focused - this.drawnFrom + 0.5) * this.row };
    if (axis.holds(epoch)) this.onReach({ class_: focused, epoch }, beside);
    else this.onHover(null);
  }

  /** Marks the names of some classes. */
  mark(classes: number[]): void {
    this.marked = new Set(classes);
    for (const [class_, button] of this.buttons) button.classList.toggle("nntf-marked", this.marked.has(class_));
  }

  draw(axis: EpochAxis): void {
    this.axis = axis;
    const { run } = this.session;
    this.root.hidden = run.length === 0;
    const { first, row, visible } = this;
    const classes = Array.from({ length: Math.min(visible + 1, run.numClasses - first) }, (_, i) => first + i);
    this.drawnFrom = first;
    this.rows.style.maxHeight = `${visible * row}px`;
    this.names.style.height = this.plot.style.height = `${run.numClasses * row}px`;
    this.names.style.paddingTop = this.canvas.style.top = this.overlay.style.top = `${first * row}px`;
    this.plot.style.width = `${axis.extent}px`;
    this.nameRows(classes, axis.left - BESIDE);
    const height = classes.length * row;
    const context = sized(this.canvas, axis.extent, height);
    this.overlay.setAttribute("width", String(axis.extent));
    this.overlay.setAttribute("height", String(height));
    this.overlay.replaceChildren(...seamLines(axis, this.session.seams, 0, height));
    if (run.length === 0) return;
    this.paint(classes, axis);
    this.explain();
    context.imageSmoothingEnabled = false;
    context.drawImage(this.raster, 0, 0, axis.count / axis.span, classes.length, 0, 0, axis.extent, height);
  }

  close(): void {
    this.raster.width = this.canvas.width = 0;
  }

  /** Says what the colours stand for. */
  private explain(): void {
    const { low, high } = this.scale;
    const [from, to] = [low, high].map(writer(high - low, true));
    const [word, what] = this.session.run.labels
      ? ["recall", "Recall of each class"]
      : ["share", "Share of the predictions that are of each class"];
    this.legend.textContent = `${word}\n${from.split("\u202f")[0]} \u2013 ${to}`;
    this.legend.title = `${what}: ${from} the darkest, ${to} the lightest`;
    this.canvas.setAttribute("aria-label", `${what} over time, from ${from} to ${to}`);
  }

  /** Pixels of a row: more where there are few. */
  private get row(): number {
    return Math.min(Math.max(Math.floor(FEW / this.session.run.numClasses), LOWEST), HIGHEST);
  }

  /** Rows that are in sight at a time; a canvas of thousands is not painted. */
  private get visible(): number {
    return Math.floor(ROOM / this.row);
  }

  /** The first class in sight. */
  private get first(): number {
    const last = Math.max(this.session.run.numClasses - this.visible, 0);
    return Math.min(Math.floor(this.scrolled / this.row), last);
  }

  /** Draws a pixel for as many epochs of each class as share one of the screen: the mean of its shares. */
  private paint(classes: number[], { first, last, count, span }: EpochAxis): void {
    const { run } = this.session;
    const width = Math.ceil(count / span);
    const shares = new Float32Array(width * classes.length);
    for (const [row, class_] of classes.entries()) {
      for (let pixel = 0; pixel < width; pixel++) {
        const from = first + pixel * span;
        shares[row * width + pixel] = this.meanShare(class_, from, Math.min(from + span, last + 1));
      }
    }
    this.scale.fit([run, run.labels, ...(this.session.pickedRange ?? [])], robustBounds(shares));
    const pixels = Uint32Array.from(shares, (share) => this.scale.colour(share));
    this.raster.width = width;
    this.raster.height = classes.length;
    const image = new ImageData(new Uint8ClampedArray(pixels.buffer as ArrayBuffer), width, classes.length);
    this.raster.getContext("2d")?.putImageData(image, 0, 0);
  }

  private meanShare(class_: number, from: number, to: number): number {
    const { run } = this.session;
    let sum = 0;
    for (let t = from; t < to; t++) sum += run.classShare(t, class_);
    return sum / (to - from);
  }

  private nameRows(classes: number[], room: number): void {
    const focused = this.focused;
    const { texts } = this.fit(room);
    this.names.style.setProperty("--nntf-class-row", `${this.row}px`);
    this.names.style.setProperty("--nntf-class-letters", `${this.letters}px`);
    const buttons = classes.map((class_) => {
      const [name, button] = [this.session.className(class_), this.buttons.get(class_)];
      const isSame = button?.title === name && button.textContent === texts[class_];
      return button && isSame ? button : this.nameButton(name, texts[class_], class_);
    });
    if (buttons.length !== this.buttons.size || buttons.some((button, i) => button !== this.names.children[i])) {
      this.names.replaceChildren(...buttons);
      this.buttons = new Map(classes.map((class_, i) => [class_, buttons[i]]));
      if (focused !== null) this.buttons.get(focused)?.focus({ preventScroll: true });
    }
    const selected = this.session.drilled?.class_ ?? null;
    const reached = selected !== null && this.buttons.has(selected) ? selected : classes[0];
    for (const [class_, button] of this.buttons) {
      button.setAttribute("aria-pressed", String(class_ === selected));
      button.classList.toggle("nntf-marked", this.marked.has(class_));
      button.tabIndex = class_ === reached ? 0 : -1;
    }
  }

  /** Fits the names into so many pixels. */
  private fit(room: number): { texts: string[] } {
    const names = this.session.classNames;
    const { names: before, room: roomBefore } = this.shown;
    if (room !== roomBefore || names.length !== before.length || names.some((name, i) => name !== before[i])) {
      this.shown = { names, room, texts: fitted(names, room, rulerOf(this.letters, this.root)) };
    }
    return this.shown;
  }

  private get letters(): number {
    return this.row < HIGHEST ? SMALL : LARGE;
  }

  /** The class whose name has the focus. */
  private get focused(): number | null {
    for (const [class_, button] of this.buttons) if (button === document.activeElement) return class_;
    return null;
  }

  private nameButton(name: string, text: string, class_: number): HTMLButtonElement {
    const button = element("button", "nntf-class", { type: "button", title: name, "aria-label": name }, text);
    button.addEventListener("click", () => this.open(class_));
    return button;
  }

  private open(class_: number): void {
    performance.mark("nntf:click");
    this.session.select("selected_class", this.session.drilled?.class_ === class_ ? null : class_);
  }

  private walk(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const next = Math.min(Math.max((this.focused ?? this.first) + step, 0), this.session.run.numClasses - 1);
    const [top, bottom] = [next * this.row, (next + 1 - this.visible) * this.row];
    this.rows.scrollTop = Math.min(Math.max(this.scrolled, bottom), top);
    this.scrolled = this.rows.scrollTop;
    if (this.axis) this.draw(this.axis);
    this.buttons.get(next)?.focus({ preventScroll: true });
  }

  private placeAt(event: PointerEvent | MouseEvent): Place | null {
    if (!this.axis) return null;
    const bounds = this.canvas.getBoundingClientRect();
    const class_ = this.drawnFrom + Math.floor((event.clientY - bounds.top) / this.row);
    const epoch = this.axis.epochAt(event.clientX - bounds.left);
    return class_ >= 0 && class_ < this.session.run.numClasses && epoch !== null ? { class_, epoch } : null;
  }
}
