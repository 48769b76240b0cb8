/** The model's traits: what Python says of the run, what a person has chosen, and what the charts beside it follow. */

import type { SampleFacts } from "./sample_contents";

export interface Facts {
  title: string;
  num_samples: number | null;
  num_classes: number | null;
  class_names: string[];
  faults: string[];
  /** How many epochs apart the snapshots are: 1, unless the record is thinned. */
  every: number;
  /** The snapshots before which the run was interrupted. */
  resumed_at: number[];
  /** The snapshots in whose time capture failed somewhere. */
  incomplete: number[];
  /** How many snapshots apart the points of the trajectory's chart are. */
  trajectory_every: number;
  samples: SampleFacts;
  verdicts: Verdict[];
}

export interface Verdict {
  kind: "converged" | "converging" | "oscillating" | "plateau" | "diverging";
  sentence: string;
}

/** "both" shows transitions above the diagonal and predictions below. */
export type Distance = "transition" | "prediction" | "both";

/** What a person sets. */
export interface Chosen {
  distance: Distance;
  selected_class: number | null;
  selected_epochs: [number, number] | null;
  selected_samples: number[];
  epoch_range: [number, number] | null;
  epoch: number | null;
  band: ArrayLike<number> | null;
}

/** What the charts beside the fingerprint are linked to. */
export interface Told {
  cursor: number[];
  marked: number[];
  axis_low: number;
  axis_high: number;
  axis_ticks: number[];
  class_epochs: number[];
  class_moves: number[];
  class_label: string;
}

export interface Traits extends Chosen, Told {
  facts: Facts;
  log: DataView;
  /** All pictures or texts of the samples, where they are small; else empty. */
  sample_bytes: DataView | null;
}

/** A page on which nobody has done anything yet. */
export const UNTOUCHED: Readonly<Chosen & Told> = {
  distance: "transition",
  selected_class: null,
  selected_epochs: null,
  selected_samples: [],
  epoch_range: null,
  epoch: null,
  band: null,
  cursor: [],
  marked: [],
  axis_low: -0.5,
  axis_high: 0.5,
  axis_ticks: [],
  class_epochs: [],
  class_moves: [],
  class_label: "",
};
