"""A range of epochs, and both distances at once, while the kernel is busy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from lab import FOUR_CLASSES, Notebook, open_page, until, until_snapshots, until_there, write_notebook
from pixels import Seen, seen_cell

EPOCHS = 40
TRAIN = f"""
for epoch in gated({EPOCHS} + 1, {{{EPOCHS}: "range.grow", {EPOCHS} + 1: "range.end"}}):
    moved = random.random(500) < 0.9 / (1 + epoch)
    classes = np.where(moved, random.integers(0, 4, 500), classes)
    metrics = {{"loss": 100 / (1 + epoch) ** 2, "val_loss": 1 + 100 / (1 + epoch) ** 2}}
    fingerprint.update(classes, labels=labels, metrics=metrics)
"""
KEEP = """
np.savez("range.npz", transition=fingerprint.transition_distance, prediction=fingerprint.prediction_distance / 500)
"""
TRAINING = 1
CURVES_FIT = """() => {
    const [first, last] = document.querySelector(".nntf").dataset.range.split("-").map(Number);
    const line = document.querySelector(".nntf-curves path.line");
    const { left, width } = document.querySelector(".nntf-range-track").getBoundingClientRect();
    const places = line.getAttribute("d").match(/[ML][^ML]+/g).map((point) => parseFloat(point.slice(1)));
    const plot = new DOMPoint(places[first], 0).matrixTransform(line.getScreenCTM()).x - left;
    const end = new DOMPoint(places[last], 0).matrixTransform(line.getScreenCTM()).x - left;
    const step = width / (last - first + 1);
    return Math.abs(plot - step / 2) < 2 && Math.abs(end - (width - step / 2)) < 2;
}"""
PICKED = [(13, 11), (19, 10), (12, 17)]  # cells of the transitions from 10 to 20


@dataclass
class Looked:
    """What was on the page while the kernel was busy, after each thing that was done, by its name."""

    lab: Notebook
    ranges: dict[str, str]
    labels: dict[str, dict[str, list[float]]]
    bars: dict[str, int]
    cells: dict[str, dict[tuple[int, int], Seen]]
    truth: dict[str, np.ndarray]


def labels(page) -> dict[str, list[float]]:
    """The epochs that are labelled below the fingerprint, and the values beside the curves."""
    return page.evaluate(
        """() => {
            const numbers = (selector) => [...document.querySelectorAll(selector)].map((text) => +text.textContent);
            return {
                epochs: numbers(".nntf-matrix text[text-anchor=middle]"),
                values: numbers(".nntf-curves .axis .tick text"),
            };
        }"""
    )


def bars(page) -> int:
    """How many of the transitions shown have a bar."""
    counts = page.locator(".nntf-outcomes path").evaluate_all(
        "(paths) => paths.map((path) => path.getAttribute('d').split('M').length - 1)"
    )
    return max(counts)


def until_range(page, first: int, last: int) -> None:
    until_there(page, f".nntf[data-range='{first}-{last}']")


def drag(page, start: float, end: float, y: float) -> None:
    page.mouse.move(start, y)
    page.mouse.down()
    page.mouse.move(end, y, steps=5)
    page.mouse.up()


def brush(page, first: int, last: int, shown: range, over: str) -> None:
    """Drag over a plot, from the middle of one epoch to that of another, where those in `shown` are to be seen."""
    bar, plot = (page.locator(each).bounding_box() for each in (".nntf-range-track", over))
    step = bar["width"] / len(shown)
    start, end = (bar["x"] + (epoch - shown.start + 0.5) * step for epoch in (first, last))
    drag(page, start, end, plot["y"] + plot["height"] / 2)


def walk(page, folder):
    """Change the range in every way there is, and yield the name of each."""
    until_range(page, 0, EPOCHS - 1)
    yield "whole"
    brush(page, 20, 10, range(EPOCHS), ".nntf-outcomes")
    until_range(page, 10, 20)
    yield "brushed"
    page.get_by_role("button", name="Both").click()
    until_there(page, ".nntf[data-distance=both]")
    yield "both"
    page.get_by_role("button", name="Transitions").click()
    box = page.locator(".nntf-strip").bounding_box()
    page.mouse.dblclick(box["x"] + 50, box["y"] + 10)
    until_range(page, 0, EPOCHS - 1)
    yield "double click"
    end = page.get_by_role("slider", name="Start of the range")
    box = end.bounding_box()
    step = page.locator(".nntf-range-track").bounding_box()["width"] / EPOCHS
    start, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    drag(page, start, start + 8 * step, y)
    until_range(page, 8, EPOCHS - 1)
    yield "handle"
    for _ in range(3):
        end.press("ArrowLeft")
    page.get_by_role("slider", name="End of the range").press("PageDown")
    until_range(page, 5, EPOCHS - 11)
    yield "keys"
    page.get_by_role("button", name="Show all").click()
    until_range(page, 0, EPOCHS - 1)
    brush(page, 5, EPOCHS - 1, range(EPOCHS), ".nntf-heatmap")
    until_range(page, 5, EPOCHS - 1)
    (folder / "range.grow").touch()
    until_range(page, 5, EPOCHS)
    yield "grown"


@pytest.fixture(scope="module")
def looked(browser, address, folder, screenshots):
    for gate in ("range.grow", "range.end"):
        (folder / gate).unlink(missing_ok=True)
    write_notebook(folder / "range.ipynb", [FOUR_CLASSES, TRAIN, KEEP])
    with open_page(browser, address, viewport={"width": 1300, "height": 1500}) as page:
        lab = Notebook(page, address, "range.ipynb")
        lab.run_all()
        until_snapshots(page, EPOCHS)
        until_there(page, ".nntf-curves .tick")
        seen = Looked(lab, {}, {}, {}, {}, {})
        for name in walk(page, folder):
            until(page, "curves on the same axis", CURVES_FIT)
            assert lab.is_running(TRAINING)
            seen.ranges[name] = page.locator(".nntf").get_attribute("data-range")
            seen.labels[name] = labels(page)
            seen.bars[name] = bars(page)
            if name in ("brushed", "both"):
                seen.cells[name] = {(row, column): seen_cell(page, row - 10, column - 10, 10) for row, column in PICKED}
            if name == "both":  # cells of snapshots lie half an epoch before those of transitions
                seen.cells["below"] = {
                    (row, column): seen_cell(page, row - 10.5, column - 10.5, 10, layer=1)
                    for row, column in [(13, 11), (20, 10)]
                }
            page.screenshot(path=screenshots / f"range-{name.replace(' ', '-')}.png")
        (folder / "range.end").touch()
        lab.wait_for(2)
        with np.load(folder / "range.npz") as truth:
            seen.truth.update(truth)
        yield seen


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("whole", 0, 39),
        ("brushed", 10, 20),
        ("double click", 0, 39),
        ("handle", 8, 39),
        ("keys", 5, 29),
        ("grown", 5, 40),
    ],
)
def test_all_plots_show_the_same_epochs(looked, name, first, last):
    assert looked.ranges[name] == f"{first}-{last}"
    assert all(first <= epoch <= last for epoch in looked.labels[name]["epochs"])
    assert last - first - 3 <= looked.bars[name] <= last - first  # in some, none became wrong or right


def test_the_values_of_the_curves_fit_what_is_shown(looked):
    assert max(looked.labels["whole"]["values"]) >= 100
    assert 0 <= min(looked.labels["brushed"]["values"]) < 1
    assert 1 + 100 / 11**2 <= max(looked.labels["brushed"]["values"]) <= 2.5


def test_the_matrix_is_that_of_the_epochs_shown(looked):
    for cell, seen in looked.cells["brushed"].items():
        assert seen.is_of(looked.truth["transition"][cell])


def test_transitions_are_above_the_diagonal_and_predictions_below(looked):
    above = looked.cells["both"][12, 17]
    assert above.is_of(looked.truth["transition"][12, 17])
    for cell, seen in looked.cells["below"].items():
        assert seen.is_of(looked.truth["prediction"][cell])


def test_python_reads_the_range_and_sets_it(looked):
    looked.lab.until_python("run.epoch_range", "(5, None)")
    looked.lab.until_python("run.distance", "'transition'")
    looked.lab.until_python("setattr(run, 'epoch_range', (2, 9))", "None")
    until_range(looked.lab.page, 2, 9)
    looked.lab.until_python("setattr(run, 'epoch_range', None)", "None")
    until_range(looked.lab.page, 0, EPOCHS)


def test_our_code_throws_nothing_in_the_page(looked):
    assert [error.stack for error in looked.lab.page.page_errors() if "blob:" in error.stack] == []
