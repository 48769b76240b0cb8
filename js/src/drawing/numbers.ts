/** Numbers as people read them. */

/** A count with its thousands set apart. */
export function grouped(value: number): string {
  return value.toLocaleString("en").replaceAll(",", "\u202f");
}

/** A share as a percentage; a dash where there is none. */
export function percent(share: number): string {
  return Number.isNaN(share) ? "\u2013" : `${(100 * share).toFixed(1)} %`;
}

/** Numbers in a row of words: "3", "3 and 8", "3, 8 and 9". */
export function listed(values: number[]): string {
  return values.join(", ").replace(/, (\d+)$/, " and $1");
}
