/** The run as paths in the plane, of its transitions and of its predictions: a point a moment, coloured by time. */

import { TIME } from "../drawing/colour";
import { element, svg } from "../drawing/dom";
import { fixed } from "../drawing/numbers";
import { COLOURS, PathPlot } from "../drawing/path_plot";
import { figure, OVER_EPOCHS, pickEpochs, sideAxis } from "../drawing/side_chart";
import type { Unfinished } from "../run/comparison";
import { part } from "../run/plane";
import type { Session } from "../session";

/** Whose path it is, and by how many epochs its points are later than their numbers: a transition leads to the next. */
const KINDS = [
  { of: "transition", name: "transitions", later: 1 },
  { of: "prediction", name: "predictions", later: 0 },
] as const;
type Kind = (typeof KINDS)[number];

const GAP = 12; // pixels between two paths
const HIGH = 236; // pixels at most
const [BAR, LINE] = [6, 14]; // pixels that the key to the colours is high, and a line of numbers
const TICK = 62; // pixels for a number

interface Path {
  path: PathPlot;
  /** The epoch of the first point shown. */
  first: number;
}

export class TrajectoryChart {
  readonly root: HTMLElement;
  private readonly pair = element("div", "nntf-paths");
  private readonly key = element("div", "nntf-path-key");
  private readonly words = element("div", "nntf-quiet");
  private paths: Path[] = [];
  private pointed: number[] = [];
  private width = 0;

  constructor(
    private readonly session: Session,
    onHover: (epoch: number | null) => void,
  ) {
    this.root = element("div", "nntf-trajectory", {}, this.pair, this.key, this.words);
    this.pair.addEventListener("pointermove", (event) => onHover(this.epochAt(event)));
    this.pair.addEventListener("pointerleave", () => onHover(null));
    this.pair.addEventListener("click", (event) => {
      const epoch = this.epochAt(event);
      if (epoch !== null) session.focusOn(epoch);
    });
    pickEpochs(
      this.key,
      () => this.axis,
      (epoch) => session.focusOn(epoch),
    );
  }

  /** What is worked out for it: first the distance itself, where that is of a class. */
  get unfinished(): Unfinished | null {
    const laid = this.kinds.map(({ of }) => this.session.trajectory(of));
    if (laid.includes(null)) return this.session.drilled?.distance ?? null;
    return laid.find((each) => each?.isWhole === false) ?? null;
  }

  draw(width: number): void {
    this.width = width;
    this.paths = [];
    this.pair.replaceChildren(...this.kinds.map((kind) => this.drawPath(kind)));
    this.key.replaceChildren(this.colours());
    const { unit } = this.session.facts;
    this.words.textContent = `The farther apart two ${unit}s, the more unlike; at a stress of 0 exactly so.`;
    this.mark();
  }

  /** Marks the points of epochs that the pointer is on; one between two epochs is that of the transition. */
  point(epochs: number[]): void {
    this.pointed = epochs.map(Math.ceil);
    this.mark();
  }

  /** Of a class there are only its transitions. */
  private get kinds(): readonly Kind[] {
    return this.session.drilled ? KINDS.slice(0, 1) : KINDS;
  }

  private get axis() {
    return sideAxis(this.width, ...this.session.range);
  }

  private drawPath({ of, name, later }: Kind): HTMLElement {
    const { session, axis } = this;
    const laid = session.trajectory(of);
    const note = laid?.isWhole ? "" : "being worked out";
    const points = laid && part(laid.points, axis.first, axis.last + 1 - later);
    if (!laid || !points?.x.length) return figure(name, "", note || "none yet");
    const side = Math.max(Math.floor((this.width - GAP) / 2), 1);
    const path = new PathPlot(points, session.drilled ? this.width : side, Math.min(side, HIGH));
    const alike = laid.size > 1 ? "all alike" : "only one yet";
    const stress = Number.isNaN(laid.stress) ? alike : `stress ${fixed(laid.stress, 2)}`;
    path.plot.setAttribute("aria-label", `Path of the ${name} in the plane, ${stress}`);
    this.paths.push({ path, first: axis.first + later });
    return figure(name, stress, note, path);
  }

  /** The key to the colours. */
  private colours(): SVGElement {
    const { axis, session } = this;
    const { left, extent } = axis;
    const key = svg("svg", { class: OVER_EPOCHS, width: this.width, height: BAR + LINE, "aria-hidden": "true" });
    const parts = Math.min(axis.count, COLOURS);
    for (let i = 0; i < parts; i++) {
      const at = { x: left + (i * extent) / parts, y: 0, width: extent / parts + 0.5, height: BAR };
      key.append(svg("rect", { ...at, fill: TIME.css(i / Math.max(parts - 1, 1)) }));
    }
    const written = { y: BAR + LINE - 3, "text-anchor": "middle" };
    for (const epoch of axis.ticks(TICK))
      key.append(svg("text", { ...written, x: left + axis.offset(epoch) }, String(epoch)));
    key.append(svg("text", { ...written, x: left - 6, "text-anchor": "end" }, session.facts.unit));
    return key;
  }

  private epochAt({ target, clientX, clientY }: MouseEvent): number | null {
    const at = this.paths.find(({ path }) => path.plot.contains(target as Node));
    const index = at?.path.nearest({ clientX, clientY }) ?? null;
    return at && index !== null ? at.first + index : null;
  }

  private mark(): void {
    for (const { path, first } of this.paths) {
      path.mark(
        this.session.focus - first,
        this.pointed.map((epoch) => epoch - first),
        (index) => String(first + index),
      );
    }
  }
}
