/** The method's formulas written the obvious way, for tests: `first` and `second` are the counts of two transitions. */

import { sum } from "../drawing/numbers";

export function unlike(first: number[], second: number[]): number {
  const difference = sum(first.map((count, i) => Math.abs(count - second[i])));
  const total = sum(first) + sum(second);
  return total ? difference / total : 0;
}

/** The distance to be expected by chance; 1 where nothing moved. */
export function chance(first: number[], second: number[]): number {
  const [own, total] = [sum(first), sum(first) + sum(second)];
  return total ? sum(first.map((count, i) => difference(count + second[i], own, total))) / total : 1;
}

export function beyondChance(first: number[], second: number[]): number {
  const expected = chance(first, second);
  return 1 - expected < 0.05 ? Number.NaN : (unlike(first, second) - expected) / (1 - expected);
}

/** E|2B - n|, B ~ Hypergeometric(total, n = together, moved), every chance summed. */
function difference(together: number, moved: number, total: number): number {
  const logChoose = (n: number, k: number) => logFactorial(n) - logFactorial(k) - logFactorial(n - k);
  let expected = 0;
  for (let dealt = Math.max(0, together - (total - moved)); dealt <= Math.min(together, moved); dealt++) {
    const log = logChoose(moved, dealt) + logChoose(total - moved, together - dealt) - logChoose(total, together);
    expected += Math.abs(2 * dealt - together) * Math.exp(log);
  }
  return expected;
}

const logs = [0];

function logFactorial(n: number): number {
  while (logs.length <= n) logs.push(logs[logs.length - 1] + Math.log(logs.length));
  return logs[n];
}
