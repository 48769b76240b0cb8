import { describe, expect, it } from "vitest";
import { wandering, write, writeRun } from "./packets.fixture";
import { replayed, runOf } from "./replayed.fixture";
import { readPacket, WireError } from "./wire";

describe("a run", () => {
  const predictions = wandering(8, 50, 4);

  it("follows every sample", () => {
    expect([...runOf(predictions, 4).current]).toEqual(predictions[7]);
  });

  it("counts the moves of each transition by pair of classes", () => {
    const run = runOf(
      [
        [0, 0, 1],
        [1, 1, 1],
        [1, 0, 2],
      ],
      3,
    );
    const counted = run.transitions.map(({ cells, counts }) => Object.fromEntries(zip(cells, counts)));
    expect(counted).toEqual([{ 1: 2 }, { 3: 1, 5: 1 }]);
  });

  it("knows which samples moved, from where to where, and no others", () => {
    const all = [
      [0, 0, 1, 2],
      [1, 0, 0, 2],
    ];
    const sparse = runOf(all, 3);
    const dense = replayed(all.map((classes, t) => write({ t, classes, numSamples: 4, numClasses: 3 })));
    for (const { transitions } of [sparse, dense]) {
      const [{ samples, origins, targets }] = transitions;
      expect([samples, origins, targets].map((values) => [...values])).toEqual([
        [0, 2],
        [0, 1],
        [1, 0],
      ]);
    }
  });

  it.each([0, 3, 7])("knows the recall at every snapshot, with labels that come at snapshot %i", (labelledAt) => {
    const labels = predictions[5];
    const run = replayed(writeRun(predictions, 4, labels, labelledAt));
    for (const [t, classes] of predictions.entries()) {
      for (const class_ of [0, 1, 2, 3]) {
        const own = classes.filter((_, i) => labels[i] === class_);
        expect(run.classShare(t, class_)).toBe(own.filter((predicted) => predicted === class_).length / own.length);
      }
    }
  });

  it("has no hits and no support without labels", () => {
    const { hits, support } = runOf(predictions, 4);
    expect([hits.length, support.length]).toEqual([0, 0]);
  });

  it("takes the metrics of a snapshot that it has anew, and no others", () => {
    const run = runOf(predictions.slice(0, 3), 4);
    const before = structuredClone(run.metrics);
    for (const t of [-1, 3]) run.amend(t, { loss: 5 });
    expect(run.metrics).toEqual(before);
    expect(Object.keys(run.metrics)).toEqual(["0", "1", "2"]);
    for (const t of [0, 2]) run.amend(t, { loss: 5 });
    expect(run.metrics).toEqual([{ loss: 5 }, before[1], { loss: 5 }]);
  });

  it("has no recall of a class that has no samples", () => {
    expect(runOf([[0, 0]], 3, [0, 0]).classShare(0, 2)).toBeNaN();
  });

  it("counts each class at each snapshot", () => {
    const counts = runOf(predictions, 4).classCounts.map((row) => [...row]);
    expect(counts).toEqual(predictions.map((row) => [0, 1, 2, 3].map((k) => row.filter((c) => c === k).length)));
  });

  it("knows the recall of each class where there are labels, else its share of the predictions", () => {
    const run = runOf(
      [
        [0, 0, 1, 1],
        [0, 1, 1, 1],
      ],
      2,
      [0, 0, 1, 1],
    );
    expect([0, 1].map((class_) => run.classShare(1, class_))).toEqual([0.5, 1]);
    expect(
      runOf(
        [
          [0, 0, 1, 1],
          [0, 1, 1, 1],
        ],
        2,
      ).classShare(1, 1),
    ).toBe(0.75);
  });

  it("has both distances, the same from both sides, and zero to itself", () => {
    const run = runOf(
      [
        [0, 0, 1],
        [1, 1, 1],
        [1, 0, 2],
      ],
      3,
    );
    expect(run.predictionDistance.at(0, 2)).toBe(2);
    expect(run.predictionDistance.at(2, 0)).toBe(2);
    expect(run.transitionDistance.at(1, 0)).toBe(1);
    expect(run.transitionDistance.at(1, 1)).toBe(0);
  });

  it("refuses a packet out of its order or of another run, and is then as before", () => {
    const run = runOf(predictions, 4);
    const misfits = [
      write({ t: 9, samples: [], classes: [], numSamples: 50, numClasses: 4 }),
      write({ t: 8, samples: [], classes: [], numSamples: 51, numClasses: 4 }),
      write({ t: 8, samples: [], classes: [], numSamples: 50, numClasses: 5 }),
    ];
    for (const misfit of misfits) expect(() => run.append(readPacket(misfit))).toThrow(WireError);
    expect(run.length).toBe(8);
    run.append(readPacket(write({ t: 8, samples: [], classes: [], numSamples: 50, numClasses: 4 })));
    expect(run.length).toBe(9);
  });
});

function zip(a: Uint32Array, b: Int32Array): [number, number][] {
  return [...a].map((value, i) => [value, b[i]]);
}
