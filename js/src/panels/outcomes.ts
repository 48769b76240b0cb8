/** What changed: how many samples became right, became wrong, or went from wrong to wrong, in every transition. */

import { element } from "../drawing/dom";
import type { EpochAxis } from "../drawing/epoch_axis";
import { MirroredBars } from "../drawing/mirrored_bars";
import type { Session } from "../session";

const HEIGHT = 46;

export class OutcomeChart {
  readonly root: HTMLElement;
  private readonly bars: MirroredBars;

  constructor(
    private readonly session: Session,
    onHover: (transition: number | null) => void,
    onPick: (epoch: number) => void,
  ) {
    this.bars = new MirroredBars(HEIGHT, onHover, onPick);
    this.root = element("div", "nntf-outcomes", {}, this.bars.root);
  }

  draw(axis: EpochAxis): void {
    const { run, outcomes, drilled, seams, facts } = this.session;
    // Of a class without labels, its flows say what moved.
    this.root.hidden = run.length === 0 || (outcomes === null && drilled !== null);
    if (this.root.hidden) return;
    if (!outcomes) {
      const moved = { fill: "var(--nntf-sideways)", count: (t: number) => run.transitions[t].samples.length };
      this.bars.draw(axis, seams, `Samples that moved, by ${facts.unit}`, [moved], [], [["moved", ""]]);
      return;
    }
    const { gained, lost, sideways } = outcomes;
    const whose = drilled ? ` of class ${this.session.className(drilled.class_)}` : "";
    this.bars.draw(
      axis,
      seams,
      `Samples${whose} that became right, became wrong or went from wrong to wrong, by ${facts.unit}`,
      [{ fill: "var(--nntf-gained)", count: (t) => gained[t] }],
      [
        { fill: "var(--nntf-lost)", count: (t) => lost[t] },
        { fill: "var(--nntf-sideways)", count: (t) => sideways[t] },
      ],
      [
        ["became right", "nntf-gained"],
        ["became wrong", "nntf-lost"],
        ["wrong to wrong", ""],
      ],
    );
  }
}
