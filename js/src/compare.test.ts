// @vitest-environment happy-dom

import { beforeEach, describe, expect, it } from "vitest";
import compare, { type ComparedRun, type CompareTraits } from "./compare";
import { Host } from "./host";

function run(name: string, numbers: Partial<ComparedRun> = {}): ComparedRun {
  return {
    name,
    snapshots: 3,
    accuracy: 0.5,
    change_rate: 0.1,
    return_rate: 0.2,
    verdict: "",
    laminarity_band: 0.1,
    laminarity: 0.7,
    entropy_band: null,
    entropy: null,
    colour: "#3a8fc9",
    line: "solid",
    side: 2,
    cells: new DataView(new Uint8Array([0, 255, 255, 0]).buffer),
    ...numbers,
  };
}

function shown(runs: ComparedRun[], traits: Partial<CompareTraits> = {}) {
  const recall = new Float32Array(runs.flatMap((_, index) => [0.5, index / 10, Number.NaN]));
  const host = new Host<CompareTraits>({
    runs,
    classes: { names: ["cat", "<b>dog</b>", "frog"], recall: new DataView(recall.buffer) },
    cross: {},
    note: "",
    chosen: null,
    pair: [0, 1],
    ...traits,
  });
  const el = document.createElement("div");
  document.body.append(el);
  const close = compare.render({ model: host.model, el } as unknown as Parameters<typeof compare.render>[0]);
  return { host, el, close };
}

const frame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
const names = (el: HTMLElement) =>
  [...el.querySelectorAll(".nntf-run-table tbody .nntf-run-name")].map((name) => name.textContent);

describe("a comparison", () => {
  beforeEach(() => document.body.replaceChildren());

  it("has a fingerprint and a row of each run, names as text", async () => {
    const { el } = shown([run("a"), run("<i>b</i>", { verdict: "converged" })]);
    await frame();
    expect([...el.querySelectorAll(".nntf-multiple-title")].map((title) => title.textContent)).toEqual([
      "a",
      "<i>b</i>",
    ]);
    expect(el.querySelectorAll("i, b").length).toBe(0);
    expect(el.querySelectorAll(".nntf-multiple-verdict")[1].textContent).toBe("converged");
  });

  it("sorts by any column, what is missing last", async () => {
    const runs = [run("x", { accuracy: 0.4 }), run("y", { accuracy: null }), run("z", { accuracy: 0.9 })];
    const { el } = shown(runs);
    await frame();
    const head = [...el.querySelectorAll<HTMLButtonElement>(".nntf-sort")].find((h) => h.textContent === "accuracy");
    head?.click();
    expect(names(el)).toEqual(["z", "x", "y"]);
    expect(head?.parentElement?.getAttribute("aria-sort")).toBe("descending");
    head?.click();
    expect(names(el)).toEqual(["x", "z", "y"]);
  });

  it("paints only the fingerprints that changed", async () => {
    const runs = [run("a"), run("b")];
    const { el, host } = shown(runs);
    await frame();
    const painted = () => el.querySelector<HTMLElement>(".nntf-multiples")?.dataset.painted;
    expect(painted()).toBe("2");
    host.set("runs", [runs[0], run("b", { snapshots: 4 })]);
    await frame();
    expect(painted()).toBe("3");
  });

  it("chooses a run, and puts it away again", async () => {
    const { el, host } = shown([run("a"), run("b")]);
    await frame();
    el.querySelectorAll<HTMLButtonElement>(".nntf-multiple")[1].click();
    expect(host.get("chosen")).toBe(1);
    el.querySelectorAll<HTMLButtonElement>(".nntf-multiple")[1].click();
    expect(host.get("chosen")).toBeNull();
  });

  it("names the classes that are widest apart, and leaves out those nobody knows", async () => {
    const { el } = shown([run("a"), run("b"), run("c")]);
    await frame();
    expect([...el.querySelectorAll(".nntf-class-name")].map((name) => name.textContent)).toEqual(["<b>dog</b>", "cat"]);
  });

  it("marks a recall by how far it falls short of the best run's", async () => {
    const { el } = shown([run("a"), run("b"), run("c")]); // the dog's recalls are 0, 0.1 and 0.2
    await frame();
    const short = [...el.querySelectorAll<HTMLElement>("tbody .nntf-recall:nth-child(2)")].map((cell) =>
      Number(cell.style.getPropertyValue("--short")),
    );
    expect(short).toEqual([0.2, 0.1, 0]);
  });

  it("draws a shorter run smaller, at the ticks of the longest", async () => {
    const { el } = shown([run("a", { snapshots: 51 }), run("b", { snapshots: 26 })]);
    await frame();
    const squares = [...el.querySelectorAll<HTMLElement>(".nntf-multiple .nntf-square")];
    expect(squares.map((square) => square.querySelector("canvas")?.style.width)).toEqual(["100%", "50%"]);
    const ticks = squares.map((square) => [...square.querySelectorAll(".nntf-along-column")].map((t) => t.textContent));
    expect(ticks).toEqual([
      ["0", "20", "40"],
      ["0", "20", "40"],
    ]);
  });

  it("says when one run made another's decisions, and waits for the pair it asked for", async () => {
    const shares = new DataView(new Uint8Array([200, 100, 50, 0, 255, 0]).buffer); // rows a 0, 1, 2; columns b 0, 1
    const nearest = [1, 2]; // of the last column 2, although the colours of 1 and 2 are the same
    const cross = {
      pair: [0, 1] as [number, number],
      rows: 3,
      columns: 2,
      every: 2,
      shares,
      nearest,
      least: [0.2, 0.001],
    };
    const { el, host } = shown([run("a"), run("b")], { cross });
    await frame();
    expect(el.querySelector(".nntf-cross-readout")?.textContent).toContain(
      "What b decided at epoch 2, a decided most alike at epoch 4: 0.1 % of the samples differ.",
    );
    expect(el.querySelector(".nntf-cross-path path")?.getAttribute("d")).toBe("M0 1.5H1M1 2.5H2");
    host.set("pair", [1, 0]);
    await frame();
    expect(el.querySelector<HTMLElement>(".nntf-cross .nntf-square")?.hidden).toBe(true);
  });

  it("leaves nothing listening when it is closed", async () => {
    const { el, host, close } = shown([run("a")]);
    await frame();
    (close as () => void)();
    const before = el.innerHTML;
    host.set("runs", [run("other")]);
    await frame();
    expect(el.innerHTML).toBe(before);
  });
});
