/** Numbers and words as people read them. */

const THOUSANDS = new Intl.NumberFormat("en");

/** A count with its thousands set apart. */
export function grouped(value: number): string {
  return Math.abs(value) < 1000 ? String(value) : THOUSANDS.format(value).replaceAll(",", "\u202f");
}

export function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** A word as it begins a sentence. */
export function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** A share as a percentage; a dash where there is none. */
export function percent(share: number): string {
  return Number.isNaN(share) ? "\u2013" : `${(100 * share).toFixed(1)} %`;
}

/** A number with so many digits after the point; a dash where there is none. */
export function fixed(value: number, digits: number): string {
  if (Number.isNaN(value)) return "\u2013";
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) > 0 ? `\u2212${text}` : text;
}

/** The value of a metric, with as many digits as the kernel's charts have; a dash where there is none. */
export function metric(value: number | null): string {
  return value === null ? "\u2013" : String(Number(value.toPrecision(3)));
}

/** Numbers in a row of words: "3", "3 and 8", "3, 8 and 9". */
export function listed(values: number[]): string {
  return values.join(", ").replace(/, (\d+)$/, " and $1");
}

/** A count or a change of one in little room. */
export function compact(value: number): string {
  const size = Math.abs(value);
  return `${value < 0 ? "\u2212" : ""}${size < 10_000 ? size : `${Math.round(size / 1000)}k`}`;
}

/** A change of a count, with its sign. */
export function signed(value: number): string {
  const sign = value === 0 ? "\u00b1" : value < 0 ? "\u2212" : "+";
  return sign + grouped(Math.abs(value));
}

/** Writes the numbers of a range of this width, with as many digits as tell its ends apart. */
export function writer(width: number, inPercent: boolean): (value: number) => string {
  const [factor, unit, least] = inPercent ? [100, "\u202f%", 0] : [1, "", 2];
  const digits = Math.max(least, -Math.floor(Math.log10(factor * width)));
  return (value) => `${fixed(factor * value, digits)}${unit}`;
}
