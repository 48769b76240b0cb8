import { describe, expect, it, vi } from "vitest";
import { hostOf } from "./hosts/host.fixture";
import { joined, wandering, writeRun } from "./run/packets.fixture";
import { Run } from "./run/run";
import { Session, type Verdict } from "./session";

const packets = writeRun(wandering(10, 40, 3), 3);

function opened(snapshots = 8) {
  const host = hostOf(joined(packets.slice(0, snapshots)), 40, ["cat", "dog", "frog"]);
  const session = new Session(host.model);
  return { host, session, grow: () => host.receive({ type: "snapshot" }, [packets[session.run.length]]) };
}

describe("the epoch in focus", () => {
  it("is the newest, as the run grows, until another is picked", () => {
    const { session, grow } = opened();
    expect(session.focus).toBe(7);
    grow();
    expect(session.focus).toBe(8);
    session.focusOn(3);
    grow();
    expect(session.focus).toBe(3);
  });

  it("stays with the newest once that is picked", () => {
    const { host, session, grow } = opened();
    session.focusOn(2);
    session.focusOn(7);
    expect(host.get("focused_epoch")).toBeNull();
    grow();
    expect(session.focus).toBe(8);
  });

  it("is within the run, whatever was set", () => {
    const { host, session } = opened();
    session.focusOn(-4);
    expect(host.get("focused_epoch")).toBe(0);
    for (const [set, focus] of [
      [99, 7],
      [-1, 0],
    ]) {
      host.set("focused_epoch", set);
      expect(session.focus).toBe(focus);
    }
    expect(opened(0).session.focus).toBe(-1);
  });

  it("takes the place of a pinned pair", () => {
    const { host, session } = opened();
    host.set("selected_epochs", [1, 3]);
    session.focusOn(2);
    expect(session.compared).toBeNull();
  });
});

describe("the epochs shown", () => {
  it("are all, until some are picked", () => {
    const { host, session, grow } = opened();
    expect([session.range, session.pickedRange]).toEqual([[0, 7], null]);
    session.showEpochs(2, 5);
    expect([session.range, host.get("epoch_range")]).toEqual([
      [2, 5],
      [2, 5],
    ]);
    grow();
    expect(session.range).toEqual([2, 5]);
    session.showEpochs(0, 8);
    expect(host.get("epoch_range")).toBeNull();
  });

  it("keep up with the newest where they end there", () => {
    const { host, session, grow } = opened();
    session.showEpochs(3, 7);
    expect(host.get("epoch_range")).toEqual([3, null]);
    grow();
    expect(session.range).toEqual([3, 8]);
  });

  it.each([
    [5, 2, [2, 5]],
    [4, 4, [4, 5]],
    [7, 7, [6, null]],
    [9, 12, [6, null]],
    [-3, 2, [0, 2]],
  ] as const)("from %i to %i are two at least, and there", (from, to, picked) => {
    const { host, session } = opened();
    session.showEpochs(from, to);
    expect(host.get("epoch_range")).toEqual(picked);
  });

  it("are all, until the run has two of those picked", () => {
    const { host, session, grow } = opened(5);
    host.set("epoch_range", [4, 6]);
    const ranges = [session.range];
    for (let i = 0; i < 3; i++) {
      grow();
      ranges.push(session.range);
    }
    expect(ranges).toEqual([
      [0, 4],
      [4, 5],
      [4, 6],
      [4, 6],
    ]);
    expect(opened(0).session.range).toEqual([0, -1]);
  });
});

describe("both distances at once", () => {
  it("share the square: transitions above the diagonal, predictions below and on it", () => {
    const { host, session } = opened();
    host.set("distance", "both");
    expect(session.layers.map(({ part, ofTransitions, unit }) => [part, ofTransitions, unit])).toEqual([
      ["above", true, 1],
      ["below", false, 40],
    ]);
    const part = (row: number, column: number) => session.layerOf({ row, column }).part;
    expect([part(2, 3), part(3, 2), part(3, 3)]).toEqual(["above", "below", "below"]);
    // Eight snapshots have seven transitions.
    const held = [
      [0, 6],
      [0, 7],
      [7, 0],
      [8, 0],
      [-1, 0],
    ].map(([row, column]) => session.holds({ row, column }));
    expect(held).toEqual([true, false, true, false, false]);
  });

  it("compare the epochs that transitions led to, or snapshots, by the side of the pinned cell", () => {
    const { host, session } = opened();
    host.set("distance", "both");
    host.set("selected_epochs", [2, 5]);
    expect(session.compared).toEqual([3, 6]);
    host.set("selected_epochs", [5, 2]);
    expect(session.compared).toEqual([2, 5]);
  });

  it("give way to a class's own distance", () => {
    const { host, session } = opened();
    host.set("distance", "both");
    host.set("selected_class", 1);
    expect(session.layers.map(({ part, name }) => [part, name])).toEqual([["whole", "Distance of this class"]]);
  });
});

describe("a pinned pair", () => {
  it("compares the epochs that its transitions led to, or its snapshots, the earlier first", () => {
    const { host, session } = opened();
    host.set("selected_epochs", [5, 2]);
    expect(session.compared).toEqual([3, 6]);
    host.set("distance", "prediction");
    expect(session.compared).toEqual([2, 5]);
    host.set("selected_class", 1);
    expect(session.compared).toEqual([3, 6]);
  });

  it.each([
    [2, 2],
    [0, 7],
    [-1, 3],
  ])("is none where there is nothing to compare: %i and %i", (row, column) => {
    const { host, session } = opened();
    host.set("selected_epochs", [row, column]);
    expect(session.compared).toBeNull();
  });
});

describe("the class drilled into", () => {
  it.each([null, -1, 3])("is none where the run has no such class: %s", (class_) => {
    const { host, session } = opened();
    host.set("selected_class", class_);
    expect(session.drilled).toBeNull();
  });

  it("keeps up with the run, and gives way to another", () => {
    const { host, session, grow } = opened();
    host.set("selected_class", 2);
    const drilled = session.drilled;
    expect([drilled?.class_, drilled?.size]).toEqual([2, 7]);
    grow();
    expect(session.drilled).toBe(drilled);
    expect(drilled?.size).toBe(8);
    host.set("selected_class", 0);
    expect(session.drilled?.class_).toBe(0);
  });
});

describe("what the page works out by itself", () => {
  it("is nothing of what the kernel has sent", () => {
    const { host, session } = opened();
    for (const distance of ["transition", "prediction", "both"] as const) {
      host.set("distance", distance);
      expect(session.comparison).toBeNull();
    }
  });

  it("is the distance beyond chance, of the run or of the class drilled into, and keeps up with it", () => {
    const { host, session, grow } = opened();
    host.set("distance", "excess");
    const whole = session.comparison;
    const [layer] = session.layers;
    expect([layer.name, layer.isCentred, layer.ofTransitions, layer.size]).toEqual([
      "Distance beyond chance",
      true,
      true,
      7,
    ]);
    grow();
    expect(session.comparison).toBe(whole);
    expect([whole?.isWhole, whole?.matrix.size]).toEqual([true, 8]);
    host.set("selected_class", 1);
    expect(session.comparison).toBe(session.drilled?.excess);
    expect(session.layers[0].name).toBe("Distance beyond chance of this class");
  });

  it("is the distance of the class drilled into, whichever of the run's was shown", () => {
    const { host, session } = opened();
    host.set("distance", "both");
    host.set("selected_class", 1);
    expect(session.comparison).toBe(session.drilled?.distance);
    const { name, isCentred } = session.layers[0];
    expect([session.layers.length, name, isCentred]).toEqual([1, "Distance of this class", false]);
  });
});

describe("the outcomes of the moves", () => {
  it("are none without labels", () => {
    expect(opened().session.outcomes).toBeNull();
  });

  it("are of all samples or of the class drilled into, and keep up with the run", () => {
    const predictions = wandering(10, 40, 3);
    const labelled = writeRun(predictions, 3, predictions[9]);
    const host = hostOf(joined(labelled.slice(0, 8)), 40, ["cat", "dog", "frog"]);
    const session = new Session(host.model);
    const all = session.outcomes;
    expect([all?.class_, all?.gained.length]).toEqual([null, 7]);
    host.receive({ type: "snapshot" }, [labelled[8]]);
    expect(session.outcomes).toBe(all);
    expect(all?.gained.length).toBe(8);
    host.set("selected_class", 1);
    expect(session.outcomes?.class_).toBe(1);
  });

  it("are by the labels that came last", () => {
    const predictions = [
      [0, 0],
      [1, 0],
      [1, 1],
    ];
    const host = hostOf(joined(writeRun(predictions, 2, [1, 0])), 2, ["cat", "dog"]);
    const session = new Session(host.model);
    const outcomes = () => [session.outcomes?.gained, session.outcomes?.lost].map((counts) => [...(counts ?? [])]);
    expect(outcomes()).toEqual([
      [1, 0],
      [0, 1],
    ]);
    session.run.labels = new Uint8Array([0, 1]);
    expect(outcomes()).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });
});

describe("a session", () => {
  it("tells who watches it what there is to draw, until they or it are done", () => {
    const { host, session, grow } = opened();
    const [first, second]: string[][] = [[], []];
    const leave = session.watch((change) => first.push(change));
    session.watch((change) => second.push(change));
    grow();
    host.set("focused_epoch", 2);
    leave();
    host.set("selected_class", 1);
    host.set("verdicts", [{ name: "plateau", epochs: [1, 4], classes: [], sentence: "Nothing." }]);
    expect([first, second]).toEqual([
      ["everything", "moment"],
      ["everything", "moment", "everything", "verdicts"],
    ]);
    session.close();
    for (const [trait, value] of [
      ["distance", "both"],
      ["focused_epoch", 1],
      ["verdicts", [] as Verdict[]],
      ["log", joined(packets)],
    ] as const)
      host.set(trait, value);
    host.receive({ type: "snapshot" }, [packets[9]]);
    expect([second.length, session.run.length]).toEqual([4, 9]);
  });

  it("has the seams that the run has come to, between two snapshots", () => {
    const { host, session, grow } = opened();
    host.set("facts", { ...host.get("facts"), resumed_at: [3, 8] });
    expect(session.seams).toEqual([2.5]);
    grow();
    expect(session.seams).toEqual([2.5, 7.5]);
  });

  it("calls classes by their names, or by their numbers where they have none", () => {
    const { host, session } = opened();
    host.set("facts", { ...host.get("facts"), class_names: ["cat", "dog"] });
    expect(session.classNames).toEqual(["cat", "dog", "2"]);
  });

  it("has no use for messages of other kinds", () => {
    const { host, session } = opened();
    let drawn = 0;
    session.watch(() => drawn++);
    host.receive({ type: "other" }, [packets[8]]);
    expect([session.run.length, drawn, session.outOfStep]).toEqual([8, 0, false]);
  });
});

describe("what the kernel sends", () => {
  const cut = (log: DataView) => new DataView(log.buffer, log.byteOffset, log.byteLength - 1);

  it("is asked for once where a packet is missing, until the log mends it", () => {
    const { host, session } = opened();
    host.receive({ type: "snapshot" }, [packets[9]]);
    expect(host.sent).toEqual([{ type: "resend" }]);
    host.receive({ type: "snapshot" }, [packets[9]]);
    expect([session.outOfStep, session.run.length, host.sent]).toEqual([true, 8, [{ type: "resend" }]]);
    host.set("log", joined(packets));
    expect([session.outOfStep, session.run.length]).toEqual([false, 10]);
  });

  it("changes nothing where it came before", () => {
    const { host, session } = opened();
    let drawn = 0;
    session.watch(() => drawn++);
    host.receive({ type: "snapshot" }, [packets[7]]);
    expect([drawn, session.run.length, session.outOfStep]).toEqual([0, 8, false]);
  });

  it("may be metrics that came after their snapshot", () => {
    const { host, session } = opened();
    const bytes = (text: string) => new DataView(new TextEncoder().encode(text).buffer);
    host.receive({ type: "metrics", t: 4 }, [bytes('{"loss": 7}')]);
    expect(session.run.metrics[4]).toEqual({ loss: 7 });
    host.receive({ type: "metrics", t: 4 }, [bytes("7")]);
    expect([session.run.metrics[4], session.outOfStep]).toEqual([{ loss: 7 }, true]);
  });

  it("may be metrics of no snapshot, which change nothing", () => {
    const { host, session } = opened();
    const before = [...session.run.metrics];
    const bytes = new DataView(new TextEncoder().encode('{"loss": 7}').buffer);
    host.receive({ type: "metrics" }, [bytes]);
    expect([session.run.metrics, session.outOfStep]).toEqual([before, false]);
  });

  it("is no reason to hide a fault of the page's own", () => {
    const { host, session } = opened();
    vi.spyOn(session.run, "append").mockImplementation(() => {
      throw new TypeError("a fault");
    });
    expect(() => host.receive({ type: "snapshot" }, [packets[8]])).toThrow(TypeError);
    vi.spyOn(Run.prototype, "append").mockImplementationOnce(() => {
      throw new TypeError("a fault");
    });
    expect(() => host.set("log", joined(packets))).toThrow(TypeError);
    expect([session.outOfStep, session.damage, host.sent]).toEqual([false, null, []]);
    vi.restoreAllMocks();
  });

  it("is, of a damaged log, what is good of it, and asked for once", () => {
    const { host, session } = opened();
    host.set("log", cut(joined(packets)));
    expect([session.run.length, session.damage]).toEqual([9, expect.stringContaining("packet 9")]);
    host.set("log", cut(joined(packets)));
    host.receive({ type: "snapshot" }, []);
    expect([host.sent, session.outOfStep]).toEqual([[{ type: "resend" }], false]);
    host.set("log", joined(packets));
    expect([session.run.length, session.damage]).toEqual([10, null]);
  });
});

it("what is derived from a run is of the run that the log holds now", () => {
  const { host, session } = opened(3);
  expect([...session.replay.at(2)]).toEqual([...session.run.current]);
  host.set("log", joined(packets));
  expect([...session.replay.at(9)]).toEqual([...session.run.current]);
});

it("the busiest classes are those of the run as it is now", () => {
  const { host, session } = opened(0);
  // Of 50 classes only one moves, to one of its neighbours.
  const runOf = (moving: number) => {
    const first = Array.from({ length: 50 }, (_, class_) => class_);
    return writeRun([first, first.map((class_) => (class_ === moving ? class_ - 1 : class_))], 50);
  };
  for (const moving of [45, 49]) {
    host.set("log", joined(runOf(moving).slice(0, 1)));
    expect(session.busiest.at(-1)).toBe(39);
    host.receive({ type: "snapshot" }, [runOf(moving)[1]]);
    expect(session.busiest.slice(-2)).toEqual([moving - 1, moving]);
  }
});

it("the kernel's charts are told only what is new", () => {
  const { host, session } = opened();
  const told: string[] = [];
  for (const name of ["chart_margin", "epochs_low"]) host.on(`change:${name}`, () => told.push(name));
  session.align({ chart_margin: { left: 92, right: 76 }, epochs_low: -0.5 });
  session.align({ chart_margin: { left: 92, right: 76 }, epochs_low: 4.5 });
  expect(told).toEqual(["chart_margin", "epochs_low", "epochs_low"]);
});
