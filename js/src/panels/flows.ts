/** The traffic of the class drilled into: arrivals above the line, departures below, by partner class. */

import { PARTNERS, REST } from "../drawing/colour";
import { element } from "../drawing/dom";
import type { EpochAxis } from "../drawing/epoch_axis";
import { MirroredBars, type Part } from "../drawing/mirrored_bars";
import type { ClassDrill, Flows } from "../run/class_drill";
import type { Session } from "../session";

const HEIGHT = 80;

/** The partners that have a colour of their own, the busiest first. */
export function namedPartners(drill: ClassDrill): number[] {
  return drill.partners().slice(0, PARTNERS.length);
}

export class FlowChart {
  readonly root: HTMLElement;
  private readonly bars: MirroredBars;

  constructor(
    private readonly session: Session,
    onHover: (transition: number | null) => void,
    onPick: (epoch: number) => void,
  ) {
    this.bars = new MirroredBars(HEIGHT, onHover, onPick);
    this.root = element("div", "nntf-flows", {}, this.bars.root);
  }

  draw(axis: EpochAxis): void {
    const { drilled, seams } = this.session;
    this.root.hidden = drilled === null;
    if (!drilled) return;
    const label = `Samples that arrive at class ${this.session.className(drilled.class_)} and depart from it`;
    const words: [string, string][] = [
      ["arrived", ""],
      ["departed", ""],
    ];
    this.bars.draw(axis, seams, label, parts(drilled, "arrivals"), parts(drilled, "departures"), words);
  }
}

/** A part for each of the named partners, and one for all others. */
function parts(drill: ClassDrill, direction: keyof Flows): Part[] {
  const all = drill.flowsWith(null)[direction];
  const named = namedPartners(drill).map((class_) => drill.flowsWith(class_)[direction]);
  const others = (t: number) => named.reduce((left, counts) => left - counts[t], all[t]);
  return [
    ...named.map((counts, rank) => ({ fill: PARTNERS[rank], count: (t: number) => counts[t] })),
    { fill: REST, count: others },
  ];
}
