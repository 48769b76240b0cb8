import { describe, expect, it } from "vitest";
import { ClassDrill } from "./class_drill";
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

  const cells = [0, 2, 3].flatMap((class_) => [
    [class_, 1],
    [1, class_],
  ]);

  /** The distance of two transitions over the row and the column of class 1. */
  function unlike(s: number, t: number): number {
    const [a, b] = [s, t].map((at) => cells.map(([from, to]) => moves(at, from, to)));
    const difference = a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0);
    return difference / [...a, ...b].reduce((sum, value) => sum + value, 0);
  }

  it("compares two transitions over the class's row and column alone", () => {
    const drill = new ClassDrill(run(), 1);
    for (let s = 0; s < 8; s++) {
      for (let t = 0; t < 8; t++) {
        const expected = s === t ? 0 : unlike(s, t);
        expect(drill.distance.at(s, t)).toBeCloseTo(expected, 6);
        expect(drill.at(s, t)).toBeCloseTo(expected, 6);
      }
    }
  });

  it("calls transitions alike in which nothing came or went", () => {
    const still = [0, 1, 1];
    const drill = new ClassDrill(replayed(writeRun([still, still, still, [0, 1, 0]], 2)), 0);
    expect([drill.at(0, 1), drill.distance.at(1, 0), drill.at(2, 0)]).toEqual([0, 0, 1]);
  });

  it("of a long run is worked out some counts at a time, after a rough picture of all", () => {
    const drill = new ClassDrill(run(), 1, 12); // counts: as many as two or three rows have
    expect([drill.size, drill.isWhole]).toEqual([8, false]);
    const rough = drill.sampled(1, 8, 3); // transitions 1, 4 and 7
    expect(rough.size).toBe(3);
    expect([rough.at(1, 0), rough.at(2, 0), rough.at(2, 1)]).toEqual(
      [unlike(4, 1), unlike(7, 1), unlike(7, 4)].map(Math.fround),
    );
    expect(drill.at(7, 2)).toBeCloseTo(unlike(7, 2), 6);
    const sizes = [];
    while (!drill.isWhole) {
      drill.advance();
      sizes.push(drill.distance.size);
    }
    expect(sizes.length).toBeGreaterThan(3);
    expect(sizes.at(-1)).toBe(8);
    expect(drill.distance).toEqual(new ClassDrill(run(), 1).distance);
  });

  it("takes a new transition in at once, where no other row is missing", () => {
    const growing = run(8);
    const drill = new ClassDrill(growing, 1, 60);
    while (!drill.isWhole) drill.advance();
    growing.append(readPacket(packets[8]));
    drill.catchUp();
    expect([drill.size, drill.isWhole]).toEqual([8, true]);
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
    expect(drill.distance.at(7, 3)).toBe(whole.distance.at(7, 3));
  });

  it("names its partners by their traffic", () => {
    const drill = new ClassDrill(run(), 0);
    const traffic = drill.partners().map((class_) => drill.totals.arrivals[class_] + drill.totals.departures[class_]);
    expect(traffic).toEqual([...traffic].sort((a, b) => b - a));
    expect(drill.partners()).not.toContain(0);
  });
});
