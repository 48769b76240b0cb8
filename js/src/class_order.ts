/** Which classes the strip shows, and in which order. */

import type { Run } from "./run";

export type ClassSort = "given" | "name" | "share" | "change" | "oscillation";

/** The order's names; what a share is depends on whether there are labels. */
export const SORTS: [ClassSort, (labelled: boolean) => string][] = [
  ["given", () => "in their order"],
  ["name", () => "by name"],
  ["share", (labelled) => (labelled ? "lowest recall first" : "most predicted first")],
  ["change", () => "most change first"],
  ["oscillation", () => "most back and forth first"],
];

/** The classes whose name holds `search`, in order; those alike stay in the order of their ids. */
export function classOrder(run: Run, names: (class_: number) => string, sort: ClassSort, search: string): number[] {
  const wanted = search.trim().toLocaleLowerCase();
  const all = Array.from({ length: run.numClasses }, (_, class_) => class_);
  const found = wanted ? all.filter((class_) => names(class_).toLocaleLowerCase().includes(wanted)) : all;
  if (sort === "name") {
    const { compare } = new Intl.Collator(undefined, { numeric: true });
    return found.sort((a, b) => compare(names(a), names(b)) || a - b);
  }
  if (sort === "given" || run.length === 0) return found;
  return found.sort((a, b) => measure(run, sort, b) - measure(run, sort, a) || a - b);
}

function measure(run: Run, sort: ClassSort, class_: number): number {
  if (sort === "change") return run.moveCounts[class_];
  if (sort === "oscillation") return run.returnCounts[class_];
  const share = run.classShare(run.length - 1, class_);
  if (Number.isNaN(share)) return Number.NEGATIVE_INFINITY;
  return run.labels ? -share : share;
}
