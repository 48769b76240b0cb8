import { describe, expect, it } from "vitest";
import { Host } from "./host";
import { joined, writeRun } from "./packets.fixture";
import { shownRun, traits } from "./run.fixture";
import { Session } from "./session";
import { summary } from "./summary";

/** Ten samples of two classes: four go from cat to dog, then one comes back. */
const predictions = [
  [0, 0, 0, 0, 0, 0, 1, 1, 1, 1],
  [1, 1, 1, 1, 0, 0, 1, 1, 1, 1],
  [0, 1, 1, 1, 0, 0, 1, 1, 1, 1],
];
const labels = [1, 1, 1, 1, 0, 0, 1, 1, 0, 0];

function session(snapshots: number, withLabels: boolean): Session {
  const packets = writeRun(predictions, 2, withLabels ? labels : undefined).slice(0, snapshots);
  return new Session(new Host(traits(joined(packets), ["cat", "dog"])).model);
}

describe("the summary", () => {
  it("says how much moved at the latest epoch and where most went", () => {
    expect(summary(session(3, false))).toBe(
      "At the latest epoch, 2, 10.0 % of the samples changed class (after epoch 0: 40.0 %). " +
        "Most of them, 1, went from dog to cat.",
    );
  });

  it("names the classes of the lowest and the highest recall", () => {
    expect(summary(session(3, true))).toContain("Recall is lowest for cat (50.0 %) and highest for dog (83.3 %).");
  });

  it("is empty before the second epoch", () => {
    expect([summary(session(1, true)), summary(shownRun(0).session)]).toEqual(["", ""]);
  });
});
