"""The moment in focus: its confusion matrix, its moves and what differs, while the kernel is busy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from lab import FOUR_CLASSES, Notebook, open_page, until_snapshots, until_there, write_notebook
from pixels import place_of

import nntf_widget as nntf

EPOCHS = 12
TRAIN = """
for epoch in gated({epochs}, {{{epochs}: "{gate}"}}):
    moved = random.random(500) < 0.4
    classes = np.where(moved, np.where(random.random(500) < 0.6, labels, random.integers(0, 4, 500)), classes)
    fingerprint.update(classes, labels=labels)
"""
KEEP = """
np.savez("moment.npz", confusion=[fingerprint.confusion(t) for t in range(len(fingerprint))],
         transitions=fingerprint.transitions)
"""
TRAINING = 1


@dataclass
class Seen:
    """Matrices that were read off the page while the kernel was busy, and what Python held afterwards."""

    lab: Notebook
    grids: dict[str, np.ndarray]
    labels: dict[str, str]
    truth: dict[str, np.ndarray]


def grid(page) -> np.ndarray:
    """The counts of the matrix on the page, shape (K, K), by the class ids of its cells."""
    cells = page.get_by_role("gridcell").evaluate_all(
        "(cells) => cells.map(({dataset}) => [dataset.row, dataset.column, dataset.count].map(Number))"
    )
    size = round(len(cells) ** 0.5)
    counts = np.zeros((size, size), np.int64)
    for row, column, count in cells:
        counts[row, column] = count
    return counts


def until_focus(page, epoch: int) -> None:
    until_there(page, f".nntf[data-focus='{epoch}']")


@pytest.fixture(scope="module")
def seen(browser, address, folder, screenshots):
    gate = folder / "moment.seen"
    gate.unlink(missing_ok=True)
    write_notebook(folder / "moment.ipynb", [FOUR_CLASSES, TRAIN.format(epochs=EPOCHS, gate=gate.name), KEEP])
    with open_page(browser, address, viewport={"width": 1300, "height": 1500}) as page:
        lab = Notebook(page, address, "moment.ipynb")
        lab.run_all()
        until_snapshots(page, EPOCHS)
        grids, labels = {}, {}
        for name in walk(page):
            assert lab.is_running(TRAINING)
            grids[name] = grid(page)
            labels[name] = page.get_by_role("grid").get_attribute("aria-label")
            page.screenshot(path=screenshots / f"moment-{name}.png")
        gate.touch()
        lab.wait_for(2)
        with np.load(folder / "moment.npz") as truth:
            yield Seen(lab, grids, labels, dict(truth))


def walk(page):
    """Go from one moment to another in every way there is, and yield the name of each."""
    slider = page.get_by_role("slider", name="Epoch")
    yield "newest"
    page.locator(".nntf-outcomes .nntf-bars").click(position={**place_of(page, 0, 6, EPOCHS - 1), "y": 30})
    until_focus(page, 7)
    yield "bar"
    slider.fill("5")
    until_focus(page, 5)
    yield "slider"
    slider.press("ArrowLeft")
    until_focus(page, 4)
    page.locator(".nntf").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    until_focus(page, 6)
    yield "keys"
    page.get_by_role("button", name="Moves").click()
    until_there(page, "[role=grid][aria-label^=Moves]")
    yield "moves"
    page.get_by_role("button", name="Confusion").click()
    page.get_by_role("button", name="Play").click()
    until_focus(page, EPOCHS - 1)
    until_there(page, "button[aria-label=Play]")
    yield "played"
    page.locator(".nntf-heatmap").click(position=place_of(page, 8, 2, EPOCHS - 1))
    until_there(page, "[role=grid][aria-label*=minus]")
    yield "pinned"
    slider.fill("3")
    until_focus(page, 3)
    yield "let go"


@pytest.mark.parametrize(
    ("name", "epoch"), [("newest", 11), ("bar", 7), ("slider", 5), ("keys", 6), ("played", 11), ("let go", 3)]
)
def test_the_matrix_is_the_confusion_that_python_counts(seen, name, epoch):
    assert seen.labels[name] == f"Confusion matrix, epoch {epoch}"
    assert np.array_equal(seen.grids[name], seen.truth["confusion"][epoch])


def test_the_moves_are_the_transition_matrix_that_python_counts(seen):
    assert seen.labels["moves"] == "Moves, epoch 6"
    assert np.array_equal(seen.grids["moves"], seen.truth["transitions"][5])


def test_a_pinned_pair_shows_what_differs(seen):
    assert seen.labels["pinned"] == "Confusion matrix, epoch 9 minus 3"
    assert np.array_equal(seen.grids["pinned"], seen.truth["confusion"][9] - seen.truth["confusion"][3])


def test_python_reads_the_epoch_in_focus_and_sets_it(seen):
    page = seen.lab.page
    seen.lab.until_python("run.focused_epoch", "3")
    seen.lab.until_python("setattr(run, 'focused_epoch', 2)", "None")
    until_focus(page, 2)
    assert np.array_equal(grid(page), seen.truth["confusion"][2])


def test_our_code_throws_nothing_in_the_page(seen):
    assert [error.stack for error in seen.lab.page.page_errors() if "blob:" in error.stack] == []


@pytest.fixture(scope="module")
def run():
    random = np.random.default_rng(1)
    labels = random.integers(0, 100, 2000)
    run = nntf.Fingerprint(num_classes=100, class_names=[f"class number {k}" for k in range(100)])
    classes = random.integers(0, 100, 2000)
    for _ in range(8):
        classes = np.where(random.random(2000) < 0.4, random.integers(0, 100, 2000), classes)
        run.update(classes, labels=labels)
    return run


def test_of_many_classes_the_rest_is_summed_and_named(browser, run, tmp_path, screenshots):
    run.to_html(tmp_path / "run.html")
    with open_page(browser, offline=True, viewport={"width": 1160, "height": 1100}) as page:
        page.goto((tmp_path / "run.html").as_uri())
        until_snapshots(page, 8)
        page.screenshot(path=screenshots / "moment-many-classes.png")
        counts = page.get_by_role("gridcell").evaluate_all("(cells) => cells.map(({dataset}) => +dataset.count)")
        assert (len(counts), sum(counts)) == (41 * 41, 2000)
        cell = page.get_by_role("gridcell").nth(5)
        truth = run.confusion(-1)[tuple(int(cell.get_attribute(f"data-{side}")) for side in ("row", "column"))]
        assert cell.get_attribute("data-count") == str(truth)
        page.get_by_text("The 40 classes that move the most; the other 60 are summed").click()
        assert page.locator(".nntf-others").inner_text().count("class number") == 60
        cell.hover()
        assert page.locator(".nntf-grid-said").inner_text() == cell.get_attribute("aria-label")
        assert page.page_errors() == []


def test_nothing_plays_for_those_who_ask_for_less_motion(browser, run, tmp_path):
    run.to_html(tmp_path / "run.html")
    with open_page(browser, offline=True, reduced_motion="reduce") as page:
        page.goto((tmp_path / "run.html").as_uri())
        until_snapshots(page, 8)
        assert not page.get_by_role("button", name="Play", include_hidden=True).is_visible()
        page.get_by_role("button", name="One back").click()
        until_focus(page, 6)
        page.emulate_media(reduced_motion="no-preference")
        page.get_by_role("button", name="Play").click()
        until_there(page, "button[aria-label=Pause]")
        page.emulate_media(reduced_motion="reduce")
        until_there(page, "button[aria-label=Play]")
