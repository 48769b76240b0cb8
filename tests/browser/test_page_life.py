"""A run outlives its page: reloads, a second window, a kernel that was started anew."""

from __future__ import annotations

import pytest
from lab import SECOND, Notebook, comes_to, write_notebook

SHOWING, TRAINING = 0, 1  # code cells, counted from 0
CLASS = 2

SHOW = """
import pathlib, time
import numpy as np
import nntf_widget as nntf
random = np.random.default_rng(0)
labels = random.integers(0, 4, 300)
run = nntf.Fingerprint(class_names=["cat", "dog", "owl", "fox"], strict=True)
def epoch():
    moved = random.random(300) < 0.3
    run.update(np.where(moved, random.integers(0, 4, 300), labels), labels=labels, metrics={"loss": 1 / (len(run) + 1)})
    with open("life_epochs", "ab") as counted:
        counted.write(b".")
widget = nntf.FingerprintWidget(run)
widget
"""
TRAIN = """
deadline = time.monotonic() + 300
while not pathlib.Path("life_stop").exists() and time.monotonic() < deadline:
    epoch()
    time.sleep(0.1)
"""


@pytest.fixture(scope="module")
def lab(browser, address, folder):
    write_notebook(folder / "life.ipynb", [SHOW, TRAIN])
    context = browser.new_context(viewport={"width": 1300, "height": 2000})
    page = context.new_page()
    page.set_default_timeout(60 * SECOND)  # a busy machine may be slow
    yield Notebook(page, address, "life.ipynb")
    context.close()


def shows(page, snapshots: int) -> None:
    page.wait_for_selector(f".nntf[data-snapshots='{snapshots}']")


def epochs(folder) -> int:
    """How many Python has."""
    return (folder / "life_epochs").stat().st_size


def drills(page, class_: int, name: str) -> None:
    """Go into a class and see what is the class's own."""
    page.locator(".nntf").get_by_role("button", name=name, exact=True).first.click()
    page.wait_for_selector(f".nntf[data-class='{class_}']")
    assert page.locator(".nntf-title").first.inner_text() == f"Class “{name}”"
    assert page.locator(".nntf-flows").first.is_visible()


def test_a_page_reloaded_in_a_running_cell_shows_nothing_until_the_cell_ends_and_then_the_whole_run(
    lab, folder, screenshots
):
    page = lab.page
    lab.run_all()
    page.wait_for_function("+document.querySelector('.nntf')?.dataset.snapshots >= 3")
    lab.save()
    page.reload(wait_until="domcontentloaded")
    page.wait_for_selector(".jp-OutputArea-output", state="attached")
    seen = epochs(folder)
    comes_to(page, lambda: epochs(folder) >= seen + 20, True)  # the training does not wait for the page
    page.screenshot(path=screenshots / "reload-while-running.png")
    assert page.locator(".nntf").count() == 0
    assert "Loading widget" in page.locator(".jp-OutputArea-output").first.inner_text()
    (folder / "life_stop").touch()
    lab.wait_until_idle()
    shows(page, epochs(folder))
    drills(page, CLASS, "owl")


def test_a_page_reloaded_after_the_training_shows_what_it_showed(lab, folder):
    page = lab.page
    comes_to(page, lambda: lab.value("widget.selected_class"), str(CLASS))
    page.reload(wait_until="domcontentloaded")
    shows(page, epochs(folder))
    page.wait_for_selector(f".nntf[data-class='{CLASS}']")
    lab.wait_until_idle()
    lab.execute("epoch()")
    shows(page, epochs(folder))
    page.get_by_role("button", name="All classes").click()
    page.wait_for_selector(".nntf[data-class='']")
    comes_to(page, lambda: lab.value("widget.selected_class"), "None")


def test_a_second_window_shows_the_run_and_stays_in_step(lab, address, folder):
    second = lab.page.context.new_page()
    second.set_default_timeout(180 * SECOND)
    other = Notebook(second, address, "life.ipynb")
    shows(second, epochs(folder))
    lab.execute("epoch()")
    for page in (lab.page, second):
        shows(page, epochs(folder))
    drills(second, CLASS, "owl")
    lab.page.wait_for_selector(f".nntf[data-class='{CLASS}']")
    other.wait_until_idle()
    second.close()
    lab.execute("epoch()")
    shows(lab.page, epochs(folder))


def test_the_output_kept_over_a_restart_of_the_kernel_still_answers(lab, folder, screenshots):
    page = lab.page
    page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    lab.wait_until_idle()
    shows(page, epochs(folder))
    page.get_by_role("button", name="All classes").click()
    page.wait_for_selector(".nntf[data-class='']")
    drills(page, 1, "dog")
    page.get_by_role("button", name="Predictions").first.focus()
    page.keyboard.press("Escape")
    page.wait_for_selector(".nntf[data-class='']")
    page.get_by_role("button", name="Predictions").first.click()
    page.wait_for_selector(".nntf[data-distance=prediction]")
    page.locator(".nntf-heatmap").hover(position={"x": 300, "y": 200})
    assert "%" in page.locator(".nntf-readout").inner_text()
    page.screenshot(path=screenshots / "kernel-restarted.png")
