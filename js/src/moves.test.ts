import { describe, expect, it } from "vitest";
import { matrixOf, OTHERS, ranked, trades, unlike } from "./moves";
import { wandering, writeRun } from "./packets.fixture";
import { Run, type Transition } from "./run";
import { readPacket } from "./wire";

/** A transition from its counts by "from>to". */
function transition(counts: Record<string, number>, numClasses: number): Transition {
  const cells = Object.keys(counts).map((pair) => {
    const [from, to] = pair.split(">").map(Number);
    return from * numClasses + to;
  });
  const values = Object.values(counts);
  return { cells: Uint32Array.from(cells), counts: Uint32Array.from(values), moved: values.reduce((a, b) => a + b, 0) };
}

describe("trades", () => {
  it("are the pairs of classes of both transitions, the most different first", () => {
    const first = transition({ "0>1": 5, "1>2": 9 }, 3);
    const second = transition({ "0>1": 4, "2>0": 3 }, 3);
    expect(ranked(trades(first, second, 3))).toEqual([
      { from: 1, to: 2, first: 9, second: 0 },
      { from: 2, to: 0, first: 0, second: 3 },
      { from: 0, to: 1, first: 5, second: 4 },
    ]);
  });

  it("are ranked alike whether all are asked for or a few", () => {
    const run = new Run();
    for (const packet of writeRun(wandering(6, 400, 12), 12)) run.append(readPacket(packet));
    const all = trades(run.transitions[1], run.transitions[4], 12);
    expect(all.length).toBeGreaterThan(50);
    expect(ranked(all, 7)).toEqual(ranked(all).slice(0, 7));
  });

  it("add up to the distance", () => {
    const run = new Run();
    for (const packet of writeRun(wandering(6, 80, 4), 4)) run.append(readPacket(packet));
    const [a, b] = [run.transitions[1], run.transitions[4]];
    const apart = trades(a, b, 4).reduce((sum, trade) => sum + unlike(trade), 0);
    expect(apart / (a.moved + b.moved)).toBeCloseTo(run.transitionDistance.at(1, 4), 6);
  });
});

describe("the matrix", () => {
  it("has all classes where they fit", () => {
    const { classes, cells } = matrixOf(trades(transition({ "0>1": 5 }, 3), null, 3), 3, 3);
    expect([classes, cells]).toEqual([[0, 1, 2], [{ row: 0, column: 1, first: 5, second: 0 }]]);
  });

  it("keeps those that make most of the difference, and loses no move", () => {
    const all = trades(transition({ "7>90": 50, "3>4": 2, "90>7": 20, "5>90": 1 }, 100), null, 100);
    const { classes, cells } = matrixOf(all, 100, 4);
    expect(classes).toEqual([3, 7, 90, OTHERS]);
    expect(cells.reduce((sum, cell) => sum + cell.first, 0)).toBe(73);
    expect(cells).toContainEqual({ row: 3, column: 2, first: 1, second: 0 });
  });
});

describe("a run", () => {
  it("tells the moves between any two snapshots", () => {
    const predictions = wandering(9, 60, 3);
    const run = new Run();
    for (const packet of writeRun(predictions, 3)) run.append(readPacket(packet));
    expect([...run.classesAt(0)]).toEqual(predictions[0]);
    expect([...run.classesAt(6)]).toEqual(predictions[6]);
    expect(run.between(2, 6).moved).toBe(run.predictionDistance.at(2, 6));
  });
});
