/** Steps through the epochs, by hand or by itself. */

import type { Session } from "./session";

/** Milliseconds an epoch is shown; longer for those who asked their system for less motion. */
const PACE = 125;
const CALM_PACE = 600;

export class Playback {
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly session: Session) {}

  get playing(): boolean {
    return this.timer !== null;
  }

  /** Goes to an epoch of those shown; at the latest it stays with the run as it grows. */
  goTo(epoch: number): void {
    this.pause();
    this.show(epoch);
    this.session.select("epoch", this.session.model.get("epoch"));
  }

  /** Plays on from the epoch shown, or from the first where that is the last. */
  play(): void {
    const [first, last] = this.session.epochs;
    if (this.playing || last < 2) return;
    if (this.session.epoch >= last) this.show(first);
    this.wait();
  }

  pause(): void {
    if (this.timer === null) return;
    clearTimeout(this.timer);
    this.timer = null;
    this.session.select("epoch", this.session.model.get("epoch"));
    this.session.changed();
  }

  private wait(): void {
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.timer = setTimeout(() => this.advance(), calm ? CALM_PACE : PACE);
    this.session.changed();
  }

  private advance(): void {
    const last = this.session.epochs[1];
    this.show(this.session.epoch + 1);
    if (this.session.epoch >= last) this.pause();
    else this.wait();
  }

  private show(epoch: number): void {
    const { session } = this;
    const [first, last] = session.epochs;
    const wanted = Math.min(Math.max(epoch, first, 1), last);
    if (session.pinned) session.preview("selected_epochs", null);
    session.preview("epoch", wanted >= session.run.length - 1 ? null : wanted);
  }
}
