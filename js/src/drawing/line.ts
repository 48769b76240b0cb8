/** A curve through values that stand side by side. */

/** The path through values of which the first is at index 0; it is broken where there is no number. */
export function linePath(
  values: ArrayLike<number | null>,
  x: (index: number) => number,
  y: (value: number) => number,
): string {
  let path = "";
  let isJoined = false;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    const isThere = value !== null && !Number.isNaN(value);
    if (isThere) path += `${isJoined ? "L" : "M"}${x(i).toFixed(1)} ${y(value).toFixed(1)}`;
    isJoined = isThere;
  }
  return path;
}
