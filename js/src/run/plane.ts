/** Points of the plane: how far they reach, where they lie between others, and turned onto others. */

const TIE = 1e-6; // points on a line may be mirrored or not: then they are not

export interface Points {
  x: Float64Array;
  y: Float64Array;
}

export function noPoints(length: number): Points {
  return { x: new Float64Array(length), y: new Float64Array(length) };
}

/** Some of the points, as views on them. */
export function part({ x, y }: Points, first: number, end: number): Points {
  return { x: x.subarray(first, end), y: y.subarray(first, end) };
}

/** How far points reach, along the axis along which they reach farther. */
export function width({ x, y }: Points): number {
  return Math.max(...[x, y].map((values) => highest(values) - lowest(values)));
}

export function lowest(values: Float64Array): number {
  return values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
}

export function highest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
}

/** Points so far on the way from some to others. */
export function between(from: Points, to: Points, share: number): Points {
  const along = (a: Float64Array, b: Float64Array) => a.map((each, i) => each + share * (b[i] - each));
  return { x: along(from.x, to.x), y: along(from.y, to.y) };
}

/** How far the known points are from the first of others, in the median; NaN where none is known. */
export function moved(known: Points, { x, y }: Points): number {
  const ways = known.x.map((each, i) => Math.hypot(x[i] - each, y[i] - known.y[i])).sort();
  return (ways[Math.ceil(ways.length / 2) - 1] + ways[Math.floor(ways.length / 2)]) / 2;
}

/** Points turned, mirrored and shifted so that the first of them lie as near as may be on the known ones (Procrustes). */
export function turnedOnto(known: Points, { x, y }: Points): Points {
  const size = known.x.length;
  if (size === 0) return { x, y };
  const begin = part({ x, y }, 0, size);
  const from = [mean(begin.x), mean(begin.y)];
  const onto = [mean(known.x), mean(known.y)];
  // The products of the coordinates, summed: both best turns are made of them, as it is and mirrored.
  let [xx, xy, yx, yy] = [0, 0, 0, 0];
  for (let i = 0; i < size; i++) {
    const [dx, dy] = [x[i] - from[0], y[i] - from[1]];
    const [ex, ey] = [known.x[i] - onto[0], known.y[i] - onto[1]];
    xx += dx * ex;
    xy += dx * ey;
    yx += dy * ex;
    yy += dy * ey;
  }
  const way = Math.hypot(xx - yy, xy + yx) > (1 + TIE) * Math.hypot(xx + yy, xy - yx) ? -1 : 1;
  const angle = Math.atan2(xy - way * yx, xx + way * yy);
  const [cos, sin] = [Math.cos(angle), way * Math.sin(angle)];
  return {
    x: x.map((each, i) => (each - from[0]) * cos - (y[i] - from[1]) * sin + onto[0]),
    y: y.map((each, i) => ((x[i] - from[0]) * sin + (each - from[1]) * cos) * way + onto[1]),
  };
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
