/** Puts an epoch in focus: a slider, a step back or on, and all of them one after the other. */

import { element } from "../drawing/dom";
import type { Session } from "../session";

const PACE = 120; // milliseconds from one picture to the next
const PICTURES = 250; // of a run that has more epochs, every second or third is shown
const REDUCED = "(prefers-reduced-motion: reduce)";

export class EpochControl {
  readonly root: HTMLElement;
  private readonly slider = element("input", "nntf-slider", { type: "range", min: 0, step: 1, "aria-label": "Epoch" });
  private readonly back = button("\u2039", "One back");
  private readonly play = button("\u25b6", "Play");
  private readonly on = button("\u203a", "One on");
  private readonly calm = window.matchMedia(REDUCED);
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly session: Session) {
    this.root = element("div", "nntf-focus-control", {}, this.slider, this.back, this.play, this.on);
    this.slider.addEventListener("input", () => this.goTo(Number(this.slider.value)));
    this.back.addEventListener("click", () => this.goTo(session.focus - 1));
    this.on.addEventListener("click", () => this.goTo(session.focus + 1));
    this.play.addEventListener("click", () => (this.playing ? this.pause() : this.start()));
    this.calm.addEventListener("change", this.calmed);
  }

  draw(): void {
    const { session } = this;
    const newest = Math.max(session.run.length - 1, 0);
    const { unit } = session.facts;
    this.slider.max = String(newest);
    this.slider.value = String(Math.max(session.focus, 0));
    this.slider.disabled = newest === 0;
    this.slider.setAttribute("aria-label", unit.charAt(0).toUpperCase() + unit.slice(1));
    this.slider.setAttribute("aria-valuetext", `${unit} ${session.focus} of ${newest}`);
    this.back.disabled = session.focus <= 0;
    this.on.disabled = session.focus >= newest;
    this.play.disabled = newest === 0;
    this.play.hidden = this.calm.matches;
    const word = this.playing ? "Pause" : "Play";
    this.play.textContent = this.playing ? "\u275a\u275a" : "\u25b6";
    this.play.title = word;
    this.play.setAttribute("aria-label", word);
  }

  /** Puts an epoch in focus by hand, which ends the playback. */
  goTo(epoch: number): void {
    this.pause();
    this.session.focusOn(epoch);
  }

  close(): void {
    clearTimeout(this.timer);
    this.calm.removeEventListener("change", this.calmed);
  }

  private get playing(): boolean {
    return this.timer !== undefined;
  }

  private start(): void {
    const { session } = this;
    if (session.focus >= session.run.length - 1) session.focusOn(0);
    this.wait();
  }

  private pause(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.draw();
  }

  private wait(): void {
    this.timer = setTimeout(() => this.advance(), PACE);
    this.draw();
  }

  private advance(): void {
    const { session } = this;
    session.focusOn(session.focus + Math.ceil(session.run.length / PICTURES));
    if (session.focus < session.run.length - 1) this.wait();
    else this.pause();
  }

  /** Nothing moves by itself for those who ask their system for less motion. */
  private readonly calmed = () => this.pause();
}

function button(sign: string, name: string): HTMLButtonElement {
  return element("button", "nntf-step", { type: "button", title: name, "aria-label": name }, sign);
}
