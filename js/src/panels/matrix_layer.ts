/** One matrix of the fingerprint as an image: its blocks, its colour scale and the legend of that. */

import { ColourScale } from "../drawing/colour_scale";
import type { EpochAxis } from "../drawing/epoch_axis";
import { Raster } from "../drawing/raster";
import { Blocks } from "../run/blocks";
import { IN_BAND } from "../run/recurrence";
import { Triangle } from "../run/triangle";
import { isTransitionDistance, type Layer } from "../session";
import { Legend } from "./legend";

/** A part of the screen, in pixels from the upper left corner of the canvas. */
export interface Plot {
  x: number;
  y: number;
  width: number;
  height: number;
}

const CORNERS = { above: [1, 0], below: [0, 1] } as const;

export class MatrixLayer {
  readonly legend: Legend;
  readonly raster = new Raster();
  private readonly scale = new ColourScale();
  private blocks = new Blocks(new Triangle(), 1, 1, 0);

  constructor(onChange: () => void) {
    this.legend = new Legend(this.scale, onChange);
  }

  /**
   * Draws a layer over two axes, `span` epochs a pixel; `range` is the one that was picked, and the cells of a `band`
   * stand out. Returns where it is.
   */
  draw(
    context: CanvasRenderingContext2D,
    columns: EpochAxis,
    rows: EpochAxis,
    span: number,
    layer: Layer,
    range: unknown[],
    band: number | null,
  ): Plot {
    const { matrix, size, ofTransitions, isCentred } = layer;
    const { first, last } = columns;
    const end = Math.min(last + (ofTransitions ? 0 : 1), size);
    const step = this.update(layer, first, end, span);
    this.scale.fit([matrix, ...range], this.blocks.bounds(), isCentred);
    this.scale.isMarked = band !== null && isTransitionDistance(layer) ? IN_BAND[band] : null;
    this.raster.show(this.blocks, this.scale);
    this.legend.root.hidden = size < 2;
    this.legend.draw(layer, isCentred && this.blocks.hasGaps);
    const cells = Math.max(end - first, 0);
    const start = edge(first, ofTransitions);
    const plot = {
      x: columns.left + columns.offset(start),
      y: rows.offset(start),
      width: cells * columns.step,
      height: cells * rows.step,
    };
    if (cells) this.paint(context, plot, cells / step, layer.part);
    return plot;
  }

  close(): void {
    this.raster.close();
  }

  /** Brings the blocks up to the cells of a layer from `first` on to `end`; returns how many cells each stands for. */
  private update({ matrix, rough, unit }: Layer, first: number, end: number, span: number): number {
    if (rough) {
      const { matrix, step } = rough(first, end, span);
      this.blocks = new Blocks(matrix, 1, unit, 0);
      this.blocks.catchUp(end);
      return step;
    }
    const { blocks } = this;
    const isSame = blocks.source === matrix && blocks.span === span && blocks.unit === unit && blocks.first === first;
    if (!isSame || blocks.taken > end - first) this.blocks = new Blocks(matrix, span, unit, first);
    this.blocks.catchUp(end);
    return span;
  }

  /** Paints so many blocks along each side, of which the last may be a part: it may reach beyond the newest epoch. */
  private paint(context: CanvasRenderingContext2D, plot: Plot, covered: number, part: Layer["part"]): void {
    const { x, y, width, height } = plot;
    context.save();
    if (part !== "whole") {
      const [right, down] = CORNERS[part];
      context.beginPath();
      context.moveTo(x, y);
      context.lineTo(x + right * width, y + down * height);
      context.lineTo(x + width, y + height);
      context.clip();
    }
    context.imageSmoothingEnabled = false;
    context.drawImage(this.raster.canvas, 0, 0, covered, covered, x, y, width, height);
    context.restore();
  }
}

/** Where a row or column of cells begins on the epoch axis: cells of transitions lie between their snapshots. */
export function edge(index: number, ofTransitions: boolean): number {
  return ofTransitions ? index : index - 0.5;
}
