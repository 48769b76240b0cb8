/** Counts by pair of classes, of which few are not zero. */

/** Beyond so many cells they are not all held. */
const DENSE = 1 << 20;

export class Tally {
  private readonly dense: Int32Array | null;
  private readonly sparse = new Map<number, number>();
  private readonly touched: number[] = [];

  constructor(private readonly numClasses: number) {
    this.dense = numClasses * numClasses <= DENSE ? new Int32Array(numClasses * numClasses) : null;
  }

  add(row: number, column: number, count: number): void {
    const cell = row * this.numClasses + column;
    if (!this.dense) {
      this.sparse.set(cell, (this.sparse.get(cell) ?? 0) + count);
      return;
    }
    if (this.dense[cell] === 0) this.touched.push(cell);
    this.dense[cell] += count;
  }

  /** Returns the counts that are not zero, cell = row * K + column, and begins anew. */
  take(): { cells: Uint32Array; counts: Int32Array } {
    const { dense, sparse } = this;
    const seen = dense ? [...new Set(this.touched)] : [...sparse.keys()];
    const count = (cell: number) => (dense ? dense[cell] : (sparse.get(cell) as number));
    const cells = Uint32Array.from(seen.filter((cell) => count(cell) !== 0));
    const counts = Int32Array.from(cells, count);
    for (const cell of this.touched) if (dense) dense[cell] = 0;
    this.touched.length = 0;
    sparse.clear();
    return { cells, counts };
  }
}
