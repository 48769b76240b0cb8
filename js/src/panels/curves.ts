/** Slim learning curves on the epoch axis, for hosts where the kernel's own charts do not exist. */

import { element, svg } from "../drawing/dom";
import type { EpochAxis } from "../drawing/epoch_axis";
import { seamLines } from "../drawing/seams";
import type { Run } from "../run/run";
import type { Session } from "../session";

const HEIGHT = 48;

export class SlimCurves {
  readonly root = element("div", "nntf-slim-curves");
  private axis: EpochAxis | null = null;

  constructor(onPick: (epoch: number) => void) {
    this.root.addEventListener("click", ({ clientX }) => {
      const epoch = this.axis?.epochAt(clientX - this.root.getBoundingClientRect().left - this.axis.left) ?? null;
      if (epoch !== null) onPick(epoch);
    });
  }

  draw(axis: EpochAxis, session: Session): void {
    this.axis = axis;
    const { run, seams } = session;
    const { unit } = session.facts;
    const names = [...new Set(run.metrics.flatMap((metrics) => Object.keys(metrics)))];
    const drawn = (name: string, values: (number | null)[]) => curve(axis, name, unit, values, seams);
    const curves = names.map((name) => drawn(name, series(run, name)));
    this.root.replaceChildren(...curves.map((plot) => element("div", "nntf-curve", {}, plot)));
  }
}

function series(run: Run, name: string): (number | null)[] {
  return run.metrics.map((metrics) => metrics[name] ?? null);
}

function curve(axis: EpochAxis, name: string, unit: string, values: (number | null)[], seams: number[]): SVGElement {
  const known = values.filter((value) => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const y = (value: number) => HEIGHT - 6 - ((value - low) / (high - low || 1)) * (HEIGHT - 12);
  let path = "";
  for (const [t, value] of values.entries()) {
    if (value === null) continue;
    const joined = t > 0 && values[t - 1] !== null;
    path += `${joined ? "L" : "M"}${(axis.left + axis.offset(t)).toFixed(1)} ${y(value).toFixed(1)}`;
  }
  const last = known.at(-1);
  return svg(
    "svg",
    { width: axis.left + axis.extent + 20, height: HEIGHT, role: "img", "aria-label": `${name} by ${unit}` },
    svg("line", { class: "nntf-tick", x1: axis.left, x2: axis.left + axis.extent, y1: HEIGHT - 1, y2: HEIGHT - 1 }),
    ...seamLines(axis, seams, axis.left, HEIGHT - 1),
    svg("path", { class: "nntf-curve-line", d: path }),
    svg("text", { x: axis.left - 8, y: HEIGHT / 2 - 2, "text-anchor": "end" }, clipped(name)),
    svg("text", { class: "nntf-strong", x: axis.left - 8, y: HEIGHT / 2 + 12, "text-anchor": "end" }, number(last)),
  );
}

/** A name that fits into the gutter. */
function clipped(name: string): string {
  return name.length > 14 ? `${name.slice(0, 13)}\u2026` : name;
}

function number(value: number | undefined): string {
  return value === undefined ? "" : value.toPrecision(3);
}
