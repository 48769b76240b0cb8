/** The runs in a table that sorts by any column. */

import type { ComparedRun } from "./compare";
import { element } from "./dom";
import { runMark } from "./run_mark";

type Key = Exclude<keyof ComparedRun, "colour" | "line" | "side" | "cells">;

const COLUMNS: [Key, string][] = [
  ["name", "run"],
  ["snapshots", "snapshots"],
  ["verdict", "verdict"],
  ["accuracy", "accuracy"],
  ["change_rate", "moved"],
  ["return_rate", "went back"],
  ["laminarity", "laminarity"],
  ["laminarity_band", "in band"],
  ["entropy", "entropy"],
  ["entropy_band", "in band"],
];
const TEXT = new Set<Key>(["name", "verdict"]);

export class RunTable {
  readonly root = element("div", "nntf-table-scroll");
  private readonly heads: HTMLButtonElement[];
  private readonly cells: HTMLTableCellElement[];
  private readonly body = element("tbody", "");
  private sorted: { key: Key; descending: boolean } | null = null;
  private runs: ComparedRun[] = [];
  private chosen: number | null = null;

  constructor(private readonly choose: (index: number) => void) {
    this.heads = COLUMNS.map(([key, title]) => {
      const head = element("button", "nntf-sort", { type: "button" }, title);
      head.addEventListener("click", () => this.sortBy(key));
      return head;
    });
    this.cells = this.heads.map((head, index) =>
      element("th", TEXT.has(COLUMNS[index][0]) ? "" : "nntf-number", { scope: "col" }, head),
    );
    const head = element("thead", "", {}, element("tr", "", {}, ...this.cells));
    this.root.append(
      element("table", "nntf-compare-table nntf-run-table", { "aria-label": "All runs" }, head, this.body),
    );
  }

  draw(runs: ComparedRun[], chosen: number | null): void {
    this.runs = runs;
    this.chosen = chosen;
    for (const [index, [key]] of COLUMNS.entries()) {
      const sorted = this.sorted?.key === key;
      const direction = this.sorted?.descending ? "descending" : "ascending";
      this.cells[index].setAttribute("aria-sort", sorted ? direction : "none");
    }
    this.body.replaceChildren(...this.order().map((index) => this.row(index)));
  }

  private sortBy(key: Key): void {
    const again = this.sorted?.key === key;
    this.sorted = { key, descending: again ? !this.sorted?.descending : !TEXT.has(key) };
    this.draw(this.runs, this.chosen);
  }

  /** The runs' numbers as sorted; what a run does not have comes last, whichever way. */
  private order(): number[] {
    const order = this.runs.map((_, index) => index);
    if (!this.sorted) return order;
    const { key, descending } = this.sorted;
    return order.sort((i, j) => {
      const [a, b] = [this.runs[i][key], this.runs[j][key]];
      if (a === null || b === null) return Number(a === null) - Number(b === null);
      const rising = typeof a === "string" ? a.localeCompare(String(b)) : a - Number(b);
      return descending ? -rising : rising;
    });
  }

  private row(index: number): HTMLTableRowElement {
    const run = this.runs[index];
    const link = element("button", "nntf-run-link", { type: "button", "aria-pressed": String(index === this.chosen) });
    link.append(runMark(run), element("span", "nntf-run-name", { title: run.name }, run.name));
    link.addEventListener("click", () => this.choose(index));
    const cells = COLUMNS.slice(1).map(([key]) =>
      element("td", TEXT.has(key) ? "" : "nntf-number", {}, written(key, run[key])),
    );
    return element("tr", "", {}, element("th", "", { scope: "row" }, link), ...cells);
  }
}

function written(key: Key, value: string | number | null): string {
  if (value === null || value === "") return "\u2013";
  if (typeof value === "string" || key === "snapshots") return String(value);
  return key.endsWith("_band") ? value.toFixed(2) : value.toFixed(3);
}
