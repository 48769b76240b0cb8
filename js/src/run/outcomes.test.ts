import { describe, expect, it } from "vitest";
import { Outcomes } from "./outcomes";
import { wandering, writeRun } from "./packets.fixture";
import { replayed } from "./replayed.fixture";
import type { ClassIds } from "./run";
import { readPacket } from "./wire";

const predictions = wandering(9, 80, 4);
const labels = predictions[4].map((class_, i) => (i % 3 ? class_ : (class_ + 1) % 4));
const packets = writeRun(predictions, 4, labels, 2);

const run = (snapshots = packets.length) => replayed(packets.slice(0, snapshots));

/** Samples whose class goes from one that is right or wrong to another that is, counted the obvious way. */
function counted(wasRight: boolean, isRight: boolean, class_: number | null): number[] {
  return predictions.slice(1).map(
    (after, t) =>
      after.filter((to, i) => {
        const [from, truth] = [predictions[t][i], labels[i]];
        const asked = class_ === null || class_ === truth;
        return asked && from !== to && (from === truth) === wasRight && (to === truth) === isRight;
      }).length,
  );
}

describe("the outcomes of the moves", () => {
  it.each([null, 0, 1, 2, 3])("are gains, losses and steps sideways, of all samples or of class %s", (class_) => {
    const grown = run();
    const outcomes = new Outcomes(grown, grown.labels as ClassIds, class_);
    outcomes.catchUp();
    expect(outcomes.gained).toEqual(counted(false, true, class_));
    expect(outcomes.lost).toEqual(counted(true, false, class_));
    expect(outcomes.sideways).toEqual(counted(false, false, class_));
  });

  it("are all moves together", () => {
    const grown = run();
    const outcomes = new Outcomes(grown, grown.labels as ClassIds, null);
    outcomes.catchUp();
    const { gained, lost, sideways } = outcomes;
    expect(gained.map((count, t) => count + lost[t] + sideways[t])).toEqual(
      grown.transitions.map(({ samples }) => samples.length),
    );
  });

  it("grow with the run to what they would have been from the start", () => {
    const growing = run(5);
    const outcomes = new Outcomes(growing, growing.labels as ClassIds, 1);
    outcomes.catchUp();
    for (const packet of packets.slice(5)) growing.append(readPacket(packet));
    outcomes.catchUp();
    outcomes.catchUp();
    expect(outcomes.gained).toEqual(counted(false, true, 1));
    expect(outcomes.sideways).toEqual(counted(false, false, 1));
  });
});
