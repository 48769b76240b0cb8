import { describe, expect, it } from "vitest";
import { ClassDrill, flowsOf } from "./class_drill";
import { wandering, writeRun } from "./packets.fixture";
import { replayed } from "./replayed.fixture";
import { readPacket } from "./wire";

const predictions = wandering(9, 80, 4);
const packets = writeRun(predictions, 4);

const run = (snapshots = packets.length) => replayed(packets.slice(0, snapshots));

/** Moves between two classes, counted the obvious way. */
function moves(t: number, from: number, to: number): number {
  return predictions[t].filter((class_, i) => class_ === from && predictions[t + 1][i] === to).length;
}

describe("the drill of a class", () => {
  it("counts what arrives from and departs to every other class", () => {
    for (let t = 0; t < predictions.length - 1; t++) {
      const { arrivals, departures } = flowsOf(run(), 2, t);
      const others = [0, 1, 3];
      expect(others.map((class_) => arrivals[class_])).toEqual(others.map((class_) => moves(t, class_, 2)));
      expect(others.map((class_) => departures[class_])).toEqual(others.map((class_) => moves(t, 2, class_)));
      expect([arrivals[2], departures[2]]).toEqual([0, 0]);
    }
  });

  it("compares two transitions over the class's row and column alone", () => {
    const { distance } = new ClassDrill(run(), 1);
    const cells = [0, 2, 3].flatMap((class_) => [
      [class_, 1],
      [1, class_],
    ]);
    for (const [s, t] of [
      [0, 1],
      [6, 2],
      [7, 0],
    ]) {
      const [a, b] = [s, t].map((at) => cells.map(([from, to]) => moves(at, from, to)));
      const difference = a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0);
      const total = [...a, ...b].reduce((sum, value) => sum + value, 0);
      expect(distance.at(s, t)).toBeCloseTo(difference / total, 6);
    }
  });

  it("grows with the run to what it would have been from the start", () => {
    const growing = run(4);
    const drill = new ClassDrill(growing, 3);
    for (const packet of packets.slice(4)) growing.append(readPacket(packet));
    drill.catchUp();
    const whole = new ClassDrill(run(), 3);
    expect(drill.flows).toEqual(whole.flows);
    expect(drill.totals).toEqual(whole.totals);
    expect(drill.distance.at(7, 3)).toBe(whole.distance.at(7, 3));
  });

  it("names its partners by their traffic", () => {
    const drill = new ClassDrill(run(), 0);
    const traffic = drill.partners().map((class_) => drill.totals.arrivals[class_] + drill.totals.departures[class_]);
    expect(traffic).toEqual([...traffic].sort((a, b) => b - a));
    expect(drill.partners()).not.toContain(0);
  });
});
