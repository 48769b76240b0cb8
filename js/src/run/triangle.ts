import { withRoom } from "./room";

/** A symmetric matrix with a zero diagonal that grows by a row and a column; the part below the diagonal is held. */
export class Triangle {
  private below = new Float32Array(0);
  /** Number of rows. */
  size = 0;

  /** Adds the next row: its values left of the diagonal. */
  append(row: ArrayLike<number>): void {
    const start = offset(this.size);
    this.below = withRoom(this.below, start + row.length);
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
