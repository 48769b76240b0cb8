/** A run on a page without a kernel, for tests. */

import { Host } from "./host";
import { joined, wandering, writeRun } from "./packets.fixture";
import { Session } from "./session";
import { type Traits, UNTOUCHED } from "./traits";

const packets = writeRun(wandering(12, 60, 3), 3);

/** The traits of a page that shows the packets. */
export function traits(log: DataView, names: string[]): Traits {
  return {
    facts: {
      title: "Training fingerprint",
      num_samples: 60,
      num_classes: names.length,
      class_names: names,
      faults: [],
      every: 1,
      resumed_at: [],
      incomplete: [],
      trajectory_every: 1,
      verdicts: [],
      samples: null,
    },
    log,
    sample_bytes: null,
    ...UNTOUCHED,
  };
}

/** A session of a run with so many snapshots, to which `grow` adds one. */
export function shownRun(snapshots: number) {
  const host = new Host<Traits>(traits(joined(packets.slice(0, snapshots)), ["cat", "dog", "frog"]));
  const session = new Session(host.model);
  const grow = () => host.receive({ type: "snapshot" }, [packets[session.run.length]]);
  return { host, session, grow };
}
