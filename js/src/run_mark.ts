/** The sign of a run, as its curves are drawn. */

import type { ComparedRun } from "./compare";
import { element } from "./dom";

export function runMark({ colour, line }: Pick<ComparedRun, "colour" | "line">, title?: string): HTMLElement {
  return element("span", "nntf-run-mark", { style: `border-top: 3px ${line} ${colour}`, title });
}
