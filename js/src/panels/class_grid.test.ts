// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ClassGrid, type GridCell } from "./class_grid";

const cell = (count: number, spoken = `count ${count}`): GridCell => ({
  count,
  text: String(count),
  fill: count > 5 ? "#111111" : "transparent",
  ink: count > 5 ? "#fff" : "",
  spoken,
});

function drawn(names: string[], counts: number[], width = 460) {
  const said = vi.fn();
  const grid = new ClassGrid(said);
  const ids = names.map((_, i) => String(i));
  const draw = (numbers: number[], again = names) =>
    grid.draw(
      "Confusion matrix, epoch 3",
      ids,
      again,
      numbers.map((count) => cell(count)),
      width,
    );
  draw(counts);
  document.body.replaceChildren(grid.root);
  const cells = () => [...grid.root.querySelectorAll<HTMLElement>("[role=gridcell]")];
  const press = (key: string) =>
    document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  return { grid, draw, said, cells, press };
}

/** The colour of each place that was painted. */
const painted = new Map<string, string>();

beforeEach(() => {
  painted.clear();
  const context = {
    fillStyle: "",
    font: "",
    measureText(text: string) {
      return { width: 0.57 * Number(/(\d+)px/.exec(this.font)?.[1]) * text.length };
    },
    scale: vi.fn(),
    fillRect: (...place: number[]) => painted.set(place.join(" "), context.fillStyle),
  };
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(context as never);
});
afterEach(() => vi.restoreAllMocks());

describe("the grid of classes", () => {
  it("has a cell for each pair, which says its classes and its count", () => {
    const { grid, cells } = drawn(["cat", "dog"], [7, 1, 2, 9]);
    expect(grid.root.getAttribute("aria-label")).toBe("Confusion matrix, epoch 3");
    expect(cells().map(({ dataset }) => [dataset.row, dataset.column, dataset.count])).toEqual([
      ["0", "0", "7"],
      ["0", "1", "1"],
      ["1", "0", "2"],
      ["1", "1", "9"],
    ]);
    expect(cells().map((each) => each.getAttribute("aria-label"))).toEqual([7, 1, 2, 9].map((n) => `count ${n}`));
    expect(cells().map((each) => each.textContent)).toEqual(["7", "1", "2", "9"]);
    expect(cells().map((each) => each.classList.contains("nntf-grid-diagonal"))).toEqual([true, false, false, true]);
    for (const role of ["rowheader", "columnheader"]) {
      const headers = [...grid.root.querySelectorAll(`[role=${role}]`)];
      expect(headers.map((header) => header.getAttribute("aria-label"))).toEqual(["cat", "dog"]);
    }
  });

  it("has the colour of every cell below it", () => {
    drawn(["cat", "dog"], [7, 1, 2, 9]);
    expect(Object.fromEntries(painted)).toEqual({
      "0 0 39 27": "#111111",
      "40 0 39 27": "transparent",
      "0 28 39 27": "transparent",
      "40 28 39 27": "#111111",
    });
  });

  it("changes its cells in place, and builds them anew for other classes", () => {
    const { draw, cells } = drawn(["cat", "dog"], [7, 1, 2, 9]);
    const before = cells();
    draw([7, 8, 2, 0]);
    expect(cells()).toEqual(before);
    expect(cells().map((each) => [each.textContent, each.style.color])).toEqual([
      ["7", "#fff"],
      ["8", "#fff"],
      ["2", ""],
      ["0", ""],
    ]);
    draw([7, 8, 2, 0], ["cat", "frog"]);
    expect(cells()[1]).not.toBe(before[1]);
    expect(cells()[1].dataset.count).toBe("8");
  });

  it("writes its numbers as large as they fit, or not at all", () => {
    const size = (names: string[], count: number, width: number) => {
      const { grid, cells } = drawn(names, new Array(names.length ** 2).fill(count), width);
      return cells()[1].textContent ? grid.root.style.getPropertyValue("--nntf-grid-numbers") : "none";
    };
    const ten = Array.from({ length: 10 }, (_, i) => `class ${i}`);
    expect(size(ten, 1234, 460)).toBe("11px");
    expect(size(ten, 123456, 460)).toBe("9px");
    expect(size(ten, 12345678, 460)).toBe("none");
    expect(
      size(
        Array.from({ length: 40 }, (_, i) => `class ${i}`),
        1,
        460,
      ),
    ).toBe("none");
  });

  it("gives its names up to a third of the width, and cuts them in the middle", () => {
    const names = ["class number one hundred and one", "class number one hundred and two"];
    const { grid } = drawn(names, [1, 2, 3, 4], 240);
    expect(Number.parseFloat(grid.root.style.gridTemplateColumns)).toBe(80);
    const shown = [...grid.root.querySelectorAll("[role=rowheader]")].map((header) => header.textContent ?? "");
    expect(shown[0]).toMatch(/^class.*\u2026.* one$/);
    expect(new Set(shown).size).toBe(2);
  });

  it("is walked through with the arrow keys, and says where one is", () => {
    const { cells, press, said } = drawn(["a", "b", "c"], [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    const [first] = cells();
    expect(cells().filter((each) => each.tabIndex === 0)).toEqual([first]);
    first.focus();
    expect(said.mock.lastCall).toEqual(["count 0"]);
    for (const [key, count] of [
      ["ArrowRight", 1],
      ["ArrowDown", 4],
      ["ArrowDown", 7],
      ["ArrowDown", 7],
      ["ArrowRight", 8],
      ["ArrowRight", 8],
      ["ArrowUp", 5],
      ["ArrowLeft", 4],
      ["Escape", 4],
      ["ArrowLeft", 3],
      ["ArrowLeft", 3],
      ["ArrowUp", 0],
      ["ArrowUp", 0],
    ] as const) {
      press(key);
      expect(document.activeElement).toBe(cells()[count]);
      expect(cells().filter((each) => each.tabIndex === 0)).toEqual([cells()[count]]);
    }
    (document.activeElement as HTMLElement).blur();
    expect(said.mock.lastCall).toEqual([null]);
  });

  it("keeps its arrow keys to itself, and lets others through", () => {
    const { grid, cells, press } = drawn(["a", "b"], [0, 1, 2, 3]);
    const outside = vi.fn();
    grid.root.parentElement?.addEventListener("keydown", outside);
    cells()[0].focus();
    press("ArrowRight");
    expect(outside).not.toHaveBeenCalled();
    press("Escape");
    expect(outside).toHaveBeenCalledOnce();
  });

  it("says what the pointer is on, and, where one is, what is new there", () => {
    const { grid, cells, draw, said } = drawn(["a", "b"], [0, 1, 2, 3]);
    cells()[2].dispatchEvent(new MouseEvent("pointerover", { bubbles: true }));
    expect(said.mock.lastCall).toEqual(["count 2"]);
    grid.root.dispatchEvent(new MouseEvent("pointerleave"));
    expect(said.mock.lastCall).toEqual([null]);
    cells()[1].focus();
    draw([0, 9, 2, 3]);
    expect(said.mock.lastCall).toEqual(["count 9"]);
  });
});
