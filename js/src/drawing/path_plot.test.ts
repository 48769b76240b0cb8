// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import type { Points } from "../run/plane";
import { TIME } from "./colour";
import { COLOURS, PathPlot } from "./path_plot";

const points = (...places: [number, number][]): Points => ({
  x: Float64Array.from(places, ([x]) => x),
  y: Float64Array.from(places, ([, y]) => y),
});
const along = (size: number) => points(...Array.from({ length: size }, (_, i): [number, number] => [i, 0]));

const all = ({ plot }: PathPlot, selector: string) => [...plot.querySelectorAll(selector)];
const names = (path: PathPlot) => all(path, "text").map(({ textContent }) => textContent);
const place = (circle: Element) => ["cx", "cy"].map((name) => Number(circle.getAttribute(name)));

/** Where the points are drawn, told by their rings. */
function places(path: PathPlot, size: number): number[][] {
  return Array.from({ length: size }, (_, index) => {
    path.mark(index, [], String);
    return place(all(path, ".nntf-path-focus")[0]);
  });
}

describe("a path", () => {
  it("is as large as its box allows, and keeps its shape; upwards is up", () => {
    expect(places(new PathPlot(points([0, 0], [4, 0], [4, 2]), 228, 100), 3)).toEqual([
      [42, 86],
      [186, 86],
      [186, 14],
    ]);
  });

  it("of points that are all on one spot is in the middle", () => {
    expect(places(new PathPlot(points([7, 7], [7, 7]), 100, 60), 2)).toEqual([
      [50, 30],
      [50, 30],
    ]);
  });

  it("is coloured by time, with a dot at each of a few points", () => {
    const path = new PathPlot(along(3), 228, 100);
    expect(all(path, ".nntf-path-line").map((line) => line.getAttribute("stroke"))).toEqual([
      TIME.css(0.25),
      TIME.css(0.75),
    ]);
    expect(all(path, ".nntf-path-line")[1].getAttribute("d")).toBe("M114.0 50.0L214.0 50.0");
    expect(all(path, ".nntf-path-dots")[1].getAttribute("d")).toBe("M114.0 50.0h0M214.0 50.0h0");
    expect(all(new PathPlot(along(1), 228, 100), ".nntf-path-dots").length).toBe(1);
  });

  it("of many points has no more than so many pieces, and no dots", () => {
    const path = new PathPlot(along(1000), 228, 100);
    expect(all(path, "path").length).toBe(COLOURS);
    const joints = all(path, "path").map((line) => line.getAttribute("d")?.match(/M([\d.]+).*L([\d.]+)/));
    for (let i = 1; i < COLOURS; i++) expect(joints[i]?.[1]).toBe(joints[i - 1]?.[2]);
  });

  it("marks the point in focus and those that are pointed to, and says what they are, and its ends", () => {
    const path = new PathPlot(along(9), 428, 60);
    path.mark(4, [2], (index) => `e${index}`);
    expect(all(path, ".nntf-path-focus").map(place)).toEqual([[214, 30]]);
    expect(all(path, ".nntf-path-pointed").map(place)).toEqual([[114, 30]]);
    expect(names(path).sort()).toEqual(["e0", "e2", "e4", "e8"]);
    expect(all(path, ".nntf-path-marked").length).toBe(2);
    path.mark(-1, [9], String); // neither is on the path
    expect(all(path, "circle").length).toBe(0);
    expect(names(path).sort()).toEqual(["0", "8"]);
  });

  it("writes beside a point where the fewest others are, within its box, and nothing on what is written", () => {
    const crowded = points([0, 0], [10, 0], [9.6, 0], [9.4, 0], [5, 3]);
    const path = new PathPlot(crowded, 428, 160);
    path.mark(2, [], String);
    const at = (name: string) => all(path, "text").find(({ textContent }) => textContent === name);
    expect(at("2")?.getAttribute("text-anchor")).toBe("end"); // behind it there is no room
    expect(at("0")?.getAttribute("text-anchor")).toBe("start");
    const close = new PathPlot(points([0, 0], [5, 0], [5, 0], [5, 0.01], [10, 5]), 428, 160);
    close.mark(1, [2, 3], String);
    expect(names(close)).toEqual(["2", "3", "4", "0"]); // the first on one side, the second on the other
  });

  it("tells which point is meant", () => {
    const path = new PathPlot(along(5), 428, 60); // 100 pixels from each to the next
    const nearest = (clientX: number, clientY: number) => path.nearest({ clientX, clientY });
    expect([nearest(14, 30), nearest(130, 20), nearest(398, 50)]).toEqual([0, 1, 4]);
    expect([nearest(164, 30), nearest(214, 65)]).toEqual([null, null]);
  });
});
