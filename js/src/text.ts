/** Text that fits its place. */

const SIZE = 11; // pixels, as the style sheet has it in pictures
const LONGEST = 24; // letters
let ruler: CanvasRenderingContext2D | null = null;

/** A name for use in a sentence, cut where it is very long. */
export function shortened(name: string): string {
  const letters = [...name];
  return letters.length > LONGEST ? `${letters.slice(0, LONGEST - 1).join("")}\u2026` : name;
}

/** The width of the widest of these texts. */
export function widest(texts: string[]): number {
  ruler ??= newRuler();
  return Math.max(...texts.map((text) => (ruler as CanvasRenderingContext2D).measureText(text).width));
}

/** As much of a text as is no wider than `width` pixels, with an ellipsis where something is left out. */
export function fitted(text: string, width: number): string {
  ruler ??= newRuler();
  if (ruler.measureText(text).width <= width) return text;
  const letters = [...text];
  let [fits, tooMany] = [0, letters.length];
  while (tooMany - fits > 1) {
    const middle = (fits + tooMany) >> 1;
    const wide = ruler.measureText(`${letters.slice(0, middle).join("")}\u2026`).width > width;
    if (wide) tooMany = middle;
    else fits = middle;
  }
  return `${letters.slice(0, fits).join("")}\u2026`;
}

/** Made once: to ask for the page's font while drawing would have the page laid out in between. */
function newRuler(): CanvasRenderingContext2D {
  const made = document.createElement("canvas").getContext("2d") as CanvasRenderingContext2D;
  const family = getComputedStyle(document.documentElement).getPropertyValue("--jp-ui-font-family");
  made.font = `${SIZE}px ${family || "system-ui, sans-serif"}`;
  return made;
}
