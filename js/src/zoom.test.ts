import { describe, expect, it } from "vitest";
import { scaled, within } from "./zoom";

describe("a range of epochs", () => {
  it("lies within the run, whichever end came first", () => {
    expect(within(9, 4, 20)).toEqual([4, 9]);
    expect(within(-5, 6, 20)).toEqual([0, 6]);
    expect(within(15, 40, 20)).toEqual([15, 19]);
  });

  it("has two epochs or more", () => {
    expect(within(7, 7, 20)).toEqual([7, 8]);
    expect(within(19, 19, 20)).toEqual([18, 19]);
  });

  it("is none where it is the whole run", () => {
    expect(within(0, 19, 20)).toBeNull();
    expect(within(0, 1, 2)).toBeNull();
  });

  it("shrinks around an epoch, and grows back to the whole run", () => {
    expect(scaled([0, 99], 0.5, 20, 100)).toEqual([10, 59]);
    expect(scaled([10, 59], 2, 20, 100)).toBeNull();
  });
});
