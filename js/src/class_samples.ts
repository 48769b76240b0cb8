/** The samples of a class, or those that cross between two, with the class of each at every snapshot. */

import { ClassConfusion } from "./confusion";
import { Replay } from "./replay";
import type { Run } from "./run";

type ClassIds = Uint8Array | Uint16Array;

export type SampleOrder = "crossings" | "forgotten" | "learned" | "moves" | "changed";

export const NEVER = -1;

export class ClassSamples {
  /** The samples, ascending; a row is a place in here. */
  samples = new Uint32Array(0);
  /** The class of every row at each snapshot. */
  columns: ClassIds[] = [];
  /** What the class is confused with; null without labels. */
  confusion: ClassConfusion | null = null;
  /** How often each row moved, and when last (0 where it never did). */
  moves = new Uint32Array(0);
  changedAt = new Uint32Array(0);
  /** How often each row went from right to wrong (Toneva et al., ICLR 2019), and when it was right first. */
  forgotten = new Uint32Array(0);
  learnedAt = new Int32Array(0);
  /** How often each row went straight from one class of the pair to the other. */
  crossings = new Uint32Array(0);
  private members = new Uint8Array(0);
  private rows = new Int32Array(0);
  private labels: ClassIds | null = null;
  private scout: Replay | null = null;
  private readonly orders = new Map<SampleOrder, Uint32Array>();

  constructor(
    private readonly run: Run,
    readonly class_: number,
    readonly partner: number | null,
  ) {
    this.catchUp();
  }

  /** Takes in the snapshots that came since. */
  catchUp(): void {
    if (this.run.length === this.columns.length && this.run.labels === this.labels) return;
    this.orders.clear();
    const relabelled = this.run.labels !== this.labels;
    this.labels = this.run.labels;
    if (this.findMembers(relabelled) || !this.columns.length || relabelled) this.begin();
    while (this.columns.length < this.run.length) this.append(this.columns.length);
    if (!this.run.confusion) return;
    if (this.confusion?.whole !== this.run.confusion)
      this.confusion = new ClassConfusion(this.run.confusion, this.class_);
    this.confusion.catchUp();
  }

  /** The orders that this class and run have. */
  get possibleOrders(): SampleOrder[] {
    return [
      ...(this.partner === null ? [] : (["crossings"] as const)),
      ...(this.labels ? (["forgotten", "learned"] as const) : (["moves"] as const)),
      "changed",
    ];
  }

  /** The rows in this order: the most, or the latest, first; those never learned before all that were. */
  order(by: SampleOrder): Uint32Array {
    const known = this.orders.get(by);
    if (known) return known;
    const size = this.samples.length;
    const last = this.columns.length;
    const rank = (row: number) => {
      if (by === "learned") return this.learnedAt[row] === NEVER ? 0 : last - this.learnedAt[row];
      return (
        last -
        { crossings: this.crossings, forgotten: this.forgotten, moves: this.moves, changed: this.changedAt }[by][row]
      );
    };
    const keys = Float64Array.from({ length: size }, (_, row) => rank(row) * size + row).sort();
    const rows = Uint32Array.from(keys, (key) => key % size);
    this.orders.set(by, rows);
    return rows;
  }

  /** Finds whose rows to keep; true where there is one more than before. */
  private findMembers(relabelled: boolean): boolean {
    const { run, class_, partner } = this;
    const byLabel = this.labels !== null && partner === null;
    if (!this.scout || relabelled) {
      this.scout = new Replay(run);
      const first = this.labels && byLabel ? this.labels : this.scout.current;
      this.members = Uint8Array.from(first, (id) => (partner === null && id === class_ ? 1 : 0));
    }
    if (byLabel) return false;
    let found = false;
    const { scout, members } = this;
    while (
      scout.next((sample, from, to) => {
        const joins = partner === null ? to === class_ : crosses(from, to, class_, partner);
        if (!joins || members[sample]) return;
        members[sample] = 1;
        found = true;
      })
    );
    return found;
  }

  private begin(): void {
    const first = this.run.moves[0].classes;
    const samples: number[] = [];
    this.rows = new Int32Array(first.length).fill(-1);
    for (let sample = 0; sample < first.length; sample++) {
      if (this.members[sample]) this.rows[sample] = samples.push(sample) - 1;
    }
    const size = samples.length;
    this.samples = Uint32Array.from(samples);
    const column = first.slice(0, size);
    for (let row = 0; row < size; row++) column[row] = first[samples[row]];
    this.columns = [column];
    this.moves = new Uint32Array(size);
    this.changedAt = new Uint32Array(size);
    this.forgotten = new Uint32Array(size);
    this.crossings = new Uint32Array(size);
    const { labels } = this;
    this.learnedAt = Int32Array.from(this.samples, (sample, row) => (labels?.[sample] === column[row] ? 0 : NEVER));
  }

  private append(t: number): void {
    const { labels, rows, partner, class_, samples, moves, changedAt, forgotten, learnedAt, crossings } = this;
    const column = this.columns[t - 1].slice();
    const move = (row: number, to: number) => {
      const from = column[row];
      if (from === to) return;
      column[row] = to;
      moves[row]++;
      changedAt[row] = t;
      if (partner !== null && crosses(from, to, class_, partner)) crossings[row]++;
      if (!labels) return;
      const label = labels[samples[row]];
      if (from === label) forgotten[row]++;
      else if (to === label && learnedAt[row] === NEVER) learnedAt[row] = t;
    };
    const moved = this.run.moves[t];
    if (moved.samples) {
      for (let i = 0; i < moved.samples.length; i++) {
        const row = rows[moved.samples[i]];
        if (row >= 0) move(row, moved.classes[i]);
      }
    } else for (let row = 0; row < samples.length; row++) move(row, moved.classes[samples[row]]);
    this.columns.push(column);
  }
}

function crosses(from: number, to: number, a: number, b: number): boolean {
  return (from === a && to === b) || (from === b && to === a);
}
