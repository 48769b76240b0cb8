/** The fingerprint: one or two matrices over the epoch axis with their legend, a crosshair and a pinned cell. */

import { element, sized, svg } from "./dom";
import type { EpochAxis } from "./epoch_axis";
import { answer, KEYS } from "./heatmap_keys";
import { AXIS_HEIGHT, frame, gapsOf, incompleteOf, marksOf, ticksOf, waiting } from "./heatmap_marks";
import { Legend } from "./legend";
import { Raster } from "./raster";
import type { Cell, Layer, Session } from "./session";
import { type Epochs, ZoomGestures } from "./zoom";

export class Heatmap {
  readonly root: HTMLElement;
  readonly canvas = element("canvas", "nntf-heatmap", {
    role: "application",
    tabindex: 0,
    "aria-roledescription": "matrix",
    "aria-description": KEYS,
    "data-lm-suppress-shortcuts": "true", // JupyterLab would take the keys for its own
  });
  private readonly rasters = { between: new Raster(), at: new Raster() };
  private readonly overlay = svg("svg", { class: "nntf-overlay", "aria-hidden": "true" });
  private readonly title = element("span", "");
  private readonly legend = new Legend();
  private axis: EpochAxis | null = null;
  private readonly gestures: ZoomGestures;
  private hovered: Cell | null = null;
  private span: Epochs | null = null;

  constructor(
    private readonly session: Session,
    private readonly onHover: (cell: Cell | null, by: "pointer" | "keys") => void,
  ) {
    this.root = element(
      "div",
      "nntf-square",
      {},
      element("div", "nntf-panel-title nntf-heatmap-head", {}, this.title, this.legend.root),
      element("div", "nntf-matrix", {}, this.canvas, this.overlay as unknown as HTMLElement),
    );
    this.gestures = new ZoomGestures(this.canvas, session, (span) => {
      this.span = span;
      this.drawOverlay();
    });
    this.canvas.addEventListener("pointermove", (event) => onHover(this.cellAt(event), "pointer"));
    this.canvas.addEventListener("pointerleave", () => onHover(null, "pointer"));
    this.canvas.addEventListener("keydown", (event) => this.onKey(event));
    this.canvas.addEventListener("blur", () => onHover(null, "keys"));
    this.canvas.addEventListener("click", (event) => session.pin(this.cellAt(event)));
  }

  /** Pixels drawn since the beginning: what an epoch costs. */
  get cellsDrawn(): number {
    return this.rasters.between.cellsDrawn + this.rasters.at.cellsDrawn;
  }

  /** Rows and columns to a pixel: 1 unless the matrix is too large to show each cell. */
  get pool(): number {
    return Math.max(...this.session.layers.map(({ between }) => this.rasters[between ? "between" : "at"].pool));
  }

  draw(axis: EpochAxis): void {
    this.axis = axis;
    const { layers, matrixName } = this.session;
    this.title.textContent = matrixName;
    this.legend.draw(this.session.scaleEnds, layers.find((layer) => layer.band)?.band);
    const context = sized(this.canvas, axis.left + axis.extent + 20, axis.extent + 1);
    context.translate(axis.left, 0);
    for (const layer of layers) this.drawLayer(context, layer, axis);
    this.canvas.setAttribute("aria-label", `${matrixName}, ${axis.snapshots} epochs`);
    const start = axis.offset(corner(layers[0]));
    const size = layers[0].matrix.size * axis.step;
    this.canvas.dataset.plot = JSON.stringify({ x: axis.left + start, y: start, width: size, height: size });
    this.gestures.draw(axis);
    this.drawOverlay();
  }

  hover(cell: Cell | null): void {
    this.hovered = cell;
    if (this.axis) this.drawOverlay();
  }

  close(): void {
    this.gestures.close();
    this.rasters.between.close();
    this.rasters.at.close();
    this.canvas.width = this.canvas.height = 0;
  }

  private drawLayer(context: CanvasRenderingContext2D, layer: Layer, axis: EpochAxis): void {
    if (layer.matrix.size === 0) return;
    const raster = this.rasters[layer.between ? "between" : "at"];
    raster.show(layer, axis.first, axis.last);
    const at = axis.offset(corner(layer) + raster.first);
    const size = raster.size * raster.pool * axis.step;
    context.save();
    context.beginPath();
    clip(context, layer.half, axis.extent);
    context.clip();
    // Cells larger than a pixel have sharp edges; of smaller ones a pixel shows the mean.
    context.imageSmoothingEnabled = size * (window.devicePixelRatio || 1) < raster.size;
    context.drawImage(raster.canvas, 0, 0, raster.size, raster.size, at, at, size, size);
    context.restore();
  }

  private cellAt(event: PointerEvent | MouseEvent): Cell | null {
    const { axis } = this;
    if (!axis) return null;
    const bounds = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - bounds.left - axis.left, event.clientY - bounds.top];
    if (Math.min(x, y) < 0 || Math.max(x, y) >= axis.extent) return null;
    const layer = this.session.layers.find(({ half }) => half === "whole" || (half === "above") === x > y) as Layer;
    const index = (pixels: number) => Math.floor(axis.at(pixels) - corner(layer));
    const [row, column] = [index(y), index(x)];
    if (Math.min(row, column) < 0 || Math.max(row, column) >= layer.matrix.size) return null;
    return { row, column, between: layer.between };
  }

  private onKey(event: KeyboardEvent): void {
    const cell = answer(event, this.session, this.hovered);
    if (cell === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (cell) this.onHover(cell, "keys");
  }

  private drawOverlay(): void {
    const axis = this.axis as EpochAxis;
    const empty = this.session.layers.every(({ matrix }) => matrix.size === 0);
    this.overlay.setAttribute("width", String(axis.left + axis.extent + 20));
    this.overlay.setAttribute("height", String(axis.extent + AXIS_HEIGHT));
    this.overlay.replaceChildren(
      frame(axis),
      ...(empty ? [waiting(axis)] : []),
      ...gapsOf(axis, this.session.resumedAt),
      ...ticksOf(axis),
      ...incompleteOf(axis, this.session.incomplete),
      marksOf(axis, { pinned: this.session.pinned, hovered: this.hovered, span: this.span }),
    );
  }
}

/** Where the first cell of a matrix begins on the axis: cells of transitions lie between their snapshots. */
function corner(layer: Layer): number {
  return layer.between ? 0 : -0.5;
}

/** Adds the part of the plot that a layer covers to the path. */
function clip(context: CanvasRenderingContext2D, half: Layer["half"], extent: number): void {
  context.moveTo(0, 0);
  if (half !== "below") context.lineTo(extent, 0);
  context.lineTo(extent, extent);
  if (half !== "above") context.lineTo(0, extent);
}
