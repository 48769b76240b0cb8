/** Recurrence by band: how far the picture is made of vertical and of diagonal lines, and which bands were best. */

import { CURVES } from "../drawing/colour";
import { element } from "../drawing/dom";
import { fixed, grouped } from "../drawing/numbers";
import { seamLines } from "../drawing/seams";
import { figure, OVER_EPOCHS, pickEpochs, SideChart, sideAxis } from "../drawing/side_chart";
import { valueAxis } from "../drawing/value_axis";
import type { Unfinished } from "../run/comparison";
import { BANDS, type Band, type Best, type Definition, lowEnd, type Recurrence } from "../run/recurrence";
import type { Session } from "../session";

const OVER_TIME = 44; // as the kernel's chart, which lies on it, has it
const [HIGH, LOW] = [64, 36]; // pixels of a plot: without, and with, a class's partners below them
const COLOURS: Record<Measure, string> = { laminarity: CURVES[0], entropy: CURVES[1] };
const MEASURES = Object.keys(COLOURS) as Measure[];
const BEYOND = -1; // of any axis: it is not seen there
const ENDS = [0, 5, 10, 15, 20]; // bands before which a distance is written
const CONVENTIONS: [Definition["convention"], string, string][] = [
  ["paper", "Paper", "As the authors' program computes them"],
  ["standard", "Textbook", "As Marwan et al. define them, 2007"],
];
const KEYS: Record<string, (band: number) => number> = {
  ArrowLeft: (band) => Math.max(band - 1, 0),
  ArrowRight: (band) => Math.min(band + 1, BANDS - 1),
  Home: () => 0,
  End: () => BANDS - 1,
};

type Measure = "laminarity" | "entropy";

export class RecurrenceCharts {
  readonly root: HTMLElement;
  /** The band that was chosen, whose cells are marked in the fingerprint. */
  band: number | null = null;
  private readonly conventions: HTMLButtonElement[];
  private readonly diagonal = element("button", "nntf-choice", { type: "button" }, "Main diagonal");
  private readonly byBand = element("div", "nntf-by-band", {
    role: "slider",
    tabindex: 0,
    "aria-label": "Band of distances",
    "aria-valuemin": 0,
    "aria-valuemax": BANDS - 1,
  });
  private readonly words = element("div", "nntf-band-words");
  private readonly overTime = element("div", "nntf-best-bands");
  private definition: Definition = { convention: "paper", hasDiagonal: true };
  private pointed: number | null = null;
  private width = 0;

  constructor(
    private readonly session: Session,
    private readonly onChange: () => void,
  ) {
    this.conventions = CONVENTIONS.map(([convention, name, title]) => {
      const button = element("button", "nntf-choice", { type: "button", title }, name);
      button.addEventListener("click", () => this.define({ convention }));
      return button;
    });
    this.diagonal.title = "Count the main diagonal, which is the same in any run, as a line of the lowest band";
    this.diagonal.addEventListener("click", () => this.define({ hasDiagonal: !this.definition.hasDiagonal }));
    const group = element("div", "nntf-choices", { role: "group", "aria-label": "Convention" }, ...this.conventions);
    const choices = element("div", "nntf-moment-choices", {}, group, element("div", "nntf-choices", {}, this.diagonal));
    this.root = element("div", "nntf-recurrence", {}, choices, this.byBand, this.words, this.overTime);
    this.byBand.addEventListener("keydown", (event) => this.answer(event));
    this.byBand.addEventListener("click", (event) => {
      const band = this.bandAt(event);
      this.choose(band === this.band ? null : band);
    });
    this.byBand.addEventListener("pointermove", (event) => this.point(this.bandAt(event)));
    this.byBand.addEventListener("pointerleave", () => this.point(null));
    pickEpochs(
      this.overTime,
      () => this.epochs,
      (epoch) => session.focusOn(epoch),
    );
  }

  /** What is worked out for it: first the distance itself, where that is of a class. */
  get unfinished(): Unfinished | null {
    return this.recurrence ?? this.session.drilled?.distance ?? null;
  }

  private get recurrence(): Recurrence | null {
    return this.session.recurrence(this.definition);
  }

  draw(width: number): void {
    this.width = width;
    const { recurrence, definition } = this;
    for (const [i, [convention]] of CONVENTIONS.entries()) {
      this.conventions[i].setAttribute("aria-pressed", String(convention === definition.convention));
    }
    this.diagonal.setAttribute("aria-pressed", String(definition.hasDiagonal));
    if (!recurrence?.isWhole) {
      this.byBand.replaceChildren(figure("laminarity, entropy", "\u2026", "being worked out"));
      this.words.replaceChildren();
      this.overTime.replaceChildren();
      return;
    }
    const { bands, best } = recurrence;
    const last = best.at(-1);
    this.byBand.replaceChildren(
      this.bars("laminarity", "highest", bands, last?.laminarity ?? null),
      this.bars("entropy", "lowest above 0", bands, last?.entropy ?? null),
    );
    this.say(bands);
    this.overTime.replaceChildren(this.bestBands(best));
  }

  private get height(): number {
    return this.session.drilled ? LOW : HIGH;
  }

  private get epochs() {
    return sideAxis(this.width, ...this.session.range);
  }

  private bars(measure: Measure, which: string, bands: Band[], best: Best[Measure]): HTMLElement {
    const { height, width, band } = this;
    const values = bands.map((each) => each[measure]);
    const most = values.reduce((highest, each) => Math.max(highest, each || 0), 0);
    const ends: [number, number] = [0, measure === "laminarity" ? 1 : valueAxis([0, most || 1]).ends[1]];
    const written = (value: number) => fixed(value, Number.isInteger(value) ? 0 : 1);
    const chart = new SideChart({ axis: sideAxis(width, 0, BANDS - 1), height, ends, written, marked: null });
    if (band !== null) chart.shade(band);
    chart.bars(values, (index) => index === best?.band, COLOURS[measure]);
    const places = ENDS.map((end) => end - 0.5);
    if (measure === "entropy") chart.writeBelow(null, [(place) => String(lowEnd(place + 0.5))], places);
    const value = best ? `${fixed(best.value, 3)}${measure === "entropy" ? " nats" : ""}` : "\u2013";
    const isAlone = measure === "entropy" && best?.band === 0 && bands[0].cells === 0;
    const of = isAlone ? "the main diagonal alone" : best && `distances ${rangeOf(best.band)}`;
    return figure(measure, value, of ? `${which}: ${of}` : "no band has one", chart);
  }

  /** Says the measures of the band that is pointed to or was chosen. */
  private say(bands: Band[]): void {
    const shown = this.pointed ?? this.band;
    const said = shown === null ? "" : sentence(shown, bands[shown]);
    this.words.textContent = said || "Choose a band to mark its cells.";
    this.words.classList.toggle("nntf-quiet", !said);
    this.byBand.setAttribute("aria-valuenow", String(this.band ?? 0));
    this.byBand.setAttribute("aria-valuetext", this.band === null ? "none" : sentence(this.band, bands[this.band]));
  }

  /** Which bands were best when each transition had come. */
  private bestBands(best: Best[]): HTMLElement {
    const { session, epochs: axis } = this;
    const { focus, seams, facts } = session;
    const shown = best.slice(axis.first, axis.last);
    const places = MEASURES.map((measure) => shown.map((each) => middleOf(each[measure]?.band)));
    const most = places.flat().reduce((highest, place) => Math.max(highest, place || 0), 0);
    const ends: [number, number] = [0, valueAxis([0, most || 1]).ends[1]];
    const isDrawnByKernel = this.root.closest(".nntf-layout") !== null;
    const marked = isDrawnByKernel ? null : focus - 0.5;
    const chart = new SideChart({ axis, height: OVER_TIME, ends, written: String, marked });
    if (isDrawnByKernel) {
      const at = shown.map((_, index) => axis.first + index + 0.5);
      const place = focus > axis.first ? focus - 0.5 : BEYOND;
      const bands_focus = [place, place];
      session.align({ bands_high: ends[1], bands_best: places.map(drawable), bands_places: drawable(at), bands_focus });
    } else for (const [i, measure] of MEASURES.entries()) chart.curve(places[i], 0.5, COLOURS[measure]);
    chart.plot.append(...seamLines(axis, seams, axis.left, OVER_TIME));
    chart.writeBelow(facts.unit, [String]);
    chart.plot.setAttribute("class", OVER_EPOCHS);
    const then = best[focus - 1];
    const words = MEASURES.flatMap((measure) => {
      const found = then?.[measure];
      const said = found ? `${rangeOf(found.band)} (${fixed(found.value, 3)})` : "\u2013";
      return [element("span", "nntf-swatch", { style: `background:${COLOURS[measure]}` }), `${measure} ${said} `];
    });
    const made = figure("best bands", "", `${facts.unit} ${Math.max(focus, 0)}`, chart);
    made.firstElementChild?.append(element("span", "nntf-quiet", {}, ...words));
    return made;
  }

  private define(change: Partial<Definition>): void {
    this.definition = { ...this.definition, ...change };
    this.onChange();
  }

  /** Marks the cells of a band. */
  private choose(band: number | null): void {
    this.band = band;
    if (this.band !== null && !this.session.showsTransitions) this.session.select("distance", "transition");
    this.onChange();
  }

  private point(band: number | null): void {
    if (band === this.pointed) return;
    this.pointed = band;
    const { recurrence } = this;
    if (recurrence?.isWhole) this.say(recurrence.bands);
  }

  private bandAt({ clientX }: MouseEvent): number | null {
    const axis = sideAxis(this.width, 0, BANDS - 1);
    return axis.epochAt(clientX - this.byBand.getBoundingClientRect().left - axis.left);
  }

  private answer(event: KeyboardEvent): void {
    const step = KEYS[event.key];
    const isLetGo = event.key === "Escape" && this.band !== null;
    if (!step && !isLetGo) return;
    event.preventDefault();
    event.stopPropagation();
    const from = this.band ?? this.recurrence?.best.at(-1)?.laminarity?.band ?? 0;
    this.choose(isLetGo ? null : this.band === null ? from : step(from));
  }
}

/** Values that bqplot can draw: it takes one value, or a curve without a number, for none, and fails. */
function drawable(values: number[]): number[] {
  if (values.every(Number.isNaN)) return Array.from({ length: Math.max(values.length, 2) }, () => BEYOND);
  return values.length === 1 ? [values[0], values[0]] : values;
}

function middleOf(band: number | undefined): number {
  return band === undefined ? Number.NaN : lowEnd(band) + 0.5 / BANDS;
}

function rangeOf(band: number): string {
  return `${fixed(lowEnd(band), 2)}\u2013${fixed(lowEnd(band + 1), 2)}`;
}

function sentence(band: number, { laminarity, entropy, cells }: Band): string {
  const measures = `laminarity ${fixed(laminarity, 3)}, entropy ${fixed(entropy, 3)}`;
  return `Distances ${rangeOf(band)}: ${measures}, ${grouped(cells)} cells off the diagonal`;
}
