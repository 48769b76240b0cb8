"""nbconvert's HTML page in a real browser: no Jupyter and no kernel; the run comes from the notebook's saved state.

The page fetches Jupyter's widget code from public servers. Their part is played here by the same packages, from npm or
as they are installed, so that the page needs no network.
"""

from __future__ import annotations

import mimetypes
import re
from pathlib import Path

import nbformat
import pytest
from jupyter_core.paths import jupyter_path
from lab import SECOND
from nbclient import NotebookClient
from nbconvert import HTMLExporter

HTML_MANAGER, REQUIRE = "@jupyter-widgets/html-manager@1.0.15", "requirejs@2.3.8"
EPOCHS = 24
SHOW = """
import numpy as np
import nntf_widget as nntf
random = np.random.default_rng(0)
labels = random.integers(0, 3, 300)
run = nntf.Fingerprint(class_names=["cat", "<i>dog</i>", "owl"], strict=True)
run
"""
TRAIN = f"""
for _ in range({EPOCHS}):
    moved = random.random(300) < 0.3
    classes = np.where(moved, random.integers(0, 3, 300), labels)
    run.update(classes, labels=labels, metrics={{"loss": 1 / (len(run) + 1)}})
"""


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    """The page of a notebook that nbconvert ran and converted."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in (SHOW, TRAIN)])
    NotebookClient(notebook, timeout=300).execute()
    path = tmp_path_factory.mktemp("converted") / "run.html"
    path.write_text(HTMLExporter().from_notebook_node(notebook)[0], encoding="utf-8")
    return path


def server_of(packed):
    """Return what answers the page's requests; a request for anything else is refused."""
    extensions = {
        folder.name: folder / "index.js" for parent in jupyter_path("nbextensions") for folder in Path(parent).glob("*")
    }

    def file_for(address: str) -> Path | None:
        if address.endswith("/require.min.js"):
            return packed(REQUIRE) / "require.js"
        if "/@jupyter-widgets/html-manager@" in address:
            return packed(HTML_MANAGER) / "dist" / address.rpartition("/dist/")[2]
        found = re.search(r"/(\w+)@[^/]*/dist/index\.js", address)
        return extensions.get(found[1]) if found else None

    def answer(route) -> None:
        file = file_for(route.request.url.partition("?")[0])
        if file is None or not file.exists():
            route.abort()
        else:
            route.fulfill(path=file, content_type=mimetypes.guess_type(file.name)[0])

    return answer


def test_the_run_is_there_and_answers(browser, packed, converted):
    page = browser.new_page(viewport={"width": 1300, "height": 1800})
    page.set_default_timeout(120 * SECOND)
    page.route(re.compile("^https?:"), server_of(packed))
    page.goto(converted.as_uri())
    page.wait_for_selector(f".nntf[data-snapshots='{EPOCHS}']")
    view = page.locator(".nntf")
    page.wait_for_selector(".nntf-layout .bqplot svg")
    assert page.locator("img[src^='data:image/png']").count() == 0  # the still picture is for pages without widgets
    view.get_by_role("button", name="<i>dog</i>", exact=True).first.click()
    page.wait_for_selector(".nntf[data-class='1']")
    assert view.locator(".nntf-title").first.inner_text() == "Class “<i>dog</i>”"
    page.keyboard.press("Escape")
    page.wait_for_selector(".nntf[data-class='']")
    view.get_by_role("button", name="Predictions").first.click()
    page.wait_for_selector(".nntf[data-distance=prediction]")
    view.locator(".nntf-heatmap").hover(position={"x": 300, "y": 200})
    assert "%" in view.locator(".nntf-readout").inner_text()
    page.close()
