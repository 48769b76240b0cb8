"""Views of one run: a thousand classes in one, several in step, and fifty opened and closed."""

from __future__ import annotations

import json

import numpy as np
import pytest
from lab import SECOND, Notebook, comes_to, write_notebook
from memory import Memory
from playwright.sync_api import expect

EPOCHS, SAMPLES, CLASSES = 40, 6000, 1000
BUSY, AGAIN = 1, 2  # code cells, counted from 0
VIEWS = 50

PREPARE = f"""
import anywidget, pathlib, time
import numpy as np
import nntf_widget as nntf
random = np.random.default_rng(0)
labels = random.integers(0, {CLASSES}, {SAMPLES})
run = nntf.Fingerprint({CLASSES}, class_names=[f"kind {{k}}" for k in range({CLASSES})])
for t in range({EPOCHS}):
    wrong = random.random({SAMPLES}) < 0.05 + 0.6 * np.exp(-t / 20)
    run.update(np.where(wrong, (labels + random.integers(1, 4, {SAMPLES})) % {CLASSES}, labels), labels=labels)
moved = run.dynamics.arrivals + run.dynamics.departures
np.savez("many.npz", recall=run.dynamics.recall[-1], moved=moved.sum(axis=0))
widget = nntf.FingerprintWidget(run)
class Alone:  # without the charts, which are bqplot's
    def _repr_mimebundle_(self, **options):
        return anywidget.AnyWidget._repr_mimebundle_(widget, **options)
Alone()
"""
WAIT = """
deadline = time.monotonic() + 300
while not pathlib.Path("many_go").exists() and time.monotonic() < deadline:
    time.sleep(0.1)
"""


@pytest.fixture(scope="module")
def lab(browser, address, folder):
    write_notebook(folder / "many.ipynb", [PREPARE, WAIT, "Alone()"])
    page = browser.new_page(viewport={"width": 1000, "height": 1500})
    page.set_default_timeout(180 * SECOND)  # a busy machine may be slow
    lab = Notebook(page, address, "many.ipynb")
    lab.run_all()
    page.wait_for_selector(f".nntf[data-snapshots='{EPOCHS}']")
    yield lab
    page.close()


@pytest.fixture(scope="module")
def truth(lab, folder):  # noqa: ARG001 - its notebook writes the file
    with np.load(folder / "many.npz") as saved:
        return dict(saved)


def listed(page, view=0):
    """The classes in sight, from the top."""
    return (
        page.locator(".nntf")
        .nth(view)
        .evaluate(
            """view => [...view.querySelectorAll('.nntf-class')]
            .sort((a, b) => parseFloat(a.style.top) - parseFloat(b.style.top)).map(button => button.textContent)"""
        )
    )


def named(classes):
    return [f"kind {class_}" for class_ in classes]


def test_a_thousand_classes_are_sorted_and_found_while_the_kernel_is_busy(lab, truth):
    page = lab.page
    order = page.get_by_label("Order of the classes")
    assert listed(page)[:25] == named(range(25))
    order.select_option("share")
    comes_to(page, lambda: listed(page)[:25], named(np.argsort(truth["recall"], kind="stable")[:25]))
    order.select_option("change")
    comes_to(page, lambda: listed(page)[:25], named(np.argsort(-truth["moved"], kind="stable")[:25]))
    order.select_option("given")
    page.get_by_label("Find a class by its name").fill("kind 77")
    comes_to(page, lambda: listed(page), named([77, *range(770, 780)]))
    page.get_by_label("Find a class by its name").press("Enter")
    page.wait_for_selector(".nntf[data-class='77']")
    page.get_by_label("Find a class by its name").fill("")
    assert lab.is_running(BUSY)


def test_the_strip_is_walked_to_its_end_with_the_keys(lab, screenshots):
    page = lab.page
    page.locator(".nntf-class[tabindex='0']").focus()
    page.keyboard.press("End")
    comes_to(page, lambda: page.evaluate("document.activeElement.textContent"), f"kind {CLASSES - 1}")
    page.keyboard.press("PageUp")
    page.keyboard.press("Enter")
    page.wait_for_selector(f".nntf[data-class='{CLASSES - 26}']")
    page.screenshot(path=screenshots / "strip-1000.png")
    assert len(listed(page)) < 40


def test_the_strip_is_scrolled_and_clicked_where_the_pointer_is(lab):
    page = lab.page
    strip = page.locator(".nntf-strip-rows")
    strip.evaluate("rows => { rows.scrollTop = 400 * 15 + 5; }")
    page.wait_for_function(
        "[...document.querySelectorAll('.nntf-class')].some(name => name.textContent === 'kind 410')"
    )
    page.locator(".nntf-strip").click(position={"x": 50, "y": 10 * 15 - 5 + 7})
    page.wait_for_selector(".nntf[data-class='410']")
    assert lab.is_running(BUSY)


def test_views_of_one_run_stay_in_step(lab, folder):
    page = lab.page
    (folder / "many_go").touch()
    lab.wait_for(AGAIN)
    page.wait_for_function(f"document.querySelectorAll(\".nntf[data-snapshots='{EPOCHS}']\").length === 2")
    first, second = (page.locator(".nntf").nth(view) for view in (0, 1))
    expect(second).to_have_attribute("data-class", "410")
    second.get_by_label("Order of the classes").select_option("change")
    second.locator(".nntf-partner-list button").first.click()
    partner = page.wait_for_selector(".nntf:not([data-partner=''])").get_attribute("data-partner")
    page.wait_for_function("who => document.querySelectorAll(`.nntf[data-partner='${who}']`).length === 2", arg=partner)
    second.locator(".nntf-sample-box").click(position={"x": 200, "y": 5})
    page.wait_for_function("[...document.querySelectorAll('.nntf-link')].filter(link => !link.hidden).length === 2")
    comes_to(page, lambda: listed(page, 0)[:25], listed(page, 1)[:25])
    for _ in range(2):
        first.evaluate("widget => widget.focus()")
        page.keyboard.press("Escape")
    page.wait_for_function("document.querySelectorAll(\".nntf[data-class='']\").length === 2")


def test_fifty_views_opened_and_closed_leave_nothing_behind(lab):
    page = lab.page
    run = "void window.jupyterapp.commands.execute('notebook:run-cell')"
    clear = "void window.jupyterapp.commands.execute('notebook:clear-cell-output')"
    page.locator(".jp-CodeCell").nth(AGAIN).locator(".jp-InputPrompt").click()

    def open_and_close():
        page.evaluate(run)
        page.wait_for_function(f"document.querySelectorAll(\".nntf[data-snapshots='{EPOCHS}']\").length === 2")
        page.evaluate(clear)
        page.wait_for_function("document.querySelectorAll('.nntf').length === 1")

    page.evaluate(clear)
    page.wait_for_function("document.querySelectorAll('.nntf').length === 1")
    lab.wait_until_idle()
    for _ in range(5):  # what is made once and kept is made now
        open_and_close()
    memory = Memory(page)
    before = memory.held()
    for _ in range(VIEWS):
        open_and_close()
    after = memory.held()
    print(f"\n{VIEWS} views opened and closed: {json.dumps(before)} before, {json.dumps(after)} after")
    assert after["canvases"] == before["canvases"]
    assert after["observers"] <= before["observers"]
    assert after["listeners"] - before["listeners"] < 10 * VIEWS  # a view has a hundred
    assert after["bytes"] - before["bytes"] < VIEWS * 40_000
