import { describe, expect, it } from "vitest";
import { Comparison, distance } from "./comparison";
import { allMoves } from "./counted";
import { unlike } from "./obvious.fixture";
import { wandering, writeRun } from "./packets.fixture";
import { replayed, runOf } from "./replayed.fixture";
import { readPacket } from "./wire";

const predictions = wandering(9, 80, 4);
const packets = writeRun(predictions, 4);
const run = (snapshots = packets.length) => replayed(packets.slice(0, snapshots));

function compared(of = run(), part?: number): Comparison {
  const moves = allMoves(of);
  const comparison = new Comparison(moves, distance(moves, part));
  comparison.catchUp();
  return comparison;
}

/** The moves of a transition by pair of classes, counted the obvious way. */
function moves(t: number): number[] {
  const counts = new Array(16).fill(0);
  for (const [i, to] of predictions[t + 1].entries())
    if (predictions[t][i] !== to) counts[4 * predictions[t][i] + to]++;
  return counts;
}

describe("a comparison of transitions", () => {
  it("has the distance of every two, as the kernel has it", () => {
    const { matrix, size } = compared();
    expect(size).toBe(8);
    for (let s = 0; s < 8; s++) {
      for (let t = 0; t < 8; t++) {
        expect(matrix.at(s, t)).toBeCloseTo(s === t ? 0 : unlike(moves(s), moves(t)), 6);
        expect(matrix.at(s, t)).toBeCloseTo(run().transitionDistance.at(s, t), 6);
      }
    }
  });

  it("calls transitions alike in which nothing moved", () => {
    const still = [0, 1, 1];
    const { matrix } = compared(runOf([still, still, still, [0, 1, 0]], 2));
    expect([matrix.at(0, 1), matrix.at(2, 0)]).toEqual([0, 1]);
  });

  it("of a long run is worked out some counts at a time, after a rough picture of all", () => {
    const comparison = compared(run(), 250); // counts: as many as the first seven rows have
    expect([comparison.size, comparison.isWhole, comparison.matrix.size]).toEqual([8, false, 0]);
    const { matrix, step } = comparison.sampled(1, 8, 3); // transitions 1, 4 and 7
    expect([matrix.size, step]).toEqual([3, 3]);
    expect([matrix.at(1, 0), matrix.at(2, 0), matrix.at(2, 1)]).toEqual(
      [unlike(moves(4), moves(1)), unlike(moves(7), moves(1)), unlike(moves(7), moves(4))].map(Math.fround),
    );
    expect(comparison.at(7, 2)).toBeCloseTo(unlike(moves(7), moves(2)), 6);
    const sizes = [];
    while (!comparison.isWhole) {
      comparison.advance();
      sizes.push(comparison.matrix.size);
    }
    expect(sizes.length).toBeGreaterThan(1);
    expect(sizes.at(-1)).toBe(8);
    expect(comparison.matrix).toEqual(compared().matrix);
  });

  it("has a rougher picture where a fine one would take long", () => {
    const { matrix, step } = compared(run(), 30).sampled(0, 8, 1);
    expect(step).toBeGreaterThan(2);
    expect(matrix.size).toBe(Math.ceil(8 / step));
    expect(matrix.at(1, 0)).toBe(Math.fround(unlike(moves(step), moves(0))));
  });

  it("takes a new transition in at once, where no other row is missing", () => {
    const growing = run(8);
    const comparison = compared(growing, 100);
    while (!comparison.isWhole) comparison.advance();
    growing.append(readPacket(packets[8]));
    comparison.catchUp();
    expect([comparison.size, comparison.isWhole]).toEqual([8, true]);
  });
});
