import { expect, it } from "vitest";
import { wandering, writeRun } from "./packets.fixture";
import { Replay } from "./replay";
import { runOf } from "./replayed.fixture";
import { readPacket } from "./wire";

const predictions = wandering(9, 50, 4);

it("has the class of every sample at any snapshot, in any order", () => {
  const replay = new Replay(runOf(predictions, 4));
  for (const t of [8, 0, 3, 3, 7, 1, 8, 4]) expect([...replay.at(t)]).toEqual(predictions[t]);
});

it("goes on with a run that grows, and leaves it as it is", () => {
  const run = runOf(predictions.slice(0, 5), 4);
  const replay = new Replay(run);
  replay.at(2);
  for (const packet of writeRun(predictions, 4).slice(5)) run.append(readPacket(packet));
  expect([...replay.at(8)]).toEqual(predictions[8]);
  replay.at(0);
  expect([...run.current]).toEqual(predictions[8]);
});
