/** Bars stacked up and down from a middle line, one pair for each place on the epoch axis. */

import { REST } from "./colour";
import { element, sized, svg } from "./dom";
import type { EpochAxis } from "./epoch_axis";
import { grouped } from "./numbers";
import type { PartnerColours } from "./partner_colours";

const HEIGHT = 104;
const MIDDLE = HEIGHT / 2;

/** What is stacked at one place: counts by class, and their sums. */
export interface Stacks {
  up: (class_: number) => number;
  down: (class_: number) => number;
  above: number;
  below: number;
}

/** The bar under the pointer: its place, and its class, null where it is of those that have no colour. */
export interface Bar {
  index: number;
  class_: number | null;
}

export class MirroredBars {
  readonly root: HTMLElement;
  private readonly title = element("div", "nntf-panel-title");
  private readonly canvas = element("canvas", "nntf-flow-bars", { role: "img" });
  private readonly overlay = svg("svg", { class: "nntf-overlay", "aria-hidden": "true" });
  private stacks: Stacks[] = [];
  private colours: PartnerColours = new Map();
  private axis: EpochAxis | null = null;
  private most = 1;

  /** `start` is where the first bar begins on the epoch axis. */
  constructor(
    private readonly start: number,
    onHover: (bar: Bar | null) => void,
    onOpen: (bar: Bar) => void,
  ) {
    const plot = element("div", "nntf-flow-plot", {}, this.canvas, this.overlay as unknown as HTMLElement);
    this.root = element("div", "nntf-flows", {}, this.title, plot);
    this.canvas.addEventListener("pointermove", (event) => {
      const bar = this.barAt(event);
      this.canvas.style.cursor = bar?.class_ === null || !bar ? "default" : "pointer";
      onHover(bar);
    });
    this.canvas.addEventListener("pointerleave", () => onHover(null));
    this.canvas.addEventListener("click", (event) => {
      const bar = this.barAt(event);
      if (bar) onOpen(bar);
    });
  }

  draw(axis: EpochAxis, title: string, stacks: Stacks[], colours: PartnerColours): void {
    [this.axis, this.stacks, this.colours] = [axis, stacks, colours];
    this.title.textContent = title;
    this.canvas.setAttribute("aria-label", title);
    this.most = stacks.reduce((most, { above, below }) => Math.max(most, above, below), 1);
    const context = sized(this.canvas, axis.extent, HEIGHT);
    const width = Math.max(axis.step - (axis.step > 4 ? 1 : 0), 0.5);
    for (let index = 0; index < stacks.length; index++) {
      for (const { colour, from, to } of this.segments(index)) {
        context.fillStyle = colour;
        context.fillRect(axis.offset(this.start + index), from, width, to - from);
      }
    }
    this.drawAxis(axis);
  }

  close(): void {
    this.canvas.width = this.canvas.height = 0;
  }

  /** The rectangles of one place, from the middle line outwards. */
  private segments(index: number): { class_: number | null; colour: string; from: number; to: number }[] {
    const { up, down, above, below } = this.stacks[index];
    const scale = (MIDDLE - 2) / this.most;
    return [
      { count: up, whole: above, sign: -1 },
      { count: down, whole: below, sign: 1 },
    ].flatMap(({ count, whole, sign }) => {
      let at = 0;
      const bars = [...this.colours].map(([class_, colour]) => ({ class_, colour, counted: count(class_) }));
      const rest = bars.reduce((left, { counted }) => left - counted, whole);
      return [...bars, { class_: null, colour: REST, counted: rest }]
        .filter(({ counted }) => counted > 0)
        .map(({ class_, colour, counted }) => {
          const [near, far] = [MIDDLE + sign * at * scale, MIDDLE + sign * (at + counted) * scale];
          at += counted;
          return { class_, colour, from: Math.min(near, far), to: Math.max(near, far) };
        });
    });
  }

  private drawAxis(axis: EpochAxis): void {
    this.overlay.setAttribute("width", String(axis.left + axis.extent));
    this.overlay.setAttribute("height", String(HEIGHT));
    const label = (text: string, y: number) => svg("text", { x: axis.left - 8, y, "text-anchor": "end" }, text);
    this.overlay.replaceChildren(
      svg("line", { class: "nntf-tick", x1: axis.left, x2: axis.left + axis.extent, y1: MIDDLE, y2: MIDDLE }),
      label(`+${grouped(this.most)}`, 11),
      label("0", MIDDLE + 4),
      label(`\u2212${grouped(this.most)}`, HEIGHT - 2),
    );
  }

  private barAt(event: PointerEvent | MouseEvent): Bar | null {
    if (!this.axis) return null;
    const bounds = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - bounds.left, event.clientY - bounds.top];
    const index = Math.floor(this.axis.at(x) - this.start);
    if (index < 0 || index >= this.stacks.length) return null;
    const hit = this.segments(index).find(({ from, to }) => y >= from && y < to);
    return { index, class_: hit?.class_ ?? null };
  }
}
