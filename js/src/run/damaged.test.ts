/** Whatever is done to the bytes of a log, the page has a run that can be drawn, or says that it is damaged. */

import * as fc from "fast-check";
import { expect, it } from "vitest";
import { joined, wandering, writeRun } from "./packets.fixture";
import { Run } from "./run";
import { readLog, WireError } from "./wire";

declare const process: { env: Record<string, string | undefined> };
const RUNS = Number(process.env.NNTF_LOGS ?? 1000);

const SNAPSHOTS = 8;
const labelled = wandering(SNAPSHOTS, 40, 3);
const log = joined(writeRun(labelled, 3, labelled[0]));

/** Replays a log as the page does: what of it is good, and what was wrong with the rest. */
function replayed(bytes: DataView): { run: Run; error: unknown } {
  const run = new Run();
  try {
    for (const packet of readLog(bytes)) run.append(packet);
  } catch (error) {
    return { run, error };
  }
  return { run, error: null };
}

function sum(counts: Iterable<number>): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}

function expectDrawable(run: Run): void {
  for (const counts of run.classCounts) expect(sum(counts)).toBe(run.numSamples);
  for (const { counts, samples } of run.transitions) expect(sum(counts)).toBe(samples.length);
  expect(run.transitions.length).toBe(Math.max(run.length - 1, 0));
  expect([run.predictionDistance.size, run.transitionDistance.size]).toEqual([run.length, Math.max(run.length - 1, 0)]);
  for (let t = 1; t < run.length; t++) {
    for (let s = 0; s < t; s++) expect(run.predictionDistance.at(t, s)).toBeLessThanOrEqual(run.numSamples);
    for (let s = 1; s < t; s++) {
      const distance = run.transitionDistance.at(t - 1, s - 1);
      expect(distance >= 0 && distance <= 1).toBe(true);
    }
  }
}

const place = fc.nat(log.byteLength - 1);
const edits = fc.array(fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 4 })), { minLength: 1, maxLength: 6 });

it("is drawn as far as it is good, and what is wrong is told", () => {
  expect(replayed(log).run.length).toBe(SNAPSHOTS);
  fc.assert(
    fc.property(edits, fc.option(place), (overwritten, length) => {
      const bytes = new Uint8Array(log.buffer, log.byteOffset, log.byteLength).slice();
      for (const [at, values] of overwritten) bytes.set(values.subarray(0, bytes.length - at), at);
      const { run, error } = replayed(new DataView(bytes.buffer, 0, length ?? bytes.length));
      if (error !== null) expect(error).toBeInstanceOf(WireError);
      expectDrawable(run);
    }),
    { numRuns: RUNS, seed: 1 },
  );
});
