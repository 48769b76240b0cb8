/** Brushing: a drag across the plots shows the epochs under it alone, and a double click shows all again. */

import { element } from "../drawing/dom";
import type { EpochAxis } from "../drawing/epoch_axis";
import type { Session } from "../session";

const STILL = 4; // pixels: a drag that is shorter is a click
const CONTROLS = "button, [role=slider], .nntf-range-track";

export class EpochBrush {
  readonly root = element("div", "nntf-brush", { hidden: true });
  private axis: EpochAxis | null = null;
  /** Where the drag began and where it is, in pixels from the left end of the plots. */
  private drag: { from: number; to: number } | null = null;
  /** Whether a drag has ended, which the browser calls a click besides. */
  private hasBrushed = false;

  constructor(
    private readonly column: HTMLElement,
    private readonly session: Session,
  ) {
    column.addEventListener("pointerdown", (event) => this.begin(event));
    column.addEventListener("pointermove", (event) => this.move(event));
    column.addEventListener("pointerup", () => this.end());
    column.addEventListener("pointercancel", () => this.drop());
    column.addEventListener("click", (event) => this.hasBrushed && event.stopPropagation(), { capture: true });
    column.addEventListener("dblclick", (event) => {
      if (this.placeOf(event) !== null) session.select("epoch_range", null);
    });
  }

  draw(axis: EpochAxis): void {
    this.axis = axis;
  }

  private begin(event: PointerEvent): void {
    this.hasBrushed = false;
    const place = this.placeOf(event);
    this.drag = place === null || event.button !== 0 || !event.isPrimary ? null : { from: place, to: place };
  }

  private move(event: PointerEvent): void {
    const { axis, drag } = this;
    if (!axis || !drag) return;
    const place = event.clientX - this.column.getBoundingClientRect().left - axis.left;
    drag.to = Math.min(Math.max(place, 0), axis.extent - 0.01);
    if (this.root.hidden && Math.abs(drag.to - drag.from) < STILL) return;
    if (this.root.hidden) this.column.setPointerCapture(event.pointerId);
    this.root.hidden = false;
    this.root.style.left = `${axis.left + Math.min(drag.from, drag.to)}px`;
    this.root.style.width = `${Math.abs(drag.to - drag.from)}px`;
  }

  private end(): void {
    const { axis, drag } = this;
    this.hasBrushed = !this.root.hidden;
    this.drop();
    if (!this.hasBrushed || !axis || !drag) return;
    const [from, to] = [drag.from, drag.to].map((pixels) => axis.epochAt(pixels));
    if (from !== null && to !== null) this.session.showEpochs(from, to);
  }

  private drop(): void {
    this.drag = null;
    this.root.hidden = true;
  }

  /** Where the pointer is on the plots, in pixels from their left end; null where it is on none, or on a control. */
  private placeOf({ clientX, target }: MouseEvent): number | null {
    if (!this.axis || this.session.run.length < 3 || (target as Element).closest(CONTROLS)) return null;
    const place = clientX - this.column.getBoundingClientRect().left - this.axis.left;
    return place >= 0 && place < this.axis.extent ? place : null;
  }
}
