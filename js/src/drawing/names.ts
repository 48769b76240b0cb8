/** Names in little room: cut in the middle, only as far as needed, and so that different ones stay different. */

/** Measures a text as it is drawn, in pixels. */
export type Ruler = (text: string) => number;

const FAMILY = "system-ui, sans-serif";
const CUTS = [1 / 2, 1 / 4, 3 / 4, 0, 1]; // shares of the letters left that stand before the gap
const letters = new WeakMap<Element, { weight: string; family: string }>();
let pen: CanvasRenderingContext2D | null = null;

/** A ruler for texts of a size in an element's own letters, as heavy as these are. */
export function rulerOf(size: number, within: Element): Ruler {
  pen ??= document.createElement("canvas").getContext("2d") as CanvasRenderingContext2D;
  const context = pen;
  const { weight, family } = lettersOf(within);
  const font = `${weight} ${size}px ${family}`;
  return (text) => {
    context.font = font;
    return context.measureText(text).width;
  };
}

/** An element's letters, asked for once: each time, the browser would work out the styles of all that has changed. */
function lettersOf(within: Element): { weight: string; family: string } {
  const known = letters.get(within);
  if (known) return known;
  const { fontWeight, fontFamily } = getComputedStyle(within);
  const made = { weight: fontWeight || "normal", family: fontFamily || FAMILY };
  if (within.isConnected) letters.set(within, made);
  return made;
}

/** The widest of some texts, in pixels. */
export function widest(texts: string[], ruler: Ruler): number {
  return texts.reduce((most, text) => Math.max(most, ruler(text)), 0);
}

/** The names as they fit into a number of pixels. Where too little is left to tell two apart, their index does. */
export function fitted(names: string[], width: number, ruler: Ruler): string[] {
  const made = names.map((name) => longestCut(name, width, ruler, 1 / 2));
  const told = new Map<string, Set<string>>();
  for (const [i, text] of made.entries()) told.set(text, (told.get(text) ?? new Set()).add(names[i]));
  return made.map((text, i) => {
    const alike = told.get(text) as Set<string>;
    if (alike.size === 1) return text;
    const share = CUTS.find((cut) => {
      const others = new Set([...alike].map((name) => longestCut(name, width, ruler, cut)));
      return others.size === alike.size && ![...others].some((other) => told.has(other));
    });
    return share === undefined ? numbered(names[i], i, width, ruler) : longestCut(names[i], width, ruler, share);
  });
}

/** The longest cut of a name that fits. */
function longestCut(name: string, width: number, ruler: Ruler, share: number): string {
  if (ruler(name) <= width) return name;
  const letters = [...name];
  let [most, least] = [letters.length - 1, 1];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (ruler(cut(letters, middle, share)) <= width) least = middle;
    else most = middle - 1;
  }
  return cut(letters, least, share);
}

/** So many of its letters, and what says that some are missing. */
function cut(letters: string[], left: number, share: number): string {
  const head = Math.round(left * share);
  return `${letters.slice(0, head).join("")}\u2026${letters.slice(letters.length - (left - head)).join("")}`;
}

function numbered(name: string, index: number, width: number, ruler: Ruler): string {
  const number = `\u2026${index}`;
  const letters = [...name];
  let head = letters.length;
  while (head > 0 && ruler(letters.slice(0, head).join("") + number) > width) head--;
  return letters.slice(0, head).join("") + number;
}
