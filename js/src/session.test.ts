import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Host } from "./host";
import { joined, wandering, write, writeRun } from "./packets.fixture";
import { traits } from "./run.fixture";
import { Session } from "./session";
import type { Traits } from "./traits";
import type { Triangle } from "./triangle";
import { readPacket } from "./wire";

const NAMES = ["cat", "dog", "frog"];
const predictions = wandering(40, 30, 3);
const packets = writeRun(predictions, 3, predictions[39]);
const read = packets.map(readPacket);
const empty = new DataView(new ArrayBuffer(0));

/** A page that was opened with this log, and the kernel it talks to. */
function opened(log: DataView) {
  const kernel = new Host<Traits>(traits(log, NAMES));
  return { kernel, session: new Session(kernel.model) };
}

/** What is shown is the beginning of the run, and nothing else. */
function expectTrue({ run }: Session): void {
  const { length } = run;
  const shown = {
    classes: Array.from({ length }, (_, t) => [...run.classesAt(t)]),
    current: [...run.current],
    transitionDistance: rowsOf(run.transitionDistance),
    predictionDistance: rowsOf(run.predictionDistance),
  };
  const truth = {
    classes: predictions.slice(0, length),
    current: predictions[length - 1] ?? [],
    transitionDistance: read.slice(1, length).map(({ transitionRow }) => [...transitionRow]),
    predictionDistance: read.slice(0, length).map(({ predictionRow }) => [...predictionRow]),
  };
  expect(JSON.stringify(shown)).toBe(JSON.stringify(truth)); // far faster than to compare value by value
}

function rowsOf(matrix: Triangle): number[][] {
  return Array.from({ length: matrix.size }, (_, row) => Array.from({ length: row }, (_, at) => matrix.at(row, at)));
}

const asked = (kernel: Host<Traits>) => kernel.sent.length;

describe("a page", () => {
  it("takes what the notebook saved, and leaves it alone where it knows more", () => {
    const { kernel, session } = opened(joined(packets.slice(0, 5)));
    expect([session.run.length, asked(kernel)]).toEqual([5, 0]);
    kernel.receive({ type: "snapshot" }, [packets[5]]);
    const { run } = session;
    kernel.set("log", joined(packets.slice(0, 6)));
    expect(session.run).toBe(run);
    kernel.set("log", joined(packets.slice(0, 9)));
    expect(session.run.length).toBe(9);
    expectTrue(session);
  });

  it("asks for the whole where the saved log was thinned, and is right from then on", () => {
    const fewer = writeRun(
      predictions.filter((_, t) => t % 4 === 0),
      3,
      undefined,
      2,
    );
    const { kernel, session } = opened(joined(fewer));
    expect([session.run.every, session.run.length, kernel.sent]).toEqual([4, 10, [{ type: "resend" }]]);
    kernel.receive({ type: "snapshot" }, [packets[10]]);
    expect(session.run.length).toBe(10);
    kernel.receive({ type: "log" }, [joined(packets.slice(0, 11))]);
    expect([session.run.every, session.run.length, session.outOfStep, asked(kernel)]).toEqual([1, 11, false, 1]);
    kernel.set("log", joined(fewer));
    expect(session.run.length).toBe(11);
    expectTrue(session);
  });

  it("asks for a run that was too large to be saved at all", () => {
    const { kernel, session } = opened(empty);
    expect([session.unsaved, kernel.sent]).toEqual([true, [{ type: "resend" }]]);
    kernel.receive({ type: "log" }, [joined(packets)]);
    expect([session.unsaved, session.run.length]).toEqual([false, 40]);
  });

  it("shows what is good of a damaged log, says so and asks", () => {
    const log = joined(packets);
    log.setUint8(log.byteLength - 1, log.getUint8(log.byteLength - 1) ^ 1);
    const { kernel, session } = opened(log);
    expect([session.run.length, session.outOfStep, asked(kernel)]).toEqual([39, true, 1]);
    expectTrue(session);
  });

  it("asks for no answer that was damaged before the next packet comes", () => {
    const { kernel, session } = opened(joined(packets.slice(0, 3)));
    kernel.receive({ type: "snapshot" }, [packets[4]]);
    const answer = joined(packets.slice(0, 6));
    answer.setUint8(40, answer.getUint8(40) ^ 1);
    kernel.receive({ type: "log" }, [answer]);
    expect([session.outOfStep, asked(kernel)]).toEqual([true, 1]);
    kernel.receive({ type: "snapshot" }, [packets[6]]);
    expect(asked(kernel)).toBe(2);
    kernel.receive({ type: "log" }, [joined(packets.slice(0, 7))]);
    expect([session.outOfStep, session.run.length]).toEqual([false, 7]);
    expectTrue(session);
  });

  it("refuses a packet of another run", () => {
    const { kernel, session } = opened(joined(packets.slice(0, 3)));
    kernel.receive({ type: "snapshot" }, [
      write({ t: 3, classes: new Array(31).fill(0), numSamples: 31, numClasses: 3 }),
    ]);
    expect([session.outOfStep, session.run.length]).toEqual([true, 3]);
  });

  it("says that nothing is good of a saved log that is any bytes, and asks", () => {
    const check = (bytes: Uint8Array<ArrayBuffer>) => {
      const { kernel, session } = opened(new DataView(bytes.buffer));
      expect([session.run.length, session.outOfStep, asked(kernel)]).toEqual([0, true, 1]);
    };
    fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), check));
  });

  it("never shows a wrong state, whatever is lost, doubled, damaged or out of order, and ends with the whole run", () => {
    const fate = fc.oneof(
      { weight: 6, arbitrary: fc.constant((t: number) => [packets[t]]) },
      { weight: 1, arbitrary: fc.constant((_: number) => [] as DataView[]) },
      { weight: 1, arbitrary: fc.constant((t: number) => [packets[t], packets[t]]) },
      { weight: 1, arbitrary: fc.nat(packets.length - 1).map((other) => (_: number) => [packets[other]]) },
      { weight: 1, arbitrary: damage.map((damaged) => (t: number) => [damaged(packets[t])]) },
    );
    const answer = fc.oneof({ weight: 3, arbitrary: fc.constant((log: DataView) => log) }, damage);
    const steps = packets.length - 1;
    const check = (story: [(t: number) => DataView[], (log: DataView) => DataView][]) => {
      const { kernel, session } = opened(joined(packets.slice(0, 1)));
      for (const [step, [arrivals, answered]] of story.entries()) {
        for (const packet of arrivals(step + 1)) kernel.receive({ type: "snapshot" }, [packet]);
        if (kernel.sent.splice(0).length) {
          kernel.receive({ type: "log" }, [answered(joined(packets.slice(0, step + 2)))]);
        }
        expectTrue(session);
      }
      kernel.set("log", joined(packets));
      expect([session.run.length, session.outOfStep]).toEqual([packets.length, false]);
      expectTrue(session);
    };
    const stories = fc.array(fc.tuple(fate, answer), { minLength: steps, maxLength: steps });
    fc.assert(fc.property(stories, check), { numRuns: 50 });
  });
});

/** Ways to damage bytes: one bit flipped, or cut short. */
const damage = fc.tuple(fc.boolean(), fc.nat(), fc.nat(7)).map(([cut, place, bit]) => (bytes: DataView) => {
  const copy = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength).slice();
  if (cut) return new DataView(copy.buffer, 0, 1 + (place % (copy.length - 1)));
  copy[place % copy.length] ^= 1 << bit;
  return new DataView(copy.buffer);
});
