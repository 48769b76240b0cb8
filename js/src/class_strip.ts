/** One row for each class over the epoch axis: its recall, or its share of the predictions; a click drills into it. */

import { colour } from "./colour";
import { element, sized, svg } from "./dom";
import type { EpochAxis } from "./epoch_axis";
import { seamLines } from "./seams";
import type { Session } from "./session";

const ROW = 15;

/** A class at an epoch. */
export interface Place {
  class_: number;
  epoch: number;
}

export class ClassStrip {
  readonly root: HTMLElement;
  private readonly title = element("div", "nntf-panel-title");
  private readonly names = element("div", "nntf-class-names", { role: "group", "aria-label": "Classes" });
  private readonly canvas = element("canvas", "nntf-strip", { role: "img", "aria-label": "Classes over time" });
  private readonly overlay = svg("svg", { class: "nntf-overlay", "aria-hidden": "true" });
  private readonly raster = document.createElement("canvas");
  private axis: EpochAxis | null = null;

  constructor(
    private readonly session: Session,
    onHover: (place: Place | null) => void,
  ) {
    const plot = element("div", "nntf-strip-plot", {}, this.canvas, this.overlay as unknown as HTMLElement);
    const rows = element("div", "nntf-strip-rows", {}, this.names, plot);
    this.root = element("div", "nntf-classes", {}, this.title, rows);
    this.canvas.addEventListener("pointermove", (event) => onHover(this.placeAt(event)));
    this.canvas.addEventListener("pointerleave", () => onHover(null));
    this.canvas.addEventListener("click", (event) => {
      const place = this.placeAt(event);
      if (place) this.open(place.class_);
    });
    this.names.addEventListener("keydown", (event) => this.walk(event));
  }

  draw(axis: EpochAxis): void {
    this.axis = axis;
    const { run } = this.session;
    this.root.hidden = run.length === 0;
    this.title.textContent = run.labels ? "Recall of each class" : "Share of the predictions";
    this.nameRows();
    const height = run.numClasses * ROW;
    const context = sized(this.canvas, axis.extent, height);
    this.overlay.setAttribute("width", String(axis.extent));
    this.overlay.setAttribute("height", String(height));
    this.overlay.replaceChildren(...seamLines(axis, this.session.seams, 0, height));
    if (run.length === 0) return;
    this.paint();
    context.imageSmoothingEnabled = false;
    context.drawImage(this.raster, 0, 0, run.length, run.numClasses, 0, 0, axis.extent, height);
  }

  close(): void {
    this.raster.width = this.canvas.width = 0;
  }

  private paint(): void {
    const { run } = this.session;
    const pixels = new Uint32Array(run.length * run.numClasses);
    const largest = run.labels ? 1 : this.largestShare();
    for (let class_ = 0; class_ < run.numClasses; class_++) {
      for (let t = 0; t < run.length; t++) {
        const share = run.classShare(t, class_);
        pixels[class_ * run.length + t] = Number.isNaN(share) ? 0 : colour(share / largest);
      }
    }
    this.raster.width = run.length;
    this.raster.height = run.numClasses;
    const image = new ImageData(new Uint8ClampedArray(pixels.buffer as ArrayBuffer), run.length, run.numClasses);
    this.raster.getContext("2d")?.putImageData(image, 0, 0);
  }

  private largestShare(): number {
    const { run } = this.session;
    return run.classCounts.reduce((most, counts) => Math.max(most, ...counts), 1) / run.numSamples;
  }

  private nameRows(): void {
    const { run } = this.session;
    const selected = this.session.drilled?.class_ ?? null;
    const names = Array.from({ length: run.numClasses }, (_, class_) => this.session.className(class_));
    const buttons = [...this.names.children] as HTMLButtonElement[];
    if (buttons.length !== names.length || buttons.some((button, class_) => button.textContent !== names[class_])) {
      this.names.replaceChildren(...names.map((name, class_) => this.nameButton(name, class_)));
    }
    for (const [class_, button] of [...this.names.children].entries()) {
      button.setAttribute("aria-pressed", String(class_ === selected));
      (button as HTMLElement).tabIndex = class_ === (selected ?? 0) ? 0 : -1;
    }
  }

  private nameButton(name: string, class_: number): HTMLButtonElement {
    const button = element("button", "nntf-class", { type: "button", title: name, style: `height: ${ROW}px` }, name);
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
    const buttons = [...this.names.children] as HTMLElement[];
    const next = buttons.indexOf(document.activeElement as HTMLElement) + step;
    buttons[Math.min(Math.max(next, 0), buttons.length - 1)]?.focus();
  }

  private placeAt(event: PointerEvent | MouseEvent): Place | null {
    if (!this.axis) return null;
    const bounds = this.canvas.getBoundingClientRect();
    const class_ = Math.floor((event.clientY - bounds.top) / ROW);
    const epoch = Math.floor((event.clientX - bounds.left) / this.axis.step);
    const { run } = this.session;
    return class_ >= 0 && class_ < run.numClasses && epoch >= 0 && epoch < run.length ? { class_, epoch } : null;
  }
}
