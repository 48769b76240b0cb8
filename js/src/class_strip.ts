/** One row for each class over the epoch axis: its recall, or its share of the predictions; a click drills into it. */

import { classOrder, SORTS } from "./class_order";
import { colour } from "./colour";
import { element, sized } from "./dom";
import type { EpochAxis } from "./epoch_axis";
import { Legend } from "./legend";
import type { Choices, Session } from "./session";

const ROW = 15;
const MOST_ROWS = 25;
/** From so many classes on, somebody looks for one by its name. */
const SEARCHED = 12;

/** A class at an epoch. */
export interface Place {
  class_: number;
  epoch: number;
}

export class ClassStrip {
  readonly root: HTMLElement;
  private readonly title = element("span", "");
  private readonly legend = new Legend();
  private readonly found = element("span", "nntf-quiet", { role: "status" });
  private readonly sort = element("select", "nntf-select", { "aria-label": "Order of the classes" });
  private readonly search = element("input", "nntf-search", {
    type: "search",
    placeholder: "find a class",
    "aria-label": "Find a class by its name",
  });
  private readonly names = element("div", "nntf-class-names", { role: "group" });
  private readonly canvas = element("canvas", "nntf-strip", { role: "img", "aria-label": "Classes over the epochs" });
  private readonly rows = element("div", "nntf-strip-rows", {}, this.names, this.canvas);
  private readonly raster = document.createElement("canvas");
  private readonly buttons = new Map<number, HTMLButtonElement>();
  private order: number[] = [];
  private axis: EpochAxis | null = null;
  /** The class that the Tab key comes to. */
  private active = 0;
  private selectedBefore: number | null = null;
  private largest = 1;
  private askedBefore = "";
  /** How far down the rows are scrolled; to ask the page would have it laid out anew. */
  private top = 0;

  constructor(
    private readonly session: Session,
    onHover: (place: Place | null) => void,
  ) {
    const title = element("span", "nntf-strip-title nntf-quiet", {}, this.title, this.legend.root);
    const controls = element("div", "nntf-strip-controls", {}, title, this.found, this.search, this.sort);
    this.root = element("div", "nntf-classes", {}, controls, this.rows);
    this.canvas.addEventListener("pointermove", (event) => onHover(this.placeAt(event)));
    this.canvas.addEventListener("pointerleave", () => onHover(null));
    this.canvas.addEventListener("click", (event) => {
      const place = this.placeAt(event);
      if (place) this.open(place.class_);
    });
    this.rows.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.names.addEventListener("keydown", (event) => this.walk(event));
    this.search.addEventListener("input", () => session.choose({ classSearch: this.search.value }));
    this.search.addEventListener("keydown", (event) => this.leaveSearch(event));
    this.sort.addEventListener("change", () => session.choose({ classSort: this.sort.value as Choices["classSort"] }));
  }

  draw(axis: EpochAxis): void {
    this.axis = axis;
    const { run, choices } = this.session;
    this.root.hidden = run.length === 0;
    if (run.length === 0) return;
    const name = (class_: number) => this.session.className(class_);
    this.order = classOrder(run, name, choices.classSort, choices.classSearch);
    this.largest = run.labels ? 1 : this.largestShare();
    this.drawControls();
    const asked = `${choices.classSort} ${choices.classSearch}`;
    if (asked !== this.askedBefore) this.scrollBy(-this.top);
    this.askedBefore = asked;
    this.reveal();
    this.drawRows();
  }

  close(): void {
    this.raster.width = this.canvas.width = 0;
  }

  private drawControls(): void {
    const { run, choices } = this.session;
    this.title.textContent = run.labels ? "Recall of each class" : "Share of the predictions";
    this.legend.draw(["0", `${Number((100 * this.largest).toPrecision(3))} %`]);
    this.search.hidden = run.numClasses < SEARCHED;
    this.sort.hidden = run.numClasses < 3;
    if (this.search.value !== choices.classSearch) this.search.value = choices.classSearch;
    const names = SORTS.map(([, name]) => name(run.labels !== null));
    if (this.sort.textContent !== names.join("")) {
      this.sort.replaceChildren(...SORTS.map(([value], i) => element("option", "", { value }, names[i])));
    }
    this.sort.value = choices.classSort;
    this.found.hidden = choices.classSearch === "";
    this.found.textContent = `${this.order.length} of ${run.numClasses}`;
    this.names.setAttribute("aria-label", `${this.order.length} classes`);
  }

  /** Brings a class that was just drilled into to where it is seen. */
  private reveal(): void {
    const selected = this.session.drilled?.class_ ?? null;
    if (selected !== this.selectedBefore && selected !== null) {
      this.active = selected;
      this.scrollTo(this.order.indexOf(selected));
    }
    this.selectedBefore = selected;
    if (!this.order.includes(this.active)) this.active = this.order[0] ?? 0;
  }

  private scrollTo(place: number): void {
    if (place < 0) return;
    const room = Math.min(this.order.length, MOST_ROWS) * ROW;
    const top = place * ROW;
    if (top < this.top) this.scrollBy(top - this.top);
    else if (top + ROW > this.top + room) this.scrollBy(top + ROW - room - this.top);
  }

  private scrollBy(pixels: number): void {
    if (!pixels) return;
    this.top += pixels;
    this.rows.scrollTop = this.top;
  }

  private scrolled(): void {
    if (this.rows.scrollTop === this.top) return;
    this.top = this.rows.scrollTop;
    this.drawRows();
  }

  /** Draws the rows in sight alone. */
  private drawRows(): void {
    if (!this.axis) return;
    const { extent } = this.axis;
    const shown = Math.min(this.order.length, MOST_ROWS);
    this.rows.style.height = `${shown * ROW}px`;
    this.names.style.height = `${this.order.length * ROW}px`;
    const first = Math.max(0, Math.min(Math.floor(this.top / ROW), this.order.length - shown));
    const inSight = this.order.slice(first, first + shown + 1);
    this.nameRows(first, inSight);
    const context = sized(this.canvas, extent, Math.max(shown, 1) * ROW);
    if (!inSight.length) return;
    this.paint(inSight);
    context.imageSmoothingEnabled = false;
    const { run } = this.session;
    const [left, top] = [this.axis.offset(-0.5), first * ROW - this.top];
    const width = run.length * this.axis.step;
    context.drawImage(this.raster, 0, 0, run.length, inSight.length, left, top, width, inSight.length * ROW);
  }

  private paint(classes: number[]): void {
    const { run } = this.session;
    const pixels = new Uint32Array(run.length * classes.length);
    for (const [row, class_] of classes.entries()) {
      for (let t = 0; t < run.length; t++) {
        const share = run.classShare(t, class_);
        pixels[row * run.length + t] = Number.isNaN(share) ? 0 : colour(share / this.largest);
      }
    }
    this.raster.width = run.length;
    this.raster.height = classes.length;
    const image = new ImageData(new Uint8ClampedArray(pixels.buffer as ArrayBuffer), run.length, classes.length);
    this.raster.getContext("2d")?.putImageData(image, 0, 0);
  }

  private largestShare(): number {
    const { run } = this.session;
    return run.classCounts.reduce((most, counts) => Math.max(most, ...counts), 1) / run.numSamples;
  }

  /** Keeps a button for each class in sight, and for the one that has the focus. */
  private nameRows(first: number, inSight: number[]): void {
    const places = new Map(inSight.map((class_, i) => [class_, first + i]));
    if (this.order.length) places.set(this.active, this.order.indexOf(this.active));
    for (const [class_, button] of this.buttons) {
      if (places.has(class_)) continue;
      button.remove();
      this.buttons.delete(class_);
    }
    const selected = this.session.drilled?.class_ ?? null;
    for (const [class_, place] of places) {
      const button = this.buttons.get(class_) ?? this.nameButton(class_);
      const name = this.session.className(class_);
      if (button.textContent !== name) button.textContent = button.title = name;
      button.style.top = `${place * ROW}px`;
      button.setAttribute("aria-pressed", String(class_ === selected));
      button.tabIndex = class_ === this.active ? 0 : -1;
    }
  }

  private nameButton(class_: number): HTMLButtonElement {
    const button = element("button", "nntf-class", { type: "button" });
    button.addEventListener("click", () => this.open(class_));
    this.buttons.set(class_, button);
    this.names.append(button);
    return button;
  }

  private open(class_: number): void {
    performance.mark("nntf:click");
    this.active = class_;
    this.session.select("selected_class", this.session.drilled?.class_ === class_ ? null : class_);
  }

  private walk(event: KeyboardEvent): void {
    const last = this.order.length - 1;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: MOST_ROWS, PageUp: -MOST_ROWS, Home: -last, End: last }[
      event.key
    ];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const place = Math.min(Math.max(this.order.indexOf(this.active) + step, 0), last);
    this.active = this.order[place];
    this.scrollTo(place);
    this.drawRows();
    this.buttons.get(this.active)?.focus({ preventScroll: true });
  }

  /** From the search: down to the first class found, or, with Enter, into it. */
  private leaveSearch(event: KeyboardEvent): void {
    event.stopPropagation(); // letters are no commands of the notebook's
    if (event.key === "Escape" && this.search.value) {
      event.preventDefault();
      this.session.choose({ classSearch: "" });
    }
    if (!this.order.length) return;
    if (event.key === "Enter") this.open(this.order[0]);
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    this.active = this.order[0];
    this.drawRows();
    this.buttons.get(this.active)?.focus();
  }

  private placeAt(event: PointerEvent | MouseEvent): Place | null {
    if (!this.axis) return null;
    const bounds = this.canvas.getBoundingClientRect();
    const class_ = this.order[Math.floor((event.clientY - bounds.top + this.top) / ROW)];
    const epoch = Math.round(this.axis.at(event.clientX - bounds.left));
    return class_ !== undefined && epoch >= 0 && epoch < this.session.run.length ? { class_, epoch } : null;
  }
}
