/** A matrix as an image of one pixel a block, of which a new epoch draws one row and one column. */

import type { Blocks } from "../run/blocks";
import type { ColourScale } from "./colour_scale";

const SMALLEST = 64;

export class Raster {
  readonly canvas = document.createElement("canvas");
  /** Pixels drawn since the beginning: what an epoch costs. */
  cellsDrawn = 0;
  private blocks: Blocks | null = null;
  /** Rows of the matrix that are drawn. */
  private drawn = 0;
  private ends = [0, 1];
  private isMarked: ColourScale["isMarked"] = null;

  constructor() {
    this.canvas.width = this.canvas.height = 0; // a canvas begins wider than high
  }

  /** Brings the image up to the matrix and its colour scale. */
  show(blocks: Blocks, scale: ColourScale): void {
    const { low, high, isMarked } = scale;
    const isSame = low === this.ends[0] && high === this.ends[1] && isMarked === this.isMarked;
    if (blocks !== this.blocks || !isSame) this.drawn = 0;
    this.blocks = blocks;
    this.ends = [low, high];
    this.isMarked = isMarked;
    if (blocks.taken === this.drawn) return;
    if (blocks.size > this.canvas.width) this.grow(blocks.size);
    const first = Math.floor(this.drawn / blocks.span);
    if (first === 0) this.drawAll(blocks, scale);
    else for (let row = first; row < blocks.size; row++) this.drawRowAndColumn(blocks, scale, row);
    this.drawn = blocks.taken;
  }

  /** Gives the image's memory back. */
  close(): void {
    this.canvas.width = this.canvas.height = 0;
    this.blocks = null;
  }

  private grow(size: number): void {
    this.canvas.width = this.canvas.height = Math.max(SMALLEST, 2 ** Math.ceil(Math.log2(size)));
    this.drawn = 0; // a canvas that is resized is empty
  }

  private drawAll(blocks: Blocks, scale: ColourScale): void {
    const { size } = blocks;
    const pixels = new Uint32Array(size * size);
    for (let row = 0; row < size; row++) {
      for (let column = 0; column <= row; column++) {
        pixels[row * size + column] = pixels[column * size + row] = colourOf(blocks, scale, row, column);
      }
    }
    this.put(pixels, 0, 0, size, size);
  }

  private drawRowAndColumn(blocks: Blocks, scale: ColourScale, index: number): void {
    const pixels = Uint32Array.from({ length: index + 1 }, (_, other) => colourOf(blocks, scale, index, other));
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

/** The colour of a block; of one that holds the diagonal alone none. */
function colourOf(blocks: Blocks, scale: ColourScale, row: number, column: number): number {
  const value = blocks.at(row, column);
  return row === column && Number.isNaN(value) ? 0 : scale.colour(value);
}
