/** A matrix as an image of one pixel a cell, of which a new epoch draws one row and one column. */

import { colour } from "./colour";
import type { Layer } from "./session";

const SMALLEST = 64;
/** Rows and columns of the largest image; of more, each pixel is the mean of a square of cells. */
export const LARGEST = 2000;

export class Raster {
  readonly canvas = document.createElement("canvas");
  /** Rows and columns drawn. */
  size = 0;
  /** The row and column of the matrix at the image's corner. */
  first = 0;
  /** Rows and columns of the matrix to a pixel. */
  pool = 1;
  /** Pixels drawn since the beginning: what an epoch costs. */
  cellsDrawn = 0;
  private layer: Layer | null = null;
  private cells = 0;

  constructor(private readonly largest = LARGEST) {
    this.canvas.width = this.canvas.height = 0; // a canvas begins with 300 x 150
  }

  /** Brings the image up to the matrix; where that is too large for it, to the cells from `from` to `to`. */
  show(layer: Layer, from = 0, to = layer.matrix.size - 1): void {
    const { size } = layer.matrix;
    const parted = size > this.largest && to - from < this.largest;
    const [first, end] = parted ? [Math.max(from, 0), Math.min(to + 1, size)] : [0, size];
    const pool = Math.max(Math.ceil((end - first) / this.largest), 1);
    if (!this.layer || !alike(layer, this.layer) || first !== this.first || pool !== this.pool || end < this.cells) {
      this.size = this.cells = 0;
    }
    [this.layer, this.first, this.pool] = [layer, first, pool];
    if (end === this.cells) return;
    const pixels = Math.ceil((end - first) / pool);
    if (pixels > this.canvas.width) this.grow(pixels);
    const unfinished = Math.floor((this.cells - first) / pool);
    if (this.size === 0) this.drawAll(pixels);
    else for (let row = unfinished; row < pixels; row++) this.drawRowAndColumn(row);
    [this.size, this.cells] = [pixels, end];
  }

  /** Gives the image's memory back. */
  close(): void {
    this.canvas.width = this.canvas.height = 0;
    this.layer = null;
  }

  private grow(size: number): void {
    this.canvas.width = this.canvas.height = Math.max(SMALLEST, 2 ** Math.ceil(Math.log2(size)));
    this.size = 0; // a canvas that is resized is empty
  }

  private drawAll(size: number): void {
    const pixels = new Uint32Array(size * size);
    for (let row = 0; row < size; row++) {
      for (let column = 0; column <= row; column++) {
        pixels[row * size + column] = pixels[column * size + row] = this.pixel(row, column);
      }
    }
    this.put(pixels, 0, 0, size, size);
  }

  private drawRowAndColumn(index: number): void {
    const pixels = Uint32Array.from({ length: index + 1 }, (_, other) => this.pixel(index, other));
    this.put(pixels, 0, index, index + 1, 1);
    this.put(pixels.subarray(0, index), index, 0, 1, index);
  }

  private pixel(row: number, column: number): number {
    const { unit, band } = this.layer as Layer;
    const value = this.mean(row, column);
    return colour(value / unit, band !== null && (value < band[0] || value > band[1]));
  }

  private mean(row: number, column: number): number {
    const { matrix } = this.layer as Layer;
    const { first, pool } = this;
    if (pool === 1) return matrix.at(first + row, first + column);
    const end = (index: number) => Math.min((index + 1) * pool, matrix.size);
    let total = 0;
    for (let i = row * pool; i < end(row); i++)
      for (let j = column * pool; j < end(column); j++) total += matrix.at(i, j);
    return total / ((end(row) - row * pool) * (end(column) - column * pool));
  }

  private put(pixels: Uint32Array, x: number, y: number, width: number, height: number): void {
    if (pixels.length === 0) return;
    const bytes = new Uint8ClampedArray(pixels.buffer as ArrayBuffer, pixels.byteOffset, pixels.length * 4);
    this.canvas.getContext("2d")?.putImageData(new ImageData(bytes, width, height), x, y);
    this.cellsDrawn += pixels.length;
  }
}

/** Whether two layers give the same cell the same colour. */
function alike(a: Layer, b: Layer): boolean {
  return a.matrix === b.matrix && a.unit === b.unit && a.band?.[0] === b.band?.[0] && a.band?.[1] === b.band?.[1];
}
