/** Which classes the runs differ in: each class's recall at each run's last epoch, the widest apart first. */

import type { ComparedRun, CompareTraits } from "./compare";
import { element } from "./dom";
import { runMark } from "./run_mark";

const MOST = 12; // classes shown

interface Ranked {
  class_: number;
  best: number;
  spread: number;
}

export class ClassTable {
  readonly root = element("section", "nntf-class-table-room", { "aria-label": "Recall by class" });

  draw(runs: ComparedRun[], classes: CompareTraits["classes"]): void {
    const ranked = classes.names ? apart(runs.length, classes.names.length, classes.recall) : [];
    this.root.hidden = ranked.length === 0 || runs.length < 2;
    if (!classes.names || this.root.hidden) return;
    const { names, recall } = classes;
    const shown = ranked.slice(0, MOST);
    const heads = shown.map(({ class_ }) => {
      const name = element("span", "nntf-class-name", { title: names[class_] }, names[class_]);
      return element("th", "nntf-number", { scope: "col" }, name);
    });
    const rows = runs.map((run, index) => {
      const name = element("span", "nntf-run-name", { title: run.name }, run.name);
      const cells = shown.map(({ class_, best }) => cell(at(recall, index * names.length + class_), best));
      return element("tr", "", {}, element("th", "", { scope: "row" }, runMark(run), name), ...cells);
    });
    const spreads = shown.map(({ spread }) => element("td", "nntf-number", {}, spread.toFixed(2)));
    const rest = ranked.length - shown.length;
    const title = `Recall by class, last epoch${rest > 0 ? `; ${rest} more classes are less far apart` : ""}`;
    this.root.replaceChildren(
      element("h4", "nntf-compare-title", {}, title),
      element(
        "div",
        "nntf-table-scroll",
        {},
        element(
          "table",
          "nntf-compare-table nntf-class-table",
          {},
          element("thead", "", {}, element("tr", "", {}, element("td", ""), ...heads)),
          element("tbody", "", {}, ...rows),
          element("tfoot", "", {}, element("tr", "", {}, element("th", "", { scope: "row" }, "apart"), ...spreads)),
        ),
      ),
    );
  }
}

/** A recall, marked by how far it falls short of the best run's. */
function cell(recall: number, best: number): HTMLTableCellElement {
  const known = !Number.isNaN(recall);
  const made = element("td", "nntf-number nntf-recall", {}, known ? recall.toFixed(2).replace(/^0/, "") : "\u2013");
  if (known) made.style.setProperty("--short", (best - recall).toFixed(3));
  return made;
}

/** The classes by how far apart the runs' recalls are; only those that a run knows. */
function apart(runs: number, count: number, recall: DataView): Ranked[] {
  const ranked = Array.from({ length: count }, (_, class_) => {
    const values = Array.from({ length: runs }, (_, run) => at(recall, run * count + class_)).filter(Number.isFinite);
    const best = Math.max(...values);
    return { class_, best, spread: best - Math.min(...values) };
  });
  return ranked.filter(({ spread }) => Number.isFinite(spread)).sort((a, b) => b.spread - a.spread);
}

function at(recall: DataView, index: number): number {
  return recall.getFloat32(4 * index, true);
}
