// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Blocks } from "../run/blocks";
import { Triangle } from "../run/triangle";
import { pixels, withoutCanvas } from "./canvas.fixture";
import { GAP } from "./colour";
import { ColourScale } from "./colour_scale";
import { Raster } from "./raster";

/** What was put where: the image that the canvas would hold. */
let drawn: Map<string, number>;

beforeEach(() => {
  drawn = new Map();
  withoutCanvas();
  pixels.putImageData.mockImplementation(({ data, width, height }: ImageData, x: number, y: number) => {
    const colours = new Uint32Array(data.buffer, data.byteOffset, width * height);
    for (const [i, colour] of colours.entries()) drawn.set(`${y + Math.floor(i / width)} ${x + (i % width)}`, colour);
  });
});
afterEach(() => vi.restoreAllMocks());

const value = (row: number, column: number) => ((row * 31 + column * 17) % 100) / 100;

function grown(matrix: Triangle, size: number): Triangle {
  while (matrix.size < size) {
    const row = matrix.size;
    matrix.append(Array.from({ length: row }, (_, column) => value(row, column)));
  }
  return matrix;
}

function blocksOf(size: number): Blocks {
  const blocks = new Blocks(grown(new Triangle(), size), 1, 1, 0);
  blocks.catchUp(Number.POSITIVE_INFINITY);
  return blocks;
}

function expectDrawn(blocks: Blocks, scale: ColourScale): void {
  expect(drawn.size).toBe(blocks.size ** 2);
  for (let row = 0; row < blocks.size; row++) {
    for (let column = 0; column < blocks.size; column++) {
      expect(drawn.get(`${row} ${column}`)).toBe(scale.colour(blocks.at(row, column)));
    }
  }
}

describe("the image of a matrix", () => {
  it("fades what does not stand out", () => {
    const [blocks, scale, raster] = [blocksOf(12), new ColourScale(), new Raster()];
    raster.show(blocks, scale);
    const before = new Map(drawn);
    scale.isMarked = (value) => value > 0.5;
    raster.show(blocks, scale);
    for (const [place, colour] of drawn) {
      const [row, column] = place.split(" ").map(Number);
      const standsOut = row === column || blocks.at(row, column) > 0.5;
      const faded = 0x24000000 + ((before.get(place) as number) & 0xffffff);
      expect(colour).toBe(standsOut ? before.get(place) : faded);
    }
    scale.isMarked = null;
    raster.show(blocks, scale);
    expect(drawn).toEqual(before);
  });

  it.each([1, 2, 3])("is brought up to it as it grows, with %i epochs to a pixel", (span) => {
    const [matrix, scale, raster] = [new Triangle(), new ColourScale(), new Raster()];
    const blocks = new Blocks(matrix, span, 1, 0);
    for (const size of [1, 2, 5, 6, 7, 100]) {
      grown(matrix, size);
      blocks.catchUp(Number.POSITIVE_INFINITY);
      raster.show(blocks, scale);
      expectDrawn(blocks, scale);
    }
  });

  it("has room for it, in height as in width", () => {
    const raster = new Raster();
    raster.show(blocksOf(200), new ColourScale());
    expect(Math.min(raster.canvas.width, raster.canvas.height)).toBeGreaterThanOrEqual(200);
  });

  it("draws one row and one column for a new one, and all of it where the scale changed", () => {
    const [matrix, scale, raster] = [grown(new Triangle(), 20), new ColourScale(), new Raster()];
    const blocks = new Blocks(matrix, 1, 1, 0);
    const cost = () => {
      const before = raster.cellsDrawn;
      blocks.catchUp(Number.POSITIVE_INFINITY);
      raster.show(blocks, scale);
      return raster.cellsDrawn - before;
    };
    expect([cost(), cost()]).toEqual([400, 0]);
    grown(matrix, 21);
    expect(cost()).toBe(41);
    scale.move("low", 0.3);
    expect(cost()).toBe(441);
    scale.move("high", 0.7);
    expect(cost()).toBe(441);
    expectDrawn(blocks, scale);
  });

  it("is of the matrix that is shown", () => {
    const [scale, raster] = [new ColourScale(), new Raster()];
    for (const size of [9, 4]) {
      const blocks = blocksOf(size);
      drawn.clear();
      raster.show(blocks, scale);
      expectDrawn(blocks, scale);
    }
  });

  it("around 0 shows what has no number, but on the diagonal", () => {
    const [matrix, scale, raster] = [grown(new Triangle(), 2), new ColourScale(), new Raster()];
    matrix.append([Number.NaN, 0.5]);
    const blocks = new Blocks(matrix, 1, 1, 0);
    blocks.catchUp(Number.POSITIVE_INFINITY);
    scale.fit([matrix], blocks.bounds(), true);
    raster.show(blocks, scale);
    expect(["2 0", "0 2", "1 1"].map((at) => drawn.get(at))).toEqual([GAP, GAP, 0]);
  });

  it("gives its memory back", () => {
    const raster = new Raster();
    raster.show(blocksOf(9), new ColourScale());
    raster.close();
    expect([raster.canvas.width, raster.canvas.height]).toEqual([0, 0]);
  });
});
