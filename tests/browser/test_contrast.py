"""The colours of the fingerprint: what is visible spreads over the scale, and no epoch is left out."""

from __future__ import annotations

import re

import numpy as np
import pytest
from lab import open_page, until, until_there
from pixels import cell_colour, scale_ends, seen_cell

import nntf_widget as nntf


def opened(page, run, path):
    run.to_html(path)
    page.goto(path.as_uri())
    until_there(page, f".nntf[data-snapshots='{len(run)}']")


def below_the_diagonal(matrix):
    return matrix[np.tril_indices(len(matrix), -1)]


def share_used(page, values):
    """The share of the colour scale that the middle nine tenths of the cells use."""
    low, high = scale_ends(page)
    return np.ptp(np.clip((np.quantile(values, [0.05, 0.95]) - low) / (high - low), 0, 1))


@pytest.mark.parametrize(
    "name", ["lenet_cifar10_lr0.005", "oscillation_then_frozen_k4", "synthetic_k5", "synthetic_k100"]
)
def test_the_middle_nine_tenths_of_the_cells_use_most_of_the_scale(browser, tmp_path, screenshots, shared, name):
    with np.load(shared / "reference" / f"{name}.npz") as reference:
        run = nntf.Fingerprint(num_classes=int(reference["num_classes"]))
        for predictions in reference["predictions"]:
            run.update(predictions)
    with open_page(browser, offline=True) as page:
        opened(page, run, tmp_path / "run.html")
        transition = share_used(page, below_the_diagonal(run.transition_distance))
        page.screenshot(path=screenshots / f"contrast-{name}.png")
        page.get_by_role("button", name="Predictions").click()
        until_there(page, ".nntf[data-distance=prediction]")
        prediction = share_used(page, below_the_diagonal(run.prediction_distance) / run.num_samples)
    print(f"\n{name}: transitions {transition:.2f}, predictions {prediction:.2f} of the scale")
    assert min(transition, prediction) >= 0.6


@pytest.fixture(scope="module")
def long(browser, tmp_path_factory, screenshots):
    """A run with more epochs than pixels, and one epoch unlike all others."""
    random = np.random.default_rng(0)
    run = nntf.Fingerprint(num_classes=4)
    classes = random.integers(0, 2, 300)
    for t in range(1500):
        moved = random.random(300) < 0.2
        classes = np.where(moved, random.integers(0, 2, 300), classes)
        run.update(classes + 2 if t == 777 else classes)
    with open_page(browser, offline=True, viewport={"width": 1000, "height": 1100}) as page:
        opened(page, run, tmp_path_factory.mktemp("page") / "run.html")
        page.screenshot(path=screenshots / "contrast-long.png")
        said = re.fullmatch(r"each pixel: (\d) \u00d7 \1 epochs", page.locator(".nntf-caption").inner_text())
        yield page, run.transition_distance, int(said[1])


def mean_of(distance, row, column, span):
    return distance[row * span : (row + 1) * span, column * span : (column + 1) * span].mean()


def test_a_pixel_has_the_colour_of_the_mean_of_its_epochs(long):
    page, distance, span = long
    blocks = len(distance) / span
    last = len(distance) // span - 1
    for row, column in [(3, 0), (0, 3), (200, 100), (last, 200), (last - 1, last)]:
        assert seen_cell(page, row, column, blocks).is_of(mean_of(distance, row, column, span))
    off_diagonal = mean_of(distance, 100, 100, span) * span / (span - 1)
    assert seen_cell(page, 100, 100, blocks).is_of(off_diagonal)


def test_one_odd_epoch_in_many_is_seen(long):
    page, distance, span = long
    odd, other = (cell_colour(page, row // span, 20, len(distance) / span) for row in (777, 700))
    assert np.abs(np.subtract(odd, other)).max() > 40


def test_the_ends_of_the_scale_are_dragged(long):
    page, distance, span = long
    low, high = scale_ends(page)
    handle = page.get_by_role("slider", name="End of the colour scale, unlike")
    box = page.locator(".nntf-scale").bounding_box()
    notch = box["y"] + box["height"] * (1 - float(handle.evaluate("(end) => parseFloat(end.style.bottom)")) / 100)
    page.mouse.move(box["x"] + 5, notch)
    page.mouse.down()
    page.mouse.move(box["x"] + 5, notch + 20, steps=4)
    page.mouse.up()
    until(page, "a lower end", "(high) => document.querySelector('.nntf-scale-high').ariaValueNow < high", high)
    assert scale_ends(page)[0] == low
    assert seen_cell(page, 200, 100, len(distance) / span).is_of(mean_of(distance, 200, 100, span))
    page.get_by_role("button", name="0 … 1").click()
    until_there(page, ".nntf-whole[aria-pressed=true]")
    assert scale_ends(page) == (0, 1)
    page.get_by_role("button", name="0 … 1").click()
    until_there(page, ".nntf-whole[aria-pressed=false]")
    assert scale_ends(page) == (low, high)
    assert page.page_errors() == []


def test_the_drill_of_a_long_run_is_a_rough_picture_first_and_the_whole_soon(browser, tmp_path, screenshots):
    random = np.random.default_rng(0)
    run = nntf.Fingerprint(num_classes=12)
    classes = random.integers(0, 12, 2000)
    for _ in range(1000):
        classes = np.where(random.random(2000) < 0.2, random.integers(0, 12, 2000), classes)
        run.update(classes)
    with open_page(browser, offline=True, viewport={"width": 1000, "height": 1100}) as page:
        opened(page, run, tmp_path / "run.html")
        page.locator(".nntf").get_by_role("button", name="7", exact=True).click()
        drilled = "performance.getEntriesByName('nntf:drilled').map(({ detail }) => [detail.class, detail.isRough])"
        until(page, "a whole drill", f"() => {drilled}.at(-1)?.[1] === false")
        assert page.evaluate(drilled) == [[7, True], [7, False]]
        page.screenshot(path=screenshots / "contrast-long-drill.png")
        said = re.fullmatch(r"each pixel: (\d) \u00d7 \1 epochs", page.locator(".nntf-caption").inner_text())
        distance, span = run.class_transition_distance(7), int(said[1])
        for row, column in [(3, 0), (0, 3), (200, 100), (300, 299)]:
            assert seen_cell(page, row, column, len(distance) / span).is_of(mean_of(distance, row, column, span))
        page.keyboard.press("Escape")
        until_there(page, ".nntf[data-class='']")
        assert page.page_errors() == []
