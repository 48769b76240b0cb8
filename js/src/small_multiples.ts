/** A small fingerprint of every run, at one scale of colour and of epochs. */

import type { ComparedRun } from "./compare";
import { element } from "./dom";
import { EpochSquare } from "./epoch_square";
import { runMark } from "./run_mark";

const IN_A_ROW = 6; // at most

interface Card {
  root: HTMLButtonElement;
  square: EpochSquare;
  title: HTMLElement;
  verdict: HTMLElement;
  drawn: DataView | null;
}

export class SmallMultiples {
  readonly root = element("div", "nntf-multiples", { role: "group", "aria-label": "Fingerprints of all runs" });
  private cards: Card[] = [];
  /** How many fingerprints have been painted, for tests. */
  painted = 0;

  constructor(private readonly choose: (index: number) => void) {}

  draw(runs: ComparedRun[], chosen: number | null): void {
    if (this.cards.length !== runs.length) this.arrange(runs);
    const longest = Math.max(...runs.map(transitions), 1);
    for (const [index, run] of runs.entries()) {
      const card = this.cards[index];
      const verdict = run.verdict || "no verdict yet";
      card.title.replaceChildren(runMark(run), element("span", "nntf-run-name", { title: run.name }, run.name));
      card.verdict.textContent = card.verdict.title = verdict;
      card.root.setAttribute("aria-pressed", String(index === chosen));
      card.root.setAttribute("aria-label", `${run.name}: ${run.snapshots} snapshots, ${verdict}`);
      card.square.place(transitions(run), transitions(run), { cells: longest, middle: false });
      if (card.drawn === run.cells) continue;
      card.drawn = run.cells;
      card.square.paint(run.side, run.side, run.cells);
      this.painted += 1;
    }
    this.root.dataset.painted = String(this.painted);
  }

  private arrange(runs: ComparedRun[]): void {
    this.cards = runs.map((_, index) => {
      const [title, verdict] = [element("span", "nntf-multiple-title"), element("span", "nntf-multiple-verdict")];
      const square = new EpochSquare();
      const root = element("button", "nntf-multiple", { type: "button" }, title, verdict, square.root);
      root.addEventListener("click", () => this.choose(index));
      return { root, square, title, verdict, drawn: null };
    });
    this.root.replaceChildren(...this.cards.map((card) => card.root));
    const rows = Math.ceil(runs.length / IN_A_ROW);
    this.root.style.setProperty("--columns", String(Math.ceil(runs.length / rows)));
  }
}

function transitions(run: ComparedRun): number {
  return Math.max(run.snapshots - 1, 0);
}
