/** Says what a transition changed: "Epoch 60 → 61: 99 moved, 41 became right, …". */

import { element } from "../drawing/dom";
import { capitalised, grouped } from "../drawing/numbers";
import type { Session } from "../session";

export function sentence({ run, outcomes, drilled, facts }: Session, t: number): HTMLElement {
  const when = element("strong", "", {}, `${capitalised(facts.unit)} ${t} \u2192 ${t + 1}: `);
  if (outcomes) {
    const [gained, lost, sideways] = [outcomes.gained[t], outcomes.lost[t], outcomes.sideways[t]];
    const whose = drilled ? `of ${grouped(run.support[drilled.class_])} samples ` : "";
    return element(
      "p",
      "nntf-sentence",
      {},
      when,
      `${whose}${grouped(gained + lost + sideways)} moved, `,
      element("strong", "nntf-gained", {}, `${grouped(gained)} became right`),
      ", ",
      element("strong", "nntf-lost", {}, `${grouped(lost)} became wrong`),
      `, ${grouped(sideways)} from wrong to wrong`,
    );
  }
  if (!drilled) return element("p", "nntf-sentence", {}, when, `${grouped(run.transitions[t].samples.length)} moved`);
  const { arrivals, departures } = drilled.flowsWith(null);
  const words = `${grouped(arrivals[t])} arrived, ${grouped(departures[t])} departed`;
  return element("p", "nntf-sentence", {}, when, words);
}
