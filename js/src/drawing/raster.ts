/** A matrix as an image of one pixel a cell, of which a new epoch draws one row and one column. */

import type { Triangle } from "../run/triangle";
import { colour } from "./colour";

const SMALLEST = 64;

export class Raster {
  readonly canvas = document.createElement("canvas");
  /** Rows and columns drawn. */
  size = 0;
  /** Cells drawn since the beginning: what an epoch costs. */
  cellsDrawn = 0;
  private source: Triangle | null = null;
  private unit = 1;

  /** Brings the image up to the matrix, whose values are shown as shares of `unit`. */
  show(source: Triangle, unit: number): void {
    if (source !== this.source || unit !== this.unit || source.size < this.size) this.size = 0;
    [this.source, this.unit] = [source, unit];
    if (source.size === this.size) return;
    if (source.size > this.canvas.width) this.grow(source.size);
    if (this.size === 0) this.drawAll(source);
    else for (let row = this.size; row < source.size; row++) this.drawRowAndColumn(source, row);
    this.size = source.size;
  }

  /** Gives the image's memory back. */
  close(): void {
    this.canvas.width = this.canvas.height = 0;
    this.source = null;
  }

  private grow(size: number): void {
    this.canvas.width = this.canvas.height = Math.max(SMALLEST, 2 ** Math.ceil(Math.log2(size)));
    this.size = 0; // a canvas that is resized is empty
  }

  private drawAll(source: Triangle): void {
    const { size } = source;
    const pixels = new Uint32Array(size * size);
    for (let row = 0; row < size; row++) {
      pixels[row * size + row] = colour(0);
      for (let column = 0; column < row; column++) {
        pixels[row * size + column] = pixels[column * size + row] = colour(source.at(row, column) / this.unit);
      }
    }
    this.put(pixels, 0, 0, size, size);
  }

  private drawRowAndColumn(source: Triangle, index: number): void {
    const pixels = Uint32Array.from({ length: index + 1 }, (_, other) => colour(source.at(index, other) / this.unit));
    this.put(pixels, 0, index, index + 1, 1);
    this.put(pixels.subarray(0, index), index, 0, 1, index);
  }

  private put(pixels: Uint32Array, x: number, y: number, width: number, height: number): void {
    if (pixels.length === 0) return;
    const bytes = new Uint8ClampedArray(pixels.buffer as ArrayBuffer, pixels.byteOffset, pixels.length * 4);
    this.canvas.getContext("2d")?.putImageData(new ImageData(bytes, width, height), x, y);
    this.cellsDrawn += pixels.length;
  }
}
