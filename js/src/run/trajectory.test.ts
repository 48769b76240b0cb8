import { describe, expect, it } from "vitest";
import { moved, type Points, width } from "./plane";
import { Trajectory } from "./trajectory";
import { Triangle } from "./triangle";

/** A path in so many dimensions, whose steps become smaller. */
function wandered(size: number, dimensions: number): number[][] {
  let seed = size + dimensions;
  const step = (t: number) => {
    seed = (seed * 48271) % 2147483647;
    return (seed / 2147483647 - 0.5) / Math.sqrt(t + 1);
  };
  const path = [Array.from({ length: dimensions }, () => 0)];
  for (let t = 1; t < size; t++) path.push(path[t - 1].map((value) => value + step(t)));
  return path;
}

const apart = (a: number[], b: number[]) => Math.hypot(...a.map((value, i) => value - b[i]));
const rowOf = (path: number[][], t: number) => path.slice(0, t).map((place) => apart(place, path[t]));

function matrixOf(path: number[][]): Triangle {
  const matrix = new Triangle();
  for (const t of path.keys()) matrix.append(rowOf(path, t));
  return matrix;
}

/** Works until all is laid out; returns in how many parts. */
function finish(trajectory: Trajectory): number {
  let parts = 0;
  for (; !trajectory.isWhole; parts++) trajectory.advance();
  return parts;
}

function laidOut(path: number[][]): Trajectory {
  const trajectory = new Trajectory(matrixOf(path));
  finish(trajectory);
  return trajectory;
}

/** Kruskal's stress-1, pair by pair. */
function stress({ x, y }: Points, path: number[][]): number {
  let [off, whole] = [0, 0];
  for (const [t, place] of path.entries()) {
    for (let s = 0; s < t; s++) {
      const distance = apart(place, path[s]);
      off += (Math.hypot(x[t] - x[s], y[t] - y[s]) - distance) ** 2;
      whole += distance ** 2;
    }
  }
  return Math.sqrt(off / whole);
}

describe("the trajectory", () => {
  it.each([2, 3, 4, 7, 33])("of %i moments that lie in the plane is as they lie", (size) => {
    const path = wandered(size, 2);
    const { points, stress } = laidOut(path);
    expect(stress).toBeLessThan(0.02);
    for (const [t, row] of path.map((_, t) => rowOf(path, t)).entries())
      for (const [s, distance] of row.entries())
        expect(Math.hypot(points.x[t] - points.x[s], points.y[t] - points.y[s])).toBeCloseTo(distance, 1);
  });

  it("says its own stress", () => {
    const path = wandered(24, 8);
    const laid = laidOut(path);
    expect(laid.stress).toBeCloseTo(stress(laid.points, path), 6);
    expect(laid.stress).toBeGreaterThan(0.05);
  });

  it("is as good where it was followed, and a new moment leaves the others where they are", () => {
    const path = wandered(60, 8);
    const matrix = new Triangle();
    const followed = new Trajectory(matrix);
    for (const t of path.keys()) {
      const before = followed.points;
      matrix.append(rowOf(path, t));
      finish(followed);
      if (t > 1) expect(moved(before, followed.points) / width(followed.points)).toBeLessThan(0.05);
    }
    expect(followed.stress).toBeLessThan(1.03 * laidOut(path).stress);
  });

  it("is worked out in parts where the run is long, and takes in what comes meanwhile", () => {
    const path = wandered(241, 6);
    const matrix = matrixOf(path.slice(0, 240));
    const trajectory = new Trajectory(matrix);
    trajectory.catchUp();
    expect(trajectory.isWhole).toBe(false);
    expect(trajectory.size).toBeLessThan(240);
    matrix.append(rowOf(path, 240));
    expect(finish(trajectory)).toBeGreaterThan(3);
    expect(trajectory.points.x.length).toBe(241);
    expect(trajectory.stress).toBeCloseTo(stress(trajectory.points, path), 6);
    trajectory.catchUp();
    expect(trajectory.isWhole).toBe(true);
  });

  it("of a short run is there at once", () => {
    const trajectory = new Trajectory(matrixOf(wandered(50, 6)));
    trajectory.catchUp();
    expect(trajectory.isWhole).toBe(true);
  });

  it("parts points that lay on each other, and is without stress where all do", () => {
    const matrix = new Triangle();
    const trajectory = new Trajectory(matrix);
    finish(trajectory);
    expect([trajectory.size, trajectory.stress]).toEqual([0, Number.NaN]);
    for (const row of [[], [0], [0, 0]]) matrix.append(row);
    finish(trajectory);
    expect(trajectory.stress).toBeNaN();
    expect([...trajectory.points.x, ...trajectory.points.y]).toEqual([0, 0, 0, 0, 0, 0]);
    matrix.append([1, 1, 1]);
    matrix.append([1, 1, 1, 1]);
    finish(trajectory);
    expect(trajectory.stress).toBeLessThan(0.02);
  });
});
