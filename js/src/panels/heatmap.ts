/** The fingerprint: a matrix over the epoch axis, or two that share the square, with crosshair and pinned cell. */

import { element, type Spot, sized, svg } from "../drawing/dom";
import { EpochAxis } from "../drawing/epoch_axis";
import { ARROWS } from "../drawing/handle";
import { seamLines, seamRows } from "../drawing/seams";
import type { Cell, Session } from "../session";
import { edge, MatrixLayer, type Plot } from "./matrix_layer";

/** Pixels below the matrix, for the epochs. */
export const AXIS_HEIGHT = 20;
const ROW_LABELS = 30; // pixels for each, at least
const FAR = 10; // cells that an arrow key with Shift steps over

export class Heatmap {
  readonly root: HTMLElement;
  private readonly canvas = element("canvas", "nntf-heatmap", {
    role: "application", // it keeps the arrow keys for itself
    "aria-roledescription": "matrix",
    "aria-description": "Arrow keys lead from cell to cell, Enter pins one",
    tabindex: 0,
  });
  private readonly overlay = svg("svg", { class: "nntf-overlay", "aria-hidden": "true" });
  private readonly caption = element("div", "nntf-caption");
  private readonly legends = element("div", "nntf-legends", {}, this.caption);
  private readonly layers: MatrixLayer[];
  private axis: EpochAxis | null = null;
  /** The same epochs from the top down. */
  private rows = new EpochAxis(0, 1, 0, -1);
  private hovered: Cell | null = null;

  constructor(
    private readonly session: Session,
    onHover: (cell: Cell | null) => void,
    private readonly onReach: (cell: Cell, at: Spot) => void,
    onScale: () => void,
  ) {
    this.layers = [new MatrixLayer(onScale), new MatrixLayer(onScale)];
    this.root = element("div", "nntf-matrix", {}, this.canvas, this.overlay, this.legends);
    this.canvas.addEventListener("pointermove", (event) => onHover(this.cellAt(event)));
    this.canvas.addEventListener("pointerleave", () => onHover(null));
    this.canvas.addEventListener("click", (event) => this.pin(this.cellAt(event)));
    this.canvas.addEventListener("focus", () => {
      if (this.canvas.matches(":focus-visible")) this.reach(this.nearest);
    });
    this.canvas.addEventListener("blur", () => onHover(null));
    this.canvas.addEventListener("keydown", (event) => this.walk(event));
  }

  /** Pixels of the images drawn since the beginning: what an epoch costs. */
  get cellsDrawn(): number {
    return this.layers.reduce((sum, { raster }) => sum + raster.cellsDrawn, 0);
  }

  /** Draws the matrix over the epochs of an axis, in so many pixels from the top down; the cells of a `band` stand out. */
  draw(axis: EpochAxis, height: number, band: number | null = null): void {
    this.axis = axis;
    const { session } = this;
    const { unit } = session.facts;
    const { extent, left } = axis;
    const rows = new EpochAxis(0, height, axis.first, axis.last);
    this.rows = rows;
    const span = Math.max(axis.span, rows.span);
    const shown = session.layers;
    const context = sized(this.canvas, left + extent, height + 1);
    const range = session.pickedRange ?? [];
    const plots = shown.map((layer, i) => this.layers[i].draw(context, axis, rows, span, layer, range, band));
    if (this.legends.childElementCount !== 1 + shown.length) {
      const legends = this.layers.slice(0, shown.length).map(({ legend }) => legend.root);
      this.legends.replaceChildren(this.caption, ...legends);
    }
    const names = shown.map(({ name, part }) => (part === "whole" ? name : `${name} ${part} the diagonal`));
    this.canvas.setAttribute("aria-label", `${names.join(", ")}, ${axis.count} ${unit}s`);
    this.canvas.dataset.plot = JSON.stringify(plots[0]);
    this.caption.hidden = span === 1;
    this.caption.textContent = `each pixel: ${span} \u00d7 ${span} ${unit}s`;
    this.drawOverlay(plots.at(-1) as Plot);
  }

  hover(cell: Cell | null): void {
    this.hovered = cell;
    this.overlay.querySelector(".nntf-cells")?.replaceChildren(...this.crosshair());
  }

  close(): void {
    for (const layer of this.layers) layer.close();
    this.canvas.width = this.canvas.height = 0;
  }

  private cellAt(event: PointerEvent | MouseEvent): Cell | null {
    const { axis, rows, session } = this;
    if (!axis) return null;
    const bounds = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - bounds.left - axis.left, event.clientY - bounds.top];
    const [across, down] = [axis.placeAt(x), rows.placeAt(y)];
    const [above, below] = session.layers;
    const layer = below && down >= across ? below : above;
    const index = (place: number) => Math.floor(place - edge(0, layer.ofTransitions));
    const cell = { row: index(down), column: index(across) };
    return session.layerOf(cell).part === layer.part && session.holds(cell) && this.shows(cell) ? cell : null;
  }

  /** Whether all of a cell is in the range shown. */
  private shows(cell: Cell): boolean {
    const { ofTransitions } = this.session.layerOf(cell);
    const begin = [cell.row, cell.column].map((index) => edge(index, ofTransitions));
    return begin.every((place) => this.axis?.holds(place) && this.axis.holds(place + 1));
  }

  /** The cell from which the keys set out: where one is already, or that of the epoch in focus and the one before. */
  private get nearest(): Cell {
    const { pinned, focus, layers } = this.session;
    const index = Math.max(focus - (layers[0].ofTransitions ? 1 : 0), 1);
    return this.hovered ?? pinned ?? { row: index, column: index - 1 };
  }

  private walk(event: KeyboardEvent): void {
    const step = ARROWS[event.key];
    const isPin = event.key === "Enter" || event.key === " ";
    if (!step && !isPin) return;
    event.preventDefault();
    event.stopPropagation();
    const { row, column } = this.nearest;
    const by = event.shiftKey ? FAR : 1;
    if (isPin) this.pin(this.hovered);
    else this.reach({ row: row + by * step[0], column: column + by * step[1] });
  }

  /** Points to a cell, or to the one nearest to it that is shown. */
  private reach(cell: Cell): void {
    const { axis, rows, session } = this;
    if (!axis) return;
    const within = (index: number) => {
      const { ofTransitions } = session.layerOf(cell);
      return Math.max(Math.min(index, axis.last - (ofTransitions ? 1 : 0)), axis.first);
    };
    const reached = { row: within(cell.row), column: within(cell.column) };
    if (!session.holds(reached)) return;
    const { ofTransitions } = session.layerOf(reached);
    const [down, across] = [reached.row, reached.column].map((index) => edge(index, ofTransitions) + 0.5);
    const { left, top } = this.canvas.getBoundingClientRect();
    const at = { clientX: left + axis.left + axis.offset(across), clientY: top + rows.offset(down) };
    this.onReach(reached, at);
  }

  private pin(cell: Cell | null): void {
    const { pinned } = this.session;
    const again = cell && pinned?.row === cell.row && pinned.column === cell.column;
    this.session.select("selected_epochs", cell && !again ? [cell.row, cell.column] : null);
  }

  private drawOverlay(plot: Plot): void {
    const axis = this.axis as EpochAxis;
    const { left, extent } = axis;
    const { layers, seams } = this.session;
    this.overlay.setAttribute("width", String(left + extent));
    this.overlay.setAttribute("height", String(this.rows.extent + AXIS_HEIGHT));
    this.overlay.replaceChildren(
      ...(layers[0].size > 1 ? [frame(plot)] : this.waiting()),
      ...seamRows(this.rows, seams, left, extent),
      ...seamLines(axis, seams, left, this.rows.extent),
      ...this.ticks(),
      svg("g", { class: "nntf-cells" }, ...this.crosshair()),
    );
  }

  /** What stands where nothing can be compared yet. */
  private waiting(): SVGElement[] {
    const { left, extent, count } = this.axis as EpochAxis;
    const { unit } = this.session.facts;
    const ended = this.session.damage ? "this run is damaged" : this.session.facts.ended;
    const next = ["first", "second", "third"][count];
    const words = ended ? `No ${count === 0 ? "" : `${next} `}${unit}: ${ended}` : `Waiting for the ${next} ${unit}`;
    const height = this.rows.extent;
    const at = { x: left + extent / 2, y: height / 2, "text-anchor": "middle" };
    return [frame({ x: left, y: 0, width: extent, height }), svg("text", at, words)];
  }

  private ticks(): SVGElement[] {
    const { rows } = this;
    const axis = this.axis as EpochAxis;
    const { left } = axis;
    if (axis.count === 0) return [];
    const bottom = rows.extent;
    const below = axis.ticks().flatMap((epoch) => {
      const x = left + axis.offset(epoch);
      return [
        svg("line", { class: "nntf-tick", x1: x, x2: x, y1: bottom, y2: bottom + 4 }),
        svg("text", { x, y: bottom + 16, "text-anchor": "middle" }, String(epoch)),
      ];
    });
    const beside = rows.ticks(ROW_LABELS).flatMap((epoch) => {
      const y = rows.offset(epoch);
      return [
        svg("line", { class: "nntf-tick", x1: left - 4, x2: left, y1: y, y2: y }),
        svg("text", { x: left - 8, y: y + 4, "text-anchor": "end" }, String(epoch)),
      ];
    });
    const name = { class: "nntf-axis-name", x: left - 8, y: bottom + 16, "text-anchor": "end" };
    return [...below, ...beside, svg("text", name, this.session.facts.unit)];
  }

  /** The pinned cell and the one under the pointer, as far as they are in the range shown. */
  private crosshair(): SVGElement[] {
    const { rows } = this;
    const axis = this.axis as EpochAxis;
    const { left, extent } = axis;
    const marks: SVGElement[] = [];
    for (const [cell, className] of [
      [this.session.pinned, "nntf-pinned"],
      [this.hovered, "nntf-hovered"],
    ] as const) {
      if (!cell || !this.shows(cell)) continue;
      const { ofTransitions } = this.session.layerOf(cell);
      const [row, column] = [cell.row, cell.column].map((index) => edge(index, ofTransitions));
      const [x, y] = [left + axis.offset(column), rows.offset(row)];
      if (cell === this.hovered) {
        const [middleX, middleY] = [x + axis.step / 2, y + rows.step / 2];
        marks.push(
          svg("line", { class: "nntf-crosshair", x1: middleX, x2: middleX, y1: 0, y2: rows.extent }),
          svg("line", { class: "nntf-crosshair", x1: left, x2: left + extent, y1: middleY, y2: middleY }),
        );
      }
      const [width, height] = [Math.max(axis.step, 3), Math.max(rows.step, 3)];
      marks.push(svg("rect", { class: className, x, y, width, height }));
    }
    return marks;
  }
}

function frame({ x, y, width, height }: Plot): SVGElement {
  return svg("rect", { class: "nntf-frame", x: x - 0.5, y: y + 0.5, width: width + 1, height });
}
