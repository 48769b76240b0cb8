/** A symmetric matrix with a zero diagonal that grows by a row and a column; the part below the diagonal is held. */
export class Triangle {
  private below = new Float32Array(64);
  /** Number of rows. */
  size = 0;

  /** Adds the next row: its values left of the diagonal. */
  append(row: ArrayLike<number>): void {
    const start = offset(this.size);
    if (start + row.length > this.below.length) {
      const room = new Float32Array(Math.max(start + row.length, 2 * this.below.length));
      room.set(this.below.subarray(0, start));
      this.below = room;
    }
    this.below.set(row, start);
    this.size++;
  }

  at(row: number, column: number): number {
    if (row === column) return 0;
    return row > column ? this.below[offset(row) + column] : this.below[offset(column) + row];
  }

  /** The values of a row left of the diagonal. */
  row(index: number): Float32Array {
    return this.below.subarray(offset(index), offset(index + 1));
  }
}

function offset(row: number): number {
  return (row * (row - 1)) / 2;
}
