/** The colour scale beside the matrix: its ends say what they stand for, and can be dragged. */

import type { ColourScale, End } from "../drawing/colour_scale";
import { element } from "../drawing/dom";
import { movable } from "../drawing/handle";
import { writer } from "../drawing/numbers";
import type { Layer } from "../session";

const STOPS = 10;
/** Values beyond the ends that the bar shows, as a share of what lies between them: room to drag an end outward. */
const MARGIN = 0.25;
const STEPS: Record<string, number> = {
  ArrowUp: 0.02,
  ArrowRight: 0.02,
  ArrowDown: -0.02,
  ArrowLeft: -0.02,
  PageUp: 0.2,
  PageDown: -0.2,
};
const ENDS: [End, string][] = [
  ["high", "unlike"],
  ["low", "alike"],
];

export class Legend {
  readonly root: HTMLElement;
  private readonly title = element("div", "nntf-legend-title");
  private readonly colours = element("div", "nntf-scale-colours");
  private readonly middle = element("div", "nntf-scale-middle");
  private readonly bar = element("div", "nntf-scale", {}, this.colours, this.middle);
  private readonly untold = element("div", "nntf-untold nntf-quiet", {}, "too few moved to tell");
  private readonly handles: Record<End, HTMLElement>;
  private readonly whole = element("button", "nntf-whole", { type: "button" });
  /** What the bar shows from its lower end to its upper; it stays while an end is held. */
  private domain: [number, number] = [0, 1];
  private isHeld = false;

  constructor(
    private readonly scale: ColourScale,
    private readonly onChange: () => void,
  ) {
    const handles = ENDS.map(([end, meaning]) => [end, this.handle(end, meaning)] as const);
    this.handles = Object.fromEntries(handles) as Record<End, HTMLElement>;
    this.bar.append(...handles.map(([, handle]) => handle));
    this.root = element("div", "nntf-legend", { role: "group" }, this.title, this.bar, this.whole, this.untold);
    this.middle.append(element("span", "nntf-scale-number", {}, "0"), element("span", "nntf-quiet", {}, "chance"));
    this.whole.addEventListener("click", () => {
      scale.toggleWhole();
      onChange();
    });
  }

  /** Shows the scale of a layer, in percent where its values are shares of the samples, and what a gap in it means. */
  draw({ name, part, ofTransitions }: Layer, hasGaps: boolean): void {
    const inPercent = !ofTransitions;
    const { low, high, mode, palette, isCentred, whole } = this.scale;
    const margin = MARGIN * (high - low);
    if (!this.isHeld) this.domain = [Math.max(low - margin, whole[0]), Math.min(high + margin, whole[1])];
    const side = part === "whole" ? "" : ` ${part} the diagonal`;
    const sign = element("span", `nntf-side-sign nntf-side-${part}`, { role: "img", "aria-label": side });
    this.title.replaceChildren(...(side ? [sign, name] : [name]));
    this.root.setAttribute("aria-label", `Colour scale${side}`);
    const stops = Array.from({ length: STOPS + 1 }, (_, i) => {
      const place = this.place(low + (i / STOPS) * (high - low));
      return `${palette.css(i / STOPS)} ${(100 * place).toFixed(2)}%`;
    });
    this.colours.style.background = `linear-gradient(to top, ${stops.join(", ")})`;
    const text = writer(high - low, inPercent);
    for (const [end, meaning] of ENDS) {
      const handle = this.handles[end];
      handle.style.bottom = `${100 * this.place(this.scale[end])}%`;
      handle.setAttribute("aria-valuemin", String(whole[0]));
      handle.setAttribute("aria-valuenow", String(this.scale[end]));
      handle.setAttribute("aria-valuetext", `${text(this.scale[end])}, ${meaning}`);
      handle.replaceChildren(
        element("span", "nntf-scale-number", {}, text(this.scale[end])),
        element("span", "nntf-quiet", {}, meaning),
      );
    }
    this.middle.hidden = !isCentred;
    this.middle.style.bottom = `${100 * this.place(0)}%`;
    this.untold.hidden = !hasGaps;
    const all = isCentred ? "\u22121 \u2026 1" : "0 \u2026 1";
    this.whole.textContent = inPercent ? "0\u200a\u2026\u200a100\u202f%" : all;
    this.whole.setAttribute("aria-pressed", String(mode === "whole"));
    this.whole.title =
      mode === "whole" ? "Fit the colours to what is visible" : `Spread the colours over ${this.whole.textContent}`;
  }

  private handle(end: End, meaning: string): HTMLElement {
    const handle = element("div", `nntf-scale-end nntf-scale-${end}`, {
      role: "slider",
      tabindex: 0,
      "aria-label": `End of the colour scale, ${meaning}`,
      "aria-orientation": "vertical",
      "aria-valuemax": 1,
      title: "Drag to change the colour scale",
    });
    return movable(handle, STEPS, {
      drag: (event) => this.move(end, this.valueAt(event.clientY)),
      step: (by) => this.move(end, this.scale[end] + by * (this.scale.high - this.scale.low)),
      hold: (from) => {
        this.isHeld = from !== null;
        this.onChange();
      },
    });
  }

  private move(end: End, value: number): void {
    this.scale.move(end, value);
    this.onChange();
  }

  /** Where a value lies on the bar, as a share of it from below. */
  private place(value: number): number {
    const [from, to] = this.domain;
    return Math.min(Math.max((value - from) / (to - from), 0), 1);
  }

  private valueAt(clientY: number): number {
    const { bottom, height } = this.bar.getBoundingClientRect();
    const [from, to] = this.domain;
    return from + ((bottom - clientY) / height) * (to - from);
  }
}
