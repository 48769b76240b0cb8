/** When one run made the decisions of another: the share of samples that both predict differently, epoch by epoch. */

import type { ComparedRun, CompareTraits, Cross } from "./compare";
import { element, svg } from "./dom";
import { EpochSquare } from "./epoch_square";

const EXPLAINED = "White: when the run of the rows decided most like that of the columns.";

export class CrossPlot {
  readonly root = element("section", "nntf-cross", { "aria-label": "Distance of two runs" });
  private readonly rows = element("select", "nntf-select", { "aria-label": "Run along the rows" });
  private readonly columns = element("select", "nntf-select", { "aria-label": "Run along the columns" });
  private readonly square = new EpochSquare();
  private readonly path = svg("path", {});
  private readonly paths = svg("svg", { class: "nntf-cross-path", preserveAspectRatio: "none" }, this.path);
  private readonly readout = element("p", "nntf-quiet nntf-cross-readout", { "aria-live": "polite" });
  private readonly waiting = element("p", "nntf-quiet", {}, "Waiting for the kernel\u2026");
  private names = "";
  private drawn: DataView | null = null;
  private cross: Cross | null = null;
  private runs: ComparedRun[] = [];

  constructor(choose: (pair: [number, number]) => void) {
    for (const select of [this.rows, this.columns]) {
      select.addEventListener("change", () => choose([Number(this.rows.value), Number(this.columns.value)]));
    }
    const { canvas } = this.square;
    canvas.addEventListener("pointermove", (event) => this.read(event));
    canvas.addEventListener("pointerleave", () => this.say());
    this.square.root.append(this.paths);
    this.root.append(
      element("h4", "nntf-compare-title", {}, "Samples predicted differently"),
      element("div", "nntf-cross-choice", {}, "rows", this.rows, "columns", this.columns),
      this.waiting,
      this.square.root,
      this.readout,
    );
  }

  draw(runs: ComparedRun[], pair: [number, number], cross: CompareTraits["cross"]): void {
    this.runs = runs;
    this.root.hidden = runs.length < 2 || !("shares" in cross);
    const names = JSON.stringify(runs.map((run) => run.name));
    if (names !== this.names) {
      this.names = names;
      for (const select of [this.rows, this.columns]) {
        select.replaceChildren(...runs.map(({ name }, index) => element("option", "", { value: index }, name)));
      }
    }
    [this.rows.value, this.columns.value] = pair.map(String);
    if (!("shares" in cross)) return;
    const current = cross.pair.every((run, side) => run === pair[side]);
    this.waiting.hidden = current;
    this.square.root.hidden = this.readout.hidden = !current;
    this.cross = cross as Cross;
    if (current && this.drawn !== cross.shares) this.paint(this.cross);
  }

  private paint(cross: Cross): void {
    const { rows, columns, shares, nearest, every } = cross;
    this.drawn = shares;
    this.square.place(rows * every, columns * every, {
      cells: Math.max(rows, columns, 1) * every,
      middle: every === 1,
    });
    this.square.paint(rows, columns, shares);
    const { width, height } = this.square.canvas.style;
    this.paths.setAttribute("style", `width: ${width}; height: ${height}`);
    this.paths.setAttribute("viewBox", `0 0 ${columns} ${rows}`);
    const points = nearest.map((row, column) => `${column} ${row + 0.5}H${column + 1}`);
    this.path.setAttribute("d", points.length ? `M${points.join("M")}` : "");
    this.say();
  }

  private read(event: PointerEvent): void {
    if (!this.cross) return;
    const box = this.square.canvas.getBoundingClientRect();
    const column = Math.floor(((event.clientX - box.left) / box.width) * this.cross.columns);
    if (column >= 0 && column < this.cross.columns) this.say(column);
  }

  /** Says when the first run decided most like the second at its epoch `column`, by default its last. */
  private say(column = (this.cross?.columns ?? 0) - 1): void {
    const { cross } = this;
    if (!cross || column < 0 || cross.rows === 0) {
      this.readout.textContent = "";
      return;
    }
    const [first, second] = cross.pair.map((index) => this.runs[index]?.name ?? "");
    this.readout.textContent =
      `What ${second} decided at epoch ${column * cross.every}, ${first} decided most alike at epoch ` +
      `${cross.nearest[column] * cross.every}: ${share(cross.least[column])} of the samples differ. ${EXPLAINED}`;
  }
}

function share(value: number): string {
  return `${(100 * value).toFixed(value < 0.1 ? 1 : 0)} %`;
}
