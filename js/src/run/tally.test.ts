import fc from "fast-check";
import { expect, it } from "vitest";
import { tally } from "./tally";

it.each([2, 5, 300])("counts the pairs that occur, of %i classes, in a table or in a map", (numClasses) => {
  const ids = fc.integer({ min: 0, max: numClasses - 1 });
  fc.assert(
    fc.property(fc.array(fc.tuple(ids, ids), { maxLength: 60 }), (pairs) => {
      const expected: Record<number, number> = {};
      for (const [row, column] of pairs) {
        const cell = row * numClasses + column;
        expected[cell] = (expected[cell] ?? 0) + 1;
      }
      const [rows, columns] = [0, 1].map((side) => Uint16Array.from(pairs, (pair) => pair[side]));
      const { cells, counts } = tally(rows, columns, numClasses);
      expect(Object.fromEntries(Array.from(cells, (cell, i) => [cell, counts[i]]))).toEqual(expected);
      expect(cells.length).toBe(new Set(cells).size);
    }),
  );
});

it("counts the pairs of the largest class ids that there may be", () => {
  const last = Uint16Array.of(65535);
  expect(tally(last, last, 65536)).toEqual({ cells: Uint32Array.of(2 ** 32 - 1), counts: Int32Array.of(1) });
});
