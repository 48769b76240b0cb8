"""A run written as one file, opened from disk with the network off."""

from __future__ import annotations

import numpy as np
import pytest

import nntf_widget as nntf

MARKUP = "<img src=http://127.0.0.1/x onerror=alert(1)><i>frog</i>"


@pytest.fixture(scope="module")
def offline(browser, tmp_path_factory, screenshots):
    random = np.random.default_rng(0)
    classes = random.integers(0, 3, 400)
    run = nntf.Fingerprint(class_names=["cat", "dog", MARKUP])
    for t in range(20):
        moved = random.random(400) < 0.3
        run.update(
            np.where(moved, random.integers(0, 3, 400), classes),
            labels=classes,
            metrics={"loss": 1 / (t + 1), MARKUP: 0.5},
        )
    run.samples = [MARKUP] * 400
    path = tmp_path_factory.mktemp("page") / "run.html"
    run.to_html(path, title=MARKUP)
    context = browser.new_context(offline=True, viewport={"width": 1000, "height": 1100})
    page, problems = context.new_page(), []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.on("dialog", lambda dialog: problems.append(dialog.message))
    page.on("request", lambda request: problems.append(request.url) if request.url.startswith("http") else None)
    page.goto(path.as_uri())
    page.wait_for_selector(".nntf[data-snapshots='20']")
    page.screenshot(path=screenshots / "page.png")
    yield page, problems
    context.close()


def test_it_shows_the_whole_run_with_its_own_curves(offline):
    page, problems = offline
    assert page.locator(".nntf-slim-curves").is_visible()
    assert page.locator(".nntf-curve").count() == 3
    assert problems == []


def test_it_drills_into_a_class_and_comes_back(offline):
    page, problems = offline
    page.get_by_role("button", name=MARKUP, exact=True).click()
    page.wait_for_selector(".nntf[data-class='2']")
    assert page.locator(".nntf-title").inner_text() == f"Class “{MARKUP[:23]}…”"
    page.locator(".nntf-sample-raster").hover(position={"x": 100, "y": 5})
    assert page.locator(".nntf-card-text").inner_text() == MARKUP
    page.keyboard.press("Escape")
    page.wait_for_selector(".nntf[data-class='']")
    assert problems == []


def test_everything_else_answers_too(offline):
    page, problems = offline
    page.get_by_role("button", name="Predictions").click()
    page.wait_for_selector(".nntf[data-distance=prediction]")
    page.locator(".nntf-heatmap").click(position={"x": 300, "y": 200})
    assert "%" in page.locator(".nntf-readout").inner_text()
    assert page.locator(".nntf-pinned").is_visible()
    page.locator(".nntf-slider").fill("7")
    assert "7" in page.locator(".nntf-moments-title").first.inner_text()
    assert problems == []


@pytest.mark.parametrize(("extension", "start"), [("PNG", b"\x89PNG"), ("SVG", b"<svg")])
def test_it_is_saved_as_a_picture(offline, extension, start):
    page, problems = offline
    page.get_by_role("button", name="Save", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name=f"Save as {extension}").click()
    assert download.value.path().read_bytes().startswith(start)
    assert problems == []


def test_no_script_but_its_own_runs_and_no_text_becomes_markup(offline):
    page, _ = offline
    run_inline = "const script = document.createElement('script'); script.append('window.ran = 1')"
    ran = page.evaluate(f"() => {{ {run_inline}; document.body.append(script); return window.ran ?? null; }}")
    written = page.evaluate("() => { try { document.body.innerHTML = '<b>'; return 'written' } catch { return null } }")
    assert (ran, written) == (None, None)
