/** One run on the page: fed by the model's messages, shared by all views of it, and what is selected in it. */

import type { AnyModel } from "@anywidget/types";
import { ClassDrill } from "./run/class_drill";
import { busiest } from "./run/class_matrix";
import type { Comparison, Rough } from "./run/comparison";
import { excessOf } from "./run/excess";
import { LagProfile } from "./run/lag_profile";
import { Traffic } from "./run/moment";
import { Outcomes } from "./run/outcomes";
import { Rates } from "./run/rates";
import { type Definition, Recurrence } from "./run/recurrence";
import { Replay } from "./run/replay";
import { Run } from "./run/run";
import { Trajectory } from "./run/trajectory";
import type { Triangle } from "./run/triangle";
import { readLog, readMetrics, readPacket, WireError } from "./run/wire";

export interface Facts {
  num_samples: number | null;
  num_classes: number | null;
  class_names: string[];
  /** What a snapshot is called: "epoch", or "snapshot" where they are taken at other times. */
  unit: string;
  faults: string[];
  /** Why no more snapshots will come; null while they may. */
  ended: string | null;
  /** The snapshots before which the run was interrupted and taken up again. */
  resumed_at: number[];
  /** The metrics that are drawn together, by what they measure, and the split of the data that each is of. */
  measures: Record<string, Record<string, string>>;
}

/** What is said of the run, and the epochs and classes that are the evidence. */
export interface Verdict {
  name: string;
  epochs: [first: number, last: number];
  classes: number[];
  sentence: string;
}

/** A cell of the matrix shown. */
export interface Cell {
  row: number;
  column: number;
}

export type Distance = "transition" | "prediction" | "both" | "excess";

/** A matrix that is shown: whole, or one side of its diagonal where two share the square. */
export interface Layer {
  matrix: Triangle;
  /** Cells along each side, of which the matrix may have fewer as yet. */
  size: number;
  /** Where it has fewer: a rough picture of its cells from `first` on to `end`, of `least` cells each at least. */
  rough: ((first: number, end: number, least: number) => Rough) | null;
  /** What it holds, in words. */
  name: string;
  /** What its values are shares of. */
  unit: number;
  /** Whether it has a cell for each transition, rather than for each snapshot. */
  ofTransitions: boolean;
  /** Whether its values lie on both sides of 0, rather than from 0 to 1. */
  isCentred: boolean;
  part: "whole" | "above" | "below";
}

/** The first and the last snapshot of some; a last one of null is the newest. */
type EpochRange = [first: number, last: number | null];

/** The traits; those of Python first, then the page's. */
export interface Traits {
  facts: Facts;
  log: DataView;
  verdicts: Verdict[];
  distance: Distance;
  selected_class: number | null;
  selected_epochs: [number, number] | null;
  focused_epoch: number | null;
  epoch_range: EpochRange | null;
  /** The height to fit the epoch column into, in CSS pixels. */
  height: number;
}

/** The traits of the page. */
type Selection = "distance" | "selected_class" | "selected_epochs" | "focused_epoch" | "epoch_range";

/** Those traits a change of which may change everything that is drawn. */
const FOLLOWED = ["facts", "distance", "selected_class", "selected_epochs", "epoch_range", "height"] as const;

/** What there is to draw: everything, or the moment in focus or the verdicts alone. */
export type Change = "everything" | "moment" | "verdicts";

export class Session {
  run = new Run();
  /** Whether a packet is missing that the kernel was asked for. */
  outOfStep = false;
  /** What is wrong with the log that the page was given; null where it is whole. The run is what is good of it. */
  damage: string | null = null;
  // What was derived from the run last, extended as it grows.
  private knownDrill: ClassDrill | null = null;
  private knownExcess: Comparison | null = null;
  private knownLagProfile: LagProfile | null = null;
  private knownRates: Rates | null = null;
  private readonly knownRecurrences = new Map<string, Recurrence>();
  private readonly knownTrajectories = new WeakMap<Triangle, Trajectory>();
  private knownOutcomes: Outcomes | null = null;
  private knownReplay: Replay | null = null;
  private knownTraffic: Traffic | null = null;
  private knownBusiest: { snapshots: number; classes: number[] } | null = null;
  private readonly views = new Set<(change: Change) => void>();

  constructor(readonly model: AnyModel<Traits>) {
    this.readLog();
    model.on("msg:custom", this.receive);
    model.on("change:log", this.readLog);
    for (const trait of FOLLOWED) model.on(`change:${trait}`, this.changed);
    model.on("change:focused_epoch", this.refocused);
    model.on("change:verdicts", this.judged);
  }

  /** Calls `view` whenever there is something new to draw; returns what ends that. */
  watch(view: (change: Change) => void): () => void {
    this.views.add(view);
    return () => this.views.delete(view);
  }

  close(): void {
    this.model.off("msg:custom", this.receive);
    this.model.off("change:log", this.readLog);
    for (const trait of FOLLOWED) this.model.off(`change:${trait}`, this.changed);
    this.model.off("change:focused_epoch", this.refocused);
    this.model.off("change:verdicts", this.judged);
    this.views.clear();
  }

  get facts(): Facts {
    return this.model.get("facts");
  }

  /** The seams of the run, as places on the epoch axis: between two snapshots. */
  get seams(): number[] {
    return this.facts.resumed_at.filter((t) => t < this.run.length).map((t) => t - 0.5);
  }

  get verdicts(): Verdict[] {
    return this.model.get("verdicts");
  }

  get distance(): Distance {
    return this.model.get("distance");
  }

  /** The class drilled into, with its own fingerprint; null for the whole. */
  get drilled(): ClassDrill | null {
    const class_ = this.model.get("selected_class");
    if (class_ === null || class_ < 0 || class_ >= this.run.numClasses) return null;
    if (this.knownDrill?.class_ !== class_) this.knownDrill = new ClassDrill(this.run, class_);
    this.knownDrill.catchUp();
    return this.knownDrill;
  }

  /** What became of the samples that moved, of the class drilled into or of all; null without labels. */
  get outcomes(): Outcomes | null {
    const { labels } = this.run;
    if (!labels) return null;
    const class_ = this.drilled?.class_ ?? null;
    if (this.knownOutcomes?.class_ !== class_ || this.knownOutcomes.labels !== labels) {
      this.knownOutcomes = new Outcomes(this.run, labels, class_);
    }
    this.knownOutcomes.catchUp();
    return this.knownOutcomes;
  }

  /** The snapshot in focus: the newest, until a person picks another; -1 where there is none. */
  get focus(): number {
    const newest = this.run.length - 1;
    return Math.min(Math.max(this.model.get("focused_epoch") ?? newest, 0), newest);
  }

  /** Puts a snapshot in focus, in place of a pinned pair; on the newest, the focus stays with the run as it grows. */
  focusOn(epoch: number): void {
    this.model.set("selected_epochs", null);
    this.select("focused_epoch", epoch >= this.run.length - 1 ? null : Math.max(epoch, 0));
  }

  /** The range that was picked; null where all snapshots are shown, or the run has not come to two of it. */
  get pickedRange(): EpochRange | null {
    const range = this.model.get("epoch_range");
    return range && range[0] < this.run.length - 1 ? range : null;
  }

  /** The first and the last snapshot that all plots show; the last is -1 where there are none. */
  get range(): [first: number, last: number] {
    const newest = this.run.length - 1;
    const [first, last] = this.pickedRange ?? [0, null];
    return [first, Math.min(last ?? newest, newest)];
  }

  /** Shows the snapshots from one to another, at least two; with the newest at its end, the range keeps up with it. */
  showEpochs(from: number, to: number): void {
    const newest = this.run.length - 1;
    const first = Math.max(Math.min(from, to, newest - 1), 0);
    const last = Math.max(from, to, first + 1);
    const end = last >= newest ? null : last;
    this.select("epoch_range", first === 0 && end === null ? null : [first, end]);
  }

  /** The pinned cell of the matrix shown; null where none is pinned, or it is not in the matrix. */
  get pinned(): Cell | null {
    const [row, column] = this.model.get("selected_epochs") ?? [-1, -1];
    return this.holds({ row, column }) ? { row, column } : null;
  }

  /** Whether the matrix shown has a cell. */
  holds(cell: Cell): boolean {
    const { row, column } = cell;
    return Math.min(row, column) >= 0 && Math.max(row, column) < this.layerOf(cell).size;
  }

  /** The two snapshots that the pinned cell compares, the earlier first; null where there are not two. */
  get compared(): [earlier: number, later: number] | null {
    if (!this.pinned || this.pinned.row === this.pinned.column) return null;
    const { row, column } = this.pinned;
    const ends = this.layerOf(this.pinned).ofTransitions ? 1 : 0; // a transition counts as the snapshot that it leads to
    return [Math.min(row, column) + ends, Math.max(row, column) + ends];
  }

  /** The classes of all samples, at any snapshot. */
  get replay(): Replay {
    this.knownReplay ??= new Replay(this.run);
    return this.knownReplay;
  }

  /** The classes that have a row and a column of their own in a matrix over classes: those that move the most. */
  get busiest(): number[] {
    const { length } = this.run;
    if (this.knownBusiest?.snapshots !== length) {
      this.knownTraffic ??= new Traffic(this.run);
      this.knownTraffic.catchUp();
      this.knownBusiest = { snapshots: length, classes: busiest(this.knownTraffic.byClass) };
    }
    return this.knownBusiest.classes;
  }

  /** What is shown where the page works it out by itself: beyond chance, or of a class; null where the kernel did. */
  get comparison(): Comparison | null {
    const { drilled } = this;
    const shown = this.distance === "excess" ? (drilled?.excess ?? this.excess) : drilled?.distance;
    shown?.catchUp();
    return shown ?? null;
  }

  /** The whole run's transitions, beyond chance. */
  get excess(): Comparison {
    this.knownExcess ??= excessOf(this.run);
    this.knownExcess.catchUp();
    return this.knownExcess;
  }

  /** The mean distance beyond chance at each lag; null while that distance is being worked out. */
  get lagProfile(): LagProfile | null {
    const { matrix, isWhole } = this.excess;
    if (!isWhole) return null;
    this.knownLagProfile ??= new LagProfile(matrix);
    this.knownLagProfile.catchUp();
    return this.knownLagProfile;
  }

  /** The rates of the whole run; null before its first snapshot. */
  get rates(): Rates | null {
    if (this.run.length === 0) return null;
    this.knownRates ??= new Rates(this.run);
    this.knownRates.catchUp();
    return this.knownRates;
  }

  /** The recurrence of the transition distance, of the class drilled into or of all; null while that is worked out. */
  recurrence(definition: Definition): Recurrence | null {
    const matrix = this.transitionDistance;
    if (!matrix) return null;
    const key = JSON.stringify(definition); // views may have different ones
    let known = this.knownRecurrences.get(key);
    if (known?.matrix !== matrix) known = new Recurrence(matrix, definition);
    this.knownRecurrences.set(key, known);
    known.catchUp();
    return known;
  }

  /** The path of the transitions, of the class drilled into or of all, or of the predictions; null as above. */
  trajectory(of: "transition" | "prediction"): Trajectory | null {
    const matrix = of === "transition" ? this.transitionDistance : this.run.predictionDistance;
    if (!matrix) return null;
    const known = this.knownTrajectories.get(matrix) ?? new Trajectory(matrix);
    this.knownTrajectories.set(matrix, known);
    known.catchUp();
    return known;
  }

  /** The transition distance of the class drilled into, or of all; null while it is worked out. */
  private get transitionDistance(): Triangle | null {
    const distance = this.drilled?.distance;
    distance?.catchUp();
    if (distance?.isWhole === false) return null;
    return distance?.matrix ?? this.run.transitionDistance;
  }

  /** What the square over the epoch axis shows: a class's own matrix, one of the whole run's, or two of these. */
  get layers(): Layer[] {
    const { run, drilled, distance, comparison } = this;
    const transitions = {
      ...whole(run.transitionDistance),
      name: "Transition distance",
      unit: 1,
      ofTransitions: true,
      isCentred: false,
    };
    const predictions = {
      ...whole(run.predictionDistance),
      name: "Share predicted differently",
      unit: Math.max(run.numSamples, 1),
      ofTransitions: false,
      isCentred: false,
    };
    if (comparison) {
      const isCentred = distance === "excess";
      const name = `Distance${isCentred ? " beyond chance" : ""}${drilled ? " of this class" : ""}`;
      const { matrix, size, isWhole } = comparison;
      const rough = isWhole ? null : comparison.sampled.bind(comparison);
      return [{ ...transitions, matrix, size, rough, name, isCentred, part: "whole" }];
    }
    if (distance === "both") {
      return [
        { ...transitions, part: "above" },
        { ...predictions, part: "below" },
      ];
    }
    return [{ ...(distance === "transition" ? transitions : predictions), part: "whole" }];
  }

  /** Whether a transition distance is shown, rather than what is beyond chance or of predictions alone. */
  get showsTransitions(): boolean {
    return this.layers.some(isTransitionDistance);
  }

  /** The layer that a cell is in; where there are two, the cells of the diagonal are in the one below. */
  layerOf({ row, column }: Cell): Layer {
    const [first, second] = this.layers;
    return second && column <= row ? second : first;
  }

  className(class_: number): string {
    return this.facts.class_names[class_] ?? String(class_);
  }

  /** The names of all classes. */
  get classNames(): string[] {
    return Array.from({ length: this.run.numClasses }, (_, class_) => this.className(class_));
  }

  /** Sets a trait of the page; what is drawn does not wait for the kernel. */
  select<Name extends Selection>(name: Name, value: Traits[Name]): void {
    this.model.set(name, value);
    this.model.save_changes();
  }

  /** Sets traits by which links in the page align the kernel's charts with the plots; the kernel is not told. */
  align(alignment: Record<string, unknown>): void {
    const model = this.model as unknown as AnyModel<Record<string, unknown>>;
    for (const [name, value] of Object.entries(alignment)) {
      if (JSON.stringify(model.get(name)) !== JSON.stringify(value)) model.set(name, value);
    }
  }

  private readonly changed = () => {
    for (const view of this.views) view("everything");
  };

  private readonly refocused = () => {
    for (const view of this.views) view("moment");
  };

  private readonly judged = () => {
    for (const view of this.views) view("verdicts");
  };

  private readonly receive = (content: { type?: string; t?: number }, buffers?: DataView[]) => {
    if (content?.type !== "snapshot" && content?.type !== "metrics") return;
    try {
      if (content.type === "metrics") {
        this.run.amend(content.t ?? -1, readMetrics(buffers?.[0]));
      } else {
        const packet = readPacket(buffers?.[0]);
        performance.mark("nntf:received", { detail: { t: packet.t } });
        if (packet.t < this.run.length) return;
        this.run.append(packet);
      }
    } catch (error) {
      this.fallOutOfStep(error);
    }
    this.changed();
  };

  private readonly readLog = () => {
    this.run = new Run();
    this.knownDrill = this.knownOutcomes = this.knownReplay = this.knownTraffic = this.knownBusiest = null;
    this.knownExcess = this.knownLagProfile = this.knownRates = null;
    this.knownRecurrences.clear();
    this.outOfStep = false;
    const wasDamaged = this.damage !== null;
    this.damage = null;
    const log = this.model.get("log");
    try {
      if (log) for (const packet of readLog(log)) this.run.append(packet);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.damage = error.message;
      if (!wasDamaged) this.model.send({ type: "resend" }); // once: the kernel, if there is one, may have it whole
    }
    this.changed();
  };

  private fallOutOfStep(error: unknown): void {
    if (!(error instanceof WireError)) throw error;
    if (this.damage !== null) return;
    if (!this.outOfStep) this.model.send({ type: "resend" });
    this.outOfStep = true;
  }
}

/** Whether a layer holds a transition distance, of all classes or of one. */
export function isTransitionDistance({ ofTransitions, isCentred }: Layer): boolean {
  return ofTransitions && !isCentred;
}

function whole(matrix: Triangle): Pick<Layer, "matrix" | "size" | "rough"> {
  return { matrix, size: matrix.size, rough: null };
}
