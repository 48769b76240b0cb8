// @vitest-environment happy-dom
import { describe, expect, it, vi } from "vitest";
import { hostOf } from "../hosts/host.fixture";
import { joined, wandering, writeRun } from "../run/packets.fixture";
import { Session } from "../session";
import { TrajectoryChart } from "./trajectory";

function shown(predictions: number[][], width = 400) {
  const host = hostOf(joined(writeRun(predictions, 3)), predictions[0]?.length ?? 0, ["cat", "dog", "frog"]);
  const session = new Session(host.model);
  const onHover = vi.fn();
  const chart = new TrajectoryChart(session, onHover);
  const draw = () => {
    for (let more = chart.unfinished; more; more = chart.unfinished) more.advance();
    chart.draw(width);
  };
  draw();
  document.body.replaceChildren(chart.root);
  const all = (selector: string) => [...chart.root.querySelectorAll(selector)];
  return {
    session,
    chart,
    onHover,
    draw,
    all,
    captions: () => all("figcaption").map((caption) => [...caption.children].map(({ textContent }) => textContent)),
    /** What is marked in each path. */
    marked: () =>
      all(".nntf-paths svg").map((path) => {
        const names = [...path.querySelectorAll(".nntf-path-marked")];
        return names.map(({ textContent }) => Number(textContent));
      }),
    rings: (of: string) => all(`.nntf-path-${of}`).map((ring) => ["cx", "cy"].map((name) => ring.getAttribute(name))),
  };
}

describe("the trajectory", () => {
  it("shows the path of the transitions and that of the predictions, and their stress", () => {
    const { captions, session, all } = shown(wandering(12, 60, 3));
    const stress = (["transition", "prediction"] as const).map((of) => session.trajectory(of)?.stress.toFixed(2));
    expect(captions()).toEqual([
      ["transitions", `stress ${stress[0]}`, ""],
      ["predictions", `stress ${stress[1]}`, ""],
    ]);
    expect(all(".nntf-paths .nntf-path-line").length).toBe(10 + 11);
    expect(all(".nntf-paths svg")[0].getAttribute("aria-label")).toBe(
      `Path of the transitions in the plane, stress ${stress[0]}`,
    );
  });

  it("marks the epoch in focus in both, a transition being that of the epoch that it leads to", () => {
    const { session, draw, rings, marked } = shown(wandering(12, 60, 3));
    session.focusOn(4);
    draw();
    expect(marked()).toEqual([[4], [4]]);
    const [of, to] = [session.trajectory("transition"), session.trajectory("prediction")];
    expect(rings("focus").length).toBe(2);
    expect([of?.size, to?.size]).toEqual([11, 12]);
    session.focusOn(0);
    draw();
    expect(marked()).toEqual([[], [0]]);
  });

  it("marks what is pointed to elsewhere, of a cell both its epochs", () => {
    const { chart, rings, marked } = shown(wandering(12, 60, 3));
    chart.point([2.5, 8.5]);
    expect(rings("pointed").length).toBe(4);
    expect(marked().map((of) => of.slice(0, 2))).toEqual([
      [3, 9],
      [3, 9],
    ]);
    chart.point([]);
    expect(rings("pointed")).toEqual([]);
  });

  it("says which epoch the pointer is on, and puts that in focus that is clicked", () => {
    const { session, draw, all, rings, onHover } = shown(wandering(12, 60, 3));
    session.focusOn(5);
    draw();
    const at = rings("focus").map(([x, y]) => ({ clientX: Number(x), clientY: Number(y), bubbles: true }));
    session.focusOn(11);
    draw();
    const paths = all(".nntf-paths svg");
    for (const [i, path] of paths.entries()) {
      path.dispatchEvent(new PointerEvent("pointermove", at[i]));
      expect(onHover).toHaveBeenLastCalledWith(5);
      path.dispatchEvent(new PointerEvent("pointermove", { clientX: -90, clientY: -90, bubbles: true }));
      expect(onHover).toHaveBeenLastCalledWith(null);
    }
    all(".nntf-paths")[0].dispatchEvent(new PointerEvent("pointerleave"));
    expect(onHover).toHaveBeenLastCalledWith(null);
    all(".nntf-paths")[0].dispatchEvent(new MouseEvent("click", at[0])); // beside the paths
    expect(session.focus).toBe(11);
    paths[1].dispatchEvent(new MouseEvent("click", at[1]));
    expect(session.focus).toBe(5);
  });

  it("has a key to its colours, which takes clicks too", () => {
    const { session, all } = shown(wandering(12, 60, 3));
    const key = all(".nntf-path-key svg")[0];
    expect(key.querySelectorAll("rect").length).toBe(12);
    expect([...key.querySelectorAll("text")].map(({ textContent }) => textContent)).toEqual([
      "0",
      "2",
      "4",
      "6",
      "8",
      "10",
      "epoch",
    ]);
    const step = (400 - 40 - 14) / 12;
    key.dispatchEvent(new MouseEvent("click", { clientX: 40 + 7.5 * step, bubbles: true }));
    expect(session.focus).toBe(7);
  });

  it("shows the epochs of the range alone, as large as there is room", () => {
    const { session, draw, all, marked } = shown(wandering(12, 60, 3));
    session.showEpochs(6, 9);
    draw();
    expect(all(".nntf-paths .nntf-path-line").length).toBe(2 + 3);
    session.focusOn(6);
    draw();
    expect(marked()).toEqual([[], [6]]); // the transition that leads to it is not shown
    session.focusOn(7);
    draw();
    expect(marked()).toEqual([[7], [7]]);
  });

  it("of a class drilled into is that of its own transitions", () => {
    const { session, draw, captions, all } = shown(wandering(12, 60, 3));
    const width = Number(all(".nntf-paths svg")[0].getAttribute("width"));
    session.select("selected_class", 1);
    draw();
    expect(session.trajectory("transition")?.matrix).toBe(session.drilled?.distance.matrix);
    expect(captions().map(([name]) => name)).toEqual(["transitions"]);
    expect(Number(all(".nntf-paths svg")[0].getAttribute("width"))).toBeGreaterThan(width);
  });

  it("says where there is nothing yet, and where all epochs are alike", () => {
    const still = [0, 1, 2, 0];
    expect(shown([]).captions()).toEqual([
      ["transitions", "", "none yet"],
      ["predictions", "", "none yet"],
    ]);
    expect(shown([still]).captions()).toEqual([
      ["transitions", "", "none yet"],
      ["predictions", "only one yet", ""],
    ]);
    expect(shown([still, still, still]).captions()[0]).toEqual(["transitions", "all alike", ""]);
  });

  it("says that it is being worked out, and shows what there is meanwhile", () => {
    const { session, chart, captions } = shown(wandering(4, 60, 3));
    const long = wandering(300, 60, 3);
    const host = hostOf(joined(writeRun(long, 3)), 60, ["cat", "dog", "frog"]);
    const other = new Session(host.model);
    const longChart = new TrajectoryChart(other, () => {});
    longChart.draw(400);
    const note = longChart.root.querySelector("figcaption")?.lastElementChild?.textContent;
    expect(note).toBe("being worked out");
    expect(longChart.unfinished).toBe(other.trajectory("transition"));
    expect(chart.unfinished).toBeNull();
    expect(session.trajectory("transition")?.isWhole).toBe(true);
    expect(captions()[0][2]).toBe("");
  });
});
