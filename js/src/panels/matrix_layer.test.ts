// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { pixels, withoutCanvas } from "../drawing/canvas.fixture";
import { EpochAxis } from "../drawing/epoch_axis";
import { Triangle } from "../run/triangle";
import type { Layer } from "../session";
import { edge, MatrixLayer } from "./matrix_layer";

const LEFT = 96;

function triangle(size: number): Triangle {
  const made = new Triangle();
  for (let row = 0; row < size; row++) made.append(Array.from({ length: row }, (_, column) => (row + column) / 50));
  return made;
}

/** A layer of eleven transitions between twelve epochs. */
function layerOf(more: Partial<Layer> = {}): Layer {
  const matrix = triangle(11);
  const of = { name: "Distance", unit: 1, ofTransitions: true, isCentred: false, part: "whole" } as const;
  return { matrix, size: 11, rough: null, ...of, ...more };
}

/** Draws over some of twelve epochs, ten pixels each. */
function drawn(
  layer: Layer,
  { span = 1, range = [0, 11], band = null as number | null } = {},
  of = new MatrixLayer(vi.fn()),
) {
  const [first, last] = range;
  const extent = 10 * (last - first + 1);
  const [columns, rows] = [new EpochAxis(LEFT, extent, first, last), new EpochAxis(0, extent, first, last)];
  const plot = of.draw(
    document.createElement("canvas").getContext("2d") as never,
    columns,
    rows,
    span,
    layer,
    [],
    band,
  );
  return { of, plot };
}

const image = () => pixels.drawImage.mock.lastCall?.slice(1);

beforeEach(withoutCanvas);
afterEach(() => {
  vi.clearAllMocks();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("the image of a matrix", () => {
  it("lies where its cells are on the axes", () => {
    const { plot } = drawn(layerOf());
    expect(plot).toEqual({ x: LEFT + 5, y: 5, width: 110, height: 110 });
    expect(image()).toEqual([0, 0, 11, 11, LEFT + 5, 5, 110, 110]);
  });

  it("has a part of its last block, where that reaches beyond the newest epoch", () => {
    drawn(layerOf(), { span: 3 });
    expect(image()?.slice(0, 4)).toEqual([0, 0, 11 / 3, 11 / 3]);
  });

  it("is of the epochs shown alone", () => {
    const { plot } = drawn(layerOf(), { range: [4, 8] });
    expect(plot).toEqual({ x: LEFT + 5, y: 5, width: 40, height: 40 });
    expect(image()?.slice(0, 4)).toEqual([0, 0, 4, 4]);
  });

  it("is taken up where it was as the matrix grows, and begun anew for less of it", () => {
    const { of } = drawn(layerOf({ matrix: triangle(5), size: 5 }));
    const layer = layerOf();
    const cells = (range: [number, number]) => {
      const before = of.raster.cellsDrawn;
      drawn(layer, { range }, of);
      return of.raster.cellsDrawn - before;
    };
    expect(cells([0, 10])).toBe(10 * 10);
    expect(cells([0, 11])).toBeLessThanOrEqual(11 * 11);
    expect(cells([0, 11])).toBe(0);
    expect(cells([0, 7])).toBe(7 * 7);
    expect(cells([2, 7])).toBe(5 * 5);
  });

  it("fades what is not in the band that was chosen, where it holds a transition distance", () => {
    const { of } = drawn(layerOf());
    const drawnAnew = (layer: Layer, band: number | null) => {
      const before = of.raster.cellsDrawn;
      drawn(layer, { band }, of);
      return of.raster.cellsDrawn - before;
    };
    const layer = layerOf();
    drawn(layer, {}, of);
    expect(drawnAnew(layer, 4)).toBe(11 * 11);
    expect(drawnAnew(layer, 4)).toBe(0);
    expect(drawnAnew(layer, 5)).toBe(11 * 11);
    expect(drawnAnew({ ...layer, isCentred: true }, 5)).toBe(11 * 11); // without a band, and around 0
    expect(drawnAnew({ ...layer, isCentred: true }, 4)).toBe(0);
  });

  it("is a rough one while rows of the matrix are missing: one cell of each block", () => {
    const rough = vi.fn((first: number, end: number, step: number) => ({
      matrix: triangle(Math.ceil((end - first) / step)),
      step,
    }));
    const { of, plot } = drawn(layerOf({ matrix: triangle(2), rough }), { span: 3, range: [1, 11] });
    expect(rough.mock.calls).toEqual([[1, 11, 3]]);
    expect(plot.width).toBe(100);
    expect(image()?.slice(0, 4)).toEqual([0, 0, 10 / 3, 10 / 3]);
    expect(of.raster.cellsDrawn).toBe(4 * 4);
    expect(of.legend.root.hidden).toBe(false);
    drawn(layerOf(), { span: 3, range: [1, 11] }, of);
    expect(of.raster.cellsDrawn).toBe(2 * 4 * 4);
  });

  it("is as rough as can soon be worked out", () => {
    drawn(layerOf({ matrix: triangle(2), rough: () => ({ matrix: triangle(2), step: 6 }) }), { span: 2 });
    expect(image()?.slice(0, 4)).toEqual([0, 0, 11 / 6, 11 / 6]);
  });

  it("around 0 says what a gap means, where there is one", () => {
    const [matrix, whole] = [triangle(3), triangle(4)];
    matrix.append([0.5, Number.NaN, 0.5]);
    const untold = ({ of }: ReturnType<typeof drawn>) => of.legend.root.querySelector<HTMLElement>(".nntf-untold");
    expect(untold(drawn(layerOf({ matrix, size: 4, isCentred: true })))?.hidden).toBe(false);
    expect(untold(drawn(layerOf({ matrix: whole, size: 4, isCentred: true })))?.hidden).toBe(true);
    expect(untold(drawn(layerOf({ matrix, size: 4 })))?.hidden).toBe(true);
  });

  it("is none, and has no legend, where nothing can be compared", () => {
    const { of, plot } = drawn(layerOf({ matrix: triangle(1), size: 1 }), { range: [0, 1] });
    expect([of.legend.root.hidden, plot.width]).toEqual([true, 10]);
    pixels.drawImage.mockClear();
    expect(drawn(layerOf({ matrix: triangle(0), size: 0 }), { range: [0, -1] }).plot.width).toBe(0);
    expect(pixels.drawImage).not.toHaveBeenCalled();
  });

  it.each([
    ["above", [1, 0]],
    ["below", [0, 1]],
  ] as const)("is cut along the diagonal where another has the other side: %s", (part, [right, down]) => {
    drawn(layerOf({ part }));
    const [x, y] = [LEFT + 5, 5];
    expect(pixels.moveTo.mock.calls).toEqual([[x, y]]);
    expect(pixels.lineTo.mock.calls).toEqual([
      [x + 110 * right, y + 110 * down],
      [x + 110, y + 110],
    ]);
    expect(pixels.clip).toHaveBeenCalledOnce();
  });

  it("gives its memory back", () => {
    const { of } = drawn(layerOf());
    of.close();
    expect(of.raster.canvas.width).toBe(0);
  });
});

it("cells of transitions begin on their epoch, cells of snapshots half an epoch before", () => {
  expect([edge(3, true), edge(3, false)]).toEqual([3, 2.5]);
});
