/** The moves of every transition, counted by place: a pair of classes, or a partner of one class. */

import { withRoom } from "./room";
import type { Run } from "./run";

/** The counts of all transitions, one transition after the other; of each those places alone that have any. */
export class Counted {
  places = new Uint32Array(0);
  counts = new Int32Array(0);
  /** Where each transition begins among these, and where the last one ends. */
  starts = new Uint32Array(1);
  /** What is counted of each transition in all. */
  totals = new Uint32Array(0);
  /** Number of transitions. */
  size = 0;
  /** All places are below this. */
  bound = 0;

  /** `placeOf` gives the place of a cell (from * K + to); one below 0 is not counted. */
  constructor(
    private readonly run: Run,
    private readonly placeOf: (cell: number) => number,
  ) {
    this.catchUp();
  }

  /** Takes in the transitions that came since. */
  catchUp(): void {
    while (this.size < this.run.transitions.length) this.append(this.size++);
  }

  private append(t: number): void {
    const { cells, counts } = this.run.transitions[t];
    this.starts = withRoom(this.starts, t + 2);
    this.totals = withRoom(this.totals, t + 1);
    let end = this.starts[t];
    this.places = withRoom(this.places, end + cells.length);
    this.counts = withRoom(this.counts, end + cells.length);
    for (let i = 0; i < cells.length; i++) {
      const place = this.placeOf(cells[i]);
      if (place < 0) continue;
      this.bound = Math.max(this.bound, place + 1);
      this.totals[t] += counts[i];
      this.places[end] = place;
      this.counts[end++] = counts[i];
    }
    this.starts[t + 1] = end;
  }
}

/** Up to so many pairs of classes, each may have a place of its own. */
const FEW = 2 ** 21;

/** All moves of a run, by pair of classes. Of very many pairs most never occur: places are those that do, as they come. */
export function allMoves(run: Run): Counted {
  if (run.numClasses ** 2 <= FEW) return new Counted(run, (cell) => cell);
  const known = new Map<number, number>();
  return new Counted(run, (cell) => {
    const place = known.get(cell) ?? known.size;
    if (place === known.size) known.set(cell, place);
    return place;
  });
}
