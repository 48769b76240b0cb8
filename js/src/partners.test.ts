// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { wandering, writeRun } from "./packets.fixture";
import { frame, kernelOf, shown, withoutCanvas } from "./views.fixture";

const CLASSES = 9;
const predictions = wandering(12, 90, CLASSES);

beforeEach(withoutCanvas);
afterEach(() => {
  document.body.replaceChildren();
  vi.restoreAllMocks();
});

/** What came from and went to the partners in the rows. */
const traded = (rows: Iterable<Element>) =>
  [...rows].map((row) => [...row.querySelectorAll(".nntf-number")].map((cell) => Number(cell.textContent?.slice(1))));

it("sums the partners that have no colour, and lists them when asked", async () => {
  const names = Array.from({ length: CLASSES }, (_, class_) => `class ${class_}`);
  const kernel = kernelOf(writeRun(predictions, CLASSES), {
    num_samples: 90,
    num_classes: CLASSES,
    class_names: names,
  });
  const { root } = shown(kernel).open();
  kernel.set("selected_class", 0);
  await frame();
  const rows = () => root.querySelectorAll(".nntf-partner-list button");
  const more = () => root.querySelector(".nntf-partners > button") as HTMLButtonElement;
  const named = rows().length;
  const [[arrived, departed]] = traded([more()]);
  more().click();
  const rest = traded(rows()).slice(named);
  expect(rest.length).toBeGreaterThan(1);
  expect(rest.reduce((sum, [arrivals]) => sum + arrivals, 0)).toBe(arrived);
  expect(rest.reduce((sum, [, departures]) => sum + departures, 0)).toBe(departed);
  expect(more().textContent).toBe("fewer");
});
