/** One view of a run: arranges its panels, draws what is new once a frame, and answers the keyboard. */

import { tellAxis, tellClass, tellPointed } from "./chart_links";
import { ClassStrip } from "./class_strip";
import { SlimCurves } from "./curves";
import { element } from "./dom";
import { EpochAxis } from "./epoch_axis";
import { ConfusionChart, FlowChart } from "./flows";
import { Heatmap } from "./heatmap";
import { mark } from "./marks";
import { Minimap } from "./minimap";
import { Moments } from "./moments";
import { epochsListed, grouped } from "./numbers";
import { Partners } from "./partners";
import { type Pointed, Readout } from "./readout";
import type { Run } from "./run";
import { SampleRows } from "./sample_rows";
import { SaveMenu } from "./saving";
import { Scrubber } from "./scrubber";
import type { Session } from "./session";
import { summary } from "./summary";
import { shortened } from "./text";
import type { Distance } from "./traits";
import { Verdicts } from "./verdicts";

const DISTANCES: [Distance, string][] = [
  ["transition", "Transitions"],
  ["prediction", "Predictions"],
  ["both", "Both"],
];

const TOLD = 5000; // milliseconds

/** What Escape lets go of, in this order. */
const LET_GO = ["selected_epochs", "selected_class", "epoch_range"] as const;

export class View {
  private readonly title = element("h3", "nntf-title");
  private readonly status = element("span", "nntf-status nntf-quiet");
  private readonly back = element("button", "nntf-back", { type: "button" }, "\u2190 All classes");
  private readonly choices: HTMLButtonElement[];
  private readonly verdicts = new Verdicts();
  private readonly notes = element("div", "nntf-notes", { role: "status" });
  private readonly spoken = element("div", "nntf-spoken", { "aria-live": "polite" });
  private readonly saved = element("span", "nntf-saved nntf-quiet", { role: "status" });
  private readonly summary = element("p", "nntf-spoken");
  private readonly column = element("div", "nntf-column");
  private readonly heatmap: Heatmap;
  private readonly flows: FlowChart;
  private readonly confusion: ConfusionChart;
  private readonly samples: SampleRows;
  private readonly strip: ClassStrip;
  private readonly curves = new SlimCurves();
  private readonly readout: Readout;
  private readonly partners: Partners;
  private readonly scrubber: Scrubber;
  private readonly minimap: Minimap;
  private readonly moments: Moments;
  private readonly marker = element("div", "nntf-marker", { hidden: true });
  private readonly resizing: ResizeObserver;
  private readonly unwatch: () => void;
  private frame = 0;
  /** Pixels that the epoch column has, and what stands beside it. */
  private width = 0;
  private beside = 0;
  private told: ReturnType<typeof setTimeout> | undefined;
  private telling: ReturnType<typeof setTimeout> | undefined;
  private axis = new EpochAxis(1, 0);
  private drilledBefore: number | null = null;
  private pointed: Pointed = null;

  constructor(
    private readonly root: HTMLElement,
    private readonly session: Session,
  ) {
    this.heatmap = new Heatmap(session, (cell, by) => {
      this.point(cell && { cell });
      if (cell && by === "keys") this.spoken.textContent = this.readout.spoken;
    });
    const openPair = (partner: number) => session.choose({ partner });
    this.flows = new FlowChart(
      session,
      (transition) => this.point(transition === null ? null : { transition }),
      openPair,
    );
    this.confusion = new ConfusionChart(
      session,
      (confused) => this.point(confused === null ? null : { confused }),
      openPair,
    );
    this.samples = new SampleRows(session, (epoch) => this.point(epoch === null ? null : { epoch }));
    this.strip = new ClassStrip(session, (place) => this.point(place && { place }));
    this.readout = new Readout(session);
    this.partners = new Partners(session, openPair);
    this.scrubber = new Scrubber(session);
    this.minimap = new Minimap(session);
    this.moments = new Moments(session);
    this.choices = DISTANCES.map(([distance, name]) => {
      const button = element("button", "nntf-choice", { type: "button" }, name);
      button.addEventListener("click", () => session.select("distance", distance));
      return button;
    });
    this.back.addEventListener("click", () => this.goBack());
    this.arrange();
    root.addEventListener("keydown", this.onKey);
    this.resizing = new ResizeObserver(() => this.resized());
    this.resizing.observe(this.column);
    this.resizing.observe(this.moments.root);
    this.unwatch = session.watch(() => this.schedule());
    this.schedule();
  }

  close(): void {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.told);
    clearTimeout(this.telling);
    this.unwatch();
    this.resizing.disconnect();
    this.root.removeEventListener("keydown", this.onKey);
    for (const part of [this.heatmap, this.flows, this.confusion, this.samples, this.strip]) part.close();
    tellPointed(this.session, null);
    this.root.replaceChildren();
  }

  private arrange(): void {
    const menu = new SaveMenu(this.session, this.root, (words) => this.tell(words));
    const header = element(
      "header",
      "nntf-header",
      {},
      this.back,
      this.title,
      this.status,
      element(
        "div",
        "nntf-actions",
        {},
        this.saved,
        element("div", "nntf-choices", { role: "group", "aria-label": "Distance" }, ...this.choices),
        menu.root,
      ),
    );
    this.column.append(
      this.heatmap.root,
      this.scrubber.root,
      this.minimap.root,
      this.flows.root,
      this.confusion.root,
      this.samples.root,
      this.strip.root,
      this.curves.root,
      this.marker,
    );
    this.root.classList.add("nntf");
    this.root.tabIndex = -1;
    this.root.role = "region";
    this.root.replaceChildren(
      header,
      this.summary,
      this.verdicts.root,
      this.notes,
      element(
        "div",
        "nntf-body",
        {},
        this.column,
        element("div", "nntf-beside", {}, this.readout.root, this.moments.root, this.partners.root),
      ),
      this.spoken,
    );
  }

  /** Says for a moment what was saved. */
  private tell(words: string): void {
    this.saved.textContent = words;
    clearTimeout(this.told);
    this.told = setTimeout(() => this.saved.replaceChildren(), TOLD);
  }

  /** Draws anew what got another width; heights follow from what is drawn. */
  private resized(): void {
    const widths = [this.column.clientWidth, this.moments.root.clientWidth];
    if (widths[0] !== this.width || widths[1] !== this.beside) this.schedule();
  }

  private schedule(): void {
    if (!this.frame) this.frame = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    this.frame = 0;
    const { run, drilled } = this.session;
    this.beside = this.moments.root.clientWidth; // read before anything is drawn, which would have it laid out twice
    this.width = this.column.clientWidth;
    this.axis = new EpochAxis(this.width, run.length, this.session.epochs);
    this.heatmap.draw(this.axis);
    this.describe();
    this.scrubber.draw(this.axis);
    this.minimap.draw(this.axis);
    this.moments.draw(this.beside);
    this.flows.draw(this.axis);
    this.confusion.draw(this.axis);
    this.samples.draw(this.axis);
    this.strip.draw(this.axis);
    this.curves.draw(this.axis, this.session);
    this.readout.draw(this.pointed);
    this.partners.draw();
    this.mark();
    const snapshots = String(run.length);
    if (this.root.dataset.snapshots !== snapshots && run.length)
      this.spoken.textContent = `epoch ${run.length - 1} added`;
    Object.assign(this.root.dataset, {
      snapshots,
      distance: this.session.distance,
      class: drilled ? String(drilled.class_) : "",
      partner: String(drilled?.partner ?? ""),
      cellsDrawn: String(this.heatmap.cellsDrawn),
    });
    mark("nntf:painted", run.length - 1);
    const class_ = drilled?.class_ ?? null;
    if (class_ !== this.drilledBefore) performance.mark("nntf:drilled", { detail: { class: class_ } });
    this.drilledBefore = class_;
    clearTimeout(this.telling);
    this.telling = setTimeout(() => this.tellCharts());
  }

  /** Has the charts beside the fingerprint follow once it is painted: they take longer than all that is drawn here. */
  private tellCharts(): void {
    tellAxis(this.session, this.axis);
    tellClass(this.session);
  }

  private describe(): void {
    const { session } = this;
    const { run, facts, drilled } = session;
    this.title.textContent = this.heading();
    this.root.ariaLabel = facts.title;
    const { pool } = this.heatmap;
    const pooled = pool > 1 ? ` \u00b7 each pixel the mean of ${pool} \u00d7 ${pool} cells` : "";
    const { resumedAt } = session;
    const gaps = resumedAt.length ? ` \u00b7 interrupted before epoch ${resumedAt.join(", ")}` : "";
    this.status.textContent = session.unsaved ? "" : status(run, facts.every * run.every) + gaps + pooled;
    this.summary.textContent = summary(session);
    this.back.hidden = drilled === null;
    this.back.textContent =
      drilled && drilled.partner !== null
        ? `\u2190 Class \u201c${shortened(session.className(drilled.class_))}\u201d`
        : "\u2190 All classes";
    for (const [index, [distance]] of DISTANCES.entries()) {
      this.choices[index].setAttribute("aria-pressed", String(session.distance === distance));
      this.choices[index].disabled = drilled !== null;
    }
    this.verdicts.draw(facts.verdicts);
    const notes = [...facts.faults, ...incompleteOf(session), ...notesOf(session)];
    this.notes.hidden = notes.length === 0;
    this.notes.replaceChildren(...notes.map((note) => element("div", "nntf-note", {}, note)));
  }

  private heading(): string {
    const { session } = this;
    const { drilled } = session;
    if (!drilled) return session.facts.title;
    const name = shortened(session.className(drilled.class_));
    if (drilled.partner === null) return `Class \u201c${name}\u201d`;
    return `\u201c${name}\u201d \u21c4 \u201c${shortened(session.className(drilled.partner))}\u201d`;
  }

  /** From a pair to its class, from a class to all. */
  private goBack(): void {
    const { session } = this;
    if (session.drilled && session.drilled.partner !== null) session.choose({ partner: null });
    else session.select("selected_class", null);
  }

  private point(pointed: Pointed): void {
    this.pointed = pointed;
    this.heatmap.hover(pointed && "cell" in pointed ? pointed.cell : null);
    this.readout.draw(pointed);
    this.mark();
  }

  /** Marks the epoch pointed at, or else the one stepped to. */
  private mark(): void {
    const { axis } = this;
    const epoch = this.epochOf(this.pointed) ?? this.session.model.get("epoch");
    const seen = epoch !== null && epoch >= axis.first - 0.5 && epoch <= axis.last + 0.5;
    this.marker.hidden = !seen;
    if (seen) this.marker.style.left = `${axis.left + axis.offset(epoch)}px`;
    tellPointed(this.session, seen ? epoch : null);
  }

  private epochOf(pointed: Pointed): number | null {
    if (!pointed) return null;
    if ("place" in pointed) return pointed.place.epoch;
    if ("transition" in pointed) return pointed.transition + 0.5;
    if ("confused" in pointed) return pointed.confused;
    if ("epoch" in pointed) return pointed.epoch;
    return pointed.cell.column + (pointed.cell.between ? 0.5 : 0);
  }

  private readonly onKey = (event: KeyboardEvent) => {
    if (event.key.startsWith("Arrow")) event.stopPropagation(); // the notebook would go to another cell
    if (event.key !== "Escape") return;
    const { session } = this;
    const trait = LET_GO.find((name) => session.model.get(name) !== null);
    if (!trait) return;
    event.preventDefault();
    event.stopPropagation();
    if (trait === "selected_class") this.goBack();
    else session.select(trait, null);
  };
}

function incompleteOf({ incomplete }: Session): string[] {
  if (incomplete.length === 0) return [];
  return [`Captured only in part, so that samples may have kept an older class: ${epochsListed(incomplete)}.`];
}

/** What a reader has to know of the log that is shown. */
function notesOf({ outOfStep, unsaved, run }: Session): string[] {
  if (unsaved) return ["The run was too large to be saved here; the kernel, where there is one, has it."];
  if (outOfStep) return ["Out of step: an epoch is missing or damaged; waiting for the kernel."];
  if (run.every === 1) return [];
  return [`To keep the notebook small, only one snapshot in ${run.every} was saved; the kernel has them all.`];
}

function status({ length: snapshots, numSamples, numClasses }: Run, every: number): string {
  if (snapshots === 0) return "waiting for the first epoch";
  const epochs = every > 1 ? `snapshots, one in ${every} epochs, counted as epochs here` : "epochs";
  const parts = [
    `${snapshots} ${snapshots === 1 ? "epoch" : epochs}`,
    `${grouped(numSamples)} samples`,
    `${numClasses} classes`,
  ];
  if (snapshots === 1) parts.push("waiting for the second epoch");
  return parts.join(" \u00b7 ");
}
