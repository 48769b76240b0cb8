/** Which epochs all plots show: a bar under the epoch axis, of the whole run, with an end to move on either side. */

import { element } from "../drawing/dom";
import type { EpochAxis } from "../drawing/epoch_axis";
import { movable } from "../drawing/handle";
import type { Session } from "../session";

type End = "first" | "last";

const STEPS: Record<string, number> = {
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
  PageDown: -10,
  PageUp: 10,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

export class EpochRange {
  readonly root: HTMLElement;
  private readonly track = element("div", "nntf-range-track");
  private readonly shown = element("div", "nntf-range-shown");
  private readonly ends: Record<End, HTMLElement>;
  private readonly all = element("button", "nntf-range-all", { type: "button" }, "Show all");
  /** Where the bar was taken hold of, as an epoch, and the range then. */
  private held: { at: number; range: [number, number] } | null = null;

  constructor(private readonly session: Session) {
    this.ends = { first: this.end("first"), last: this.end("last") };
    movable(
      this.shown,
      {},
      {
        drag: (event) => this.pan(event),
        hold: (from) => {
          this.held = from && { at: this.epochAt(from), range: session.range };
        },
      },
    );
    this.track.append(this.shown, this.ends.first, this.ends.last);
    this.all.addEventListener("click", () => session.select("epoch_range", null));
    this.root = element("div", "nntf-range", { role: "group" }, this.track, this.all);
  }

  draw(axis: EpochAxis): void {
    const { run, pickedRange, facts } = this.session;
    const { unit } = facts;
    const newest = run.length - 1;
    this.root.hidden = newest < 2;
    this.root.setAttribute("aria-label", `${unit}s shown`);
    this.root.classList.toggle("nntf-range-picked", pickedRange !== null);
    this.all.hidden = pickedRange === null;
    this.all.title = `Show all ${unit}s, as a double click does`;
    this.track.style.width = `${axis.extent}px`;
    this.shown.title = `Drag across the plots to show some ${unit}s only`;
    const place = { first: axis.first, last: axis.last + 1 };
    this.shown.style.left = percent(place.first / run.length);
    this.shown.style.right = percent(1 - place.last / run.length);
    const limits = { first: [0, axis.last - 1], last: [axis.first + 1, newest] };
    for (const end of ["first", "last"] as const) {
      const handle = this.ends[end];
      handle.style.left = percent(place[end] / run.length);
      handle.setAttribute("aria-valuemin", String(limits[end][0]));
      handle.setAttribute("aria-valuemax", String(limits[end][1]));
      handle.setAttribute("aria-valuenow", String(axis[end]));
      handle.setAttribute("aria-valuetext", `${unit} ${axis[end]}`);
    }
  }

  private end(end: End): HTMLElement {
    const title = end === "first" ? "Start of the range" : "End of the range";
    const words = { role: "slider", tabindex: 0, title, "aria-label": title };
    const handle = element("div", `nntf-range-end nntf-range-${end}`, words);
    const beyond = end === "first" ? 0 : -1; // the last epoch shown ends where the handle is
    return movable(handle, STEPS, {
      drag: (event) => this.move(end, this.epochAt(event) + beyond),
      step: (by) => this.move(end, this.session.range[end === "first" ? 0 : 1] + by),
    });
  }

  private move(end: End, to: number): void {
    const [first, last] = this.session.range;
    const newest = this.session.run.length - 1;
    if (end === "first") this.session.showEpochs(Math.min(Math.max(to, 0), last - 1), last);
    else this.session.showEpochs(first, Math.min(Math.max(to, first + 1), newest));
  }

  private pan(event: PointerEvent): void {
    if (!this.held) return;
    const { at, range } = this.held;
    const by = this.epochAt(event) - at;
    const [first, last] = range;
    const moved = Math.min(Math.max(by, -first), this.session.run.length - 1 - last);
    this.session.showEpochs(first + moved, last + moved);
  }

  /** The epoch that begins nearest to the pointer, over the bar or beside it. */
  private epochAt({ clientX }: PointerEvent): number {
    const { left, width } = this.track.getBoundingClientRect();
    return Math.round(((clientX - left) / width) * this.session.run.length);
  }
}

function percent(share: number): string {
  return `${100 * share}%`;
}
