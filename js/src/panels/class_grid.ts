/** A matrix over classes whose cells can be read and walked through: a grid with a name for every row and column. */

import { element, sized } from "../drawing/dom";
import { ARROWS } from "../drawing/handle";
import { fitted, rulerOf, widest } from "../drawing/names";

/** A cell as it is shown and spoken. */
export interface GridCell {
  count: number;
  text: string;
  fill: string;
  ink: string;
  spoken: string;
}

const [WIDEST, TALLEST] = [40, 26]; // pixels of a cell
const NUMBERED = 16; // pixels below which a cell has no number
const UPRIGHT = 18; // pixels below which the columns' names stand upright
const [LARGE, SMALL] = [11, 9]; // pixels of letters
const LONGEST = 92; // pixels of a column's name

export class ClassGrid {
  readonly root = element("div", "nntf-grid", { role: "grid", "aria-readonly": "true" });
  /** The colours, below the cells: many hundreds of these, each of a colour of its own, are slow to style. */
  private readonly canvas = element("canvas", "nntf-grid-colours", { role: "presentation" });
  /** Rows, and columns. */
  private size = 0;
  private built = "";
  private cells: HTMLElement[] = [];
  private shown: GridCell[] = [];
  /** Pixels of a cell. */
  private across = 0;
  private down = 0;
  private reached = 0;

  constructor(private readonly onPoint: (spoken: string | null) => void) {
    const point = (event: Event) => {
      const place = this.cells.indexOf(event.target as HTMLElement);
      onPoint(place < 0 ? null : this.shown[place].spoken);
    };
    this.root.addEventListener("pointerover", point);
    this.root.addEventListener("focusin", point);
    for (const left of ["pointerleave", "focusout"]) this.root.addEventListener(left, () => onPoint(null));
    this.root.addEventListener("keydown", (event) => this.walk(event));
  }

  /** Draws the cells, row by row, of classes given by their ids ("others" last) and names, into so many pixels. */
  draw(label: string, ids: string[], names: string[], cells: GridCell[], width: number): void {
    this.root.setAttribute("aria-label", label);
    const built = JSON.stringify([ids, names, width]);
    if (built !== this.built) this.build(ids, names, width);
    this.built = built;
    const shown = this.setFont(cells) ? cells : cells.map((cell) => ({ ...cell, text: "", ink: "" }));
    for (const [place, cell] of shown.entries()) this.show(place, cell);
    this.paint(cells);
    this.shown = shown;
    const focused = this.cells.indexOf(document.activeElement as HTMLElement);
    if (focused >= 0) this.onPoint(cells[focused].spoken);
  }

  private build(ids: string[], names: string[], width: number): void {
    this.shown = [];
    const size = names.length;
    this.size = size;
    const layout = (font: number) => {
      const ruler = rulerOf(font, this.root);
      const gutter = Math.min(width / 3, widest(names, ruler) + 14);
      const across = Math.max(Math.min(Math.floor((width - gutter) / size), WIDEST), 3);
      return { font, ruler, gutter, across };
    };
    const large = layout(LARGE);
    const { font, ruler, gutter, across } = large.across >= LARGE ? large : layout(SMALL);
    [this.across, this.down] = [across, Math.min(across, TALLEST)];
    const header = (role: string, i: number, text: string, room: number) => {
      const every = Math.ceil(font / room); // of names that would lie on each other, some are left out, not the last
      const shown = (size - 1 - i) % every === 0 ? text : "";
      const name = { role, title: names[i], "aria-label": names[i] };
      return element("div", "nntf-grid-name", name, element("span", "", {}, shown));
    };
    const rowNames = fitted(names, gutter - 10, ruler);
    const columnNames = fitted(names, LONGEST, ruler);
    this.cells = [];
    const rows = ids.map((row, i) => {
      const cells = ids.map((column, j) => {
        const diagonal = i === j ? " nntf-grid-diagonal" : "";
        const attributes = { role: "gridcell", tabindex: -1, "data-row": row, "data-column": column };
        return element("div", `nntf-grid-cell${diagonal}`, attributes);
      });
      this.cells.push(...cells);
      return element("div", "nntf-grid-row", { role: "row" }, header("rowheader", i, rowNames[i], this.down), ...cells);
    });
    const heads = columnNames.map((name, i) => header("columnheader", i, name, across));
    const corner = element("div", "", { role: "presentation" });
    const columns = element("div", "nntf-grid-row nntf-grid-columns", { role: "row" }, corner, ...heads);
    this.root.classList.toggle("nntf-grid-upright", across < UPRIGHT);
    this.root.style.gridTemplateColumns = `${gutter}px repeat(${size}, ${across}px)`;
    const below = widest(columnNames, ruler) * (across < UPRIGHT ? 1 : 0.71) + 12;
    this.root.style.gridTemplateRows = `repeat(${size}, ${this.down}px) ${below}px`;
    this.canvas.style.left = `${gutter}px`;
    this.root.style.setProperty("--nntf-grid-names", `${font}px`);
    this.root.replaceChildren(this.canvas, ...rows, columns);
    this.reach(Math.min(this.reached, this.cells.length - 1));
  }

  /** Makes the numbers as large as they fit; false where they do not. */
  private setFont(cells: GridCell[]): boolean {
    const longest = cells.reduce((most, { text }) => Math.max(most, text.length), 1);
    const font = [LARGE, SMALL].find((size) => rulerOf(size, this.root)("0") * longest + 6 <= this.across);
    if (font) this.root.style.setProperty("--nntf-grid-numbers", `${font}px`);
    return font !== undefined && this.across >= NUMBERED;
  }

  private show(place: number, cell: GridCell): void {
    const [element, before] = [this.cells[place], this.shown[place]];
    if (cell.spoken !== before?.spoken) {
      element.dataset.count = String(cell.count);
      element.setAttribute("aria-label", cell.spoken);
    }
    if (cell.text !== before?.text) element.textContent = cell.text;
    if (cell.ink !== before?.ink) element.style.color = cell.ink;
  }

  private paint(cells: GridCell[]): void {
    const { across, down, size } = this;
    const context = sized(this.canvas, size * across, size * down);
    const gap = across < UPRIGHT ? 0 : 1;
    for (const [place, { fill }] of cells.entries()) {
      context.fillStyle = fill;
      context.fillRect((place % size) * across, Math.floor(place / size) * down, across - gap, down - gap);
    }
  }

  private walk(event: KeyboardEvent): void {
    const step = ARROWS[event.key];
    const place = this.cells.indexOf(event.target as HTMLElement);
    if (!step || place < 0) return;
    event.preventDefault();
    event.stopPropagation();
    const { size } = this;
    const [row, column] = [Math.floor(place / size) + step[0], (place % size) + step[1]];
    if (row < 0 || column < 0 || row >= size || column >= size) return;
    this.reach(row * size + column);
    this.cells[this.reached].focus();
  }

  /** Makes a cell the one that the Tab key leads to. */
  private reach(place: number): void {
    this.cells[this.reached]?.setAttribute("tabindex", "-1");
    this.reached = place;
    this.cells[place]?.setAttribute("tabindex", "0");
  }
}
