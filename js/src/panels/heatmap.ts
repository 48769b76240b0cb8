/** The fingerprint: a matrix over the epoch axis, with its crosshair and its pinned cell. */

import type { ColourScale } from "../drawing/colour_scale";
import { element, sized, svg } from "../drawing/dom";
import type { EpochAxis } from "../drawing/epoch_axis";
import { Raster } from "../drawing/raster";
import { seamLines, seamRows } from "../drawing/seams";
import type { Blocks } from "../run/blocks";
import type { Cell, Session } from "../session";

const AXIS_HEIGHT = 22;

export class Heatmap {
  readonly root: HTMLElement;
  readonly raster = new Raster();
  private readonly canvas = element("canvas", "nntf-heatmap", { role: "img" });
  private readonly overlay = svg("svg", { class: "nntf-overlay", "aria-hidden": "true" });
  private readonly caption = element("div", "nntf-caption");
  private axis: EpochAxis | null = null;
  private hovered: Cell | null = null;

  constructor(
    private readonly session: Session,
    legend: HTMLElement,
    onHover: (cell: Cell | null) => void,
  ) {
    this.root = element("div", "nntf-matrix", {}, this.canvas, this.overlay, legend, this.caption);
    this.canvas.addEventListener("pointermove", (event) => onHover(this.cellAt(event)));
    this.canvas.addEventListener("pointerleave", () => onHover(null));
    this.canvas.addEventListener("click", (event) => this.pin(this.cellAt(event)));
  }

  draw(axis: EpochAxis, blocks: Blocks, scale: ColourScale): void {
    this.axis = axis;
    const { extent, left } = axis;
    this.raster.show(blocks, scale);
    const context = sized(this.canvas, left + extent, extent + 1);
    const { start, size } = this.square();
    this.canvas.setAttribute("aria-label", `${this.session.matrixName}, ${axis.snapshots} ${this.session.facts.unit}s`);
    if (blocks.size) {
      const covered = blocks.taken / blocks.span; // the last block may reach beyond the newest epoch
      context.imageSmoothingEnabled = false;
      context.drawImage(this.raster.canvas, 0, 0, covered, covered, left + start, start, size, size);
    }
    this.canvas.dataset.plot = JSON.stringify({ x: left + start, y: start, width: size, height: size });
    this.caption.hidden = blocks.span === 1;
    this.caption.textContent = `each pixel: ${blocks.span} \u00d7 ${blocks.span} ${this.session.facts.unit}s`;
    this.drawOverlay();
  }

  hover(cell: Cell | null): void {
    this.hovered = cell;
    if (this.axis) this.drawOverlay();
  }

  close(): void {
    this.raster.close();
    this.canvas.width = this.canvas.height = 0;
  }

  /** Where the matrix lies in the plot: cells of transitions lie between their snapshots. */
  private square(): { start: number; size: number } {
    const axis = this.axis as EpochAxis;
    const { size } = this.session.matrix;
    return { start: axis.offset(this.session.showsTransitions ? 0 : -0.5), size: size * axis.step };
  }

  private cellAt(event: PointerEvent | MouseEvent): Cell | null {
    if (!this.axis) return null;
    const bounds = this.canvas.getBoundingClientRect();
    const { start } = this.square();
    const index = (pixels: number) => Math.floor((pixels - start) / (this.axis as EpochAxis).step);
    const cell = {
      row: index(event.clientY - bounds.top),
      column: index(event.clientX - bounds.left - this.axis.left),
    };
    return this.session.holds(cell) ? cell : null;
  }

  private pin(cell: Cell | null): void {
    const { pinned } = this.session;
    const again = cell && pinned?.row === cell.row && pinned.column === cell.column;
    this.session.select("selected_epochs", cell && !again ? [cell.row, cell.column] : null);
  }

  private drawOverlay(): void {
    const axis = this.axis as EpochAxis;
    const { left, extent } = axis;
    const { start, size } = this.square();
    const height = extent + AXIS_HEIGHT;
    this.overlay.setAttribute("width", String(left + extent));
    this.overlay.setAttribute("height", String(height));
    this.overlay.replaceChildren(
      ...(this.session.matrix.size > 1 ? [frame(left + start, start, size)] : this.waiting()),
      ...seamRows(axis, this.session.seams),
      ...seamLines(axis, this.session.seams, left, extent),
      ...this.ticks(),
      ...this.crosshair(),
    );
  }

  /** What stands where nothing can be compared yet. */
  private waiting(): SVGElement[] {
    const { left, extent, snapshots } = this.axis as EpochAxis;
    const { unit } = this.session.facts;
    const ended = this.session.damage ? "this run is damaged" : this.session.facts.ended;
    const next = ["first", "second", "third"][snapshots];
    const words = ended
      ? `No ${snapshots === 0 ? "" : `${next} `}${unit}: ${ended}`
      : `Waiting for the ${next} ${unit}`;
    const at = { x: left + extent / 2, y: extent / 2, "text-anchor": "middle" };
    return [frame(left, 0, extent), svg("text", at, words)];
  }

  private ticks(): SVGElement[] {
    const axis = this.axis as EpochAxis;
    const { left, extent } = axis;
    if (axis.snapshots === 0) return [];
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

  private crosshair(): SVGElement[] {
    const axis = this.axis as EpochAxis;
    const { start } = this.square();
    const box = ({ row, column }: Cell, className: string) =>
      svg("rect", {
        class: className,
        x: axis.left + start + column * axis.step,
        y: start + row * axis.step,
        width: Math.max(axis.step, 3),
        height: Math.max(axis.step, 3),
      });
    const marks: SVGElement[] = [];
    const { pinned } = this.session;
    if (pinned) marks.push(box(pinned, "nntf-pinned"));
    if (this.hovered) {
      const { row, column } = this.hovered;
      const x = axis.left + start + (column + 0.5) * axis.step;
      const y = start + (row + 0.5) * axis.step;
      marks.push(
        svg("line", { class: "nntf-crosshair", x1: x, x2: x, y1: 0, y2: axis.extent }),
        svg("line", { class: "nntf-crosshair", x1: axis.left, x2: axis.left + axis.extent, y1: y, y2: y }),
        box(this.hovered, "nntf-hovered"),
      );
    }
    return marks;
  }
}

function frame(x: number, y: number, size: number): SVGElement {
  return svg("rect", { class: "nntf-frame", x: x - 0.5, y: y + 0.5, width: size + 1, height: size });
}
