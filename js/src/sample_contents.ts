/** What each sample looks like: sent with the run where it is small, else asked for one at a time. */

import type { AnyModel } from "@anywidget/types";
import type { Traits } from "./traits";

/** What the kernel says of the samples: what `samples` holds, or that one has to ask. */
export type SampleFacts = { kind: "image"; shape: Shape } | { kind: "text" } | { kind: "asked" } | null;

/** Rows, columns and channels (1 grey, 3 colour). */
type Shape = [number, number, number];

export type SampleContent =
  | { text: string }
  | { width: number; height: number; rgba: Uint8ClampedArray<ArrayBuffer> }
  | "awaited";

/** A reply of the kernel's. */
export interface SampleReply {
  type: "sample";
  sample: number;
  text?: string;
  shape?: Shape;
}

const KEPT = 500;

export class SampleContents {
  private readonly known = new Map<number, SampleContent>();
  private texts: string[] | null = null;
  /** One question at a time: a busy kernel is not to find hundreds when it is free. */
  private asked: number | null = null;
  private wanted: number | null = null;

  constructor(private readonly model: AnyModel<Traits>) {}

  /** What there is of a sample now; null where the run has nothing to show. */
  get(sample: number): SampleContent | null {
    const facts = this.model.get("facts").samples;
    if (!facts) return null;
    if (facts.kind === "image") return this.sentImage(sample, facts.shape);
    if (facts.kind === "text") return this.sentText(sample);
    const known = this.known.get(sample);
    if (known) return known;
    this.wanted = sample;
    this.ask();
    return "awaited";
  }

  /** Takes a reply in. */
  receive(reply: SampleReply, buffers: DataView[]): void {
    const content = read(reply, buffers[0]);
    if (content) this.known.set(reply.sample, content);
    const oldest = this.known.keys().next();
    if (this.known.size > KEPT && !oldest.done) this.known.delete(oldest.value);
    if (reply.sample !== this.asked) return;
    this.asked = null;
    this.ask();
  }

  /** What was sent is no longer what there is. */
  forget(): void {
    this.known.clear();
    this.texts = null;
    this.asked = this.wanted = null;
  }

  private ask(): void {
    if (this.asked !== null || this.wanted === null || this.known.has(this.wanted)) return;
    this.asked = this.wanted;
    this.model.send({ type: "sample", sample: this.asked });
  }

  private sentImage(sample: number, shape: Shape): SampleContent | null {
    const size = shape[0] * shape[1] * shape[2];
    const all = this.model.get("sample_bytes");
    if (!all || (sample + 1) * size > all.byteLength) return null;
    return image(new Uint8Array(all.buffer, all.byteOffset + sample * size, size), shape);
  }

  private sentText(sample: number): SampleContent | null {
    this.texts ??= parse(this.model.get("sample_bytes"));
    const text = this.texts[sample];
    return text === undefined ? null : { text };
  }
}

function read(reply: SampleReply, buffer: DataView | undefined): SampleContent | null {
  if (typeof reply.text === "string") return { text: reply.text };
  const { shape } = reply;
  if (!shape || !buffer || buffer.byteLength !== shape[0] * shape[1] * shape[2]) return null;
  return image(new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength), shape);
}

function image(bytes: Uint8Array, [height, width, channels]: Shape): SampleContent {
  const rgba = new Uint8ClampedArray(4 * height * width);
  for (let pixel = 0; pixel < height * width; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      rgba[4 * pixel + channel] = bytes[pixel * channels + (channels === 1 ? 0 : channel)];
    }
    rgba[4 * pixel + 3] = 255;
  }
  return { width, height, rgba };
}

function parse(texts: DataView | null): string[] {
  if (!texts?.byteLength) return [];
  const parsed: unknown = JSON.parse(new TextDecoder().decode(texts));
  return Array.isArray(parsed) ? parsed.map(String) : [];
}
