/** The fingerprint: a matrix over the epoch axis, or two that share the square, with crosshair and pinned cell. */

import { element, sized, svg } from "../drawing/dom";
import type { EpochAxis } from "../drawing/epoch_axis";
import { seamLines, seamRows } from "../drawing/seams";
import type { Cell, Session } from "../session";
import { edge, MatrixLayer, type Square } from "./matrix_layer";

const AXIS_HEIGHT = 22;

export class Heatmap {
  readonly root: HTMLElement;
  private readonly canvas = element("canvas", "nntf-heatmap", { role: "img" });
  private readonly overlay = svg("svg", { class: "nntf-overlay", "aria-hidden": "true" });
  private readonly caption = element("div", "nntf-caption");
  private readonly legends = element("div", "nntf-legends", {}, this.caption);
  private readonly layers: MatrixLayer[];
  private axis: EpochAxis | null = null;
  private hovered: Cell | null = null;

  constructor(
    private readonly session: Session,
    onHover: (cell: Cell | null) => void,
    onScale: () => void,
  ) {
    this.layers = [new MatrixLayer(onScale), new MatrixLayer(onScale)];
    this.root = element("div", "nntf-matrix", {}, this.canvas, this.overlay, this.legends);
    this.canvas.addEventListener("pointermove", (event) => onHover(this.cellAt(event)));
    this.canvas.addEventListener("pointerleave", () => onHover(null));
    this.canvas.addEventListener("click", (event) => this.pin(this.cellAt(event)));
  }

  /** Pixels of the images drawn since the beginning: what an epoch costs. */
  get cellsDrawn(): number {
    return this.layers.reduce((sum, { raster }) => sum + raster.cellsDrawn, 0);
  }

  draw(axis: EpochAxis): void {
    this.axis = axis;
    const { session } = this;
    const { unit } = session.facts;
    const { extent, left, span } = axis;
    const shown = session.layers;
    const context = sized(this.canvas, left + extent, extent + 1);
    const range = session.pickedRange ?? [];
    const squares = shown.map((layer, i) => this.layers[i].draw(context, left, axis, layer, range));
    if (this.legends.childElementCount !== 1 + shown.length) {
      const legends = this.layers.slice(0, shown.length).map(({ legend }) => legend.root);
      this.legends.replaceChildren(this.caption, ...legends);
    }
    const names = shown.map(({ name, part }) => (part === "whole" ? name : `${name} ${part} the diagonal`));
    this.canvas.setAttribute("aria-label", `${names.join(", ")}, ${axis.count} ${unit}s`);
    const { start, size } = squares[0];
    this.canvas.dataset.plot = JSON.stringify({ x: left + start, y: start, width: size, height: size });
    this.caption.hidden = span === 1;
    this.caption.textContent = `each pixel: ${span} \u00d7 ${span} ${unit}s`;
    this.drawOverlay(squares.at(-1) as Square);
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
    const { axis, session } = this;
    if (!axis) return null;
    const bounds = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - bounds.left - axis.left, event.clientY - bounds.top];
    if (Math.min(x, y) < 0 || Math.max(x, y) >= axis.extent) return null;
    const [above, below] = session.layers;
    const layer = below && y >= x ? below : above;
    const index = (pixels: number) => Math.floor(axis.placeAt(pixels) - edge(0, layer.ofTransitions));
    const cell = { row: index(y), column: index(x) };
    return session.layerOf(cell).part === layer.part && session.holds(cell) ? cell : null;
  }

  private pin(cell: Cell | null): void {
    const { pinned } = this.session;
    const again = cell && pinned?.row === cell.row && pinned.column === cell.column;
    this.session.select("selected_epochs", cell && !again ? [cell.row, cell.column] : null);
  }

  private drawOverlay({ start, size }: Square): void {
    const axis = this.axis as EpochAxis;
    const { left, extent } = axis;
    const { layers, seams } = this.session;
    const height = extent + AXIS_HEIGHT;
    this.overlay.setAttribute("width", String(left + extent));
    this.overlay.setAttribute("height", String(height));
    this.overlay.replaceChildren(
      ...(layers[0].matrix.size > 1 ? [frame(left + start, start, size)] : this.waiting()),
      ...seamRows(axis, seams),
      ...seamLines(axis, seams, left, extent),
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
    const at = { x: left + extent / 2, y: extent / 2, "text-anchor": "middle" };
    return [frame(left, 0, extent), svg("text", at, words)];
  }

  private ticks(): SVGElement[] {
    const axis = this.axis as EpochAxis;
    const { left, extent } = axis;
    if (axis.count === 0) return [];
    const marks = axis.ticks().flatMap((epoch) => {
      const at = axis.offset(epoch);
      return [
        svg("line", { class: "nntf-tick", x1: left + at, x2: left + at, y1: extent, y2: extent + 4 }),
        svg("text", { x: left + at, y: extent + 16, "text-anchor": "middle" }, String(epoch)),
        svg("line", { class: "nntf-tick", x1: left - 4, x2: left, y1: at, y2: at }),
        svg("text", { x: left - 8, y: at + 4, "text-anchor": "end" }, String(epoch)),
      ];
    });
    return [
      ...marks,
      svg(
        "text",
        { class: "nntf-axis-name", x: left - 8, y: extent + 16, "text-anchor": "end" },
        this.session.facts.unit,
      ),
    ];
  }

  /** The pinned cell and the one under the pointer, as far as they are in the range shown. */
  private crosshair(): SVGElement[] {
    const axis = this.axis as EpochAxis;
    const { left, extent, step } = axis;
    const marks: SVGElement[] = [];
    for (const [cell, className] of [
      [this.session.pinned, "nntf-pinned"],
      [this.hovered, "nntf-hovered"],
    ] as const) {
      if (!cell) continue;
      const { ofTransitions } = this.session.layerOf(cell);
      const [row, column] = [cell.row, cell.column].map((index) => edge(index, ofTransitions));
      if (![row, column, row + 1, column + 1].every((place) => axis.holds(place))) continue;
      const [x, y] = [left + axis.offset(column), axis.offset(row)];
      if (cell === this.hovered) {
        const [middleX, middleY] = [x + step / 2, y + step / 2];
        marks.push(
          svg("line", { class: "nntf-crosshair", x1: middleX, x2: middleX, y1: 0, y2: extent }),
          svg("line", { class: "nntf-crosshair", x1: left, x2: left + extent, y1: middleY, y2: middleY }),
        );
      }
      const side = Math.max(step, 3);
      marks.push(svg("rect", { class: className, x, y, width: side, height: side }));
    }
    return marks;
  }
}

function frame(x: number, y: number, size: number): SVGElement {
  return svg("rect", { class: "nntf-frame", x: x - 0.5, y: y + 0.5, width: size + 1, height: size });
}
