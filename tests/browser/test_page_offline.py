"""A run written as one file, opened from disk with the network off."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from lab import open_page, until_there

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
    with open_page(browser, offline=True, viewport={"width": 1000, "height": 1100}) as page:
        page.goto(path.as_uri())
        until_there(page, ".nntf[data-snapshots='20']")
        page.screenshot(path=screenshots / "page.png")
        yield page


@pytest.fixture(autouse=True)
def _no_error(offline):
    yield
    assert offline.page_errors() == []
    assert [message.text for message in offline.console_messages() if message.type == "error"] == []


def test_it_shows_the_whole_run_with_its_own_curves(offline):
    assert offline.locator(".nntf-slim-curves").is_visible()
    assert offline.locator(".nntf-curve").count() == 1


def test_no_other_script_runs_in_it(offline, browser, tmp_path):
    page = Path(offline.evaluate("() => decodeURI(location.pathname)")).read_text(encoding="utf-8")
    (tmp_path / "hostile.html").write_text(f"{page}<script>window.owned = true</script><img src=x onerror=owned=1>")
    with open_page(browser, offline=True) as hostile:
        hostile.goto((tmp_path / "hostile.html").as_uri())
        until_there(hostile, ".nntf[data-snapshots='20']")
        assert hostile.evaluate("() => window.owned") is None


def test_a_page_whose_run_was_cut_says_so(offline, browser, tmp_path, screenshots):
    page = Path(offline.evaluate("() => decodeURI(location.pathname)")).read_text(encoding="utf-8")
    (saved,) = re.findall(r'"log": "([^"]*)"', page)
    cases = {"cut": saved[: len(saved) // 8 * 4], "edited": "* no base 64 *"}
    for name, log in cases.items():
        (tmp_path / f"{name}.html").write_text(page.replace(saved, log), encoding="utf-8")
    with open_page(browser, offline=True, viewport={"width": 1000, "height": 1100}) as damaged:
        damaged.goto((tmp_path / "cut.html").as_uri())
        until_there(damaged, ".nntf-note")
        assert "This run is damaged; only its first" in damaged.locator(".nntf-notes").inner_text()
        damaged.screenshot(path=screenshots / "page_damaged.png")
        damaged.goto((tmp_path / "edited.html").as_uri())
        assert "The run in this page is damaged" in damaged.locator("#nntf").inner_text()


def test_thousands_of_classes_are_painted(browser, tmp_path, screenshots):
    random = np.random.default_rng(0)
    run = nntf.Fingerprint(num_classes=5000)
    classes = random.integers(0, 5000, 20_000)
    for _ in range(6):
        moved = random.random(20_000) < 0.3
        run.update(np.where(moved, random.integers(0, 5000, 20_000), classes), labels=classes)
    run.to_html(tmp_path / "many.html")
    row_colours = """() => {
        const strip = document.querySelector(".nntf-strip");
        const row = (r) => [...strip.getContext("2d").getImageData(5, (r + 0.5) * strip.height / 26, 1, 1).data];
        return [0, 12, 25].map(row);
    }"""
    with open_page(browser, offline=True, viewport={"width": 1000, "height": 1100}) as many:
        many.goto((tmp_path / "many.html").as_uri())
        until_there(many, ".nntf[data-snapshots='6']")
        assert all(colour[3] == 255 for colour in many.evaluate(row_colours))
        many.locator(".nntf-strip-rows").evaluate("(rows) => { rows.scrollTop = 1e9; }")
        until_there(many, ".nntf-class[title='4999']")
        many.screenshot(path=screenshots / "page_many_classes.png")
        many.get_by_role("button", name="4998").click()
        until_there(many, ".nntf[data-class='4998']")
        assert many.page_errors() == []


def test_it_drills_into_a_class_and_comes_back(offline):
    offline.get_by_role("button", name="<i>frog</i>").click()
    until_there(offline, ".nntf[data-class='2']")
    assert offline.locator(".nntf-title").inner_text() == "Class “<i>frog</i>”"
    offline.keyboard.press("Escape")
    until_there(offline, ".nntf[data-class='']")
