"""Twelve runs compared in JupyterLab."""

from __future__ import annotations

import pytest
from lab import SECOND, Notebook, write_notebook
from playwright.sync_api import expect

RUNS = 12
SHOW = f"""
import time
from pathlib import Path
import numpy as np
import nntf_widget as nntf

labels = np.arange(900) % 6
names = ["ant", "bee", "cat", "dog", "<b>eel</b>", "fox"]

def trained(seed, epochs=20):
    random, run = np.random.default_rng(seed), nntf.Fingerprint(6, class_names=names)
    classes = random.integers(0, 6, 900)
    for t in range(epochs):
        run.update(classes, labels=labels)
        moved = random.random(900) < 0.5 * (0.95 - 0.05 * seed) ** t
        classes = np.where(moved & (random.random(900) < 0.8), labels, classes)
    return run

runs = {{f"lr={{2.0 ** -seed:g}}": trained(seed, 20 - seed) for seed in range({RUNS})}}
comparison = nntf.compare(runs)
comparison
"""
GROW = """
while not Path("compare_stop").exists():
    time.sleep(0.1)
    if Path("compare_go").exists() and len(runs["lr=1"]) == 20:
        runs["lr=1"].update(labels)
"""


@pytest.fixture(scope="module")
def page(browser, address, folder):
    for flag in ("compare_stop", "compare_go"):
        (folder / flag).unlink(missing_ok=True)
    write_notebook(folder / "compare.ipynb", [SHOW, GROW])
    context = browser.new_context(viewport={"width": 1300, "height": 2400})
    page = context.new_page()
    page.set_default_timeout(60 * SECOND)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    Notebook(page, address, "compare.ipynb").run_all()
    page.wait_for_selector(".nntf-multiple")
    page.wait_for_function("document.querySelectorAll('.jp-InputPrompt')[1].textContent.includes('*')")
    yield page
    (folder / "compare_stop").touch()
    context.close()
    assert problems == []


def test_every_run_has_its_fingerprint_at_one_scale_of_epochs(page):
    cells = page.locator(".nntf-multiple .nntf-square-cells")
    assert cells.count() == RUNS
    boxes = [cells.nth(run).bounding_box() for run in range(RUNS)]
    longest = boxes[0]["width"]
    for side in ("width", "height"):
        assert [box[side] for box in boxes] == pytest.approx(
            [longest * (19 - run) / 19 for run in range(RUNS)], abs=0.5
        )
    assert len({round(box["x"]) for box in boxes}) == 6  # columns, of which the shorter runs leave a part empty
    tenth = page.locator(".nntf-multiple .nntf-along-column", has_text="10").first.bounding_box()
    assert tenth["x"] + tenth["width"] / 2 == pytest.approx(boxes[0]["x"] + longest * 10 / 19, abs=1)


def test_the_table_sorts_while_the_kernel_is_busy(page):
    first = page.locator(".nntf-run-table tbody tr").first
    page.get_by_role("button", name="snapshots", exact=True).click()
    expect(first.locator("th")).to_have_text("lr=1")
    page.get_by_role("button", name="snapshots", exact=True).click()
    expect(first.locator("th")).to_have_text(f"lr={2.0 ** (1 - RUNS):g}")


def test_curves_and_the_map_of_all_runs_stand_below(page):
    page.get_by_text("Paths of the predictions").wait_for()
    figures = page.locator(".nntf-compare-charts .bqplot")
    expect(figures).to_have_count(4)
    assert figures.last.locator(".object_grp").count() == RUNS
    for chart in (0, 1, 2):
        names = figures.nth(chart).locator(".mark_label, .label_mark, text", has_text="lr=")
        expect(names).to_have_count(RUNS)


def test_class_names_are_text(page):
    assert page.locator(".nntf-class-name", has_text="<b>eel</b>").count() == 1


def test_a_run_that_grows_is_drawn_anew_although_its_cell_still_runs(page, folder):
    (folder / "compare_go").touch()
    page.wait_for_function(
        "[...document.querySelectorAll('.nntf-run-table tr')].some(r => /^lr=1\\t?21/.test("
        "[...r.children].map(c => c.textContent).join('\\t')))"
    )


def test_a_chosen_run_is_shown_whole_when_the_kernel_is_free(page, folder):
    page.locator(".nntf-multiple").nth(2).click()
    expect(page.locator(".nntf-multiple").nth(2)).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Run along the columns").select_option("5")
    page.get_by_text("Waiting for the kernel").wait_for()
    (folder / "compare_stop").touch()
    page.locator(".nntf[data-snapshots='18']").wait_for()
    page.locator(".nntf-cross-readout", has_text="What lr=0.03125 decided at epoch 14").wait_for()
