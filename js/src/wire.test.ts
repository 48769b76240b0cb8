import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crc32 } from "./crc32";
import { joined, sealed, type Written, wandering, write, writeRun } from "./packets.fixture";
import { type Packet, readLog, readPacket, snapshotsOf, WireError } from "./wire";

const MANY = { numRuns: 1000 };

/** Whatever the kernel may write: few or many classes, all of them or moves, with labels or without. */
const written: fc.Arbitrary<Written> = fc
  .record({ t: fc.nat(4), numSamples: fc.integer({ min: 1, max: 9 }), numClasses: fc.constantFrom(1, 3, 256, 257) })
  .chain(({ t, numSamples, numClasses }) => {
    const ids = (count: number) => fc.array(fc.nat(numClasses - 1), { minLength: count, maxLength: count });
    const row = (count: number, values: fc.Arbitrary<number>) =>
      fc.array(values, { minLength: count, maxLength: count });
    const all = Array.from({ length: numSamples }, (_, sample) => sample);
    const moved = t ? fc.option(fc.subarray(all), { nil: undefined }) : fc.constant(undefined);
    return moved.chain((samples) =>
      fc.record({
        t: fc.constant(t),
        numSamples: fc.constant(numSamples),
        numClasses: fc.constant(numClasses),
        samples: fc.constant(samples),
        classes: ids((samples ?? all).length),
        transitionRow: row(Math.max(t - 1, 0), fc.float({ min: 0, max: 1, noNaN: true })),
        predictionRow: row(t, fc.nat(numSamples)),
        labels: fc.option(ids(numSamples), { nil: undefined }),
        metrics: fc.dictionary(fc.string(), fc.option(fc.integer())),
        power: fc.nat(31),
      }),
    );
  });

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
      every: 1,
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

  it("is read as it was written, whatever is in it", () => {
    const check = (given: Written) => {
      const packet = readPacket(write(given));
      expectToFit(packet);
      expect({ ...packet, samples: packet.samples && [...packet.samples], classes: [...packet.classes] }).toEqual({
        t: given.t,
        every: 2 ** (given.power ?? 0),
        numSamples: given.numSamples,
        numClasses: given.numClasses,
        samples: given.samples ?? null,
        classes: given.classes,
        transitionRow: Float32Array.from(given.transitionRow ?? []),
        predictionRow: Uint32Array.from(given.predictionRow ?? []),
        labels: given.labels ? (given.numClasses > 256 ? Uint16Array : Uint8Array).from(given.labels) : null,
        metrics: given.metrics,
      });
    };
    fc.assert(fc.property(written, check), MANY);
  });

  it("is read wherever in its buffer it lies", () => {
    const log = joined(writeRun(wandering(5, 20, 3), 3));
    expect(Array.from(readLog(log), ({ t }) => t)).toEqual([0, 1, 2, 3, 4]);
    expect(snapshotsOf(log)).toBe(5);
  });
});

describe("bytes that are no packet", () => {
  const good = () => write({ t: 2, samples: [1], classes: [1], numSamples: 4, numClasses: 2 });

  it.each([
    ["of another kind", 0, 0],
    ["of a later version", 4, 3],
    ["of the version before", 4, 1],
    ["with a wrong length", 8, 44],
    ["thinned beyond all runs", 7, 32],
    ["with more entries than samples", 24, 5],
    ["with a huge count", 15, 255],
  ])("are refused: %s", (_, at, byte) => {
    const view = good();
    view.setUint8(at, byte);
    expect(() => readPacket(sealed(view))).toThrow(WireError);
  });

  it.each([0, 20, 40])("are refused where they are cut short, to %i bytes", (size) => {
    expect(() => readPacket(new DataView(good().buffer, 0, size))).toThrow(WireError);
  });

  it.each([
    ["a sample", { samples: [9], classes: [0] }],
    ["samples out of order", { samples: [2, 1], classes: [0, 0] }],
    ["a class", { samples: [1], classes: [2] }],
    ["a label", { samples: [1], classes: [0], labels: [0, 1, 2, 0] }],
  ])("are refused where they name what is not there: %s", (_, wrong) => {
    expect(() => readPacket(write({ t: 1, numSamples: 4, numClasses: 2, ...wrong }))).toThrow(WireError);
  });

  it("are refused whichever bit is flipped", () => {
    const bits = 8 * good().byteLength;
    for (let bit = 0; bit < bits; bit++) {
      const view = good();
      view.setUint8(bit >> 3, view.getUint8(bit >> 3) ^ (1 << (bit & 7)));
      expect(() => readPacket(view)).toThrow(WireError);
    }
  });

  it("are refused wherever a log is cut, and those before the cut are read", () => {
    const packets = writeRun(wandering(6, 20, 3), 3);
    const log = joined(packets);
    const ends = packets.map((_, i) => packets.slice(0, i + 1).reduce((sum, { byteLength }) => sum + byteLength, 0));
    for (let size = 0; size <= log.byteLength; size++) {
      const read: number[] = [];
      const all = () => {
        for (const { t } of readLog(new DataView(log.buffer, log.byteOffset, size))) read.push(t);
      };
      if (size === 0 || ends.includes(size)) all();
      else expect(all).toThrow(WireError);
      expect(read.length).toBe(ends.filter((end) => end <= size).length);
    }
  });

  it("never hang, and never give a packet that does not fit its header, though the checksum is right", () => {
    const check = (packet: Written, edits: [number, number][], size: number) => {
      const view = write(packet);
      for (const [at, byte] of edits) view.setUint8(at % view.byteLength, byte);
      view.setUint32(8, size, true);
      for (const cut of [view.byteLength, Math.min(size, view.byteLength)].filter((length) => length >= 36)) {
        const read = readOrRefuse(sealed(new DataView(view.buffer, 0, cut)));
        if (read) expectToFit(read);
      }
    };
    const header = fc.tuple(fc.integer({ min: 4, max: 31 }), fc.oneof(fc.nat(9), fc.nat(255)));
    const edits = fc.array(fc.oneof(header, fc.tuple(fc.nat(), fc.nat(255))), { maxLength: 6 });
    const damaged = written.chain((packet) =>
      fc.tuple(fc.constant(packet), edits, fc.oneof(fc.constant(write(packet).byteLength), fc.nat(300))),
    );
    fc.assert(
      fc.property(damaged, (given) => check(...given)),
      MANY,
    );
  });

  it("are refused where they are any bytes at all", () => {
    const head = fc.constantFrom<number[][]>([], [0x4e, 0x4e, 0x54, 0x46], [0x4e, 0x4e, 0x54, 0x46, 2, 1, 1]);
    const check = (start: number[], rest: Uint8Array) => {
      const view = new DataView(Uint8Array.of(...start, ...rest).buffer);
      expect(readOrRefuse(view)).toBeNull();
      expect(() => [...readLog(view)]).toThrow(WireError);
      expect(snapshotsOf(view)).toBeLessThanOrEqual(view.byteLength / 32);
    };
    fc.assert(fc.property(head, fc.uint8Array({ minLength: 1, maxLength: 300 }), check), MANY);
  });
});

it("the checksum is the one that zlib has", () => {
  expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
  expect(crc32(new Uint8Array(0))).toBe(0);
});

function readOrRefuse(view: DataView): Packet | null {
  try {
    return readPacket(view);
  } catch (error) {
    expect(error).toBeInstanceOf(WireError);
    return null;
  }
}

function expectToFit(packet: Packet): void {
  const { t, numSamples, numClasses, samples, classes, labels } = packet;
  expect([packet.transitionRow.length, packet.predictionRow.length]).toEqual([Math.max(t - 1, 0), t]);
  expect(classes.length).toBe(samples ? samples.length : numSamples);
  expect([...classes, ...(labels ?? [])].every((class_) => class_ < numClasses)).toBe(true);
  expect([...(samples ?? [])].every((sample, i, all) => sample < numSamples && (i === 0 || sample > all[i - 1]))).toBe(
    true,
  );
  expect(Object.values(packet.metrics).every((value) => value === null || typeof value === "number")).toBe(true);
}
