/** The menu that saves a view as a picture and copies the data behind it. */

import { csv, TABLES } from "./csv";
import { element } from "./dom";
import { grouped } from "./numbers";
import { imageOf, pictureOf } from "./picture";
import type { Session } from "./session";

const COPIED: Record<keyof typeof TABLES, string> = {
  fingerprint: "Copy fingerprint as CSV",
  classes: "Copy classes as CSV",
  curves: "Copy curves as CSV",
  moves: "Copy moves as CSV",
};

export class SaveMenu {
  readonly root: HTMLElement;
  private readonly button = element("button", "nntf-back", {
    type: "button",
    "aria-haspopup": "menu",
    "aria-expanded": "false",
  });
  private readonly items: HTMLElement;

  constructor(
    private readonly session: Session,
    /** The view that is saved. */
    private readonly view: HTMLElement,
    /** Tells what was done, or why it was not. */
    private readonly say: (words: string) => void,
  ) {
    this.button.textContent = "Save";
    const save = (extension: string, blob: () => Promise<Blob> | Blob) => async () => download(extension, await blob());
    this.items = element(
      "div",
      "nntf-menu",
      { role: "menu", "aria-label": "Save", hidden: true },
      this.item(
        "Save as PNG",
        save("png", () => imageOf(this.view)),
      ),
      this.item(
        "Save as SVG",
        save("svg", () => new Blob([pictureOf(this.view)], { type: "image/svg+xml" })),
      ),
      ...Object.entries(COPIED).map(([table, words]) => this.item(words, () => this.copy(table))),
    );
    this.root = element("div", "nntf-save", {}, this.button, this.items);
    this.button.addEventListener("click", () => this.open(Boolean(this.items.hidden)));
    this.root.addEventListener("keydown", (event) => this.walk(event));
    this.root.addEventListener("focusout", ({ relatedTarget }) => {
      if (!this.root.contains(relatedTarget as Node | null)) this.open(false);
    });
  }

  private item(words: string, act: () => Promise<string>): HTMLElement {
    const item = element("button", "nntf-menu-item", { type: "button", role: "menuitem", tabindex: -1 }, words);
    item.addEventListener("click", async () => {
      this.button.focus();
      this.open(false);
      try {
        this.say(await act());
      } catch (error) {
        this.say(`${words} failed: ${error instanceof Error ? error.message : error}`);
      }
    });
    return item;
  }

  private open(open: boolean): void {
    this.items.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    if (open) (this.items.firstElementChild as HTMLElement).focus();
  }

  private walk(event: KeyboardEvent): void {
    const items = [...this.items.children] as HTMLElement[];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (this.items.hidden || (next === undefined && event.key !== "Escape")) return;
    event.preventDefault();
    event.stopPropagation();
    if (next === undefined) this.open(false);
    (next === undefined ? this.button : items.at(next % items.length))?.focus();
  }

  private async copy(table: string): Promise<string> {
    const rows = TABLES[table](this.session);
    const text = csv(rows);
    const said = `${grouped(rows.length - 1)} rows`;
    try {
      await navigator.clipboard.writeText(text);
      return `Copied ${said}.`;
    } catch {
      // Without the right to write to the clipboard, as in some hosts, the data comes as a file.
      return `${download("csv", new Blob([text], { type: "text/csv" }))} ${said}; the clipboard is closed to this page.`;
    }
  }
}

/** Hands a file to the person; returns what was done, in words. */
function download(extension: string, blob: Blob): string {
  const address = URL.createObjectURL(blob);
  const link = element("a", "", { href: address, download: `fingerprint.${extension}` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000); // the download has begun by then
  return `Saved fingerprint.${extension}.`;
}
