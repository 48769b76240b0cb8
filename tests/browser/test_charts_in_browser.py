"""The run-level charts in JupyterLab, linked with the fingerprint while the kernel is busy."""

from __future__ import annotations

import re

import pytest
from lab import SECOND, Notebook, comes_to, write_notebook

EPOCHS = 30
SHOW = f"""
import time
from pathlib import Path
import numpy as np
import nntf_widget as nntf

random = np.random.default_rng(0)
labels = random.integers(0, 4, 800)
run = nntf.Fingerprint(class_names=["ant", "bee", "cat", "dog"])
classes = random.integers(0, 4, 800)

def epoch(t):
    run.update(classes, labels=labels, metrics={{"loss": 1 / (t + 1), "val_loss": 2 / (t + 1)}})
    moved = np.flatnonzero(random.random(800) < 0.5 * 0.9**t)
    classes[moved] = labels[moved]

for t in range({EPOCHS}):
    epoch(t)
run
"""
BUSY = """
while not Path("charts_stop").exists():
    time.sleep(0.1)
    if Path("charts_go").exists() and len(run) == 30:
        epoch(30)
"""
FADED = """() => {
    const canvas = document.querySelector('.nntf-heatmap');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let sum = 0;
    for (let i = 0; i < data.length; i += 4) sum += data[i] + data[i + 1] + data[i + 2];
    return sum;
}"""
MARKED = """() => [...[...document.querySelectorAll('.nntf-curves')].at(-1).querySelectorAll('.object_grp path')]
    .map((dot, index) => [index, dot.style.fill || dot.getAttribute('fill') || ''])
    .filter(([, fill]) => ['rgb(224, 123, 57)', '#e07b39'].includes(fill.toLowerCase())).map(([index]) => index)"""


@pytest.fixture(scope="module")
def page(browser, address, folder):
    for flag in ("charts_stop", "charts_go"):
        (folder / flag).unlink(missing_ok=True)
    write_notebook(folder / "charts.ipynb", [SHOW, BUSY])
    context = browser.new_context(viewport={"width": 1300, "height": 1900})
    page = context.new_page()
    page.set_default_timeout(60 * SECOND)
    lab = Notebook(page, address, "charts.ipynb")
    lab.run_all()
    page.wait_for_selector(f".nntf[data-snapshots='{EPOCHS}']")
    page.wait_for_function("document.querySelectorAll('.jp-InputPrompt')[1].textContent.includes('*')")
    page.get_by_text("Path of the predictions").wait_for()
    yield page
    (folder / "charts_stop").touch()
    context.close()


def test_the_charts_name_their_curves_with_the_last_values(page):
    texts = page.locator(".nntf-measure .widget-label:not(:empty)").all_inner_texts()
    assert texts[:2] == ["loss 0.0333", "val_loss 0.0667"]
    assert [text.split()[0] for text in texts[2:]] == ["samples", "moves", "laminarity", "entropy"]


def test_the_curves_follow_the_epochs_that_are_zoomed_into(page):
    epochs = "[...document.querySelectorAll('.nntf-matrix text')].map(each => each.textContent)"
    axis = page.locator(".nntf-measure .nntf-curves .axis").last
    for key in "++0":
        before = page.evaluate(epochs)
        page.locator(".nntf-heatmap").press(key)
        page.wait_for_function(f"before => {epochs}.join() !== before.join()", arg=before)
        comes_to(page, lambda: set(axis.locator("text").all_text_contents()) == set(page.evaluate(epochs)), True)


def test_the_class_drilled_into_has_a_curve_of_its_own(page):
    label = page.get_by_text(re.compile(r"^bee 0\.\d+$"))
    curve = page.locator(".nntf-curves", has_text="moves").locator("path.line").last
    page.locator(".nntf-class").get_by_text("bee").click()
    label.wait_for()
    comes_to(page, lambda: (curve.get_attribute("d") or "").count("L") > 5, True)
    page.locator(".nntf-class").get_by_text("bee").click()
    page.wait_for_selector(".nntf[data-class='']")
    label.wait_for(state="hidden")


def test_the_verdict_stands_over_the_fingerprint(page):
    assert page.locator(".nntf-chip").first.inner_text() == "converged"
    assert "hardly a sample changes class" in page.locator(".nntf-verdict").first.inner_text()


def test_a_brushed_band_is_brought_out_in_the_heatmap(page):
    before = page.evaluate(FADED)
    chart = page.locator(".nntf-by-distance .bqplot", has_text="Recurrence by band")
    overlay = chart.locator(".selector, .brushintsel, .overlay").first
    box = overlay.bounding_box()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()
    words = page.locator(".nntf-heatmap-head .nntf-scale-band")
    words.wait_for()
    low, high = map(float, re.findall(r"\d\.\d+", words.inner_text()))
    assert (low, high) == (pytest.approx(0.3, abs=0.03), pytest.approx(0.5, abs=0.03))
    comes_to(page, lambda: page.evaluate(FADED) != before, expected=True)


def test_the_epochs_pointed_at_are_marked_on_the_path(page):
    box = page.locator(".nntf-heatmap").bounding_box()
    assert page.evaluate(MARKED) == []
    page.mouse.move(box["x"] + box["width"] * 10.5 / (EPOCHS - 1), box["y"] + box["height"] * 3.5 / (EPOCHS - 1))
    page.wait_for_function(f"({MARKED})().length === 2")
    page.mouse.move(5, 5)
    page.wait_for_function(f"({MARKED})().length === 0")


def test_a_new_epoch_is_drawn_in_every_chart(page, folder):
    dots = "[...document.querySelectorAll('.nntf-curves')].at(-1).querySelectorAll('.object_grp').length"
    before = page.evaluate(dots)
    (folder / "charts_go").touch()
    page.wait_for_function(f"{dots} > {before}")
    page.get_by_text("loss 0.0323").first.wait_for()
    assert (before, page.evaluate(dots)) == (EPOCHS, EPOCHS + 1)
