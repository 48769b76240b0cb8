import { describe, expect, it } from "vitest";
import { boundsOf, curvesOf } from "./curves";
import { Run } from "./run";

const run = new Run();
run.metrics.push({ loss: 9 }, { loss: 1, val_loss: 2 }, { loss: null, val_loss: 0.5 }, { loss: 0.25 });

describe("learning curves", () => {
  it("are those of the epochs shown, with gaps where nothing was measured", () => {
    expect(curvesOf(run, ["loss", "val_loss"], 1, 3)).toEqual([
      { name: "loss", values: [1, null, 0.25] },
      { name: "val_loss", values: [2, 0.5, null] },
    ]);
  });

  it("lie between bounds, where they have values", () => {
    expect(boundsOf(curvesOf(run, ["loss", "val_loss"], 1, 3))).toEqual([0.25, 2]);
    expect(boundsOf(curvesOf(run, ["loss"], 3, 3))).toEqual([0.25, 0.25]);
    expect(boundsOf(curvesOf(run, ["val_loss"], 0, 0))).toBeNull();
    expect(boundsOf([])).toBeNull();
  });
});
