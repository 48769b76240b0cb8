/** Slim learning curves on the epoch axis, for hosts where the kernel's own charts do not exist. */

import { element, svg } from "./dom";
import type { EpochAxis } from "./epoch_axis";
import type { Run } from "./run";
import type { Session } from "./session";
import { fitted } from "./text";

const HEIGHT = 48;

export class SlimCurves {
  readonly root = element("div", "nntf-slim-curves");

  draw(axis: EpochAxis, { run, drilled, drilledName }: Session): void {
    const names = [...new Set(run.metrics.flatMap((metrics) => Object.keys(metrics)))];
    const curves = names.map((name) => curve(axis, name, series(run, name)));
    const share = (moved: number[]) => [null, ...moved.map((samples) => samples / run.numSamples)];
    if (run.transitions.length)
      curves.push(curve(axis, "share moved", share(run.transitions.map(({ moved }) => moved))));
    if (drilled) curves.push(curve(axis, `moves of ${drilledName}`, share(drilled.moves)));
    this.root.replaceChildren(...curves.map((drawn) => element("div", "nntf-curve", {}, drawn)));
  }
}

function series(run: Run, name: string): (number | null)[] {
  return run.metrics.map((metrics) => metrics[name] ?? null);
}

function curve(axis: EpochAxis, name: string, values: (number | null)[]): SVGElement {
  const known = values.slice(axis.first, axis.last + 1).filter((value) => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const y = (value: number) => HEIGHT - 6 - ((value - low) / (high - low || 1)) * (HEIGHT - 12);
  let path = "";
  for (const [t, value] of values.entries()) {
    if (value === null) continue;
    const joined = t > 0 && values[t - 1] !== null;
    path += `${joined ? "L" : "M"}${axis.offset(t).toFixed(1)} ${y(value).toFixed(1)}`;
  }
  const last = known.at(-1);
  return svg(
    "svg",
    { width: axis.left + axis.extent + 20, height: HEIGHT, role: "img", "aria-label": `${name} by epoch` },
    svg("line", { class: "nntf-tick", x1: axis.left, x2: axis.left + axis.extent, y1: HEIGHT - 1, y2: HEIGHT - 1 }),
    svg(
      "svg",
      { class: "nntf-plot", x: axis.left, width: axis.extent, height: HEIGHT },
      svg("path", { class: "nntf-curve-line", d: path }),
    ),
    svg("text", { x: axis.left - 8, y: HEIGHT / 2 - 2, "text-anchor": "end" }, fitted(name, axis.left - 10)),
    svg("text", { class: "nntf-strong", x: axis.left - 8, y: HEIGHT / 2 + 12, "text-anchor": "end" }, number(last)),
  );
}

function number(value: number | undefined): string {
  return value === undefined ? "" : value.toPrecision(3);
}
