/** Runs for tests, from their predictions. */

import { writeRun } from "./packets.fixture";
import { Run } from "./run";
import { readPacket } from "./wire";

export function runOf(predictions: number[][], numClasses: number, labels?: number[], labelledAt = 0): Run {
  const run = new Run();
  for (const packet of writeRun(predictions, numClasses, labels, labelledAt)) run.append(readPacket(packet));
  return run;
}
