import { describe, expect, it } from "vitest";
import { confusionAt, difference, movesTo, Traffic } from "./moment";
import { wandering, writeRun } from "./packets.fixture";
import { Replay } from "./replay";
import { runOf } from "./replayed.fixture";
import type { ClassIds } from "./run";
import type { Counts } from "./tally";
import { readPacket } from "./wire";

const K = 4;
const predictions = wandering(9, 80, K);
const labels = predictions[4].map((class_, i) => (i % 3 ? class_ : (class_ + 1) % K));
const run = runOf(predictions, K, labels);

/** A table of all cells, from the counts of those that occur. */
function table({ cells, counts }: Counts): number[] {
  const whole = new Array(K * K).fill(0);
  for (const [i, cell] of cells.entries()) whole[cell] += counts[i];
  return whole;
}

/** Pairs of classes counted the obvious way. */
function counted(rows: number[], columns: number[]): number[] {
  return Array.from({ length: K * K }, (_, cell) => {
    const [row, column] = [Math.floor(cell / K), cell % K];
    return rows.filter((class_, i) => class_ === row && columns[i] === column).length;
  });
}

const confusion = (t: number) => confusionAt(new Replay(run), run.labels as ClassIds, K, t);

describe("a moment", () => {
  it("has its confusion, true by predicted", () => {
    for (const t of [0, 5, 8]) expect(table(confusion(t))).toEqual(counted(labels, predictions[t]));
  });

  it("has the moves that led to it, and those that stayed", () => {
    for (const t of [1, 5, 8]) expect(table(movesTo(run, t))).toEqual(counted(predictions[t - 1], predictions[t]));
  });

  it("has no count of a class that all samples left", () => {
    const left = [
      [0, 0, 1],
      [1, 1, 1],
    ];
    expect([...movesTo(runOf(left, 2), 1).cells]).toEqual([1, 3]);
  });

  it("differs from another by what was counted later, less what was counted earlier", () => {
    const [early, late] = [2, 7].map((t) => counted(labels, predictions[t]));
    const change = difference(confusion(7), confusion(2));
    expect(table(change)).toEqual(late.map((count, cell) => count - early[cell]));
    expect([...change.counts]).not.toContain(0);
    expect(difference(confusion(3), confusion(3)).cells.length).toBe(0);
  });
});

it("the traffic of a class is what came and what went, as the run grows", () => {
  const growing = runOf(predictions.slice(0, 4), K);
  const traffic = new Traffic(growing);
  traffic.catchUp();
  for (const packet of writeRun(predictions, K).slice(4)) growing.append(readPacket(packet));
  traffic.catchUp();
  const expected = [0, 1, 2, 3].map((class_) =>
    predictions.slice(1).reduce((sum, after, t) => {
      const moved = after.filter((to, i) => to !== predictions[t][i] && [to, predictions[t][i]].includes(class_));
      return sum + moved.length;
    }, 0),
  );
  expect([...traffic.byClass]).toEqual(expected);
});
