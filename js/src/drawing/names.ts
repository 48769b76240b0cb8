/** Names in little room: cut in the middle, since many differ at their ends. */

export function shortened(name: string, letters: number): string {
  const all = [...name];
  if (all.length <= letters) return name;
  const tail = Math.floor((letters - 1) / 2);
  return `${all.slice(0, Math.max(letters - 1 - tail, 1)).join("")}\u2026${tail > 0 ? all.slice(-tail).join("") : ""}`;
}
