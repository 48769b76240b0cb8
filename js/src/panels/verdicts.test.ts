// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";
import { withoutCanvas } from "../drawing/canvas.fixture";
import { hostOf } from "../hosts/host.fixture";
import { joined, wandering, writeRun } from "../run/packets.fixture";
import { Session, type Verdict } from "../session";
import { VerdictChips } from "./verdicts";

const converging: Verdict = { name: "converging", epochs: [1, 11], classes: [0, 2], sentence: "Ever fewer." };
const oscillating: Verdict = { name: "oscillating", epochs: [4, 9], classes: [], sentence: "<b>To and fro.</b>" };

function shown(verdicts: Verdict[], names = ["cat", "dog", "frog"]) {
  const host = hostOf(joined(writeRun(wandering(12, 60, 3), 3)), 60, names);
  host.set("verdicts", verdicts);
  const session = new Session(host.model);
  const draw = () => chips.draw();
  const chips = new VerdictChips(session, draw);
  session.watch(draw);
  draw();
  document.body.replaceChildren(chips.root, chips.words);
  const buttons = () => [...chips.root.querySelectorAll("button")];
  const classes = () => [...chips.words.querySelectorAll("button")];
  return { host, chips, session, buttons, classes, words: chips.words };
}

beforeEach(withoutCanvas);

describe("the verdicts", () => {
  it("are a chip each, with its news and its sentence", () => {
    const { buttons, words } = shown([converging, oscillating]);
    expect(buttons().map(({ textContent, title }) => [textContent, title])).toEqual([
      ["converging", "Ever fewer."],
      ["oscillating", "<b>To and fro.</b>"],
    ]);
    expect(buttons().map(({ className }) => /nntf-(\w+)-news/.exec(className)?.[1])).toEqual(["good", "mixed"]);
    expect(words.hidden).toBe(true);
  });

  it("open their sentence, as text, and show their epochs; a second click closes it and shows all", () => {
    const { buttons, session, words } = shown([converging, oscillating]);
    buttons()[1].click();
    expect([words.hidden, words.textContent]).toEqual([false, "<b>To and fro.</b>"]);
    expect(session.range).toEqual([4, 9]);
    expect(buttons().map((chip) => chip.getAttribute("aria-expanded"))).toEqual(["false", "true"]);
    buttons()[0].click();
    expect(session.range).toEqual([1, 11]);
    expect(session.pickedRange).toEqual([1, null]); // it keeps up with the newest
    buttons()[0].click();
    expect([words.hidden, session.pickedRange]).toEqual([true, null]);
  });

  it("lead to their classes", () => {
    const { chips, buttons, classes, session } = shown([converging]);
    expect(chips.marked).toEqual([]);
    buttons()[0].click();
    expect(classes().map(({ textContent }) => textContent)).toEqual(["cat", "frog"]);
    expect(chips.marked).toEqual([0, 2]);
    classes()[1].click();
    expect(session.drilled?.class_).toBe(2);
  });

  it("keep the focus on what stays as the run goes on", () => {
    const { host, buttons, classes, words } = shown([converging, oscillating]);
    const [chip] = buttons();
    chip.click();
    const [cat] = classes();
    host.set("verdicts", [{ ...converging, sentence: "Fewer still." }, oscillating]);
    expect(buttons()[0]).toBe(chip);
    expect(classes()[0]).toBe(cat);
    expect(words.textContent).toBe("Fewer still.catfrog");
    host.set("verdicts", [{ ...converging, classes: [1] }]);
    expect(classes().map(({ textContent }) => textContent)).toEqual(["dog"]);
  });

  it("close where what was said holds no longer", () => {
    const { host, buttons, words } = shown([converging]);
    buttons()[0].click();
    host.set("verdicts", [oscillating]);
    expect([words.hidden, buttons().length]).toEqual([true, 1]);
    host.set("verdicts", [converging]);
    expect(words.hidden).toBe(true);
  });
});
