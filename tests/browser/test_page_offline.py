"""A run written as one file, opened from disk with the network off."""

from __future__ import annotations

import numpy as np
import pytest

import nntf_widget as nntf


@pytest.fixture(scope="module")
def offline(browser, tmp_path_factory, screenshots):
    random = np.random.default_rng(0)
    classes = random.integers(0, 3, 400)
    run = nntf.Fingerprint(class_names=["cat", "dog", "<i>frog</i>"])
    for t in range(20):
        moved = random.random(400) < 0.3
        run.update(np.where(moved, random.integers(0, 3, 400), classes), labels=classes, metrics={"loss": 1 / (t + 1)})
    path = tmp_path_factory.mktemp("page") / "run.html"
    run.to_html(path)
    context = browser.new_context(offline=True, viewport={"width": 1000, "height": 1100})
    page, problems = context.new_page(), []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.goto(path.as_uri())
    page.wait_for_selector(".nntf[data-snapshots='20']")
    page.screenshot(path=screenshots / "page.png")
    yield page, problems
    context.close()


def test_it_shows_the_whole_run_with_its_own_curves(offline):
    page, problems = offline
    assert page.locator(".nntf-slim-curves").is_visible()
    assert page.locator(".nntf-curve").count() == 2
    assert problems == []


def test_it_drills_into_a_class_and_comes_back(offline):
    page, problems = offline
    page.get_by_role("button", name="<i>frog</i>").click()
    page.wait_for_selector(".nntf[data-class='2']")
    assert page.locator(".nntf-title").inner_text() == "Class “<i>frog</i>”"
    page.keyboard.press("Escape")
    page.wait_for_selector(".nntf[data-class='']")
    assert problems == []
