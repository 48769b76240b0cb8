import { describe, expect, it } from "vitest";
import { ClassDrill } from "./class_drill";
import { beyondChance, unlike } from "./obvious.fixture";
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
      const { arrivals, departures } = new ClassDrill(run(), 2).flowsAt(t);
      const others = [0, 1, 3];
      expect(others.map((class_) => arrivals[class_])).toEqual(others.map((class_) => moves(t, class_, 2)));
      expect(others.map((class_) => departures[class_])).toEqual(others.map((class_) => moves(t, 2, class_)));
      expect([arrivals[2], departures[2]]).toEqual([0, 0]);
    }
  });

  it("counts its flows by transition, with one class or with all", () => {
    const drill = new ClassDrill(run(), 2);
    const ts = [...predictions.keys()].slice(0, -1);
    const { arrivals, departures } = drill.flowsWith(3);
    expect([...arrivals]).toEqual(ts.map((t) => moves(t, 3, 2)));
    expect([...departures]).toEqual(ts.map((t) => moves(t, 2, 3)));
    const all = (direction: (class_: number, t: number) => number) =>
      ts.map((t) => [0, 1, 3].reduce((sum, class_) => sum + direction(class_, t), 0));
    expect([...drill.flowsWith(null).arrivals]).toEqual(all((class_, t) => moves(t, class_, 2)));
    expect([...drill.flowsWith(null).departures]).toEqual(all((class_, t) => moves(t, 2, class_)));
    expect(drill.totals.arrivals[3]).toBe(arrivals.reduce((sum, count) => sum + count));
  });

  it("grows with the run to what it would have been from the start", () => {
    const growing = run(4);
    const drill = new ClassDrill(growing, 3);
    for (const packet of packets.slice(4)) growing.append(readPacket(packet));
    drill.catchUp();
    const whole = new ClassDrill(run(), 3);
    expect(drill.flowsAt(7)).toEqual(whole.flowsAt(7));
    expect(drill.flowsWith(1)).toEqual(whole.flowsWith(1));
    expect(drill.totals).toEqual(whole.totals);
    drill.distance.catchUp();
    whole.distance.catchUp();
    expect(drill.distance.matrix).toEqual(whole.distance.matrix);
  });

  it("compares its transitions over its row and its column alone, and beyond chance", () => {
    const { distance, excess } = new ClassDrill(run(), 1);
    const others = [0, 2, 3];
    const flows = (t: number) => others.flatMap((class_) => [moves(t, class_, 1), moves(t, 1, class_)]);
    for (let s = 0; s < 8; s++) {
      for (let t = 0; t < s; t++) {
        expect(distance.at(s, t)).toBeCloseTo(unlike(flows(s), flows(t)), 6);
        expect(excess.at(s, t)).toBeCloseTo(beyondChance(flows(s), flows(t)), 6);
      }
    }
  });

  it("names its partners by their traffic", () => {
    const drill = new ClassDrill(run(), 0);
    const traffic = drill.partners().map((class_) => drill.totals.arrivals[class_] + drill.totals.departures[class_]);
    expect(traffic).toEqual([...traffic].sort((a, b) => b - a));
    expect(drill.partners()).not.toContain(0);
  });
});
