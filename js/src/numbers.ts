/** Numbers as people read them. */

/** A count with its thousands set apart. */
export function grouped(value: number): string {
  return value.toLocaleString("en").replaceAll(",", "\u202f");
}

/** Ascending epochs as "epochs 3\u20135, 9", or, where that would be long, as how many and the last. */
export function epochsListed(numbers: readonly number[]): string {
  const starts = numbers.filter((number, index) => number !== numbers[index - 1] + 1);
  if (starts.length > 5) return `${grouped(numbers.length)} epochs, the last ${numbers[numbers.length - 1]}`;
  const ends = numbers.filter((number, index) => number !== numbers[index + 1] - 1);
  const ranges = starts.map((start, index) => (start === ends[index] ? `${start}` : `${start}\u2013${ends[index]}`));
  return `${numbers.length === 1 ? "epoch" : "epochs"} ${ranges.join(", ")}`;
}

/** A share as a percentage; a dash where there is none. */
export function percent(share: number): string {
  return Number.isNaN(share) ? "\u2013" : `${(100 * share).toFixed(1)} %`;
}
