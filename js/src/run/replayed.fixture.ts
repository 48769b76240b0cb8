/** Runs for tests, replayed from packets or from their predictions. */

import { writeRun } from "./packets.fixture";
import { Run } from "./run";
import { readPacket } from "./wire";

export function replayed(packets: DataView[]): Run {
  const run = new Run();
  for (const packet of packets) run.append(readPacket(packet));
  return run;
}

export function runOf(predictions: number[][], numClasses: number, labels?: number[]): Run {
  return replayed(writeRun(predictions, numClasses, labels));
}
