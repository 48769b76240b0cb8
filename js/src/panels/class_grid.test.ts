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
      "0 0 39 25": "#111111",
      "40 0 39 25": "transparent",
      "0 26 39 25": "transparent",
      "40 26 39 25": "#111111",
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

  /** How a grid of so many classes is laid out in so many pixels; their names take 63 pixels, or 51 in small letters. */
  function laidOut(count: number, width: number) {
    const names = Array.from({ length: count }, (_, i) => `name ${String(i).padStart(5, "0")}`.slice(0, 10));
    const { grid, cells } = drawn(names, new Array(count ** 2).fill(1), width);
    const { gridTemplateColumns, gridTemplateRows } = grid.root.style;
    const canvas = grid.root.querySelector("canvas") as HTMLCanvasElement;
    const named = (role: string) =>
      [...grid.root.querySelectorAll(`[role=${role}]`)].flatMap(({ textContent }, i) => (textContent ? [i] : []));
    return {
      columns: gridTemplateColumns.replace(/^[\d.]+/, (pixels) => Number(pixels).toFixed(1)),
      rows: gridTemplateRows,
      letters: grid.root.style.getPropertyValue("--nntf-grid-names"),
      isUpright: grid.root.classList.contains("nntf-grid-upright"),
      hasNumbers: cells()[0].textContent !== "",
      canvas: [Math.round(Number.parseFloat(canvas.style.left)), canvas.style.width, canvas.style.height],
      named: [named("rowheader"), named("columnheader")],
    };
  }

  it("has cells as large as there is room for, and is wider than high", () => {
    // Ten letters are 62.7 pixels wide, and 14 more stand free.
    expect(laidOut(2, 460)).toMatchObject({
      columns: "76.7px repeat(2, 40px)",
      rows: expect.stringMatching(/^repeat\(2, 26px\) 56\.5\d*px$/), // names at a slant: 0.71 of them, and 12
      letters: "11px",
      canvas: [77, "80px", "52px"],
    });
    expect(laidOut(10, 276.7)).toMatchObject({
      columns: "76.7px repeat(10, 20px)",
      rows: expect.stringMatching(/^repeat\(10, 20px\) /),
      canvas: [77, "200px", "200px"],
    });
  });

  it.each([
    [18, "11px", false, true],
    [17, "11px", true, true],
    [16, "11px", true, true],
    [15, "11px", true, false],
    [11, "11px", true, false],
  ])(
    "with %i pixels for a cell has letters of %s, upright: %s, and numbers: %s",
    (across, letters, upright, numbers) => {
      const { columns, ...is } = laidOut(20, 77 + 20 * across);
      expect(columns).toBe(`76.7px repeat(20, ${across}px)`);
      expect(is).toMatchObject({ letters, isUpright: upright, hasNumbers: numbers });
    },
  );

  it("has small letters, of which more fit, where there is less room", () => {
    const { columns, letters, rows } = laidOut(20, 77 + 20 * 10);
    expect([columns, letters]).toEqual(["65.3px repeat(20, 10px)", "9px"]);
    expect(rows).toMatch(/^repeat\(20, 10px\) 63\.[23]\d*px$/); // upright names: as long as they are, and 12
  });

  it("leaves out names that would lie on each other, not the last", () => {
    expect(laidOut(4, 460).named).toEqual([
      [0, 1, 2, 3],
      [0, 1, 2, 3],
    ]);
    const slim = laidOut(30, 190); // 4 pixels for letters of 9: every third
    const third = Array.from({ length: 10 }, (_, i) => 2 + 3 * i);
    expect([slim.columns, slim.named]).toEqual(["63.3px repeat(30, 4px)", [third, third]]);
    expect(laidOut(30, 90).columns).toBe("30.0px repeat(30, 3px)"); // the least
  });

  it("has its parts known as such", () => {
    const { grid } = drawn(["cat", "dog"], [7, 1, 2, 9]);
    expect([grid.root.getAttribute("role"), grid.root.getAttribute("aria-readonly")]).toEqual(["grid", "true"]);
    const rows = [...grid.root.querySelectorAll("[role=row]")];
    const roles = rows.map((row) => [...row.children].map((each) => each.getAttribute("role")));
    expect(roles).toEqual([
      ["rowheader", "gridcell", "gridcell"],
      ["rowheader", "gridcell", "gridcell"],
      ["presentation", "columnheader", "columnheader"],
    ]);
    expect(grid.root.querySelector("canvas")?.getAttribute("role")).toBe("presentation");
    const titles = [...grid.root.querySelectorAll<HTMLElement>("[role=columnheader]")].map(({ title }) => title);
    expect(titles).toEqual(["cat", "dog"]);
  });

  it("leaves a pixel between its cells, as long as they are not slim", () => {
    const names = Array.from({ length: 20 }, (_, i) => `class ${i}`);
    drawn(names, new Array(400).fill(9), 460);
    expect(painted.has("19 0 18 18")).toBe(true);
    painted.clear();
    drawn(names, new Array(400).fill(9), 300);
    expect([...painted.keys()].slice(0, 2)).toEqual(["0 0 11 11", "11 0 11 11"]);
  });

  it("keeps the cell that the Tab key leads to, as far as there is one, for other classes", () => {
    const { grid, cells, press, draw } = drawn(["a", "b", "c"], [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    const reached = () => cells().flatMap(({ tabIndex }, i) => (tabIndex === 0 ? [i] : []));
    cells()[0].focus();
    for (const key of ["ArrowDown", "ArrowDown", "ArrowRight"]) press(key);
    expect(reached()).toEqual([7]);
    draw([0, 1, 2, 3, 4, 5, 6, 7, 8], ["a", "b", "d"]);
    expect(reached()).toEqual([7]);
    grid.draw(
      "Moves",
      ["0", "1"],
      ["a", "b"],
      [0, 1, 2, 3].map((count) => cell(count)),
      460,
    );
    expect(reached()).toEqual([3]);
  });

  it("is walked through with the arrow keys, and says where one is", () => {
    const { cells, press, said } = drawn(["a", "b", "c"], [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    const [first] = cells();
    expect(cells().map(({ tabIndex }) => tabIndex)).toEqual([0, ...new Array(8).fill(-1)]);
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
    for (const place of [1, 0]) {
      cells()[place].focus();
      draw([8, 9, 2, 3]);
      expect(said.mock.lastCall).toEqual([`count ${8 + place}`]);
    }
  });

  it("has nothing to say of a name, nor a way from there", () => {
    const { grid, said } = drawn(["a", "b"], [0, 1, 2, 3]);
    const name = grid.root.querySelector("[role=rowheader]");
    name?.dispatchEvent(new MouseEvent("pointerover", { bubbles: true }));
    expect(said.mock.calls).toEqual([[null]]);
    const key = new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true, cancelable: true });
    name?.dispatchEvent(key);
    expect(key.defaultPrevented).toBe(false);
  });
});
