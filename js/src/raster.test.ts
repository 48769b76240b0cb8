// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { colour } from "./colour";
import { Raster } from "./raster";
import type { Layer } from "./session";
import { Triangle } from "./triangle";

const value = (row: number, column: number) => (row === column ? 0 : ((7 * row + 3 * column) % 10) / 10);

function layer(size: number, band: Layer["band"] = null): Layer {
  const matrix = new Triangle();
  while (matrix.size < size) grow(matrix);
  return { matrix, unit: 1, between: true, half: "whole", band };
}

function grow(matrix: Triangle): void {
  matrix.append(Array.from({ length: matrix.size }, (_, column) => value(matrix.size, column)));
}

/** What is on the canvas, as putImageData left it. */
const image = new Map<string, number>();

beforeEach(() => {
  image.clear();
  const putImageData = ({ data, width }: { data: Uint8ClampedArray; width: number }, x: number, y: number) => {
    const pixels = new Uint32Array(data.buffer, data.byteOffset, data.byteLength / 4);
    for (const [i, rgba] of pixels.entries()) image.set(`${y + Math.floor(i / width)},${x + (i % width)}`, rgba);
  };
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue({ putImageData } as never);
  vi.stubGlobal(
    "ImageData",
    class {
      constructor(
        readonly data: Uint8ClampedArray,
        readonly width: number,
      ) {}
    },
  );
});
afterEach(() => vi.restoreAllMocks());

describe("a raster", () => {
  it("has a canvas that holds every row", () => {
    for (const size of [10, 149, 151, 299, 301]) {
      const raster = new Raster();
      raster.show(layer(size));
      expect(Math.min(raster.canvas.width, raster.canvas.height)).toBeGreaterThanOrEqual(size);
    }
  });

  it("draws 2 T - 1 cells for the T-th row and column, and they are right", () => {
    const shown = layer(70); // its canvas holds 128, so that the next rows fit
    const raster = new Raster();
    raster.show(shown);
    for (let size = 71; size <= 90; size++) {
      const before = raster.cellsDrawn;
      grow(shown.matrix);
      raster.show({ ...shown });
      expect(raster.cellsDrawn - before).toBe(2 * size - 1);
    }
    expect(image.get("89,20")).toBe(colour(Math.fround(value(89, 20))));
    expect(image.get("20,89")).toBe(image.get("89,20"));
  });

  it("brings out the cells of a band, both ends included, and fades the rest", () => {
    const raster = new Raster();
    raster.show(layer(10, [Math.fround(0.2), Math.fround(0.4)]));
    for (let row = 1; row < 10; row++) {
      for (let column = 0; column < row; column++) {
        const inside = value(row, column) >= 0.2 && value(row, column) <= 0.4;
        expect((image.get(`${row},${column}`) as number) >>> 24 === 255).toBe(inside);
      }
    }
  });

  it("draws again when the band changes, and not when it stays", () => {
    const raster = new Raster();
    const shown = layer(10);
    raster.show(shown);
    raster.show({ ...shown, band: [0.1, 0.2] });
    expect(raster.cellsDrawn).toBe(200);
    raster.show({ ...shown, band: [0.1, 0.2] });
    expect(raster.cellsDrawn).toBe(200);
  });

  it("shows the mean of a square of cells where the matrix is too large for it", () => {
    const shown = layer(11);
    const raster = new Raster(8);
    raster.show(shown);
    expect([raster.size, raster.pool]).toEqual([6, 2]);
    const mean = (value(4, 2) + value(4, 3) + value(5, 2) + value(5, 3)) / 4;
    expect(image.get("2,1")).toBe(colour(mean));
    expect(image.get("5,5")).toBe(colour(0));
    grow(shown.matrix);
    const before = raster.cellsDrawn;
    raster.show(shown);
    expect(raster.cellsDrawn - before).toBe(2 * 6 - 1);
    expect(image.get("5,5")).toBe(colour(Math.fround(value(11, 10)) / 2));
  });

  it("shows each cell of a part that fits", () => {
    const raster = new Raster(8);
    raster.show(layer(30), 12, 17);
    expect([raster.size, raster.pool, raster.first]).toEqual([6, 1, 12]);
    expect(image.get("3,1")).toBe(colour(Math.fround(value(15, 13))));
  });
});
