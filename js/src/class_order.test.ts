import { describe, expect, it } from "vitest";
import { classOrder } from "./class_order";
import { writeRun } from "./packets.fixture";
import { Run } from "./run";
import { readPacket } from "./wire";

const NAMES = ["item 10", "item 9", "Über", "zebra"];
const predictions = [
  [0, 0, 1, 1, 2, 3],
  [0, 1, 1, 1, 2, 2],
  [0, 0, 1, 0, 2, 3],
];

function run(labels?: number[]): Run {
  const grown = new Run();
  for (const packet of writeRun(predictions, 4, labels)) grown.append(readPacket(packet));
  return grown;
}

const name = (class_: number) => NAMES[class_];

describe("the order of the classes", () => {
  it("is that of their ids, or of their names as people sort them", () => {
    expect(classOrder(run(), name, "given", "")).toEqual([0, 1, 2, 3]);
    expect(classOrder(run(), name, "name", "")).toEqual([1, 0, 2, 3]);
  });

  it("is by the last recall, the lowest first, and classes without samples last", () => {
    expect(classOrder(run([0, 1, 1, 1, 2, 2]), name, "share", "")).toEqual([1, 2, 0, 3]);
  });

  it("is by the share of the predictions where there are no labels", () => {
    expect(classOrder(run(), name, "share", "")).toEqual([0, 1, 2, 3]);
  });

  it("is by how much moved, or went straight back", () => {
    // 0→1→0 goes back; 1→0 does not; 3→2→3 goes back
    expect([...run().moveCounts]).toEqual([3, 3, 2, 2]);
    expect(classOrder(run(), name, "change", "")).toEqual([0, 1, 2, 3]);
    expect(classOrder(run(), name, "oscillation", "")).toEqual([0, 1, 2, 3]);
  });

  it("leaves out names that do not hold what is searched, whatever the case", () => {
    expect(classOrder(run(), name, "given", " ITEM ")).toEqual([0, 1]);
    expect(classOrder(run(), name, "given", "über")).toEqual([2]);
    expect(classOrder(run(), name, "given", "<b>")).toEqual([]);
  });
});
