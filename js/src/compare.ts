/** The comparison of runs: small multiples, a table, recall by class, and the distance of two runs. */

import "./styles.css";
import "./compare.css";
import type { AnyModel, RenderProps } from "@anywidget/types";
import { ClassTable } from "./class_table";
import { cssScale } from "./colour";
import { CrossPlot } from "./cross_plot";
import { element } from "./dom";
import { RunTable } from "./run_table";
import { SmallMultiples } from "./small_multiples";

/** A run in the comparison; numbers that it does not have are null. */
export interface ComparedRun {
  name: string;
  snapshots: number;
  accuracy: number | null;
  change_rate: number | null;
  return_rate: number | null;
  verdict: string;
  laminarity_band: number | null;
  laminarity: number | null;
  entropy_band: number | null;
  entropy: number | null;
  colour: string;
  line: "solid" | "dashed" | "dotted";
  /** The fingerprint's cells along a side, and their distances, 0 to 255. */
  side: number;
  cells: DataView;
}

/** The share of samples that two runs predict differently, 0 to 255: rows are the first run's snapshots. */
export interface Cross {
  pair: [number, number];
  rows: number;
  columns: number;
  /** A row or a column stands for every so many-th snapshot. */
  every: number;
  shares: DataView;
  /** For each column the row where the share is least, and this share. */
  nearest: number[];
  least: number[];
}

export interface CompareTraits {
  runs: ComparedRun[];
  classes: { names: string[]; recall: DataView } | Record<string, never>;
  cross: Cross | Record<string, never>;
  note: string;
  chosen: number | null;
  pair: [number, number];
}

const TRAITS = ["runs", "classes", "cross", "note", "chosen", "pair"] as const;

class CompareView {
  private readonly note = element("p", "nntf-note", { role: "status" });
  private readonly count = element("span", "nntf-status nntf-quiet");
  private readonly multiples: SmallMultiples;
  private readonly table: RunTable;
  private readonly classes = new ClassTable();
  private readonly cross: CrossPlot;
  private frame = 0;

  constructor(
    root: HTMLElement,
    private readonly model: AnyModel<CompareTraits>,
  ) {
    const choose = (index: number) => {
      model.set("chosen", model.get("chosen") === index ? null : index);
      model.save_changes();
    };
    this.multiples = new SmallMultiples(choose);
    this.table = new RunTable(choose);
    this.cross = new CrossPlot((pair) => {
      model.set("pair", pair);
      model.save_changes();
      this.schedule();
    });
    root.classList.add("nntf", "nntf-compare");
    const title = element("h3", "nntf-title", {}, "Comparison of runs");
    const tables = element("div", "nntf-compare-tables", {}, this.table.root, this.classes.root);
    root.append(
      element("header", "nntf-header", {}, title, this.count, colourScale()),
      this.note,
      element("div", "nntf-compare-body", {}, this.multiples.root, this.cross.root, tables),
    );
    for (const trait of TRAITS) model.on(`change:${trait}`, this.schedule);
    this.schedule();
  }

  close(): void {
    cancelAnimationFrame(this.frame);
    for (const trait of TRAITS) this.model.off(`change:${trait}`, this.schedule);
  }

  private readonly schedule = () => {
    if (!this.frame) this.frame = requestAnimationFrame(() => this.draw());
  };

  private draw(): void {
    this.frame = 0;
    const { model } = this;
    const runs = model.get("runs");
    const note = model.get("note");
    this.note.hidden = !note;
    this.note.textContent = note;
    this.count.textContent = `${runs.length} ${runs.length === 1 ? "run" : "runs"} \u00b7 click one for all of it`;
    this.multiples.draw(runs, model.get("chosen"));
    this.table.draw(runs, model.get("chosen"));
    this.classes.draw(runs, model.get("classes"));
    this.cross.draw(runs, model.get("pair"), model.get("cross"));
    performance.mark("nntf:compared", { detail: { runs: runs.length } });
  }
}

/** The colours of all squares, whose rows and columns are epochs. */
function colourScale(): HTMLElement {
  const bar = element("span", "nntf-compare-scale", { style: `background: ${cssScale()}` });
  const words = element("span", "", {}, "rows and columns: epochs \u00b7 0 alike");
  return element("span", "nntf-compare-legend nntf-quiet", {}, words, bar, element("span", "", {}, "1 unlike"));
}

export default {
  render({ model, el }: RenderProps<CompareTraits>) {
    const root = document.createElement("div");
    el.classList.add("nntf-fingerprint");
    el.append(root);
    const view = new CompareView(root, model);
    return () => view.close();
  },
};
