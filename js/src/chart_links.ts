/** What the charts beside the fingerprint follow in the browser; the kernel is not told. */

import type { EpochAxis } from "./epoch_axis";
import type { Session } from "./session";

/** Where the epoch axis begins and ends, and which epochs are named on it. */
export function tellAxis({ model }: Session, axis: EpochAxis): void {
  model.set("axis_low", axis.first - 0.5);
  model.set("axis_high", axis.last + 0.5);
  model.set("axis_ticks", axis.ticks());
}

/** The moves of the class or pair drilled into, for each epoch a share of all samples. */
export function tellClass({ model, drilled, drilledName, run }: Session): void {
  const moves = drilled?.moves ?? [];
  model.set(
    "class_epochs",
    [...moves.keys()].map((t) => t + 1),
  );
  model.set(
    "class_moves",
    moves.map((moved) => moved / run.numSamples),
  );
  const latest = moves.length ? (moves[moves.length - 1] / run.numSamples).toPrecision(3) : "";
  model.set("class_label", drilled ? `${drilledName} ${latest}` : "");
}

/** The place on the epoch axis that is pointed at. */
export function tellPointed(session: Session, epoch: number | null): void {
  const { model, facts } = session;
  model.set("cursor", epoch === null ? [] : [epoch, epoch]);
  const snapshots = epoch === null ? pinnedSnapshots(session) : around(epoch);
  const points = snapshots.map((snapshot) => Math.round(snapshot / facts.trajectory_every));
  model.set("marked", [...new Set(points)]);
}

function pinnedSnapshots({ pinned }: Session): number[] {
  if (!pinned) return [];
  const aside = pinned.between ? 0.5 : 0;
  return [...new Set([pinned.row, pinned.column].flatMap((epoch) => around(epoch + aside)))];
}

/** The snapshots on both sides of a place on the epoch axis, or the one at it. */
function around(epoch: number): number[] {
  return [...new Set([Math.floor(epoch), Math.ceil(epoch)])];
}
