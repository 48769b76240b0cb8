// @vitest-environment happy-dom
import { describe, expect, it, vi } from "vitest";
import { EpochAxis } from "./epoch_axis";
import { MirroredBars, type Part } from "./mirrored_bars";

const LEFT = 96;
const HEIGHT = 61; // 60 pixels for the bars

const part = (fill: string, counts: number[]): Part => ({ fill, count: (t) => counts[t] });
/** An axis whose plots are so many pixels wide. */
const axisOf = (pixels: number, snapshots: number, first = 0) => new EpochAxis(LEFT, pixels, first, snapshots - 1);

function drawn(axis: EpochAxis, up: Part[], down: Part[], words: [string, string][] = []) {
  const [onHover, onPick] = [vi.fn(), vi.fn()];
  const bars = new MirroredBars(HEIGHT, onHover, onPick);
  bars.draw(axis, [], "Bars", up, down, words);
  const paths = [...bars.root.querySelectorAll("path")];
  /** The rectangles of each part: x and y of two corners, from the left end of the plot. */
  const rectangles: Record<string, number[][]> = Object.fromEntries(
    paths.map((path) => [
      path.getAttribute("fill"),
      [...(path.getAttribute("d") ?? "").matchAll(/M(\S+) (\S+)H(\S+)V(\S+)H\1Z/g)].map(([, x1, y1, x2, y2]) => [
        Number(x1) - LEFT,
        Number(y1),
        Number(x2) - LEFT,
        Number(y2),
      ]),
    ]),
  );
  const texts = [...bars.root.querySelectorAll("text")].map((text) => text.textContent);
  return { bars, onHover, onPick, rectangles, texts };
}

describe("mirrored bars", () => {
  it("stack up and down from a line, on one scale, each between its two snapshots", () => {
    const { rectangles, texts } = drawn(
      axisOf(100, 5), // 20 pixels for an epoch
      [part("right", [10, 0, 5, 0])],
      [part("wrong", [5, 0, 0, 1]), part("sideways", [5, 0, 0, 4])],
    );
    // 10 samples up and 10 down in 60 pixels; a bar leaves a pixel to the next.
    expect(rectangles).toEqual({
      right: [
        [10, 30, 29, 0],
        [50, 30, 69, 15],
      ],
      wrong: [
        [10, 30, 29, 45],
        [70, 30, 89, 33],
      ],
      sideways: [
        [10, 45, 29, 60],
        [70, 33, 89, 45],
      ],
    });
    expect(texts).toEqual(["10", "10"]);
  });

  it("are those of the epochs shown, on a scale that fits them", () => {
    const { rectangles, texts } = drawn(axisOf(100, 5, 1), [part("moved", [1000, 10, 5, 0])], []);
    expect(rectangles.moved).toEqual([
      [12.5, 60, 36.5, 0],
      [37.5, 60, 61.5, 30],
    ]);
    expect(texts).toEqual(["10"]);
  });

  it("are, where several share a pixel, their mean", () => {
    const { rectangles, texts } = drawn(axisOf(3, 6), [part("moved", [1, 3, 0, 4, 5])], []);
    const heights = rectangles.moved.map(([, y1, , y2]) => y1 - y2);
    expect(heights).toEqual([24, 24, 60]);
    expect(rectangles.moved.map(([x1, , x2]) => x2 - x1)).toEqual([1, 1, 0.5]);
    expect(texts).toEqual(["5"]);
  });

  it("say how far they reach, small means with a digit more", () => {
    expect(drawn(axisOf(3, 6), [part("up", [0, 1, 0, 0, 0])], [part("down", [9000, 9001, 0, 0, 0])]).texts).toEqual([
      "0.5",
      "9\u202f001",
    ]);
  });

  it("are named from the top down", () => {
    const words: [string, string][] = [
      ["became right", "nntf-gained"],
      ["became wrong", "nntf-lost"],
    ];
    const { bars } = drawn(axisOf(100, 3), [part("up", [1, 2])], [part("down", [1, 2])], words);
    const named = [...bars.root.querySelectorAll("text")].slice(0, 2);
    expect(named.map((text) => [text.textContent, text.getAttribute("class")])).toEqual(words);
    expect(Number(named[0].getAttribute("y"))).toBeLessThan(Number(named[1].getAttribute("y")));
    expect(bars.root.getAttribute("aria-label")).toBe("Bars");
  });

  it("stand on a line across the plot, between words before it and numbers behind it", () => {
    const words: [string, string][] = [
      ["right", "a"],
      ["wrong", "b"],
      ["sideways", "c"],
    ];
    const places = (all: Element[], ...names: string[]) =>
      all.map((each) => names.map((name) => Number(each.getAttribute(name))));
    const axis = axisOf(100, 3);
    const { bars } = drawn(axis, [part("up", [30, 0])], [part("down", [0, 10])], words);
    const texts = () => places([...bars.root.querySelectorAll("text")], "x", "y");
    const line = () => places([...bars.root.querySelectorAll(".nntf-tick")], "x1", "x2", "y1", "y2");
    expect(line()).toEqual([[LEFT, LEFT + 100, 45, 45]]);
    expect(texts()).toEqual([
      [LEFT - 8, 9],
      [LEFT - 8, 34],
      [LEFT - 8, 59],
      [LEFT + 110, 9],
      [LEFT + 110, HEIGHT - 2],
    ]);
    expect(places([bars.root], "width", "height")).toEqual([[LEFT + 100, HEIGHT]]);
    bars.draw(axis, [0.5], "Bars", [part("up", [0, 0])], [], [["moved", "a"]]);
    expect([line(), texts()]).toEqual([[[LEFT, LEFT + 100, 30.5, 30.5]], [[LEFT - 8, 34.5]]]);
    const seam = [...bars.root.querySelectorAll(".nntf-seam")];
    expect(places(seam, "x1", "y1", "y2")[0]).toEqual([LEFT + axis.offset(0.5), 0, HEIGHT]);
  });

  it("leave no pixel between them where they are slim", () => {
    const widths = (step: number) =>
      drawn(axisOf(3 * step, 3), [part("up", [1, 1])], []).rectangles.up.map(([x1, , x2]) => x2 - x1);
    expect([widths(4), widths(5)]).toEqual([
      [4, 4],
      [4, 4],
    ]);
  });

  it("know nothing of the pointer before they are drawn", () => {
    const [onHover, onPick] = [vi.fn(), vi.fn()];
    const { root } = new MirroredBars(HEIGHT, onHover, onPick);
    for (const type of ["pointermove", "click"]) root.dispatchEvent(new MouseEvent(type, { clientX: LEFT + 15 }));
    expect([onHover.mock.calls, onPick.mock.calls]).toEqual([[[null]], []]);
  });

  it.each([0, 1, 2])("are none where nothing moved, after %i snapshots", (snapshots) => {
    const { rectangles, texts } = drawn(axisOf(100, snapshots), [part("up", [0])], [part("down", [0])]);
    expect([rectangles, texts]).toEqual([{ up: [], down: [] }, []]);
  });

  it("tell which of them the pointer is on", () => {
    const { bars, onHover, onPick } = drawn(axisOf(100, 5), [part("up", [1, 1, 1, 1])], []);
    vi.spyOn(bars.root, "getBoundingClientRect").mockReturnValue(new DOMRect(7, 0, 268, HEIGHT));
    const pointedAt = (pixels: number) => {
      bars.root.dispatchEvent(new MouseEvent("pointermove", { clientX: 7 + LEFT + pixels }));
      return onHover.mock.lastCall?.[0];
    };
    // A bar reaches from the middle of one epoch to the middle of the next.
    expect([9, 10, 29, 30, 89, 90, -5].map(pointedAt)).toEqual([null, 0, 0, 1, 3, null, null]);
    bars.root.dispatchEvent(new MouseEvent("pointerleave"));
    expect(onHover.mock.lastCall).toEqual([null]);
    for (const pixels of [5, 95, 30]) {
      bars.root.dispatchEvent(new MouseEvent("click", { clientX: 7 + LEFT + pixels }));
    }
    expect(onPick.mock.calls).toEqual([[2]]); // the epoch that the second bar led to
  });
});
