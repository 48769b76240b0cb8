// @vitest-environment happy-dom
import { describe, expect, it, vi } from "vitest";
import { hostOf } from "../hosts/host.fixture";
import { joined, wandering, writeRun } from "../run/packets.fixture";
import { lowEnd, Recurrence } from "../run/recurrence";
import { Session } from "../session";
import { RecurrenceCharts } from "./recurrence";

/** Puts a part where the kernel's charts lie beside it. */
function withinKernelsLayout(part: HTMLElement): void {
  const layout = document.createElement("div");
  layout.className = "nntf-layout";
  layout.append(part);
}

const run = wandering(14, 60, 3);
const WIDTH = 454; // 20 pixels a band

function shown(predictions = run) {
  const host = hostOf(joined(writeRun(predictions, 3)), predictions[0]?.length ?? 0, ["cat", "dog", "frog"]);
  const session = new Session(host.model);
  const onChange = vi.fn();
  const charts = new RecurrenceCharts(session, onChange);
  const draw = () => charts.draw(WIDTH);
  onChange.mockImplementation(draw);
  session.watch(draw);
  draw();
  document.body.replaceChildren(charts.root);
  const all = (selector: string) => [...charts.root.querySelectorAll<HTMLElement>(selector)];
  const slider = all("[role=slider]")[0];
  const bandAt = (band: number) => ({ clientX: 40 + 20 * band + 5, bubbles: true });
  return {
    host,
    session,
    charts,
    draw,
    onChange,
    all,
    slider,
    press: (key: string) => slider.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true })),
    click: (band: number) => slider.dispatchEvent(new MouseEvent("click", bandAt(band))),
    point: (band: number) => slider.dispatchEvent(new MouseEvent("pointermove", bandAt(band))),
    choose: (name: string) =>
      all("button")
        .find(({ textContent }) => textContent === name)
        ?.click(),
    pressed: () => all("[aria-pressed=true]").map(({ textContent }) => textContent),
    captions: () => all("figcaption").map((caption) => [...caption.children].map(({ textContent }) => textContent)),
    words: () => all(".nntf-band-words")[0].textContent,
    entropy: () => all("figcaption")[1].textContent,
  };
}

/** What the charts are of. */
function measured({ session }: { session: Session }, convention: "paper" | "standard", hasDiagonal: boolean) {
  const recurrence = new Recurrence(session.run.transitionDistance, { convention, hasDiagonal });
  recurrence.advance();
  return { bands: recurrence.bands, best: recurrence.best[recurrence.best.length - 1] };
}

describe("recurrence", () => {
  it("says the best bands, in either convention and with the main diagonal or without", () => {
    const view = shown();
    for (const [convention, name] of [
      ["paper", "Paper"],
      ["standard", "Textbook"],
    ] as const) {
      view.choose(name);
      for (const hasDiagonal of [true, false]) {
        const { laminarity, entropy } = measured(view, convention, hasDiagonal).best;
        const said = view.captions().map(([, value]) => value);
        expect(said.slice(0, 2)).toEqual([
          laminarity?.value.toFixed(3),
          entropy ? `${entropy.value.toFixed(3)} nats` : "\u2013",
        ]);
        expect(view.pressed()).toEqual(hasDiagonal ? [name, "Main diagonal"] : [name]);
        view.choose("Main diagonal");
      }
    }
  });

  it("has a bar for every band that has a measure above 0, the best of them standing out", () => {
    const view = shown();
    const { bands, best } = measured(view, "paper", true);
    const bars = view.all("svg").map((plot) => [...plot.querySelectorAll(".nntf-bar")]);
    expect(bars[0].length).toBe(bands.filter(({ laminarity }) => laminarity > 0).length);
    expect(bars[1].length).toBe(bands.filter(({ entropy }) => entropy > 0).length);
    const strong = bars.slice(0, 2).map((some) => some.filter((bar) => bar.getAttribute("opacity") === "1"));
    expect(strong.map((some) => some.length)).toEqual([1, 1]);
    const place = (Number(strong[0][0].getAttribute("x")) - 40.5) / 20;
    expect(place).toBeCloseTo(best.laminarity?.band as number, 6);
  });

  it("marks the band that is clicked, says it, and lets go of it at a second click", () => {
    const view = shown();
    const { bands } = measured(view, "paper", true);
    expect([view.charts.band, view.words()]).toEqual([null, "Choose a band to mark its cells."]);
    view.click(9);
    expect(view.charts.band).toBe(9);
    const { laminarity, entropy, cells } = bands[9];
    const said = `Distances 0.45\u20130.50: laminarity ${laminarity.toFixed(3)}, entropy ${entropy.toFixed(3)}, ${cells} cells off the diagonal`;
    expect([view.words(), view.slider.getAttribute("aria-valuetext")]).toEqual([said, said]);
    expect(view.all(".nntf-side-shade").length).toBe(2);
    view.point(3);
    expect(view.words()).toMatch(/^Distances 0.15\u20130.20: /);
    view.slider.dispatchEvent(new MouseEvent("pointerleave"));
    expect(view.words()).toBe(said);
    view.click(9);
    expect([view.charts.band, view.slider.getAttribute("aria-valuetext")]).toEqual([null, "none"]);
  });

  it("is led from band to band by the keys, which it keeps for itself", () => {
    const view = shown();
    const heard = vi.fn();
    document.body.addEventListener("keydown", heard);
    view.press("ArrowRight");
    expect(view.charts.band).toBe(measured(view, "paper", true).best.laminarity?.band);
    const bands = ["End", "ArrowRight", "ArrowLeft", "Home", "ArrowLeft", "ArrowRight"].map((key) => {
      view.press(key);
      return view.charts.band;
    });
    expect(bands).toEqual([19, 19, 18, 0, 0, 1]);
    view.press("Escape");
    expect(view.charts.band).toBeNull();
    expect(heard).not.toHaveBeenCalled();
    view.press("Escape");
    expect(heard).toHaveBeenCalledTimes(1); // there is nothing to let go of
    document.body.removeEventListener("keydown", heard);
  });

  it("shows the transition distance when a band of it is chosen", () => {
    const view = shown();
    view.session.select("distance", "excess");
    view.click(4);
    expect(view.session.distance).toBe("transition");
    view.session.select("distance", "both");
    view.click(5);
    expect(view.session.distance).toBe("both"); // it is there above the diagonal
  });

  it("says where the best entropy is nothing but the main diagonal", () => {
    const still = shown(Array.from({ length: 8 }, () => [0, 1, 2])); // all distances are 0
    expect([measured(still, "paper", true).best.entropy?.band, still.entropy()]).toEqual([
      0,
      expect.stringContaining("distances 0.00"),
    ]);
    const other = shown(run);
    expect(measured(other, "paper", true).bands[0].cells).toBe(0);
    expect(other.entropy()).toContain("the main diagonal alone");
    other.choose("Main diagonal");
    expect(other.entropy()).not.toContain("main diagonal");
  });

  it("says which bands were best at the epoch in focus, and marks it", () => {
    const { session, captions, all } = shown();
    session.focusOn(6);
    const recurrence = new Recurrence(session.run.transitionDistance, { convention: "paper", hasDiagonal: true });
    recurrence.advance();
    const { laminarity } = recurrence.best[5];
    expect(captions()[2][2]).toBe("epoch 6");
    expect(captions()[2][3]).toContain(`laminarity 0.${String(5 * (laminarity?.band ?? 0)).padStart(2, "0")}`);
    expect(all(".nntf-best-bands .nntf-side-dot").length).toBe(2);
    const step = 400 / 14;
    all(".nntf-best-bands svg")[0].dispatchEvent(new MouseEvent("click", { clientX: 40 + 3.5 * step, bubbles: true }));
    expect(session.focus).toBe(3);
  });

  it("leaves its curves over time to the kernel's chart, where there is one", () => {
    const { session, charts, draw, all } = shown();
    withinKernelsLayout(charts.root);
    session.focusOn(6);
    draw();
    expect(all(".nntf-best-bands path, .nntf-best-bands circle").length).toBe(0);
    const recurrence = new Recurrence(session.run.transitionDistance, { convention: "paper", hasDiagonal: true });
    recurrence.advance();
    const model = session.model as unknown as { get(name: string): unknown };
    const middles = (measure: "laminarity" | "entropy") =>
      recurrence.best.map((each) => (each[measure] ? lowEnd(each[measure].band) + 0.025 : Number.NaN));
    expect(model.get("bands_best")).toEqual([middles("laminarity"), middles("entropy")]);
    expect(model.get("bands_places")).toEqual(recurrence.best.map((_, t) => t + 0.5));
    expect(model.get("bands_focus")).toEqual([5.5, 5.5]);
    session.focusOn(0);
    draw();
    expect(model.get("bands_focus")).toEqual([-1, -1]); // nothing led to it: beyond the axis
  });

  it.each([1, 2])("hands it curves that it can draw after %i epochs too", (epochs) => {
    const { charts, draw, session } = shown(run.slice(0, epochs));
    withinKernelsLayout(charts.root);
    draw();
    const model = session.model as unknown as { get(name: string): unknown };
    const [laminarity, entropy] = model.get("bands_best") as number[][];
    expect([laminarity, entropy].map((curve) => curve.length)).toEqual([2, 2]);
    expect((model.get("bands_places") as number[]).length).toBe(2);
    expect([...laminarity, ...entropy].some(Number.isNaN)).toBe(false);
  });

  it("is that of the class drilled into", () => {
    const { session, captions } = shown();
    const whole = captions();
    session.select("selected_class", 1);
    const drilled = session.drilled?.distance.matrix;
    const recurrence = new Recurrence(drilled as never, { convention: "paper", hasDiagonal: true });
    recurrence.advance();
    expect(captions()).not.toEqual(whole);
    expect(captions()[0][1]).toBe(recurrence.best.at(-1)?.laminarity?.value.toFixed(3));
  });

  it("is nothing before the second transition", () => {
    const { captions } = shown(run.slice(0, 1));
    expect(captions().map(([, value]) => value)).toEqual(["\u2013", "\u2013", ""]);
  });
});
