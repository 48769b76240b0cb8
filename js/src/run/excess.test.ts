import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { excessOf } from "./excess";
import { beyondChance, chance } from "./obvious.fixture";
import { wandering } from "./packets.fixture";
import { replayed, runOf } from "./replayed.fixture";
import type { Run } from "./run";

/** A run of which nothing is known but its transitions: counts by pair of classes, those of none left out. */
function runWith(...transitions: number[][]): Run {
  const run = replayed([]);
  for (const all of transitions) {
    const cells = Uint32Array.from(all.keys()).filter((cell) => all[cell] > 0);
    const counts = Int32Array.from(cells, (cell) => all[cell]);
    const none = new Uint8Array(0);
    run.transitions.push({ samples: new Uint32Array(0), origins: none, targets: none, cells, counts });
  }
  return run;
}

const transition = fc.array(
  fc.oneof(
    fc.constant(0),
    fc.integer({ min: 0, max: 3 }),
    fc.integer({ min: 0, max: 60 }),
    fc.integer({ min: 0, max: 900 }),
  ),
  { minLength: 6, maxLength: 6 },
);

describe("the distance beyond chance", () => {
  it("is within a thousandth of the sums done one by one", () => {
    fc.assert(
      fc.property(transition, transition, (first, second) => {
        fc.pre(Math.abs(0.95 - chance(first, second)) > 1e-3); // at the edge it is doubtful whether there is enough to tell
        const expected = beyondChance(first, second);
        const found = excessOf(runWith(first, second)).at(1, 0);
        if (Number.isNaN(expected)) expect(found).toBeNaN();
        else expect(Math.abs(found - expected)).toBeLessThan(1e-3);
      }),
      { numRuns: 1000 },
    );
  });

  it("is exact where counts are small", () => {
    const predictions = wandering(9, 60, 4);
    const run = runOf(predictions, 4);
    const counts = run.transitions.map(({ cells, counts }) => {
      const all = new Array(16).fill(0);
      for (const [i, cell] of cells.entries()) all[cell] = counts[i];
      return all;
    });
    const excess = excessOf(run);
    excess.catchUp();
    for (let s = 0; s < 8; s++) {
      for (let t = 0; t < s; t++) expect(excess.matrix.at(s, t)).toBe(Math.fround(beyondChance(counts[s], counts[t])));
    }
  });

  it("is the same of few classes and of few among very many", () => {
    const predictions = wandering(9, 60, 4);
    const spread = predictions.map((classes) => classes.map((class_) => 500 * class_));
    const [few, many] = [runOf(predictions, 4), runOf(spread, 2000)].map((run) => {
      const excess = excessOf(run);
      excess.catchUp();
      return excess.matrix;
    });
    expect(many).toEqual(few);
  });

  it("is no number where too few moved to tell", () => {
    const excess = excessOf(runWith([0, 0, 0], [0, 0, 0], [1, 0, 0], [1, 0, 0], [500, 300, 0]));
    const rows = [1, 2, 3, 4].map((s) => Array.from({ length: s }, (_, t) => excess.at(s, t)));
    const none = Number.NaN;
    expect(rows).toEqual([[none], [none, none], [none, none, 0], [none, none, none, none]]);
  });
});
