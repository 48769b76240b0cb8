/** A view as a picture: what is on the screen, written as one SVG document that needs nothing else. */

const SVG = "http://www.w3.org/2000/svg";
/** Properties that a style sheet gives to what is drawn, which the document has to carry itself. */
const DRAWN = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-opacity",
  "stroke-width",
  "opacity",
  "font-size",
  "font-weight",
];
const MARGIN = 16;
const SCALE = 2; // pixels of a PNG to each of the screen's

/** What is left out: controls, and what is only there to be read aloud. */
const LEFT_OUT =
  "button:not(.nntf-class, .nntf-partner, .nntf-trade-open), input, select, .nntf-spoken, .nntf-choices, .nntf-scrubber, .nntf-marker, .nntf-saved, [hidden]";

/** The place on the screen that is the picture's corner. */
interface Origin {
  x: number;
  y: number;
}

/** The view under `root` as an SVG document. */
export function pictureOf(root: HTMLElement): string {
  root.classList.add("nntf-saving"); // with the curves that the notebook draws elsewhere
  try {
    return new XMLSerializer().serializeToString(documentOf(root));
  } finally {
    root.classList.remove("nntf-saving");
  }
}

/** The same as the bytes of a PNG. */
export async function imageOf(root: HTMLElement): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(pictureOf(root))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.width * SCALE, image.height * SCALE];
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The picture is too large."))), "image/png");
  });
}

function documentOf(root: HTMLElement): Document {
  const bounds = root.getBoundingClientRect();
  const page = document.implementation.createDocument(SVG, "svg");
  const top = page.documentElement;
  const size = { width: Math.ceil(bounds.width) + 2 * MARGIN, height: Math.ceil(bounds.height) + 2 * MARGIN };
  const families = getComputedStyle(root).fontFamily.replaceAll('"', "'");
  set(top, { ...size, viewBox: `0 0 ${size.width} ${size.height}`, "font-family": families });
  set(top, { "font-variant-numeric": "tabular-nums" });
  add(top, "rect", { ...size, fill: ground(root) });
  draw(root, top, { x: bounds.x - MARGIN, y: bounds.y - MARGIN });
  return page;
}

/** Draws an element and what is in it, at the place where it is on the screen. */
function draw(element: Element, into: Element, origin: Origin): void {
  if (element.matches(LEFT_OUT)) return;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  if (style.display === "none" || style.visibility === "hidden") return;
  const place = { x: box.x - origin.x, y: box.y - origin.y, width: box.width, height: box.height };
  if (element instanceof HTMLCanvasElement) {
    if (element.width && element.height) add(into, "image", { ...place, href: element.toDataURL() });
    return;
  }
  if (element instanceof SVGSVGElement) {
    into.append(styled(element, into.ownerDocument, place));
    return;
  }
  background(style, place, into);
  const clipped = style.overflowX !== "visible";
  const inside = clipped ? add(into, "svg", { ...place, viewBox: Object.values(place).join(" ") }) : into;
  for (const child of element.childNodes) {
    if (child instanceof Element) draw(child, inside, origin);
    else if (child instanceof Text) write(child, style, inside, origin);
  }
}

function background(style: CSSStyleDeclaration, place: Record<string, number>, into: Element): void {
  const stops = [...style.backgroundImage.matchAll(/(rgba?\([^)]*\)) ([\d.]+)%/g)];
  const radius = Number.parseFloat(style.borderTopLeftRadius) || 0;
  const look = { rx: radius, opacity: style.opacity };
  if (stops.length) {
    const id = `scale-${into.ownerDocument.querySelectorAll("linearGradient").length}`;
    const gradient = add(into, "linearGradient", { id });
    for (const [, colour, at] of stops) add(gradient, "stop", { offset: `${at}%`, "stop-color": colour });
    add(into, "rect", { ...place, ...look, fill: `url(#${id})` });
  } else if (!/^rgba\(.*, 0\)$|^transparent$/.test(style.backgroundColor)) {
    add(into, "rect", { ...place, ...look, fill: style.backgroundColor });
  }
}

/** Writes each line of a text where it stands. */
function write(text: Text, style: CSSStyleDeclaration, into: Element, origin: Origin): void {
  for (const { words, box } of linesOf(text)) {
    const size = Number.parseFloat(style.fontSize);
    const written = add(into, "text", {
      x: box.x - origin.x,
      y: box.y - origin.y + box.height / 2 + size * 0.35,
      fill: style.color,
      "font-size": style.fontSize,
      "font-weight": style.fontWeight,
    });
    written.textContent = words;
  }
}

function linesOf(text: Text): { words: string; box: DOMRect }[] {
  const lines: { words: string; box: DOMRect }[] = [];
  const range = document.createRange();
  for (const { index, 0: word } of text.data.matchAll(/\S+\s*/g)) {
    range.setStart(text, index);
    range.setEnd(text, index + word.length);
    const box = range.getClientRects()[0];
    if (!box) continue;
    const line = lines.at(-1);
    if (line && Math.abs(line.box.y - box.y) < 2) line.words += word;
    else lines.push({ words: word, box });
  }
  return lines;
}

/** A copy of an SVG element that looks as it does under the page's style sheets. */
function styled(element: SVGSVGElement, page: Document, place: Record<string, number>): Element {
  const copy = page.importNode(element, true);
  const originals = [element, ...element.querySelectorAll("*")];
  for (const [i, each] of [copy, ...copy.querySelectorAll("*")].entries()) {
    const style = getComputedStyle(originals[i]);
    if (style.display === "none") each.setAttribute("display", "none");
    for (const name of DRAWN)
      if (name !== "opacity" || style.opacity !== "1") each.setAttribute(name, style.getPropertyValue(name));
    each.removeAttribute("class");
    each.removeAttribute("style");
    if (each.tagName === "svg") each.setAttribute("overflow", style.overflow);
  }
  set(copy, place);
  return copy;
}

/** The colour behind an element: that of the nearest one around it that has any. */
function ground(element: Element): string {
  for (let at: Element | null = element; at; at = at.parentElement) {
    const { backgroundColor } = getComputedStyle(at);
    if (!/^rgba\(.*, 0\)$|^transparent$/.test(backgroundColor)) return backgroundColor;
  }
  return "white";
}

function add(into: Element, tag: string, attributes: Record<string, string | number>): Element {
  const made = into.ownerDocument.createElementNS(SVG, tag);
  set(made, attributes);
  into.append(made);
  return made;
}

function set(element: Element, attributes: Record<string, string | number>): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
}
