/** One run on the page, shared by all views of it, and what is selected in it. */

import type { AnyModel } from "@anywidget/types";
import { ClassDrill } from "./class_drill";
import type { ClassSort } from "./class_order";
import type { SampleOrder } from "./class_samples";
import { Feed } from "./feed";
import { type PartnerColours, partnerColours } from "./partner_colours";
import { Playback } from "./playback";
import type { Run } from "./run";
import { SampleContents, type SampleReply } from "./sample_contents";
import { shortened } from "./text";
import type { Chosen, Distance, Facts, Traits } from "./traits";
import type { Triangle } from "./triangle";

/** A cell of a matrix shown. */
export interface Cell {
  row: number;
  column: number;
  /** Whether it compares two transitions, rather than two snapshots. */
  between: boolean;
}

/** A matrix to show. */
export interface Layer {
  matrix: Triangle;
  /** The value shown as 1. */
  unit: number;
  /** Whether it has a cell for each transition, between two snapshots, rather than for each snapshot. */
  between: boolean;
  half: "whole" | "above" | "below";
  /** Cells with values from the first to the second are brought out. */
  band: readonly [number, number] | null;
}

/** What a person has chosen that lives on the page alone. */
export interface Choices {
  /** The other class of the pair drilled into. */
  partner: number | null;
  /** Null for the first that a class or pair has. */
  sampleOrder: SampleOrder | null;
  classSort: ClassSort;
  /** Part of the names to show. */
  classSearch: string;
}

/** The traits whose change is something new to draw. */
const DRAWN = [
  "facts",
  "distance",
  "selected_class",
  "selected_epochs",
  "selected_samples",
  "epoch_range",
  "band",
  "epoch",
] as const;

export class Session {
  readonly choices: Choices = { partner: null, sampleOrder: null, classSort: "given", classSearch: "" };
  readonly contents: SampleContents;
  readonly playback = new Playback(this);
  private readonly feed: Feed;
  private classDrill: ClassDrill | null = null;
  private pairDrill: ClassDrill | null = null;
  private readonly views = new Set<() => void>();

  constructor(readonly model: AnyModel<Traits>) {
    this.contents = new SampleContents(model);
    this.feed = new Feed(model, () => this.changed());
    model.on("msg:custom", this.receive);
    model.on("change:selected_class", this.enterClass);
    model.on("change:sample_bytes", this.forgetContents);
    for (const trait of DRAWN) model.on(`change:${trait}`, this.changed);
  }

  /** Calls `view` whenever there is something new to draw; returns what ends that. */
  watch(view: () => void): () => void {
    this.views.add(view);
    return () => this.views.delete(view);
  }

  close(): void {
    this.playback.pause();
    this.feed.close();
    this.model.off("msg:custom", this.receive);
    this.model.off("change:selected_class", this.enterClass);
    this.model.off("change:sample_bytes", this.forgetContents);
    for (const trait of DRAWN) this.model.off(`change:${trait}`, this.changed);
    this.views.clear();
  }

  get run(): Run {
    return this.feed.run;
  }

  /** Whether a packet is missing or damaged, so that what is shown is not the last state. */
  get outOfStep(): boolean {
    return this.feed.outOfStep;
  }

  /** Whether the page knows of a run and has nothing of it: it was too large to be saved. */
  get unsaved(): boolean {
    return this.feed.unsaved;
  }

  get facts(): Facts {
    return this.model.get("facts");
  }

  /** The snapshots shown before which the run was interrupted. */
  get resumedAt(): number[] {
    return this.facts.resumed_at.map((snapshot) => Math.ceil(snapshot / this.run.every));
  }

  /** The snapshots shown in whose time capture failed somewhere, ascending. */
  get incomplete(): number[] {
    const shown = this.facts.incomplete.map((snapshot) => Math.ceil(snapshot / this.run.every));
    return [...new Set(shown)].filter((snapshot) => snapshot < this.run.length);
  }

  get distance(): Distance {
    return this.model.get("distance");
  }

  /** The class, or the pair of classes, drilled into, with its own fingerprint; null for the whole. */
  get drilled(): ClassDrill | null {
    const class_ = this.model.get("selected_class");
    if (class_ === null || class_ < 0 || class_ >= this.run.numClasses) return null;
    this.classDrill = this.drill(this.classDrill, class_, null);
    const { partner } = this.choices;
    if (partner === null || partner === class_ || partner >= this.run.numClasses) return this.classDrill;
    this.pairDrill = this.drill(this.pairDrill, class_, partner);
    return this.pairDrill;
  }

  /** The colours of the partners that have one, the busiest first; the same in a class and in its pairs. */
  get partnerColours(): PartnerColours {
    const { drilled } = this;
    return drilled && this.classDrill ? partnerColours(this.classDrill, drilled.partner) : new Map();
  }

  /** The matrices to show: a class's own, or the whole run's. */
  get layers(): Layer[] {
    const { run, band } = this;
    if (this.drilled) return [{ matrix: this.drilled.distance, unit: 1, between: true, half: "whole", band }];
    const split = this.distance === "both";
    const moves = { matrix: run.transitionDistance, unit: 1, between: true, band };
    const states = { matrix: run.predictionDistance, unit: Math.max(run.numSamples, 1), between: false, band: null };
    const layers: Layer[] = [];
    if (this.distance !== "prediction") layers.push({ ...moves, half: split ? "above" : "whole" });
    if (this.distance !== "transition") layers.push({ ...states, half: split ? "below" : "whole" });
    return layers;
  }

  /** What the matrices shown hold, in words. */
  get matrixName(): string {
    if (this.drilled) return `Distance of this ${this.drilled.partner === null ? "class" : "pair"}'s moves`;
    if (this.distance === "both") return "Transition distance above, predictions below";
    return this.distance === "transition" ? "Transition distance" : "Share of samples predicted differently";
  }

  /** What the ends of their colours mean. */
  get scaleEnds(): [string, string] {
    return this.distance === "prediction" && !this.drilled ? ["0 %", "100 %"] : ["alike 0", "1 unlike"];
  }

  /** The cell at a row and a column, where a matrix shown has it. */
  cell(row: number, column: number): Cell | null {
    const layer = this.layers.find(({ half }) => half === "whole" || half === (row > column ? "below" : "above"));
    const inside = layer && Math.min(row, column) >= 0 && Math.max(row, column) < layer.matrix.size;
    return inside ? { row, column, between: layer.between } : null;
  }

  /** The pinned cell, where a matrix shown has it. */
  get pinned(): Cell | null {
    const pinned = this.model.get("selected_epochs");
    return pinned && this.cell(...pinned);
  }

  /** Pins a cell, or lets go of it where it is pinned; none lets go of any. */
  pin(cell: Cell | null): void {
    const { pinned } = this;
    const again = cell && pinned?.row === cell.row && pinned.column === cell.column;
    this.select("selected_epochs", cell && !again ? [cell.row, cell.column] : null);
  }

  /** The first and last snapshot shown. */
  get epochs(): [number, number] {
    const last = Math.max(this.run.length - 1, 0);
    const [from, to] = this.model.get("epoch_range") ?? [0, last];
    return from < to && from < last ? [Math.max(from, 0), Math.min(to, last)] : [0, last];
  }

  /** The snapshot stepped to, or the latest; the moves shown are those that led to it. */
  get epoch(): number {
    const last = this.run.length - 1;
    return Math.min(Math.max(this.model.get("epoch") ?? last, 1), last);
  }

  /** The band of distances brought out; null for none. As single precision, which is what the matrices have. */
  get band(): [number, number] | null {
    const [low, high] = Array.from(this.model.get("band") ?? [], Math.fround);
    return low <= high ? [low, high] : null;
  }

  get selectedSamples(): ReadonlySet<number> {
    return new Set(this.model.get("selected_samples"));
  }

  /** The class or the pair drilled into, in words; empty for the whole. */
  get drilledName(): string {
    const { drilled } = this;
    if (!drilled) return "";
    const { class_, partner } = drilled;
    return [class_, ...(partner === null ? [] : [partner])].map((id) => shortened(this.className(id))).join(" \u21c4 ");
  }

  className(class_: number): string {
    const name = this.facts.class_names[class_] ?? "";
    return /[\p{L}\p{N}\p{P}\p{S}]/u.test(name) ? name : String(class_); // nothing to see is no name
  }

  /** Sets a trait of the page; what is drawn does not wait for the kernel. */
  select<Name extends keyof Chosen>(name: Name, value: Traits[Name]): void {
    this.model.set(name, value);
    this.model.save_changes();
  }

  /** Does the same while it still changes; the kernel is told by the `select` that ends it. */
  preview<Name extends keyof Chosen>(name: Name, value: Traits[Name]): void {
    this.model.set(name, value);
  }

  /** Chooses what the kernel does not know of. */
  choose(choices: Partial<Choices>): void {
    Object.assign(this.choices, choices);
    this.changed();
  }

  /** Drills into what two classes trade with each other. */
  openPair(class_: number, partner: number): void {
    this.select("selected_class", class_);
    this.choose({ partner });
  }

  private drill(known: ClassDrill | null, class_: number, partner: number | null): ClassDrill {
    const same = known?.run === this.run && known.class_ === class_ && known.partner === partner;
    const drill = same ? known : new ClassDrill(this.run, class_, partner);
    drill.catchUp();
    return drill;
  }

  private readonly forgetContents = () => {
    this.contents.forget();
    this.changed();
  };

  private readonly enterClass = () => this.choose({ partner: null });

  /** Has all views drawn again. */
  readonly changed = () => {
    for (const view of this.views) view();
  };

  private readonly receive = (content: { type?: string }, buffers: DataView[]) => {
    if (content?.type !== "sample") return;
    this.contents.receive(content as SampleReply, buffers);
    this.changed();
  };
}
