/** What the class drilled into trades, and what it is confused with: the story of a class, epoch by epoch. */

import type { EpochAxis } from "./epoch_axis";
import { type Bar, MirroredBars, type Stacks } from "./mirrored_bars";
import type { Session } from "./session";
import { shortened } from "./text";

/** The traffic by transition: arrivals above the line, departures below, by partner class. */
export class FlowChart {
  private readonly bars: MirroredBars;

  constructor(
    private readonly session: Session,
    onHover: (transition: number | null) => void,
    onOpen: (partner: number) => void,
  ) {
    this.bars = new MirroredBars(0, (bar) => onHover(bar ? bar.index : null), opening(onOpen));
  }

  get root(): HTMLElement {
    return this.bars.root;
  }

  draw(axis: EpochAxis): void {
    const { drilled } = this.session;
    this.root.hidden = drilled === null;
    if (!drilled) return;
    const name = shortened(this.session.className(drilled.class_));
    const title =
      drilled.partner === null
        ? "Samples that arrive (above) and depart (below), by epoch"
        : `From \u201c${shortened(this.session.className(drilled.partner))}\u201d to \u201c${name}\u201d (above) and back (below)`;
    const stacks = drilled.flows.map(
      ({ arrivals, departures, arrived, departed }): Stacks => ({
        up: (class_) => arrivals.get(class_) ?? 0,
        down: (class_) => departures.get(class_) ?? 0,
        above: arrived,
        below: departed,
      }),
    );
    this.bars.draw(axis, title, stacks, this.session.partnerColours);
  }

  close(): void {
    this.bars.close();
  }
}

/** The confusion by snapshot: its samples taken for others above the line, others taken for it below. */
export class ConfusionChart {
  private readonly bars: MirroredBars;

  constructor(
    private readonly session: Session,
    onHover: (epoch: number | null) => void,
    onOpen: (partner: number) => void,
  ) {
    this.bars = new MirroredBars(-0.5, (bar) => onHover(bar ? bar.index : null), opening(onOpen));
  }

  get root(): HTMLElement {
    return this.bars.root;
  }

  draw(axis: EpochAxis): void {
    const { drilled } = this.session;
    const confusion = drilled?.samples.confusion;
    this.root.hidden = !confusion;
    if (!drilled || !confusion) return;
    const { class_, partner } = drilled;
    const [name, other] = [class_, partner ?? class_].map(
      (id) => `\u201c${shortened(this.session.className(id))}\u201d`,
    );
    const title =
      partner === null
        ? "Its samples taken for others (above), others taken for it (below)"
        : `${name} taken for ${other} (above), ${other} taken for ${name} (below)`;
    const stacks = confusion.snapshots.map(({ missed, mistaken }): Stacks => {
      const sum = (counts: Uint32Array) =>
        partner === null ? counts.reduce((total, count) => total + count, 0) : counts[partner];
      return {
        up: (other) => missed[other],
        down: (other) => mistaken[other],
        above: sum(missed) - (partner === null ? missed[class_] : 0),
        below: sum(mistaken),
      };
    });
    this.bars.draw(axis, title, stacks, this.session.partnerColours);
  }

  close(): void {
    this.bars.close();
  }
}

function opening(open: (partner: number) => void): (bar: Bar) => void {
  return ({ class_ }) => {
    if (class_ !== null) open(class_);
  };
}
