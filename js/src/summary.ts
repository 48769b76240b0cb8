/** The run in a few sentences, for those who do not see the picture. */

import { grouped, percent } from "./numbers";
import type { Session } from "./session";

export function summary(session: Session): string {
  const { run } = session;
  if (run.length < 2) return "";
  const latest = run.transitions[run.length - 2];
  const sentences = [
    `At the latest epoch, ${run.length - 1}, ${percent(latest.moved / run.numSamples)} of the samples changed class` +
      ` (after epoch 0: ${percent(run.transitions[0].moved / run.numSamples)}).`,
  ];
  const most = latest.counts.reduce((best, count, i) => (count > latest.counts[best] ? i : best), 0);
  if (latest.moved) {
    const to = latest.cells[most] % run.numClasses;
    const from = (latest.cells[most] - to) / run.numClasses;
    const pair = `from ${session.className(from)} to ${session.className(to)}`;
    sentences.push(`Most of them, ${grouped(latest.counts[most])}, went ${pair}.`);
  }
  if (run.labels) sentences.push(...extremes(session));
  return sentences.join(" ");
}

function extremes(session: Session): string[] {
  const { run } = session;
  const recalls = Array.from({ length: run.numClasses }, (_, class_) => run.classShare(run.length - 1, class_));
  const known = recalls.filter((recall) => !Number.isNaN(recall));
  if (known.length === 0) return [];
  const [lowest, highest] = [Math.min(...known), Math.max(...known)];
  const named = (recall: number) => `${session.className(recalls.indexOf(recall))} (${percent(recall)})`;
  return [`Recall is lowest for ${named(lowest)} and highest for ${named(highest)}.`];
}
