/** What is said of the run in words: a chip for each verdict, which opens its sentence, its epochs and its classes. */

import { element } from "../drawing/dom";
import type { Session, Verdict } from "../session";
import { shortNames, wordRuler } from "./class_names";

const ROOM = 120; // pixels for the name of a class

/** How good the news is that each brings. */
const NEWS: Record<string, string> = {
  converged: "good",
  converging: "good",
  diverging: "bad",
  collapsed: "bad",
  overfitting: "bad",
};

export class VerdictChips {
  readonly root = element("div", "nntf-verdicts", { role: "group", "aria-label": "Verdicts" });
  private readonly sentence = element("span", "nntf-verdict-words");
  private readonly classes = element("span", "nntf-choices", { role: "group", "aria-label": "Its classes" });
  readonly words = element("div", "nntf-verdict", { hidden: true }, this.sentence, this.classes);
  /** The one that is open. */
  private open: string | null = null;
  private chips: HTMLButtonElement[] = [];

  constructor(
    private readonly session: Session,
    private readonly onChange: () => void,
  ) {}

  /** The classes of the one that is open. */
  get marked(): number[] {
    return this.shown?.classes ?? [];
  }

  private get shown(): Verdict | null {
    return this.session.verdicts.find(({ name }) => name === this.open) ?? null;
  }

  draw(): void {
    const { verdicts } = this.session;
    const names = verdicts.map(({ name }) => name);
    if (this.chips.map(({ textContent }) => textContent).join() !== names.join()) {
      this.chips = names.map((name) => this.chip(name)); // else they stay, since one may have the focus
      this.root.replaceChildren(...this.chips);
    }
    for (const [i, chip] of this.chips.entries()) {
      chip.title = verdicts[i].sentence;
      chip.setAttribute("aria-expanded", String(names[i] === this.open));
    }
    const { shown } = this;
    if (!shown) this.open = null;
    this.words.hidden = !shown;
    if (shown) this.say(shown);
  }

  private chip(name: string): HTMLButtonElement {
    const chip = element("button", `nntf-verdict-chip nntf-${NEWS[name] ?? "mixed"}-news`, { type: "button" }, name);
    chip.addEventListener("click", () => this.toggle(name));
    return chip;
  }

  private toggle(name: string): void {
    const { session } = this;
    this.open = this.open === name ? null : name;
    if (this.shown) session.showEpochs(...this.shown.epochs);
    else session.select("epoch_range", null);
    this.onChange();
  }

  private say({ sentence, classes }: Verdict): void {
    const names = shortNames(this.session, classes, ROOM, wordRuler(this.classes));
    this.sentence.textContent = sentence;
    this.classes.hidden = classes.length === 0;
    const known = [...this.classes.children].map(({ textContent }) => textContent);
    if (known.join("\0") === names.join("\0")) return; // one of them may have the focus
    this.classes.replaceChildren(...classes.map((class_, i) => this.drill(class_, names[i])));
  }

  private drill(class_: number, name: string): HTMLButtonElement {
    const title = this.session.className(class_);
    const button = element("button", "nntf-choice", { type: "button", title }, name);
    button.addEventListener("click", () => this.session.select("selected_class", class_));
    return button;
  }
}
