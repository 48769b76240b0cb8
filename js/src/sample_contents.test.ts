import { describe, expect, it } from "vitest";
import { SampleContents, type SampleFacts } from "./sample_contents";
import type { Traits } from "./traits";
import { kernelOf } from "./views.fixture";

function contents(samples: SampleFacts, bytes: number[] | string = []) {
  const kernel = kernelOf([], { samples });
  const data = typeof bytes === "string" ? new TextEncoder().encode(bytes) : new Uint8Array(bytes);
  const padded = new Uint8Array(data.length + 5);
  padded.set(data, 5); // a trait's bytes may lie anywhere in a message
  (kernel.get("facts") as Traits["facts"]).samples = samples;
  kernel.set("sample_bytes", new DataView(padded.buffer, 5));
  return { kernel, contents: new SampleContents(kernel.model) };
}

describe("what a sample looks like", () => {
  it("is not known where nobody said", () => {
    expect(contents(null).contents.get(0)).toBeNull();
  });

  it("is a picture, grey or in colour, from the bytes sent with the run", () => {
    const grey = contents({ kind: "image", shape: [1, 2, 1] }, [10, 20, 30, 40]).contents;
    expect(grey.get(1)).toEqual({
      width: 2,
      height: 1,
      rgba: Uint8ClampedArray.from([30, 30, 30, 255, 40, 40, 40, 255]),
    });
    const colour = contents({ kind: "image", shape: [1, 1, 3] }, [1, 2, 3, 4, 5, 6]).contents;
    expect(colour.get(1)).toEqual({ width: 1, height: 1, rgba: Uint8ClampedArray.from([4, 5, 6, 255]) });
    expect(colour.get(2)).toBeNull();
  });

  it("is a text from the list sent with the run", () => {
    const { contents: texts } = contents({ kind: "text" }, JSON.stringify(["<b>one</b>", "二"]));
    expect([texts.get(0), texts.get(1), texts.get(2)]).toEqual([{ text: "<b>one</b>" }, { text: "二" }, null]);
  });

  it("is asked for one at a time, the last one wanted next", () => {
    const { kernel, contents: asked } = contents({ kind: "asked" });
    for (const sample of [4, 5, 6, 7]) expect(asked.get(sample)).toBe("awaited");
    expect(kernel.sent).toEqual([{ type: "sample", sample: 4 }]);
    asked.receive({ type: "sample", sample: 4, text: "four" }, []);
    expect(kernel.sent.slice(1)).toEqual([{ type: "sample", sample: 7 }]);
    asked.receive({ type: "sample", sample: 7, shape: [1, 1, 1] }, [new DataView(Uint8Array.of(9).buffer)]);
    expect(kernel.sent.length).toBe(2);
    expect(asked.get(4)).toEqual({ text: "four" });
    expect(asked.get(7)).toEqual({ width: 1, height: 1, rgba: Uint8ClampedArray.from([9, 9, 9, 255]) });
  });

  it("keeps no reply that is not what it says", () => {
    const { contents: asked } = contents({ kind: "asked" });
    asked.get(1);
    asked.receive({ type: "sample", sample: 1, shape: [9, 9, 3] }, [new DataView(new ArrayBuffer(4))]);
    expect(asked.get(1)).toBe("awaited");
  });

  it("forgets the oldest replies", () => {
    const { kernel, contents: asked } = contents({ kind: "asked" });
    for (let sample = 0; sample < 600; sample++) asked.receive({ type: "sample", sample, text: `${sample}` }, []);
    expect(asked.get(599)).toEqual({ text: "599" });
    expect(asked.get(0)).toBe("awaited");
    expect(kernel.sent).toEqual([{ type: "sample", sample: 0 }]);
  });
});
