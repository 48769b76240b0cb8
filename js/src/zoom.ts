/** Zooming into a range of epochs: drag across the heatmap, Ctrl and wheel, pinch, or keys. */

import { type D3DragEvent, drag } from "d3-drag";
import { select } from "d3-selection";
import { type D3ZoomEvent, zoom, zoomIdentity } from "d3-zoom";
import type { EpochAxis } from "./epoch_axis";
import type { Session } from "./session";

/** Pixels below which a drag is a click. */
const STILL = 4;

export type Epochs = [first: number, last: number];

/** The range `factor` times as long around `centre`, of two epochs or more; null for the whole run. */
export function scaled([first, last]: Epochs, factor: number, centre: number, snapshots: number): Epochs | null {
  const low = centre - (centre - (first - 0.5)) * factor;
  const high = centre + (last + 0.5 - centre) * factor;
  return within(Math.round(low + 0.5), Math.round(high - 0.5), snapshots);
}

/** The range from one epoch to another, whichever comes first; null where that is the whole run. */
export function within(from: number, to: number, snapshots: number): Epochs | null {
  const [low, high] = from < to ? [from, to] : [to, from];
  const first = Math.min(Math.max(low, 0), Math.max(snapshots - 2, 0));
  const last = Math.max(Math.min(high, snapshots - 1), first + 1);
  return first === 0 && last >= snapshots - 1 ? null : [first, last];
}

export class ZoomGestures {
  private readonly zooming = zoom<HTMLCanvasElement, unknown>();
  private axis: EpochAxis | null = null;
  private zoomingNow = false;
  private from: { x: number; y: number } | null = null;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly session: Session,
    /** Shows the range dragged over so far. */
    private readonly onDrag: (epochs: Epochs | null) => void,
  ) {
    this.zooming
      .filter((event: Event) =>
        event instanceof WheelEvent ? event.ctrlKey || event.metaKey : "touches" in event && event.type !== "dblclick",
      )
      .on("start", (event) => this.track(event, true))
      .on("zoom", (event) => event.sourceEvent && this.zoomTo(event))
      .on("end", (event) => this.track(event, false));
    const dragging = drag<HTMLCanvasElement, unknown>()
      .touchable(false)
      .on("start", ({ x, y }: D3DragEvent<HTMLCanvasElement, unknown, unknown>) => {
        this.from = { x, y };
      })
      .on("drag", (event) => onDrag(this.dragged(event)))
      .on("end", (event) => this.dragEnd(event));
    select(canvas).call(this.zooming).on("dblclick.zoom", null).call(dragging);
  }

  draw(axis: EpochAxis): void {
    this.axis = axis;
    const { left, extent, snapshots, first, step } = axis;
    if (this.zoomingNow || snapshots < 2) return;
    const edges: [[number, number], [number, number]] = [
      [left, 0],
      [left + extent, extent],
    ];
    const factor = (step * snapshots) / extent;
    this.zooming
      .extent(edges)
      .translateExtent(edges)
      .scaleExtent([1, snapshots / 2]);
    const from = (-first * extent) / snapshots;
    const transform = zoomIdentity
      .translate(left, 0)
      .scale(factor)
      .translate(from - left, from);
    select(this.canvas).call(this.zooming.transform, transform);
  }

  close(): void {
    select(this.canvas).on(".zoom", null).on(".drag", null);
  }

  private track(event: D3ZoomEvent<HTMLCanvasElement, unknown>, now: boolean): void {
    if (!event.sourceEvent) return;
    this.zoomingNow = now;
    if (!now) this.session.select("epoch_range", this.session.model.get("epoch_range"));
  }

  private zoomTo({ transform }: D3ZoomEvent<HTMLCanvasElement, unknown>): void {
    const { left, extent, snapshots } = this.axis as EpochAxis;
    const at = (x: number) => ((transform.invertX(x) - left) / extent) * snapshots;
    this.session.preview("epoch_range", within(Math.round(at(left)), Math.round(at(left + extent)) - 1, snapshots));
  }

  /** The epochs between the ends of a drag, along the direction in which it is longer. */
  private dragged({ x, y }: { x: number; y: number }): Epochs | null {
    const { axis, from } = this;
    if (!axis || !from || axis.snapshots < 2) return null;
    const [across, down] = [Math.abs(x - from.x), Math.abs(y - from.y)];
    if (Math.max(across, down) < STILL) return null;
    const [a, b] = across >= down ? [from.x - axis.left, x - axis.left] : [from.y, y];
    const at = (pixels: number) => Math.round(axis.at(Math.min(Math.max(pixels, 0), axis.extent - 0.01)));
    return within(at(a), at(b), axis.snapshots) ?? [0, axis.snapshots - 1];
  }

  private dragEnd(event: { x: number; y: number }): void {
    const epochs = this.dragged(event);
    this.onDrag(null);
    if (epochs) this.session.select("epoch_range", epochs);
  }
}
