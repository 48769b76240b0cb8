// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { withoutCanvas } from "../drawing/canvas.fixture";
import { hostOf } from "../hosts/host.fixture";
import { joined, writeRun } from "../run/packets.fixture";
import { Session } from "../session";
import { Moment } from "./moment";

const animals = ["cat", "dog", "frog"];
const labels = [0, 0, 1, 1, 2, 2];
const predictions = [
  [0, 0, 1, 1, 2, 2], // all as they are labelled
  [0, 1, 1, 1, 2, 2], // a cat became a dog
  [0, 1, 1, 2, 2, 0], // a dog became a frog, and a frog a cat
  [0, 1, 0, 0, 2, 0], // a dog and a frog became cats, which both are dogs
];

interface Given {
  predictions?: number[][];
  names?: string[];
  labels?: number[];
  width?: number;
}

function shown(given: Given = {}) {
  const { names = animals, width = 400 } = given;
  const run = given.predictions ?? predictions;
  const isLabelled = "labels" in given ? given.labels : labels;
  const host = hostOf(joined(writeRun(run, names.length, isLabelled)), run[0]?.length ?? 0, names);
  const session = new Session(host.model);
  const onChange = vi.fn();
  const moment = new Moment(session, onChange, () => {});
  const draw = () => moment.draw(width);
  onChange.mockImplementation(draw);
  session.watch(draw);
  draw();
  document.body.replaceChildren(moment.root);
  const part = (selector: string) => moment.root.querySelector(selector) as HTMLElement;
  const all = (selector: string) => [...moment.root.querySelectorAll<HTMLElement>(selector)];
  const choose = (name: string) => {
    const button = all("button").find(({ textContent }) => textContent === name);
    if (!button) throw new Error(`there is no ${name}`);
    button.click();
  };
  const text = (selector: string) => part(selector).textContent;
  return {
    host,
    session,
    moment,
    onChange,
    part,
    all,
    choose,
    text,
    chosen: () => all("[aria-pressed=true]").map(({ textContent }) => textContent),
    counts: () => all("[role=gridcell]").map(({ dataset }) => Number(dataset.count)),
    written: () => all("[role=gridcell]").map(({ textContent }) => textContent),
    /** The largest pairs, and the columns of their numbers. */
    ranking: () => all("tr").map((row) => [...row.children].map(({ textContent }) => textContent)),
    metrics: () => all(".nntf-moment-metrics span").map(({ textContent }) => textContent),
  };
}

beforeEach(withoutCanvas);
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("the moment in focus", () => {
  it("shows what is confused with what, by true class and predicted class", () => {
    const { session, counts, text, part, all } = shown();
    expect([text("h3"), text(".nntf-grid-axes")]).toEqual(["Epoch 3", "true \u2193  predicted \u2192"]);
    expect(counts()).toEqual([1, 1, 0, 2, 0, 0, 1, 0, 1]);
    expect(part("[role=grid]").getAttribute("aria-label")).toBe("Confusion matrix, epoch 3");
    const { row, column } = all("[role=gridcell]")[3].dataset;
    expect([row, column]).toEqual(["1", "0"]);
    session.focusOn(0);
    expect([text("h3"), counts()]).toEqual(["Epoch 0", [2, 0, 0, 0, 2, 0, 0, 0, 2]]);
  });

  it("shows what moved from where to where, and, on the diagonal, what stayed", () => {
    const { session, choose, chosen, counts, text, part } = shown();
    expect(chosen()).toEqual(["Confusion", "count"]);
    choose("Moves");
    expect(chosen()).toEqual(["Moves", "count"]);
    expect(text(".nntf-grid-axes")).toBe("from \u2193  to \u2192");
    expect(counts()).toEqual([2, 0, 0, 1, 1, 0, 1, 0, 1]);
    expect(part("[role=grid]").getAttribute("aria-label")).toBe("Moves, epoch 3");
    session.focusOn(0); // where nothing led to
    expect(counts()).toEqual(new Array(9).fill(0));
  });

  it("shows counts, or shares of the rows or of the columns", () => {
    const { choose, chosen, written, all } = shown();
    const measures = () => all("[aria-label=Numbers] button").map(({ textContent }) => textContent);
    expect(measures()).toEqual(["count", "% of true", "% of predicted"]);
    expect(written()).toEqual(["1", "1", "0", "2", "0", "0", "1", "0", "1"]);
    choose("% of true");
    expect(chosen()).toEqual(["Confusion", "% of true"]);
    expect(written()).toEqual(["50", "50", "0", "100", "0", "0", "50", "0", "50"]);
    choose("% of predicted");
    expect(written()).toEqual(["25", "100", "0", "50", "0", "0", "25", "0", "100"]);
    choose("Moves");
    expect(measures()).toEqual(["count", "% of from", "% of to"]);
    expect(chosen()).toEqual(["Moves", "% of to"]);
    choose("count");
    expect(written()).toEqual(["2", "0", "0", "1", "1", "0", "1", "0", "1"]);
  });

  it("asks to be drawn again for each choice", () => {
    const { choose, onChange } = shown();
    choose("Moves");
    choose("% of from");
    expect(onChange).toHaveBeenCalledTimes(2);
  });

  it("gives way to the rates of the run, and comes back", () => {
    const { session, moment, part, choose, chosen } = shown();
    const hidden = () => [".nntf-rates", "[role=grid]"].map((selector) => part(selector).closest("[hidden]") !== null);
    expect([hidden(), moment.unfinished]).toEqual([[true, false], null]);
    choose("Rates");
    expect([hidden(), chosen(), moment.unfinished]).toEqual([[false, true], ["Rates", "count"], session.excess]);
    expect(part("[aria-label=Numbers]").hidden).toBe(true);
    choose("Moves");
    expect([hidden(), chosen(), moment.unfinished]).toEqual([[true, false], ["Moves", "count"], null]);
  });

  it("gives way to the trajectory too", () => {
    const { moment, part, choose } = shown();
    choose("Path");
    expect([part(".nntf-trajectory").hidden, part(".nntf-grid").closest("[hidden]") !== null]).toEqual([false, true]);
    expect([moment.unfinished, moment.band]).toEqual([null, null]); // of so few epochs it is there at once
    choose("Confusion");
    expect(part(".nntf-trajectory").hidden).toBe(true);
  });

  it("has moves alone without labels", () => {
    const { all, chosen, counts, text } = shown({ labels: undefined });
    const kinds = all('[aria-label="What is shown"] button').map(({ textContent, hidden }) => [textContent, hidden]);
    expect(kinds).toEqual([
      ["Confusion", true],
      ["Moves", false],
      ["Rates", false],
      ["Recurrence", false],
      ["Path", false],
    ]);
    expect([chosen(), counts()]).toEqual([
      ["Moves", "count"],
      [2, 0, 0, 1, 1, 0, 1, 0, 1],
    ]);
    expect(text("caption")).toBe("Largest moves since epoch 2");
    expect(shown().all('[aria-label="What is shown"] button')[0].hidden).toBe(false);
  });

  it("says the metrics of its epoch, those that there are", () => {
    const { session, metrics, host, part } = shown();
    expect(metrics()).toEqual(["loss 0.25", "accuracy 0.5"]);
    session.focusOn(0);
    expect(metrics()).toEqual(["loss 1"]);
    expect(part(".nntf-moment-metrics").hidden).toBe(false);
    host.set("facts", { ...host.get("facts"), measures: {} });
    expect(part(".nntf-moment-metrics").hidden).toBe(true);
  });

  it("says what the pointer is on in the matrix", () => {
    const { all, text } = shown();
    expect(text(".nntf-grid-said")).toBe("");
    all("[role=gridcell]")[3].dispatchEvent(new MouseEvent("pointerover", { bubbles: true }));
    expect(text(".nntf-grid-said")).toBe("true dog, predicted cat: 2");
    all("[role=grid]")[0].dispatchEvent(new MouseEvent("pointerleave"));
    expect(text(".nntf-grid-said")).toBe("");
  });

  it("is not there without a snapshot", () => {
    const { part, moment } = shown({ predictions: [] });
    expect(moment.root.hidden).toBe(true);
    moment.point(0, []);
    expect(part(".nntf-moment-words").childElementCount).toBe(0);
    expect(shown().moment.root.hidden).toBe(false);
  });

  it("is another where a person goes there", () => {
    const { moment, session } = shown();
    moment.goTo(1);
    expect(session.focus).toBe(1);
  });

  it("plays no longer once it is closed", () => {
    vi.useFakeTimers();
    const { moment, session, part } = shown();
    part("[aria-label=Play]").click();
    expect(session.focus).toBe(0);
    moment.close();
    vi.runAllTimers();
    expect(session.focus).toBe(0);
    vi.useRealTimers();
  });

  it("has buttons that send no form, and headers of rows", () => {
    const { all, part } = shown();
    expect(all("button").map((button) => button.getAttribute("type"))).toEqual(all("button").map(() => "button"));
    expect(part("th").getAttribute("scope")).toBe("row");
  });
});

describe("the transition that is told of", () => {
  const when = (words: HTMLElement) => words.querySelector("strong")?.textContent ?? null;

  it("is the one that led to the epoch in focus, or the one that the pointer is on", () => {
    const { moment, session, part } = shown();
    const words = part(".nntf-moment-words");
    expect(when(words)).toBe("Epoch 2 \u2192 3: ");
    moment.point(0, []);
    expect(when(words)).toBe("Epoch 0 \u2192 1: ");
    session.focusOn(2);
    expect(when(words)).toBe("Epoch 0 \u2192 1: ");
    moment.point(null, []);
    expect(when(words)).toBe("Epoch 1 \u2192 2: ");
    session.focusOn(0);
    expect(words.textContent).toBe("");
    moment.point(3, []); // beyond the last
    expect(words.textContent).toBe("");
  });

  it("is told once while the pointer stays on it", () => {
    const { moment, part } = shown();
    moment.point(1, []);
    const told = part(".nntf-moment-words").firstChild;
    moment.point(1, []);
    expect(part(".nntf-moment-words").firstChild).toBe(told);
  });

  it("is told to be one in which the run was taken up again", () => {
    const { host, text } = shown();
    expect(text(".nntf-moment-words")).not.toContain("Resumed");
    host.set("facts", { ...host.get("facts"), resumed_at: [3] });
    expect(text(".nntf-moment-words")).toMatch(/Resumed at epoch 3\.$/);
  });
});

describe("a pinned pair", () => {
  it("shows what the later of its epochs has more of, or less", () => {
    const { host, counts, written, text, part } = shown();
    host.set("distance", "prediction");
    host.set("selected_epochs", [1, 3]);
    expect(text("h3")).toBe("Epoch 3 minus epoch 1");
    expect(counts()).toEqual([0, 0, 0, 2, -2, 0, 1, 0, -1]);
    expect(written()).toEqual(["0", "0", "0", "+2", "\u22122", "0", "+1", "0", "\u22121"]);
    expect(part("[role=grid]").getAttribute("aria-label")).toBe("Confusion matrix, epoch 3 minus 1");
    expect(part("[aria-label=Numbers]").hidden).toBe(true);
  });

  it("says how the metrics went from one to the other", () => {
    const { host, metrics } = shown();
    host.set("distance", "prediction");
    host.set("selected_epochs", [3, 0]);
    expect(metrics()).toEqual(["loss 1 \u2192 0.25", "accuracy \u2013 \u2192 0.5"]);
  });

  it("ranks what changed the most, and from what to what", () => {
    const { host, ranking, text } = shown();
    host.set("distance", "prediction");
    host.set("selected_epochs", [1, 3]);
    expect(text("caption")).toBe("Largest changes ");
    expect(ranking()).toEqual([
      ["dog seen as cat", "+2", "0 \u2192 2"],
      ["frog seen as cat", "+1", "0 \u2192 1"],
    ]);
  });

  it("is told of, unless the pointer is on a transition, until it is let go of", () => {
    const { host, moment, part, text } = shown();
    const release = part(".nntf-release");
    expect([release.hidden, text(".nntf-moment-words")]).toEqual([true, expect.not.stringContaining("compared with")]);
    host.set("selected_epochs", [1, 2]);
    expect([release.hidden, text(".nntf-moment-words")]).toEqual([false, expect.stringContaining("compared with")]);
    moment.point(0, []);
    expect([release.hidden, text(".nntf-moment-words")]).toEqual([false, expect.not.stringContaining("compared with")]);
    moment.point(null, []);
    release.click();
    expect([host.get("selected_epochs"), release.hidden]).toEqual([null, true]);
    expect(part("[aria-label=Numbers]").hidden).toBe(false);
  });

  it("of a cell with itself is told of, and leaves the epoch in focus", () => {
    const { host, text } = shown();
    host.set("selected_epochs", [1, 1]);
    expect([text("h3"), text(".nntf-moment-words")]).toEqual(["Epoch 3", expect.stringContaining("compared with")]);
  });
});

describe("the largest pairs", () => {
  it("are ranked, with their change since the epoch before", () => {
    const { session, ranking, text, choose, part } = shown();
    expect(text("caption")).toBe("Most confused since epoch 2");
    expect(ranking()).toEqual([
      ["dog seen as cat", "2", "+2"],
      ["cat seen as dog", "1", "\u00b10"],
      ["frog seen as cat", "1", "\u00b10"],
    ]);
    choose("Moves");
    expect(text("caption")).toBe("Largest moves since epoch 2");
    expect(ranking()).toEqual([
      ["dog \u2192 cat", "1", "+1"],
      ["frog \u2192 cat", "1", "\u00b10"],
    ]);
    session.focusOn(1);
    expect(ranking()).toEqual([["cat \u2192 dog", "1", "+1"]]);
    expect(part(".nntf-ranking").hidden).toBe(false);
    session.focusOn(0);
    expect(part(".nntf-ranking").hidden).toBe(true);
  });

  it("have no change at the first epoch", () => {
    const { ranking, text } = shown({ predictions: [[1, 0, 1, 1, 2, 2]] });
    expect(text("caption")).toBe("Most confused ");
    expect(ranking()).toEqual([["cat seen as dog", "1", ""]]);
  });

  it("are five at most", () => {
    const names = ["a", "b", "c", "d", "e", "f", "g"];
    const { ranking } = shown({ predictions: [[1, 2, 3, 4, 5, 6, 0]], labels: [0, 1, 2, 3, 4, 5, 6], names });
    expect(ranking().length).toBe(5);
  });

  it("are not there where a class is drilled into", () => {
    const { host, part } = shown();
    host.set("selected_class", 1);
    expect(part(".nntf-ranking").hidden).toBe(true);
  });

  it("have their names cut to the room beside the numbers, and known as a whole", () => {
    const names = ["a class of which much can be said", "another one of which much can be said", "c"];
    const cut = (width: number) => {
      const { part } = shown({ names, width });
      const name = part(".nntf-ranking bdi");
      expect(name.title).toBe(names[1]);
      return name.textContent?.length;
    };
    // The numbers take 12 + 6 and 12 + 12 pixels and 4 between, " seen as " 54; a letter takes 6.
    expect([cut(300), cut(220), cut(9999)]).toEqual([16, 10, 31]);
  });
});

describe("of many classes", () => {
  const names = Array.from({ length: 50 }, (_, class_) => `c${class_}`);
  const first = [...names.keys()];
  /** Only the last ten move. */
  const moved = first.map((class_) => (class_ < 40 ? class_ : 40 + ((class_ + 1) % 10)));

  it("those that move the least are summed, and named", () => {
    const { part, all, text } = shown({ names, predictions: [first, moved], labels: undefined });
    const headers = all("[role=rowheader]").map((header) => header.getAttribute("aria-label"));
    expect(headers).toEqual([...names.slice(0, 30), ...names.slice(40), "10 others"]);
    expect(part(".nntf-others").hidden).toBe(false);
    expect(text(".nntf-others summary")).toBe("The 40 classes that move the most; the other 10 are summed");
    expect(text(".nntf-others")).toMatch(/summedc30, c31, .*, c39$/);
    const cell = all("[role=gridcell]").at(-1);
    expect([cell?.dataset.row, cell?.dataset.column, cell?.dataset.count]).toEqual(["others", "others", "10"]);
  });

  it("these are named anew where their names change, and only there", () => {
    const { host, part, text, session } = shown({ names, predictions: [first, moved], labels: undefined });
    const before = part(".nntf-others summary");
    session.focusOn(0);
    expect(part(".nntf-others summary")).toBe(before);
    host.set("facts", { ...host.get("facts"), class_names: names.map((name) => name.toUpperCase()) });
    expect(text(".nntf-others")).toMatch(/summedC30, C31, .*, C39$/);
  });

  it("all are shown where there are few", () => {
    expect(shown().part(".nntf-others").hidden).toBe(true);
  });
});
