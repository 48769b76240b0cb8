"""What JupyterLab saves of a run: all of it for a page with widgets, and a picture for one without."""

from __future__ import annotations

import base64
import io
import json

import nbformat
import pytest
from lab import SECOND, Notebook, comes_to, jupyter_lab, write_notebook
from PIL import Image

SHOWING, TRAINING = 0, 1  # code cells, counted from 0
EPOCHS = 30
STATE = "application/vnd.jupyter.widget-state+json"
SHOW = """
import numpy as np
import nntf_widget as nntf
random = np.random.default_rng(0)
labels = random.integers(0, 4, 300)
run = nntf.Fingerprint(class_names=["cat", "dog", "owl", "fox"], strict=True)
run
"""
TRAIN = f"""
for _ in range({EPOCHS}):
    moved = random.random(300) < 0.3
    classes = np.where(moved, random.integers(0, 4, 300), labels)
    run.update(classes, labels=labels, metrics={{"loss": 1 / (len(run) + 1)}})
"""


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    write_notebook(folder / "run.ipynb", [SHOW, TRAIN])
    with jupyter_lab(folder) as address:
        settings = folder / ".jupyter" / "settings" / "@jupyter-widgets" / "jupyterlab-manager"
        settings.mkdir(parents=True)
        (settings / "plugin.jupyterlab-settings").write_text('{"saveState": true}')
        page = browser.new_page(viewport={"width": 1300, "height": 1800})
        page.set_default_timeout(90 * SECOND)
        lab = Notebook(page, address, "run.ipynb")
        lab.run_all()
        lab.wait_for(TRAINING)
        page.wait_for_selector(f".nntf[data-snapshots='{EPOCHS}']")
        yield lab, folder, address
        page.context.close()


def saved(folder):
    return nbformat.read(folder / "run.ipynb", as_version=4)


def test_the_page_shows_the_widget_and_nothing_of_the_picture(page, screenshots):
    lab, _, _ = page
    outputs = lab.page.locator(".jp-CodeCell").nth(SHOWING).locator(".jp-OutputArea-child")
    comes_to(lab.page, outputs.count, 2)
    assert lab.page.locator(".jp-OutputArea img").count() == 0
    assert outputs.nth(1).bounding_box()["height"] < 24
    lab.page.screenshot(path=screenshots / "saved-notebook.png")


def test_the_saved_file_has_the_picture_and_the_log_of_the_last_state(page):
    lab, folder, _ = page
    lab.save()
    comes_to(lab.page, lambda: "widgets" in saved(folder).metadata, expected=True)
    cell = saved(folder).cells[SHOWING]
    (picture,) = (output.data for output in cell.outputs if "image/png" in output.data)
    assert f"snapshots={EPOCHS} " in picture["text/plain"]
    assert Image.open(io.BytesIO(base64.b64decode(picture["image/png"]))).width == 1600
    assert len(json.dumps(cell)) < 400_000


@pytest.fixture
def reader(browser):
    page = browser.new_page(viewport={"width": 1300, "height": 1800})
    page.set_default_timeout(90 * SECOND)
    yield page
    page.context.close()


def test_opened_again_with_another_kernel_it_shows_the_whole_run(page, reader):
    _, folder, address = page
    (folder / "again.ipynb").write_bytes((folder / "run.ipynb").read_bytes())
    Notebook(reader, address, "again.ipynb")
    reader.wait_for_selector(f".nntf[data-snapshots='{EPOCHS}']")
    assert reader.locator(".nntf-notes").inner_text() == ""
    reader.locator(".nntf").get_by_role("button", name="owl", exact=True).first.click()
    reader.wait_for_selector(".nntf[data-class='2']")


def test_opened_without_any_kernel_it_shows_the_picture_as_jupyterlab_builds_no_widgets(page, reader):
    _, folder, address = page
    alone = saved(folder)
    for named in ("kernelspec", "language_info"):  # so that JupyterLab asks which kernel to start
        del alone.metadata[named]
    nbformat.write(alone, folder / "alone.ipynb")
    reader.goto(f"{address}/lab/tree/alone.ipynb?reset")
    reader.get_by_role("dialog").get_by_role("button", name="No Kernel").click()
    reader.wait_for_selector(".jp-OutputArea img")
    kernel = "window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel ?? null"
    assert reader.evaluate(kernel) is None
    assert reader.locator(".jp-OutputArea img").evaluate("image => image.naturalWidth") == 1600
    assert reader.locator(".nntf").count() == 0
