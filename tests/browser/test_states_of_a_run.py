"""Runs of every size on a page of their own: none and few epochs, two classes, more epochs than pixels, odd names."""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np
import pytest
from playwright.sync_api import expect

import nntf_widget as nntf

ODD = [
    "<img src=x onerror=alert(1)>",
    "\u200b",
    "  ",
    "a_very_long_name_without_a_space_in_it_" * 3,
    "שלום",
    "猫の写真の分類器",
]


def recorded(epochs: int, classes: int, samples: int = 60, names: list[str] | None = None) -> nntf.Fingerprint:
    random = np.random.default_rng(0)
    run = nntf.Fingerprint(classes, class_names=names)
    predictions = random.integers(0, classes, samples)
    for _ in range(epochs):
        run.update(predictions)
        moved = random.random(samples) < 0.2
        predictions = np.where(moved, random.integers(0, classes, samples), predictions)
    return run


@contextmanager
def opened(browser, run: nntf.Fingerprint, folder, **options):
    path = folder / "run.html"
    run.to_html(path)
    context = browser.new_context(offline=True, viewport={"width": 1000, "height": 1400}, **options)
    page, problems = context.new_page(), []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("dialog", lambda dialog: problems.append(dialog.message))
    page.goto(path.as_uri())
    page.wait_for_selector(".nntf[data-snapshots]")
    yield page
    context.close()
    assert problems == []


@pytest.mark.parametrize(
    ("epochs", "said"),
    [(0, "Waiting for the first epoch"), (1, "Waiting for the second epoch"), (2, "Epoch 0 → 1"), (3, "Epoch 1 → 2")],
)
def test_a_run_of_two_classes_says_what_it_has_and_what_it_waits_for(browser, tmp_path, screenshots, epochs, said):
    with opened(browser, recorded(epochs, 2), tmp_path) as page:
        page.screenshot(path=screenshots / f"two-classes-{epochs}.png")
        assert said in page.locator(".nntf").text_content()
        assert page.locator(".nntf-moments").is_visible() == (epochs > 1)
        assert page.locator(".nntf-scrubber").is_visible() == (epochs > 1)
        for key in ("ArrowRight", "Enter", "+", "0", "Escape"):
            page.locator(".nntf-heatmap").press(key)


def test_more_epochs_than_fit_are_shown_as_means_and_a_part_of_them_as_they_are(browser, tmp_path, screenshots):
    with opened(browser, recorded(2100, 3, samples=12), tmp_path) as page:
        page.screenshot(path=screenshots / "long.png")
        expect(page.locator(".nntf-status")).to_contain_text("each pixel the mean of 2")
        page.locator(".nntf-heatmap").press("+")
        page.wait_for_selector(".nntf-minimap:visible")
        expect(page.locator(".nntf-status")).not_to_contain_text("mean")


def test_names_are_text_and_one_without_a_visible_letter_is_its_number(browser, tmp_path, screenshots):
    with opened(browser, recorded(20, 6, names=ODD), tmp_path) as page:
        page.screenshot(path=screenshots / "odd-names.png")
        shown = page.locator(".nntf-class").all_inner_texts()
        assert shown[0] == ODD[0]
        assert shown[1:3] == ["1", "2"]
        assert page.locator(".nntf img").count() == 0
        labels = page.locator(".nntf-moves-matrix text").all_text_contents()
        assert "1" in labels
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_less_motion_plays_slower(browser, tmp_path):
    with opened(browser, recorded(20, 3), tmp_path, reduced_motion="reduce") as page:
        page.get_by_role("button", name="Play").click()
        page.wait_for_timeout(300)
        assert int(page.locator(".nntf-slider").input_value()) <= 2


def test_a_picture_is_saved_from_a_page_without_a_kernel(browser, tmp_path):
    with opened(browser, recorded(20, 3), tmp_path) as page:
        page.get_by_role("button", name="Save", exact=True).click()
        with page.expect_download() as download:
            page.get_by_role("menuitem", name="Save as PNG").click()
        assert download.value.path().read_bytes().startswith(b"\x89PNG")
