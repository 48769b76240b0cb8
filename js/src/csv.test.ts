import { describe, expect, it } from "vitest";
import { csv, TABLES } from "./csv";
import { shownRun } from "./run.fixture";

describe("a table as text", () => {
  it("quotes what would be taken for a separator, and marks what would be taken for a formula", () => {
    expect(csv([["a,b", 'say "x"', "two\nlines", "=1+1", "-3", -3, null]])).toBe(
      `"a,b","say ""x""","two\nlines",'=1+1,'-3,-3,\r\n`,
    );
  });
});

describe("the data behind", () => {
  it("the fingerprint is each pair of transitions once", () => {
    const { session } = shownRun(6);
    const [head, ...rows] = TABLES.fingerprint(session);
    expect(head).toEqual(["distance", "epoch", "compared_with", "value"]);
    expect(rows.length).toBe((5 * 4) / 2);
    expect(rows[0]).toEqual(["transition", 1, 0, session.run.transitionDistance.at(1, 0)]);
  });

  it("both distances is both, with the share of samples predicted differently", () => {
    const { session, host } = shownRun(6);
    host.set("distance", "both");
    const rows = TABLES.fingerprint(session).slice(1);
    expect(rows.filter(([distance]) => distance === "prediction").length).toBe((6 * 5) / 2);
    expect(rows.at(-1)).toEqual(["prediction", 5, 4, session.run.predictionDistance.at(5, 4) / 60]);
  });

  it("the classes and the curves has a row for each epoch", () => {
    const { session } = shownRun(6);
    expect(TABLES.classes(session).length).toBe(1 + 6 * 3);
    expect(TABLES.curves(session)[0]).toEqual(["epoch", "loss", "accuracy", "share_moved"]);
    expect(TABLES.curves(session)[1]).toEqual([0, 1, null, null]);
  });

  it("the matrices is the moves that they show", () => {
    const { session, host } = shownRun(6);
    const total = (rows: unknown[][], column: number) =>
      rows.slice(1).reduce((sum, row) => sum + Number(row[column]), 0);
    expect(total(TABLES.moves(session), 2)).toBe(session.run.transitions[4].moved);
    host.set("selected_epochs", [1, 3]);
    const pair = TABLES.moves(session);
    expect(pair[0]).toEqual(["from", "to", "samples_epoch_1_2", "samples_epoch_3_4"]);
    expect(total(pair, 3)).toBe(session.run.transitions[3].moved);
  });

  it("nothing yet is a head without rows", () => {
    const { session } = shownRun(1);
    for (const table of ["fingerprint", "moves"]) expect(TABLES[table](session).length).toBe(1);
  });
});
