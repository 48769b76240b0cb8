import { describe, expect, it } from "vitest";
import { ClassSamples, NEVER } from "./class_samples";
import { wandering, writeRun } from "./packets.fixture";
import { Run } from "./run";
import { readPacket } from "./wire";

const predictions = wandering(9, 80, 4);
const labels = predictions[5];

function run(snapshots: number, truth?: number[]): Run {
  const grown = new Run();
  for (const packet of writeRun(predictions, 4, truth).slice(0, snapshots)) grown.append(readPacket(packet));
  return grown;
}

/** The histories of all samples, one a line. */
const lines = predictions[0].map((_, sample) => predictions.map((classes) => classes[sample]));
const every = predictions[0].map((_, sample) => sample);
const crossed = (line: number[], a: number, b: number) =>
  line.filter((to, t) => t > 0 && [a, b].includes(to) && [a, b].includes(line[t - 1]) && to !== line[t - 1]).length;

describe("the samples of a class", () => {
  it("are those of that label, with their class at every snapshot", () => {
    const { samples, columns } = new ClassSamples(run(9, labels), 2, null);
    expect([...samples]).toEqual(every.filter((sample) => labels[sample] === 2));
    expect([...samples].map((_, row) => columns.map((column) => column[row]))).toEqual(
      [...samples].map((sample) => lines[sample]),
    );
  });

  it("are those ever predicted as it where there are no labels", () => {
    const { samples } = new ClassSamples(run(9), 1, null);
    expect([...samples]).toEqual(every.filter((sample) => lines[sample].includes(1)));
  });

  it("of a pair are those that went straight from one to the other", () => {
    const { samples, crossings } = new ClassSamples(run(9, labels), 1, 3);
    expect([...samples]).toEqual(every.filter((sample) => crossed(lines[sample], 1, 3)));
    expect([...crossings]).toEqual([...samples].map((sample) => crossed(lines[sample], 1, 3)));
  });

  it("are forgotten, learned and moved as their histories tell", () => {
    const story = new ClassSamples(run(9, labels), 0, null);
    for (const [row, sample] of story.samples.entries()) {
      const line = lines[sample];
      const right = line.map((class_) => class_ === labels[sample]);
      const moved = line.flatMap((class_, t) => (t > 0 && class_ !== line[t - 1] ? [t] : []));
      expect(story.forgotten[row]).toBe(right.filter((now, t) => !now && right[t - 1]).length);
      expect(story.learnedAt[row]).toBe(right.indexOf(true));
      expect(story.moves[row]).toBe(moved.length);
      expect(story.changedAt[row]).toBe(moved.at(-1) ?? 0);
    }
  });

  it.each([
    [null, labels],
    [null, undefined],
    [3, labels],
  ] as const)("grow with the run to what they would have been from the start (partner %s)", (partner, truth) => {
    const growing = run(1, truth);
    const story = new ClassSamples(growing, 1, partner);
    for (const packet of writeRun(predictions, 4, truth).slice(1)) {
      growing.append(readPacket(packet));
      story.catchUp();
    }
    const whole = new ClassSamples(run(9, truth), 1, partner);
    for (const what of ["samples", "columns", "moves", "changedAt", "forgotten", "learnedAt", "crossings"] as const) {
      expect(story[what]).toEqual(whole[what]);
    }
    expect(story.confusion?.snapshots).toEqual(whole.confusion?.snapshots);
  });

  it("have an order: the most forgotten, or the latest learned, first", () => {
    const story = new ClassSamples(run(9, labels), 2, null);
    const by = (values: ArrayLike<number>, order: "forgotten" | "changed" | "learned") =>
      [...story.order(order)].map((row) => values[row]);
    expect(by(story.forgotten, "forgotten")).toEqual([...story.forgotten].sort((a, b) => b - a));
    expect(by(story.changedAt, "changed")).toEqual([...story.changedAt].sort((a, b) => b - a));
    const late = (at: number) => (at === NEVER ? 99 : at);
    expect(by(story.learnedAt, "learned").map(late)).toEqual([...story.learnedAt].map(late).sort((a, b) => b - a));
    expect(story.possibleOrders).toEqual(["forgotten", "learned", "changed"]);
  });
});

describe("the confusion of a class", () => {
  it("counts what its samples are taken for, and what is taken for it", () => {
    const { confusion } = new ClassSamples(run(9, labels), 2, null);
    for (const [t, { missed, mistaken }] of (confusion?.snapshots ?? []).entries()) {
      const count = (truth: number, predicted: number) =>
        every.filter((sample) => labels[sample] === truth && predictions[t][sample] === predicted).length;
      expect([...missed]).toEqual([0, 1, 2, 3].map((other) => count(2, other)));
      expect([...mistaken]).toEqual([0, 1, 2, 3].map((other) => (other === 2 ? 0 : count(other, 2))));
    }
    expect(confusion?.snapshots.length).toBe(9);
  });

  it("is not known without labels", () => {
    expect(new ClassSamples(run(9), 2, null).confusion).toBeNull();
  });
});
