/** A picture of epochs by epochs, with ticks, at a scale that several pictures share. */

import { scaleLinear } from "d3-scale";
import { colour } from "./colour";
import { element } from "./dom";

const TICKS = 3;

/** How many cells the longest picture has along a side, and where in its cell an epoch lies: at 0, or amid it. */
export interface EpochScale {
  cells: number;
  middle: boolean;
}

export class EpochSquare {
  readonly canvas = element("canvas", "nntf-square-cells");
  readonly root = element("span", "nntf-square", {}, this.canvas);
  private scale = "";

  /** Puts so many rows and columns to the scale. */
  place(rows: number, columns: number, scale: EpochScale): void {
    this.canvas.style.width = `${(100 * columns) / scale.cells}%`;
    this.canvas.style.height = `${(100 * rows) / scale.cells}%`;
    const key = JSON.stringify(scale);
    if (key === this.scale) return;
    this.scale = key;
    for (const tick of this.root.querySelectorAll(".nntf-square-tick")) tick.remove();
    this.root.append(...["column", "row"].flatMap((along) => ticks(scale, along)));
  }

  /** Paints values from 0 to 255, row by row. */
  paint(rows: number, columns: number, values: DataView): void {
    this.canvas.width = Math.max(columns, 1);
    this.canvas.height = Math.max(rows, 1);
    const image = new ImageData(this.canvas.width, this.canvas.height);
    const pixels = new Uint32Array(image.data.buffer);
    for (let i = 0; i < rows * columns; i++) pixels[i] = colour(values.getUint8(i) / 255);
    this.canvas.getContext("2d")?.putImageData(image, 0, 0);
  }
}

function ticks({ cells, middle }: EpochScale, along: string): HTMLElement[] {
  const offset = middle ? 0.5 : 0;
  const last = middle ? cells - 1 : cells;
  const epochs = scaleLinear([0, Math.max(last, 1)], [0, 1]).ticks(Math.min(TICKS, Math.max(last, 1)));
  return epochs.filter(Number.isInteger).map((epoch) => {
    const side = along === "column" ? "left" : "top";
    const style = `${side}: ${(100 * (epoch + offset)) / cells}%`;
    return element("span", `nntf-square-tick nntf-along-${along}`, { style, "aria-hidden": "true" }, String(epoch));
  });
}
