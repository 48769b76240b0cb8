/** One matrix of the fingerprint as an image: its blocks, its colour scale and the legend of that. */

import { ColourScale } from "../drawing/colour_scale";
import type { EpochAxis } from "../drawing/epoch_axis";
import { Raster } from "../drawing/raster";
import { Blocks } from "../run/blocks";
import { Triangle } from "../run/triangle";
import type { Layer } from "../session";
import { Legend } from "./legend";

/** A square of the plot, in pixels from its upper left corner. */
export interface Square {
  start: number;
  size: number;
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

  /** Draws a layer with its plot's upper left corner at `left`; `range` is the one that was picked. */
  draw(context: CanvasRenderingContext2D, left: number, axis: EpochAxis, layer: Layer, range: unknown[]): Square {
    const { matrix, unit, ofTransitions, part } = layer;
    const end = axis.last + (ofTransitions ? 0 : 1);
    const { source, span, unit: unitBefore, first, taken } = this.blocks;
    const isAnother = source !== matrix || span !== axis.span || unitBefore !== unit || first !== axis.first;
    if (isAnother || taken > end - first) this.blocks = new Blocks(matrix, axis.span, unit, axis.first);
    this.blocks.catchUp(end);
    this.scale.fit([matrix, ...range], this.blocks.bounds());
    this.raster.show(this.blocks, this.scale);
    this.legend.root.hidden = matrix.size < 2;
    this.legend.draw(layer);
    const square = { start: axis.offset(edge(axis.first, ofTransitions)), size: this.blocks.taken * axis.step };
    if (square.size) this.paint(context, left, square, part);
    return square;
  }

  close(): void {
    this.raster.close();
  }

  private paint(context: CanvasRenderingContext2D, left: number, { start, size }: Square, part: Layer["part"]): void {
    const covered = this.blocks.taken / this.blocks.span; // the last block may reach beyond the newest epoch
    context.save();
    if (part !== "whole") {
      const [x, y] = CORNERS[part];
      const end = start + size;
      context.beginPath();
      context.moveTo(left + start, start);
      context.lineTo(left + start + x * size, start + y * size);
      context.lineTo(left + end, end);
      context.clip();
    }
    context.imageSmoothingEnabled = false;
    context.drawImage(this.raster.canvas, 0, 0, covered, covered, left + start, start, size, size);
    context.restore();
  }
}

/** Where a row or column of cells begins on the epoch axis: cells of transitions lie between their snapshots. */
export function edge(index: number, ofTransitions: boolean): number {
  return ofTransitions ? index : index - 0.5;
}
