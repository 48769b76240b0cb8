/** The whole run beneath a zoomed fingerprint: its share of moved samples, and a brush over the epochs shown. */

import { type BrushSelection, brushX, type D3BrushEvent } from "d3-brush";
import { select } from "d3-selection";
import { element, svg } from "./dom";
import type { EpochAxis } from "./epoch_axis";
import type { Session } from "./session";
import { within } from "./zoom";

const HEIGHT = 30;

export class Minimap {
  readonly root: HTMLElement;
  private readonly area = svg("path", { class: "nntf-minimap-area" });
  private readonly handle = svg("g", { class: "nntf-minimap-brush" }) as SVGGElement;
  private readonly svg = svg(
    "svg",
    { class: "nntf-minimap-plot", height: HEIGHT, "aria-hidden": "true" },
    this.area,
    this.handle,
  );
  private readonly brush = brushX<unknown>();
  private axis: EpochAxis | null = null;
  private brushing = false;

  constructor(private readonly session: Session) {
    const all = element("button", "nntf-back", { type: "button" }, "All epochs");
    all.addEventListener("click", () => session.select("epoch_range", null));
    this.root = element(
      "div",
      "nntf-minimap",
      {},
      element("div", "nntf-steps", {}, all),
      this.svg as unknown as Element,
    );
    this.brush
      .on("start", (event) => this.track(event))
      .on("brush", (event) => this.track(event))
      .on("end", (event) => this.track(event));
  }

  draw(axis: EpochAxis): void {
    this.root.hidden = !axis.zoomed;
    this.axis = axis;
    if (!axis.zoomed) return;
    const { extent, snapshots, first, last } = axis;
    this.svg.setAttribute("width", String(extent));
    this.area.setAttribute("d", this.outline(extent / snapshots));
    if (this.brushing) return;
    const brush = this.brush.extent([
      [0, 0],
      [extent, HEIGHT],
    ]);
    const group = select<SVGGElement, unknown>(this.handle);
    group.call(brush).call(brush.move, [(first / snapshots) * extent, ((last + 1) / snapshots) * extent]);
  }

  /** The share of samples that moved, as an area over the whole run. */
  private outline(step: number): string {
    const { transitions } = this.session.run;
    const most = transitions.reduce((largest, { moved }) => Math.max(largest, moved), 1);
    const points = transitions.map(
      ({ moved }, t) => `L${((t + 1) * step).toFixed(1)} ${(HEIGHT - 1 - (moved / most) * (HEIGHT - 6)).toFixed(1)}`,
    );
    return `M${step} ${HEIGHT}${points.join("")}L${(transitions.length * step).toFixed(1)} ${HEIGHT}Z`;
  }

  private track({ type, selection, sourceEvent }: D3BrushEvent<unknown>): void {
    if (!sourceEvent) return;
    this.brushing = type !== "end";
    const epochs = this.epochs(selection);
    if (this.brushing) this.session.preview("epoch_range", epochs);
    else this.session.select("epoch_range", epochs);
  }

  private epochs(selection: BrushSelection | null): [number, number] | null {
    if (!selection) return null;
    const { extent, snapshots } = this.axis as EpochAxis;
    const [low, high] = (selection as [number, number]).map((x) => Math.round((x / extent) * snapshots));
    return within(low, Math.max(high - 1, low + 1), snapshots);
  }
}
