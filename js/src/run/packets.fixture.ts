/** Packets for tests, written as the kernel writes them. */

export interface Written {
  t: number;
  classes: number[];
  samples?: number[];
  numSamples: number;
  numClasses: number;
  transitionRow?: number[];
  predictionRow?: number[];
  labels?: number[];
  metrics?: Record<string, number | null>;
}

export function write(packet: Written): DataView {
  const width = packet.numClasses > 256 ? 2 : 1;
  const ids = (values: number[]) => (width === 1 ? new Uint8Array(values) : new Uint16Array(values));
  const metrics = new TextEncoder().encode(JSON.stringify(packet.metrics ?? {}));
  const sections = [
    new Float32Array(packet.transitionRow ?? new Array(Math.max(packet.t - 1, 0)).fill(0)),
    new Uint32Array(packet.predictionRow ?? new Array(packet.t).fill(0)),
    new Uint32Array(packet.samples ?? []),
    ids(packet.classes),
    ids(packet.labels ?? []),
    metrics,
  ];
  const padded = (length: number) => Math.ceil(length / 4) * 4;
  const size = sections.reduce((sum, section) => sum + padded(section.byteLength), 32);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode("NNTF"));
  const flags = (packet.samples ? 0 : 1) + (packet.labels ? 2 : 0);
  for (const [i, byte] of [1, width, flags, 0].entries()) view.setUint8(4 + i, byte);
  const numbers = [size, packet.t, packet.numSamples, packet.numClasses, packet.classes.length, metrics.length];
  for (const [i, number] of numbers.entries()) view.setUint32(8 + 4 * i, number, true);
  let at = 32;
  for (const section of sections) {
    bytes.set(new Uint8Array(section.buffer), at);
    at += padded(section.byteLength);
  }
  return view;
}

/** Packets of a run given by its predictions, with both distances worked out the obvious way. */
export function writeRun(predictions: number[][], numClasses: number, labels?: number[], labelledAt = 0): DataView[] {
  const count = (t: number) => {
    const moves = new Map<string, number>();
    for (const [i, to] of predictions[t + 1].entries()) {
      const key = `${predictions[t][i]}>${to}`;
      if (predictions[t][i] !== to) moves.set(key, (moves.get(key) ?? 0) + 1);
    }
    return moves;
  };
  const unlike = (s: number, t: number) => {
    const [a, b] = [count(s), count(t)];
    let [difference, total] = [0, 0];
    for (const key of new Set([...a.keys(), ...b.keys()])) {
      difference += Math.abs((a.get(key) ?? 0) - (b.get(key) ?? 0));
      total += (a.get(key) ?? 0) + (b.get(key) ?? 0);
    }
    return total ? difference / total : 0;
  };
  return predictions.map((classes, t) =>
    write({
      t,
      classes: t ? classes.filter((class_, i) => class_ !== predictions[t - 1][i]) : classes,
      samples: t ? classes.flatMap((class_, i) => (class_ !== predictions[t - 1][i] ? [i] : [])) : undefined,
      numSamples: classes.length,
      numClasses,
      transitionRow: Array.from({ length: Math.max(t - 1, 0) }, (_, s) => unlike(t - 1, s)),
      predictionRow: Array.from({ length: t }, (_, s) => classes.filter((c, i) => c !== predictions[s][i]).length),
      labels: t === labelledAt ? labels : undefined,
      metrics: { loss: 1 / (t + 1), accuracy: t === 0 ? null : 0.5 },
    }),
  );
}

/** Packets end to end, at an odd place in their buffer, as a message may have them. */
export function joined(packets: DataView[]): DataView {
  const size = packets.reduce((sum, packet) => sum + packet.byteLength, 0);
  const bytes = new Uint8Array(size + 3);
  let at = 3;
  for (const packet of packets) {
    bytes.set(new Uint8Array(packet.buffer, packet.byteOffset, packet.byteLength), at);
    at += packet.byteLength;
  }
  return new DataView(bytes.buffer, 3, size);
}

/** A run that moves about, the same each time. */
export function wandering(snapshots: number, numSamples: number, numClasses: number): number[][] {
  let seed = 1;
  const random = () => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647;
  };
  const draw = () => Math.floor(random() * numClasses);
  const run = [Array.from({ length: numSamples }, draw)];
  while (run.length < snapshots) run.push((run.at(-1) as number[]).map((c) => (random() < 0.3 ? draw() : c)));
  return run;
}
