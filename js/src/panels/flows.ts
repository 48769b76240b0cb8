/** The traffic of the class drilled into: arrivals above the line, departures below, by partner class. */

import { PARTNERS, REST } from "../drawing/colour";
import { element, sized, svg } from "../drawing/dom";
import type { EpochAxis } from "../drawing/epoch_axis";
import { grouped } from "../drawing/numbers";
import { seamLines } from "../drawing/seams";
import type { ClassDrill } from "../run/class_drill";
import type { Session } from "../session";

const HEIGHT = 110;

/** The partners that have a colour of their own, the busiest first. */
export function namedPartners(drill: ClassDrill): number[] {
  return drill.partners().slice(0, PARTNERS.length);
}

export class FlowChart {
  readonly root: HTMLElement;
  private readonly canvas = element("canvas", "nntf-flow-bars", { role: "img" });
  private readonly overlay = svg("svg", { class: "nntf-overlay", "aria-hidden": "true" });
  private axis: EpochAxis | null = null;

  constructor(
    private readonly session: Session,
    onHover: (transition: number | null) => void,
  ) {
    const title = element("div", "nntf-panel-title", {}, "Samples that arrive (above) and depart (below)");
    const plot = element("div", "nntf-flow-plot", {}, this.canvas, this.overlay as unknown as HTMLElement);
    this.root = element("div", "nntf-flows", {}, title, plot);
    this.canvas.addEventListener("pointermove", (event) => onHover(this.transitionAt(event)));
    this.canvas.addEventListener("pointerleave", () => onHover(null));
  }

  draw(axis: EpochAxis): void {
    this.axis = axis;
    const { drilled } = this.session;
    this.root.hidden = drilled === null;
    if (!drilled) return;
    this.canvas.setAttribute("aria-label", `Flows of class ${this.session.className(drilled.class_)}`);
    const totals = drilled.flows.map(({ arrivals, departures }) => Math.max(sum(arrivals), sum(departures)));
    const most = Math.max(1, ...totals);
    this.drawBars(drilled, axis, most);
    this.drawAxis(axis, most);
  }

  private drawBars(drill: ClassDrill, axis: EpochAxis, most: number): void {
    const context = sized(this.canvas, axis.extent, HEIGHT);
    const middle = HEIGHT / 2;
    const named = namedPartners(drill);
    const width = Math.max(axis.step - (axis.step > 4 ? 1 : 0), 0.5);
    for (const [t, flows] of drill.flows.entries()) {
      const x = axis.offset(t);
      for (const [direction, values] of [
        [-1, flows.arrivals],
        [1, flows.departures],
      ] as const) {
        let from = middle;
        const shares = [...named.map((class_) => values[class_])];
        shares.push(sum(values) - shares.reduce((a, b) => a + b, 0));
        for (const [rank, count] of shares.entries()) {
          const height = (count / most) * (middle - 2);
          context.fillStyle = PARTNERS[rank] && rank < named.length ? PARTNERS[rank] : REST;
          context.fillRect(x, direction < 0 ? from - height : from, width, height);
          from += direction * height;
        }
      }
    }
  }

  private drawAxis(axis: EpochAxis, most: number): void {
    this.overlay.setAttribute("width", String(axis.left + axis.extent));
    this.overlay.setAttribute("height", String(HEIGHT));
    const label = (text: string, y: number) => svg("text", { x: axis.left - 8, y, "text-anchor": "end" }, text);
    this.overlay.replaceChildren(
      svg("line", { class: "nntf-tick", x1: axis.left, x2: axis.left + axis.extent, y1: HEIGHT / 2, y2: HEIGHT / 2 }),
      ...seamLines(axis, this.session.seams, axis.left, HEIGHT),
      label(`+${grouped(most)}`, 11),
      label("0", HEIGHT / 2 + 4),
      label(`\u2212${grouped(most)}`, HEIGHT - 2),
    );
  }

  private transitionAt(event: PointerEvent): number | null {
    if (!this.axis) return null;
    const x = event.clientX - this.canvas.getBoundingClientRect().left;
    const t = Math.floor(x / this.axis.step - 0.5);
    return t >= 0 && t < this.session.run.transitions.length ? t : null;
  }
}

export function sum(values: Uint32Array): number {
  return values.reduce((total, value) => total + value, 0);
}
