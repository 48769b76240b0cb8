import { describe, expect, it } from "vitest";
import { joined, wandering, write, writeRun } from "./packets.fixture";
import { readLog, readMetrics, readPacket, WireError } from "./wire";

describe("a packet", () => {
  it("holds the samples that moved, their classes, both rows, labels and metrics", () => {
    const packet = readPacket(
      write({
        t: 3,
        samples: [1, 4],
        classes: [2, 0],
        numSamples: 6,
        numClasses: 3,
        transitionRow: [0.25, 0.5],
        predictionRow: [3, 2, 1],
        labels: [0, 1, 2, 0, 1, 2],
        metrics: { loss: 0.5, größe: null },
      }),
    );
    expect(packet).toEqual({
      t: 3,
      numSamples: 6,
      numClasses: 3,
      samples: new Uint32Array([1, 4]),
      classes: new Uint8Array([2, 0]),
      transitionRow: new Float32Array([0.25, 0.5]),
      predictionRow: new Uint32Array([3, 2, 1]),
      labels: new Uint8Array([0, 1, 2, 0, 1, 2]),
      metrics: { loss: 0.5, größe: null },
    });
  });

  it("has class ids of two bytes above 256 classes", () => {
    const packet = readPacket(write({ t: 0, classes: [300, 7], numSamples: 2, numClasses: 400 }));
    expect(packet.classes).toEqual(new Uint16Array([300, 7]));
    expect(packet.samples).toBeNull();
  });

  it("has labels of as many bytes as its class ids", () => {
    const packet = readPacket(write({ t: 0, classes: [300, 7], labels: [7, 300], numSamples: 2, numClasses: 400 }));
    expect(packet.labels).toEqual(new Uint16Array([7, 300]));
  });

  it.each([2, 256, 257, 65536])("may be of %i classes", (numClasses) => {
    const packet = readPacket(write({ t: 0, classes: [0, numClasses - 1], numSamples: 2, numClasses }));
    expect([...packet.classes]).toEqual([0, numClasses - 1]);
  });

  it("may have all samples predicted differently", () => {
    const all = { samples: [0, 1], classes: [1, 1], predictionRow: [2] };
    expect([...readPacket(write({ t: 1, numSamples: 2, numClasses: 2, ...all })).predictionRow]).toEqual([2]);
  });

  it("is read wherever in its buffer it lies", () => {
    const log = joined(writeRun(wandering(5, 20, 3), 3));
    expect([...readLog(log)].map(({ t }) => t)).toEqual([0, 1, 2, 3, 4]);
  });
});

describe("bytes that are no packet", () => {
  const good = () => write({ t: 2, samples: [1], classes: [1], numSamples: 4, numClasses: 2 });

  it.each([
    ["of another kind", 0, 0, "no packet"],
    ["of a later version", 4, 2, "version 2"],
    ["with a wrong length", 8, 44, "expected"],
    ["with more entries than samples", 24, 5, "5 entries of 4 samples"],
    ["with a huge count", 15, 255, "expected"],
  ])("are refused: %s", (_, at, byte, reason) => {
    const view = good();
    view.setUint8(at, byte);
    expect(() => readPacket(view)).toThrow(WireError);
    expect(() => readPacket(view)).toThrow(reason);
  });

  it("are refused as the first where they do not have every sample", () => {
    const view = write({ t: 0, samples: [1], classes: [1], numSamples: 4, numClasses: 2 });
    expect(() => readPacket(view)).toThrow("the first packet lacks samples");
  });

  it.each([
    ["more classes than there may be", 20, 10 ** 9, "1000000000 classes"],
    ["more classes than ids of a byte can name", 20, 300, "class ids of 1 bytes"],
    ["one class", 20, 1, "1 classes"],
    ["no class", 20, 0, "0 classes"],
    ["more samples than it names", 16, 10 ** 9, "2 entries of 1000000000 samples"],
  ])("are refused before anything is allocated: %s", (_, at, number, reason) => {
    const view = write({ t: 0, classes: [0, 1], numSamples: 2, numClasses: 2 });
    view.setUint32(at, number, true);
    expect(() => readPacket(view)).toThrow(WireError);
    expect(() => readPacket(view)).toThrow(reason);
  });

  it("are refused with ids of another width than the classes need", () => {
    const view = write({ t: 0, classes: [0, 1, 0, 1], numSamples: 4, numClasses: 400 });
    view.setUint32(20, 200, true);
    expect(() => readPacket(view)).toThrow("class ids of 2 bytes");
  });

  it.each([
    { transitionRow: [1.01] },
    { transitionRow: [-0.5] },
    { transitionRow: [Number.NaN] },
    { transitionRow: [Number.POSITIVE_INFINITY] },
    { predictionRow: [5, 0] },
  ])("are refused with distances that cannot be: %o", (wrong) => {
    expect(() =>
      readPacket(write({ t: 2, samples: [1], classes: [1], numSamples: 4, numClasses: 2, ...wrong })),
    ).toThrow(WireError);
  });

  it("are refused where there are none", () => {
    expect(() => readPacket(undefined)).toThrow(WireError);
    expect(() => readMetrics(undefined)).toThrow(WireError);
  });

  it.each(["loss", "[1]", "null", "5", '{"loss": "low"}'])("are refused as metrics: %s", (text) => {
    expect(() => readMetrics(new DataView(new TextEncoder().encode(text).buffer))).toThrow(WireError);
  });

  it.each([0, 20, 40])("are refused where they are cut short, to %i bytes", (size) => {
    expect(() => readPacket(new DataView(good().buffer, 0, size))).toThrow(WireError);
  });

  it.each([
    ["a sample", { samples: [9], classes: [0] }],
    ["a sample just beyond the last", { samples: [4], classes: [0] }],
    ["samples out of order", { samples: [2, 1], classes: [0, 0] }],
    ["a sample twice", { samples: [1, 1], classes: [0, 0] }],
    ["a class", { samples: [1], classes: [2] }],
    ["a label", { samples: [1], classes: [0], labels: [0, 1, 2, 0] }],
  ])("are refused where they name what is not there: %s", (_, wrong) => {
    expect(() => readPacket(write({ t: 1, numSamples: 4, numClasses: 2, ...wrong }))).toThrow(WireError);
  });

  it("never hang and never give a packet that does not fit its header, whatever byte is flipped", () => {
    const size = good().byteLength;
    for (let at = 0; at < size; at++) {
      for (const bit of [1, 16, 128]) {
        const view = good();
        view.setUint8(at, view.getUint8(at) ^ bit);
        try {
          const packet = readPacket(view);
          expect(packet.predictionRow.length).toBe(packet.t);
          expect(packet.classes.every((class_) => class_ < packet.numClasses)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }
    }
  });
});
