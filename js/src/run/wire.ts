/** Reads the packets that carry one snapshot each; they are described in nntf_widget/widget/wire.py. */

export type Metrics = Record<string, number | null>;

export interface Packet {
  t: number;
  numSamples: number;
  numClasses: number;
  /** The samples that moved, ascending; null when `classes` holds every sample's class. */
  samples: Uint32Array | null;
  classes: Uint8Array | Uint16Array;
  /** Transition distance of the newest transition to all earlier ones. */
  transitionRow: Float32Array;
  /** Number of samples predicted differently at this snapshot and each earlier one. */
  predictionRow: Uint32Array;
  labels: Uint8Array | Uint16Array | null;
  metrics: Metrics;
}

/** Bytes that are no packet, or not one of this version. */
export class WireError extends Error {}

const HEADER = 32;
const MAGIC = 0x4654_4e4e; // "NNTF", read as a little-endian number
const VERSION = 1;
const MOST_CLASSES = 65536;
const DENSE = 1;
const LABELLED = 2;
const LITTLE = true;

/** Reads the packets of a log, end to end, each when it is asked for. */
export function* readLog(log: DataView): Generator<Packet> {
  let at = 0;
  while (at < log.byteLength) {
    const rest = new DataView(log.buffer, log.byteOffset + at, log.byteLength - at);
    yield readPacket(rest);
    at += rest.getUint32(8, LITTLE);
  }
}

/** Reads the packet at the start of `view`. Throws WireError, and never reads beyond the packet. */
export function readPacket(view: DataView | undefined): Packet {
  expect(view !== undefined, "a message without a packet");
  expect(view.byteLength >= HEADER, `${view.byteLength} bytes are no packet`);
  expect(view.getUint32(0, LITTLE) === MAGIC, "these bytes are no packet");
  const version = view.getUint8(4);
  expect(version === VERSION, `packet version ${version} is not known here; reload the page`);
  const width = view.getUint8(5);
  const flags = view.getUint8(6);
  const size = view.getUint32(8, LITTLE);
  const [t, numSamples, numClasses, entries, metricsSize] = [12, 16, 20, 24, 28].map((at) =>
    view.getUint32(at, LITTLE),
  );
  const dense = (flags & DENSE) !== 0;
  const labelled = (flags & LABELLED) !== 0;
  expect(numClasses >= 2 && numClasses <= MOST_CLASSES, `packet ${t} has ${numClasses} classes`);
  expect(width === (numClasses > 256 ? 2 : 1), `packet ${t} has class ids of ${width} bytes`);
  expect(entries <= numSamples && (!dense || entries === numSamples), `${entries} entries of ${numSamples} samples`);
  expect(t > 0 || dense, "the first packet lacks samples");

  const transitions = Math.max(t - 1, 0);
  const lengths = [
    transitions * 4,
    t * 4,
    dense ? 0 : entries * 4,
    entries * width,
    labelled ? numSamples * width : 0,
    metricsSize,
  ];
  const needed = lengths.reduce((sum, length) => sum + padded(length), HEADER);
  expect(needed === size && size <= view.byteLength, `packet ${t} has ${view.byteLength} bytes, expected ${needed}`);

  let at = HEADER;
  const sections = lengths.map((length) => {
    const start = view.byteOffset + at;
    at += padded(length);
    return view.buffer.slice(start, start + length) as ArrayBuffer; // a copy is aligned
  });
  const ids = (section: ArrayBuffer) => (width === 1 ? new Uint8Array(section) : new Uint16Array(section));
  const samples = dense ? null : new Uint32Array(sections[2]);
  const classes = ids(sections[3]);
  const labels = labelled ? ids(sections[4]) : null;
  const transitionRow = new Float32Array(sections[0]);
  const predictionRow = new Uint32Array(sections[1]);
  expect(samples === null || ascending(samples, numSamples), `packet ${t} names samples that are not there`);
  expect(below(classes, numClasses), `packet ${t} names classes that are not there`);
  expect(labels === null || below(labels, numClasses), `packet ${t} names labels that are not there`);
  expect(within(transitionRow, 1), `packet ${t} has a transition distance outside 0 to 1`);
  expect(within(predictionRow, numSamples), `packet ${t} has a prediction distance of more samples than there are`);
  return {
    t,
    numSamples,
    numClasses,
    samples,
    classes,
    transitionRow,
    predictionRow,
    labels,
    metrics: readMetrics(sections[5]),
  };
}

/** Reads the metrics of a snapshot: a JSON object of numbers, null where not finite. Throws WireError. */
export function readMetrics(bytes: ArrayBuffer | DataView | undefined): Metrics {
  expect(bytes !== undefined, "a message without metrics");
  let metrics: unknown;
  try {
    metrics = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new WireError("the metrics are no JSON");
  }
  expect(typeof metrics === "object" && metrics !== null && !Array.isArray(metrics), "the metrics are no object");
  const entries = Object.entries(metrics as object);
  expect(
    entries.every(([, value]) => value === null || typeof value === "number"),
    "a metric is no number",
  );
  return Object.fromEntries(entries);
}

function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}

function ascending(samples: Uint32Array, limit: number): boolean {
  for (let i = 1; i < samples.length; i++) if (samples[i] <= samples[i - 1]) return false;
  return samples.length === 0 || samples[samples.length - 1] < limit;
}

/** Whether all values are numbers from 0 to a limit. */
function within(values: Float32Array | Uint32Array, limit: number): boolean {
  for (const value of values) if (!(value >= 0 && value <= limit)) return false;
  return true;
}

function below(ids: Uint8Array | Uint16Array, limit: number): boolean {
  for (const id of ids) if (id >= limit) return false;
  return true;
}

function expect(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new WireError(otherwise);
}
