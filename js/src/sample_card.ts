/** What the pointer's sample looks like and how it fared, in a card beside the pointer. */

import { element } from "./dom";
import type { SampleContent } from "./sample_contents";

/** The longer side of a small picture, in CSS pixels. */
const PICTURE = 96;

export class SampleCard {
  readonly root = element("div", "nntf-card", { hidden: true });
  private readonly picture = element("canvas", "nntf-picture", { hidden: true });
  private readonly text = element("div", "nntf-card-text", { hidden: true });
  private readonly facts = element("div", "nntf-card-facts");

  constructor() {
    this.root.append(this.picture, this.text, this.facts);
  }

  /** Shows a sample at a place within the card's parent, on the side where there is room. */
  show(facts: string[], content: SampleContent | null, x: number, y: number, room: number): void {
    this.facts.replaceChildren(...facts.map((fact, i) => element("div", i ? "" : "nntf-strong", {}, fact)));
    this.write(content);
    const right = x > room / 2;
    this.root.style.left = right ? "" : `${x + 16}px`;
    this.root.style.right = right ? `${room - x + 16}px` : "";
    this.root.style.top = `${y + 12}px`;
    this.root.hidden = false;
  }

  hide(): void {
    this.root.hidden = true;
  }

  close(): void {
    this.picture.width = this.picture.height = 0;
  }

  private write(content: SampleContent | null): void {
    const drawn = content !== null && content !== "awaited" && "rgba" in content;
    this.picture.hidden = !drawn;
    this.text.hidden = content === null || drawn;
    this.text.classList.toggle("nntf-quiet", content === "awaited");
    if (content === "awaited") this.text.textContent = "Its picture or text comes when the kernel is free.";
    else if (drawn) this.draw(content);
    else if (content) this.text.textContent = content.text;
  }

  private draw({ width, height, rgba }: Exclude<SampleContent, string | { text: string }>): void {
    this.picture.width = width;
    this.picture.height = height;
    const longer = Math.max(width, height);
    const scale = longer < PICTURE ? Math.floor(PICTURE / longer) : PICTURE / longer;
    this.picture.style.width = `${width * scale}px`;
    this.picture.style.height = `${height * scale}px`;
    this.picture.getContext("2d")?.putImageData(new ImageData(rgba, width, height), 0, 0);
  }
}
