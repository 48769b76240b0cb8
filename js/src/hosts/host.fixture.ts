/** A host for tests, of a run whose classes have these names. */

import type { Traits } from "../session";
import { Host } from "./host";

export function hostOf(log: DataView, numSamples: number, names: string[]): Host<Traits> {
  return new Host<Traits>({
    facts: {
      num_samples: numSamples,
      num_classes: names.length,
      class_names: names,
      unit: "epoch",
      faults: [],
      ended: null,
      resumed_at: [],
      measures: { loss: { loss: "" }, accuracy: { accuracy: "" } },
    },
    log,
    verdicts: [],
    distance: "transition",
    selected_class: null,
    selected_epochs: null,
    focused_epoch: null,
    epoch_range: null,
    height: 640,
  });
}
