/** The rates of a run: what moves, what goes straight back, what has settled, and how far apart moves are by their lag. */

import { element } from "../drawing/dom";
import { fixed, percent } from "../drawing/numbers";
import { seamLines } from "../drawing/seams";
import { figure, OVER_EPOCHS, pickEpochs, SideChart, sideAxis } from "../drawing/side_chart";
import { valueAxis } from "../drawing/value_axis";
import type { Session } from "../session";

const [HIGH, LOW] = [70, 50]; // pixels of a plot: without, and with, a class's partners below them
const LEAST_REACH = 0.2; // of the distances by lag: what is no more than noise stays flat

export class RateCharts {
  readonly root = element("div", "nntf-rates");
  private axis = sideAxis(0, 0, -1);

  constructor(private readonly session: Session) {
    pickEpochs(
      this.root,
      () => this.axis,
      (epoch) => session.focusOn(epoch),
    );
  }

  draw(width: number): void {
    const { session } = this;
    const { rates, focus, range, facts } = session;
    if (!rates) return;
    this.axis = sideAxis(width, ...range);
    const { unit } = facts;
    const { moved, returned, settled, halfSettled } = rates;
    const transition = focus > 0 ? `${unit} ${focus - 1} \u2192 ${focus}` : `from ${unit} 1 on`;
    const at = (values: number[], index: number) => percent(values[index] ?? Number.NaN);
    const since = `have not moved since ${unit} ${focus}; half of all since ${unit} ${halfSettled}`;
    this.root.replaceChildren(
      this.share("moved", at(moved, focus - 1), `of all samples, ${transition}`, moved, true),
      this.share("went straight back", at(returned, focus - 1), `of those that moved, ${transition}`, returned, true),
      this.share("settled", at(settled, focus), since, settled, false),
      this.byLag(width),
    );
  }

  private get height(): number {
    return this.session.drilled ? LOW : HIGH;
  }

  /** Shares of each transition, or of each snapshot, over the epochs shown. */
  private share(name: string, value: string, of: string, all: number[], ofTransitions: boolean): HTMLElement {
    const { axis, session, height } = this;
    const { focus, seams, facts } = session;
    const values = all.slice(axis.first, axis.last + (ofTransitions ? 0 : 1));
    const most = values.reduce((highest, each) => Math.max(highest, each || 0), 0);
    const shift = ofTransitions ? 0.5 : 0; // a transition lies between its snapshots
    const ends: [number, number] = [0, ofTransitions ? valueAxis([0, most]).ends[1] : 1];
    const chart = new SideChart({ axis, height, ends, written: wholePercent, marked: focus - shift });
    chart.curve(values, shift);
    chart.plot.append(...seamLines(axis, seams, axis.left, height));
    if (!ofTransitions) chart.writeBelow(facts.unit, [String]);
    chart.plot.setAttribute("class", OVER_EPOCHS);
    return figure(name, value, of, chart);
  }

  /** The mean distance beyond chance by the lag between two transitions, as far as half of all have one. */
  private byLag(width: number): HTMLElement {
    const { height, session } = this;
    const { lagProfile, facts } = session;
    const name = "beyond chance, by lag";
    if (!lagProfile) return figure(name, "\u2026", "is being worked out");
    const { means, period } = lagProfile;
    const last = Math.floor(means.length / 2);
    const values = means.slice(1, last + 1);
    const told = values.filter((value) => !Number.isNaN(value));
    if (told.length < 2) return figure(name, "\u2013", "too few moved to tell");
    const { ends } = valueAxis([Math.min(0, ...told), Math.max(LEAST_REACH, ...told)]);
    const axis = sideAxis(width, 1, last);
    const chart = new SideChart({ axis, height, ends, written: twoDigits, marked: period });
    chart.curve(values, 0);
    chart.writeBelow("lag", [String, (lag) => twoDigits(means[lag])]);
    chart.plot.removeAttribute("aria-hidden");
    chart.plot.setAttribute("role", "img");
    chart.plot.setAttribute("aria-label", values.map((value, i) => `lag ${i + 1}: ${twoDigits(value)}`).join(", "));
    const neighbours = `${twoDigits(means[1])} to the next ${facts.unit}, ${twoDigits(means[2])} to the next but one`;
    const found = period === null ? "no period" : `repeats every ${period} ${facts.unit}s`;
    return figure(name, found, neighbours, chart);
  }
}

function wholePercent(share: number): string {
  return `${Number((100 * share).toPrecision(2))}\u202f%`;
}

function twoDigits(value: number): string {
  return fixed(value, 2);
}
