/** The epoch stepped to, on the shared axis: a slider with buttons to step and to play. */

import { element } from "./dom";
import type { EpochAxis } from "./epoch_axis";
import type { Session } from "./session";

const THUMB = 14; // as wide as the style sheet makes it

export class Scrubber {
  readonly root: HTMLElement;
  private readonly back = button("\u2039", "Previous epoch");
  private readonly play = button("\u25b6", "Play");
  private readonly on = button("\u203a", "Next epoch");
  private readonly slider = element("input", "nntf-slider", { type: "range", step: 1, "aria-label": "Epoch" });

  constructor(private readonly session: Session) {
    const { playback } = session;
    const buttons = element("div", "nntf-steps", { role: "group", "aria-label": "Step through the epochs" });
    buttons.append(this.back, this.play, this.on);
    // JupyterLab would take the keys for its own.
    this.root = element("div", "nntf-scrubber", { "data-lm-suppress-shortcuts": "true" }, buttons, this.slider);
    this.back.addEventListener("click", () => playback.goTo(session.epoch - 1));
    this.on.addEventListener("click", () => playback.goTo(session.epoch + 1));
    this.play.addEventListener("click", () => (playback.playing ? playback.pause() : playback.play()));
    this.slider.addEventListener("input", () => playback.goTo(Number(this.slider.value)));
  }

  draw(axis: EpochAxis): void {
    const { epoch, playback } = this.session;
    this.root.hidden = axis.snapshots < 2;
    const first = Math.max(axis.first, 1);
    this.slider.min = String(first);
    this.slider.max = String(axis.last);
    this.slider.value = String(epoch);
    this.slider.style.width = `${(axis.last - first) * axis.step + THUMB}px`;
    this.slider.style.marginLeft = `${axis.offset(first) - THUMB / 2}px`;
    this.slider.setAttribute("aria-valuetext", `epoch ${epoch}, after ${epoch - 1}`);
    this.back.disabled = epoch <= first;
    this.on.disabled = epoch >= axis.last;
    this.play.disabled = axis.last <= first;
    const word = playback.playing ? "Pause" : "Play";
    this.play.textContent = playback.playing ? "\u275a\u275a" : "\u25b6";
    this.play.title = word;
    this.play.setAttribute("aria-label", word);
  }
}

function button(sign: string, name: string): HTMLButtonElement {
  return element("button", "nntf-step", { type: "button", title: name, "aria-label": name }, sign);
}
