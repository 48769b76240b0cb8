import { describe, expect, it } from "vitest";
import { wandering, writeRun } from "./packets.fixture";
import { Rates } from "./rates";
import { replayed, runOf } from "./replayed.fixture";
import { readPacket } from "./wire";

function ratesOf(run = runOf([[0]], 2)): Rates {
  const rates = new Rates(run);
  rates.catchUp();
  return rates;
}

describe("rates", () => {
  const predictions = wandering(9, 80, 3);

  it("are the shares that moved, went straight back and have settled, counted the obvious way", () => {
    const { moved, returned, settled } = ratesOf(runOf(predictions, 3));
    for (let t = 0; t < 8; t++) {
      const moves = [...predictions[t].keys()].filter((i) => predictions[t][i] !== predictions[t + 1][i]);
      const back = moves.filter(
        (i) => t > 0 && predictions[t - 1][i] === predictions[t + 1][i] && predictions[t - 1][i] !== predictions[t][i],
      );
      expect(moved[t]).toBe(moves.length / 80);
      expect(returned[t]).toBe(back.length / moves.length);
    }
    for (let t = 0; t < 9; t++) {
      const still = predictions[t].filter((class_, i) => predictions.slice(t).every((each) => each[i] === class_));
      expect(settled[t]).toBeCloseTo(still.length / 80, 12);
    }
  });

  it("tell since when half of the samples have not moved", () => {
    const run = (...moved: number[]) => {
      const predictions = [[0, 0, 0, 0]];
      for (const sample of moved)
        predictions.push((predictions.at(-1) as number[]).map((c, i) => (i === sample ? 1 - c : c)));
      return ratesOf(runOf(predictions, 2)).halfSettled;
    };
    expect([run(), run(0), run(0, 1, 2), run(0, 1, 2, 3), run(3, 3, 3)]).toEqual([0, 0, 1, 2, 0]);
  });

  it("grow with the run to what they would have been from the start", () => {
    const packets = writeRun(predictions, 3);
    const run = replayed(packets.slice(0, 4));
    const rates = new Rates(run);
    for (const packet of packets.slice(4)) {
      rates.catchUp();
      run.append(readPacket(packet));
    }
    rates.catchUp();
    const whole = ratesOf(runOf(predictions, 3));
    expect([rates.moved, rates.returned, rates.settled]).toEqual([whole.moved, whole.returned, whole.settled]);
  });

  it("have no share of the moves where there are none", () => {
    const { moved, returned, settled } = ratesOf(
      runOf(
        [
          [0, 1],
          [0, 1],
        ],
        2,
      ),
    );
    expect([moved, returned, settled]).toEqual([[0], [Number.NaN], [1, 1]]);
  });

  it("begin with the second snapshot", () => {
    const { moved, settled } = ratesOf();
    expect([moved, settled]).toEqual([[], [1]]);
  });
});
