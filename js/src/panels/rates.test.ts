// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { hostOf } from "../hosts/host.fixture";
import { joined, wandering, writeRun } from "../run/packets.fixture";
import { Session } from "../session";
import { RateCharts } from "./rates";

function shown(predictions: number[][], numClasses = 3, width = 400) {
  const host = hostOf(joined(writeRun(predictions, numClasses)), predictions[0]?.length ?? 0, ["cat", "dog", "frog"]);
  const session = new Session(host.model);
  const rates = new RateCharts(session);
  const draw = () => rates.draw(width);
  draw();
  document.body.replaceChildren(rates.root);
  const all = (selector: string) => [...rates.root.querySelectorAll(selector)];
  return {
    host,
    session,
    draw,
    all,
    captions: () => all("figcaption").map((caption) => [...caption.children].map(({ textContent }) => textContent)),
    texts: (plot: number) => [...all("svg")[plot].querySelectorAll("text")].map(({ textContent }) => textContent),
  };
}

const still = [0, 1, 2, 0];
/** The first sample goes to and fro, the second moves once. */
const predictions = [still, [1, 1, 2, 0], [0, 2, 2, 0], [1, 2, 2, 0]];

describe("the rates", () => {
  it("say what moved, went straight back and has settled at the epoch in focus", () => {
    const { session, draw, captions } = shown(predictions);
    expect(captions().slice(0, 3)).toEqual([
      ["moved", "25.0 %", "of all samples, epoch 2 \u2192 3"],
      ["went straight back", "100.0 %", "of those that moved, epoch 2 \u2192 3"],
      ["settled", "100.0 %", "have not moved since epoch 3; half of all since epoch 0"],
    ]);
    session.focusOn(2);
    draw();
    expect(captions().map(([, value]) => value)).toEqual(["50.0 %", "50.0 %", "75.0 %", "\u2013"]);
    session.focusOn(0);
    draw();
    expect(captions()[0]).toEqual(["moved", "\u2013", "of all samples, from epoch 1 on"]);
    expect(captions()[2][1]).toBe("50.0 %");
  });

  it("mark the epoch in focus in their plots, where it is shown", () => {
    const { session, draw, all } = shown(wandering(12, 60, 3));
    const marks = () => all(".nntf-side-mark").map((mark) => Number(mark.getAttribute("x1")));
    expect(marks()[0]).toBeLessThan(marks()[2]); // a transition lies half an epoch before the one that it leads to
    session.focusOn(2);
    session.showEpochs(4, 9);
    draw();
    expect(marks()).toEqual([]);
    session.focusOn(6);
    draw();
    expect(marks().length).toBe(3);
  });

  it("put the epoch in focus that is clicked", () => {
    const { session, all } = shown(wandering(12, 60, 3));
    const click = (at: Element, clientX: number) =>
      at.dispatchEvent(new MouseEvent("click", { clientX, bubbles: true }));
    const step = (400 - 40 - 14) / 12;
    click(all(".nntf-side-epochs")[1], 40 + 7.5 * step);
    expect(session.focus).toBe(7);
    click(all("figcaption")[0], 40 + 2.5 * step);
    click(all("svg")[3], 40 + 2.5 * step);
    click(all("svg")[0], 4);
    expect(session.focus).toBe(7);
  });

  it("name the period after which the moves come back", () => {
    const [there, back] = wandering(2, 200, 3);
    const { captions, texts, all } = shown(Array.from({ length: 14 }, (_, t) => (t % 2 ? back : there)));
    const [name, period, neighbours] = captions()[3];
    expect([name, period]).toEqual(["beyond chance, by lag", "repeats every 2 epochs"]);
    expect(neighbours).toMatch(/^\u22120\.\d\d to the next epoch, \u22120\.\d\d to the next but one$/);
    const numbers = texts(3).slice(2);
    expect(numbers.slice(0, 7)).toEqual(["lag", "1", "2", "3", "4", "5", "6"]);
    expect(numbers[8]).toBe(neighbours?.match(/epoch, (\u2212[\d.]+)/)?.[1]);
    expect(all("svg")[3].getAttribute("aria-label")).toContain(`lag 2: ${numbers[8]}`);
    expect(all("svg")[3].querySelectorAll(".nntf-side-mark").length).toBe(1);
  });

  it("say that there is no period, or that it cannot be told", () => {
    expect(shown(wandering(14, 60, 3)).captions()[3][1]).toBe("no period");
    expect(shown([still, still, still, still, still, still]).captions()[3][2]).toBe("too few moved to tell");
  });

  it("are nothing before the first epoch", () => {
    expect(shown([]).captions()).toEqual([]);
    expect(
      shown([still])
        .captions()
        .map(([, value]) => value),
    ).toEqual(["\u2013", "\u2013", "100.0 %", "\u2013"]);
  });
});
