/**
 * The run as a path in the plane: metric multidimensional scaling of a distance between its moments.
 * nntf_widget/trajectory.py has the method and its sources; here it is worked out in parts, pair by pair.
 */

import type { Unfinished } from "./comparison";
import { between, moved, noPoints, type Points, turnedOnto, width } from "./plane";
import type { Triangle } from "./triangle";

const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));
const ASIDE = 1e-3; // of the largest distance: points that coincide would never part
const PLACING = 20; // steps to the place of a new point
const MOST_STEPS = 300; // of all points
const WORK = 10_000_000; // distances that each new point allows, both of a pair counted
const PRECISION = 1e-4; // the fall of the raw stress, as a share of it, below which a layout counts as found
const MOST_MOVED = 0.03; // of the picture's width: by how much each new point may move the others, in the median
const PART = 600_000; // pairs that are drawn in a few milliseconds

/** The layout of a growing matrix of distances, which a new moment does not make jump. */
export class Trajectory implements Unfinished {
  /** The moments laid out, in units of the distance. */
  points = noPoints(0);
  /** Kruskal's stress-1 of what is laid out: 0 is a perfect picture; NaN where all moments are the same. */
  stress = Number.NaN;
  private work: Iterator<void> | null = null;
  /** Pairs that are left of a part. */
  private left = 0;

  constructor(readonly matrix: Triangle) {}

  /** Number of moments laid out. */
  get size(): number {
    return this.points.x.length;
  }

  /** Whether all moments of the matrix are laid out. */
  get isWhole(): boolean {
    return this.size === this.matrix.size;
  }

  /** Takes in the moments that came since, as far as one part goes. */
  catchUp(): void {
    if (!this.isWhole) this.advance();
  }

  advance(): void {
    this.work ??= this.grow();
    if (this.work.next().done) this.work = null;
  }

  private *grow(): Generator<void> {
    this.left = PART;
    while (!this.isWhole) {
      const { points: known, size } = this;
      const end = Math.min(size + Math.max(Math.floor(size / 2), 1), this.matrix.size);
      const allowed = Math.floor(((end - size) * WORK) / end ** 2);
      const begin = yield* this.placed(known, end);
      const found = turnedOnto(known, yield* this.smacof(begin, Math.min(Math.max(allowed, 1), MOST_STEPS)));
      // Farther than this it does not go at once: the rest of the way is gone when the next moment comes.
      const share = (MOST_MOVED * (end - size) * width(found)) / moved(known, found);
      const points = share < 1 ? between(begin, found, share) : found;
      const { off } = yield* this.pulled(points);
      this.stress = Math.sqrt(off / this.squares(end));
      this.points = points;
    }
  }

  /** The known points and, up to `end`, new ones at their places among these: of each the best found from a few of them. */
  private *placed(known: Points, end: number): Generator<void, Points> {
    const points = noPoints(end);
    points.x.set(known.x);
    points.y.set(known.y);
    const size = known.x.length;
    for (let i = size; i < end && size > 0; i++) {
      const distances = this.matrix.row(i).subarray(0, size);
      const aside = ASIDE * distances.reduce((most, distance) => Math.max(most, distance));
      const nearest = distances.reduce((best, distance, j) => (distance < distances[best] ? j : best), 0);
      let least = Number.POSITIVE_INFINITY;
      for (const begin of [nearest, 0, Math.floor(size / 2), size - 1]) {
        const x = known.x[begin] + aside * Math.cos(GOLDEN_ANGLE * i);
        const y = known.y[begin] + aside * Math.sin(GOLDEN_ANGLE * i);
        const found = placeOf(distances, known, x, y);
        if (found.off < least) [least, points.x[i], points.y[i]] = [found.off, found.x, found.y];
        if (this.spend(PLACING * size)) yield;
      }
    }
    return points;
  }

  /** Points whose distances come nearer to the true ones. */
  private *smacof(begin: Points, steps: number): Generator<void, Points> {
    let points = begin;
    let last = Number.POSITIVE_INFINITY;
    for (let step = 0; step < steps; step++) {
      const { off, ...next } = yield* this.pulled(points);
      if (last - off < PRECISION * last) break;
      points = next;
      last = off;
    }
    return points;
  }

  /** The Guttman transform of the points, and their raw stress over all pairs. */
  private *pulled({ x, y }: Points): Generator<void, Points & { off: number }> {
    const size = x.length;
    const pulled = noPoints(size);
    let off = 0;
    for (let i = 1; i < size; i++) {
      const distances = this.matrix.row(i);
      for (let j = 0; j < i; j++) {
        const dx = x[i] - x[j];
        const dy = y[i] - y[j];
        const drawn = Math.sqrt(dx * dx + dy * dy);
        const ratio = drawn > 0 ? distances[j] / drawn / size : 0;
        pulled.x[i] += ratio * dx;
        pulled.y[i] += ratio * dy;
        pulled.x[j] -= ratio * dx;
        pulled.y[j] -= ratio * dy;
        off += (drawn - distances[j]) ** 2;
      }
      if (this.spend(i)) yield;
    }
    return { ...pulled, off };
  }

  /** Takes pairs off a part; whether nothing is left of it. */
  private spend(pairs: number): boolean {
    this.left -= pairs;
    if (this.left > 0) return false;
    this.left = PART;
    return true;
  }

  /** The squares of the first distances, summed. */
  private squares(end: number): number {
    let sum = 0;
    for (let i = 1; i < end; i++) for (const distance of this.matrix.row(i)) sum += distance ** 2;
    return sum;
  }
}

/** The place that is found for a point at such distances from the known ones, and its part of the raw stress. */
function placeOf(distances: Float32Array, known: Points, beginX: number, beginY: number) {
  const size = distances.length;
  let [x, y, off] = [beginX, beginY, 0];
  for (let step = 0; step < PLACING; step++) {
    let sumX = 0;
    let sumY = 0;
    off = 0;
    for (let j = 0; j < size; j++) {
      const dx = x - known.x[j];
      const dy = y - known.y[j];
      const drawn = Math.sqrt(dx * dx + dy * dy);
      const ratio = drawn > 0 ? distances[j] / drawn : 0;
      sumX += known.x[j] + ratio * dx;
      sumY += known.y[j] + ratio * dy;
      off += (drawn - distances[j]) ** 2;
    }
    x = sumX / size;
    y = sumY / size;
  }
  return { x, y, off };
}
