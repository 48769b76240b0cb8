/** The samples of the class drilled into, a row each, coloured by the predicted class over the epochs. */

import type { ClassDrill } from "./class_drill";
import { type ClassSamples, NEVER, type SampleOrder } from "./class_samples";
import { REST, rgba } from "./colour";
import { element, sized } from "./dom";
import type { EpochAxis } from "./epoch_axis";
import { grouped } from "./numbers";
import { SampleCard } from "./sample_card";
import type { Session } from "./session";

const HEIGHT = 240;
const [THINNEST, THICKEST] = [4, 14];
const TRANSPARENT = 0;

const ORDERS: Record<SampleOrder, string> = {
  crossings: "most crossings first",
  forgotten: "most forgotten first",
  learned: "learned last, or never, first",
  moves: "most moves first",
  changed: "latest change first",
};

/** A row by its place from the top, and an epoch. */
interface Spot {
  place: number;
  epoch: number;
}

export class SampleRows {
  readonly root: HTMLElement;
  private readonly title = element("span", "nntf-quiet");
  private readonly sort = element("select", "nntf-select", { "aria-label": "Order of the samples" });
  private readonly clear = element("button", "nntf-link", { type: "button" });
  private readonly canvas = element("canvas", "nntf-sample-raster", { "aria-hidden": "true" });
  private readonly cursor = element("div", "nntf-sample-cursor", { role: "option", id: uniqueId(), hidden: true });
  private readonly cursorName = element("span", "nntf-sample-name");
  private readonly cursorLine = element("span", "nntf-sample-line");
  /** The class itself: what shows where nothing is drawn. */
  private readonly ground = element("div", "nntf-sample-ground nntf-itself");
  private readonly all = element("div", "nntf-sample-all", {}, this.ground, this.canvas, this.cursor);
  private readonly box = element(
    "div",
    "nntf-sample-box",
    { tabindex: 0, role: "listbox", "aria-label": "Samples", "aria-multiselectable": true },
    this.all,
  );
  private readonly card = new SampleCard();
  private readonly raster = document.createElement("canvas");
  private axis: EpochAxis | null = null;
  private drilledBefore: ClassDrill | null = null;
  private byBefore: SampleOrder | null = null;
  private order: Uint32Array = new Uint32Array(0);
  /** Where the pointer is, from the left and the top of the view; null when the keys move the spot. */
  private pointer: { x: number; y: number } | null = null;
  private spot: Spot | null = null;
  /** How far down the rows are scrolled; to ask the page would have it laid out anew. */
  private top = 0;
  /** Where a selection with the Shift key begins. */
  private anchor = 0;

  constructor(
    private readonly session: Session,
    private readonly onHover: (epoch: number | null) => void,
  ) {
    this.cursor.append(this.cursorName, this.cursorLine);
    const head = element("div", "nntf-strip-controls", {}, this.title, this.clear, this.sort);
    this.root = element("div", "nntf-samples", { hidden: true }, head, this.box, this.card.root);
    this.sort.addEventListener("change", () => session.choose({ sampleOrder: this.sort.value as SampleOrder }));
    this.clear.addEventListener("click", () => session.select("selected_samples", []));
    this.box.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.box.addEventListener("pointermove", (event) => this.point(this.spotAt(event), event));
    this.box.addEventListener("pointerleave", () => this.point(null));
    this.box.addEventListener("click", (event) => this.pick(this.spotAt(event), event));
    this.box.addEventListener("blur", () => this.point(null));
    this.box.addEventListener("keydown", (event) => this.onKey(event));
  }

  draw(axis: EpochAxis): void {
    this.axis = axis;
    const { drilled } = this.session;
    this.root.hidden = drilled === null || this.session.run.length === 0;
    if (!drilled || this.root.hidden) {
      this.point(null);
      return;
    }
    const { samples } = drilled;
    const by = this.by(samples);
    if (drilled !== this.drilledBefore || by !== this.byBefore) this.top = this.box.scrollTop = 0;
    [this.drilledBefore, this.byBefore] = [drilled, by];
    this.order = samples.order(by);
    this.drawHead(drilled, samples);
    this.drawRows();
    if (this.spot) this.fillCard(this.spot); // what it looks like may have come
  }

  close(): void {
    this.card.close();
    for (const canvas of [this.canvas, this.raster]) canvas.width = canvas.height = 0;
  }

  private by(samples: ClassSamples): SampleOrder {
    const possible = samples.possibleOrders;
    const { sampleOrder } = this.session.choices;
    return sampleOrder && possible.includes(sampleOrder) ? sampleOrder : possible[0];
  }

  private get rowHeight(): number {
    return Math.min(Math.max(Math.floor(HEIGHT / Math.max(this.order.length, 1)), THINNEST), THICKEST);
  }

  private drawHead(drilled: ClassDrill, samples: ClassSamples): void {
    const count = `${grouped(this.order.length)} ${this.order.length === 1 ? "sample" : "samples"}`;
    const which =
      drilled.partner !== null ? "that crossed" : this.session.run.labels ? "of this class" : "once so predicted";
    this.title.textContent = `${count} ${which}`;
    const possible = samples.possibleOrders;
    if ([...this.sort.options].map(({ value }) => value).join() !== possible.join()) {
      this.sort.replaceChildren(...possible.map((value) => element("option", "", { value }, ORDERS[value])));
    }
    this.sort.value = this.by(samples);
    const selected = this.session.selectedSamples.size;
    this.clear.hidden = selected === 0;
    this.clear.textContent = `${grouped(selected)} selected, clear`;
    this.clear.title = "widget.selected_samples in Python";
  }

  /** Draws the rows in sight alone. */
  private drawRows(): void {
    const { drilled } = this.session;
    if (!this.axis || !drilled) return;
    const { rowHeight, axis } = this;
    const total = this.order.length * rowHeight;
    const height = Math.min(total, HEIGHT);
    this.box.style.height = `${height}px`;
    this.all.style.height = `${total}px`;
    Object.assign(this.ground.style, { left: `${axis.left}px`, width: `${axis.extent}px` });
    const top = Math.min(this.top, total - height);
    const first = Math.floor(top / rowHeight);
    const rows = this.order.subarray(first, Math.ceil((top + height) / rowHeight));
    const right = axis.left + axis.extent;
    const context = sized(this.canvas, right, Math.max(height, 1));
    if (!rows.length) return;
    const { samples } = drilled;
    this.paint(samples, rows);
    const epochs = samples.columns.length;
    context.imageSmoothingEnabled = false;
    context.save();
    context.beginPath();
    context.rect(axis.left, 0, axis.extent, height);
    context.clip();
    const y = first * rowHeight - top;
    const [x, width] = [axis.left + axis.offset(-0.5), epochs * axis.step];
    context.drawImage(this.raster, 0, 0, epochs, rows.length, x, y, width, rows.length * rowHeight);
    if (rowHeight > THINNEST)
      for (let i = 1; i <= rows.length; i++) context.clearRect(0, y + i * rowHeight - 1, right, 1);
    context.restore();
    this.markSelected(context, samples, rows, y);
    if (this.spot) this.placeCursor(this.spot);
  }

  private paint(samples: ClassSamples, rows: Uint32Array): void {
    const epochs = samples.columns.length;
    const colours = this.coloursByClass(samples.class_);
    const pixels = new Uint32Array(epochs * rows.length);
    for (const [t, column] of samples.columns.entries()) {
      for (let i = 0; i < rows.length; i++) pixels[i * epochs + t] = colours[column[rows[i]]];
    }
    this.raster.width = epochs;
    this.raster.height = rows.length;
    const image = new ImageData(new Uint8ClampedArray(pixels.buffer as ArrayBuffer), epochs, rows.length);
    this.raster.getContext("2d")?.putImageData(image, 0, 0);
  }

  /** The class itself is the ground behind the picture, which follows the theme. */
  private coloursByClass(class_: number): Uint32Array {
    const colours = new Uint32Array(this.session.run.numClasses).fill(rgba(REST));
    for (const [partner, colour] of this.session.partnerColours) colours[partner] = rgba(colour);
    colours[class_] = TRANSPARENT;
    return colours;
  }

  private markSelected(context: CanvasRenderingContext2D, samples: ClassSamples, rows: Uint32Array, y: number): void {
    const selected = this.session.selectedSamples;
    if (!selected.size || !this.axis) return;
    context.fillStyle = getComputedStyle(this.canvas).color;
    for (let i = 0; i < rows.length; i++) {
      if (!selected.has(samples.samples[rows[i]])) continue;
      context.fillRect(this.axis.left - 7, y + i * this.rowHeight, 5, Math.max(this.rowHeight - 1, 2));
    }
  }

  private spotAt(event: MouseEvent): Spot | null {
    if (!this.axis) return null;
    const bounds = this.canvas.getBoundingClientRect();
    const place = Math.floor((event.clientY - bounds.top + this.top) / this.rowHeight);
    const epoch = Math.round(this.axis.at(event.clientX - bounds.left - this.axis.left));
    const last = this.session.run.length - 1;
    return place >= 0 && place < this.order.length ? { place, epoch: Math.min(Math.max(epoch, 0), last) } : null;
  }

  private point(spot: Spot | null, at?: MouseEvent): void {
    if (!spot && !this.spot) return;
    const bounds = this.root.getBoundingClientRect();
    this.pointer = at ? { x: at.clientX - bounds.left, y: at.clientY - bounds.top } : null;
    this.spot = spot;
    this.cursor.hidden = spot === null;
    this.onHover(spot?.epoch ?? null);
    if (!spot) {
      this.card.hide();
      this.box.removeAttribute("aria-activedescendant");
      return;
    }
    this.placeCursor(spot);
    this.fillCard(spot);
  }

  private placeCursor({ place }: Spot): void {
    const { drilled } = this.session;
    const row = this.order[place];
    if (!drilled || row === undefined || !this.axis) return;
    const sample = drilled.samples.samples[row];
    this.cursor.style.top = `${place * this.rowHeight}px`;
    this.cursor.style.height = `${this.rowHeight}px`;
    this.cursorLine.style.left = `${this.axis.left}px`;
    this.cursorLine.style.width = `${this.axis.extent}px`;
    this.cursorName.textContent = `#${sample}`;
    this.cursor.setAttribute("aria-selected", String(this.session.selectedSamples.has(sample)));
    this.cursor.setAttribute("aria-posinset", String(place + 1));
    this.cursor.setAttribute("aria-setsize", String(this.order.length));
    this.box.setAttribute("aria-activedescendant", this.cursor.id);
  }

  private fillCard(spot: Spot): void {
    const { drilled } = this.session;
    const row = this.order[spot.place];
    if (!drilled || row === undefined || !this.axis) return;
    const { samples } = drilled;
    const facts = this.story(samples, row, spot.epoch);
    this.cursor.setAttribute("aria-label", facts.join(", "));
    const top = this.box.offsetTop + (spot.place + 1) * this.rowHeight - this.top;
    const { x, y } = this.pointer ?? { x: this.axis.left + this.axis.offset(spot.epoch), y: top };
    const content = this.session.contents.get(samples.samples[row]);
    this.card.show(facts, content, x, y, this.root.clientWidth);
  }

  /** How a sample fared, a fact a line. */
  private story(samples: ClassSamples, row: number, epoch: number): string[] {
    const { session } = this;
    const { labels } = session.run;
    const sample = samples.samples[row];
    const facts = [`Sample ${sample}`];
    if (labels) facts.push(`labelled ${session.className(labels[sample])}`);
    facts.push(`epoch ${epoch}: predicted ${session.className(samples.columns[epoch][row])}`);
    if (samples.partner !== null) facts.push(`crossed ${times(samples.crossings[row])}`);
    if (labels) {
      const learned = samples.learnedAt[row];
      facts.push(learned === NEVER ? "never learned" : `learned at epoch ${learned}`);
      facts.push(`forgotten ${times(samples.forgotten[row])}`);
    }
    facts.push(samples.moves[row] ? `last moved at epoch ${samples.changedAt[row]}` : "never moved");
    return facts;
  }

  /** A click takes this sample alone; with Ctrl or Cmd one more or less, with Shift all from the last one. */
  private pick(spot: Spot | null, keys: { shiftKey: boolean; ctrlKey: boolean; metaKey: boolean }): void {
    const { drilled } = this.session;
    if (!spot || !drilled) return;
    const { samples } = drilled.samples;
    const at = (place: number) => samples[this.order[place]];
    const before = this.session.selectedSamples;
    const sample = at(spot.place);
    let selected: number[];
    if (keys.shiftKey) {
      const [from, to] = [Math.min(this.anchor, spot.place), Math.max(this.anchor, spot.place)];
      selected = Array.from({ length: to - from + 1 }, (_, i) => at(from + i));
    } else {
      this.anchor = spot.place;
      const others = keys.ctrlKey || keys.metaKey ? [...before].filter((other) => other !== sample) : [];
      const again = before.has(sample) && others.length === before.size - 1;
      selected = again ? others : [...others, sample];
    }
    this.session.select("selected_samples", selected);
  }

  private onKey(event: KeyboardEvent): void {
    const { place, epoch } = this.spot ?? { place: -1, epoch: 0 };
    const last = this.order.length - 1;
    const page = Math.floor(HEIGHT / this.rowHeight);
    const down = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -last - 1, End: last + 1 }[
      event.key
    ];
    const along = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const chosen = event.key === "Enter" || event.key === " ";
    const cleared = event.key === "Escape" && this.session.selectedSamples.size > 0;
    if (!down && !along && !chosen && !cleared) return;
    event.preventDefault();
    event.stopPropagation();
    if (cleared) this.session.select("selected_samples", []);
    if (chosen) this.pick(this.spot, { shiftKey: event.shiftKey, ctrlKey: !event.shiftKey, metaKey: false });
    if (down || along) {
      const to = Math.min(Math.max(place + (down ?? 0), 0), last);
      const at = Math.min(Math.max(epoch + (along ?? 0), 0), this.session.run.length - 1);
      this.reveal(to);
      this.point({ place: to, epoch: at });
    }
  }

  private reveal(place: number): void {
    const top = place * this.rowHeight;
    const height = Math.min(this.order.length * this.rowHeight, HEIGHT);
    if (top < this.top) this.scroll(top);
    else if (top + this.rowHeight > this.top + height) this.scroll(top + this.rowHeight - height);
  }

  private scroll(top: number): void {
    this.top = top;
    this.box.scrollTop = top;
    this.drawRows();
  }

  private scrolled(): void {
    if (this.box.scrollTop === this.top) return;
    this.top = this.box.scrollTop;
    this.drawRows();
  }
}

function times(count: number): string {
  return count === 1 ? "once" : count === 2 ? "twice" : count ? `${count} times` : "never";
}

let made = 0;

function uniqueId(): string {
  return `nntf-sample-${++made}`;
}
