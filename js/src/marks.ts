/** Marks on the browser's timeline, for those who measure: what came and what was drawn, by snapshot. */

const KEPT = 1000; // snapshots; the browser would keep all marks for ever

/** Marks an event of a snapshot; now and then forgets the earlier ones of that name. */
export function mark(name: string, t: number): void {
  if (t % KEPT === 0) performance.clearMarks(name);
  performance.mark(name, { detail: { t } });
}
