"""JupyterLab, Notebook and ipykernel in the versions that answer a page on different threads, in a real browser.

Each home is the development environment with other versions of these packages put before it. The corners are always
driven, all pairs by `make homes`.
"""

from __future__ import annotations

import pytest
from lab import SECOND, Notebook, comes_to, jupyter_lab, write_notebook

TRAINING = 1  # among the code cells, counted from 0
CLASS = 2
EPOCHS = 5

SHOW = """
import pathlib, time
import numpy as np
import nntf_widget as nntf
random = np.random.default_rng(0)
labels = random.integers(0, 4, 300)
run = nntf.Fingerprint(class_names=["cat", "dog", "owl", "fox"], strict=True)
widget = nntf.FingerprintWidget(run)
widget
"""
TRAIN = """
deadline = time.monotonic() + 300
while not pathlib.Path("stop").exists() and time.monotonic() < deadline:
    moved = random.random(300) < 0.3
    run.update(np.where(moved, random.integers(0, 4, 300), labels), labels=labels, metrics={"loss": 1 / (len(run) + 1)})
    time.sleep(0.2)
"""
LAB_44, LAB_46 = ["jupyterlab==4.4.10"], ["jupyterlab==4.6.6"]
NOTEBOOK = ["notebook==7.6.5", *LAB_46]  # which it is made of
KERNELS = "ipykernel==6.31.0", "ipykernel==7.3.0", "ipykernel==7.4.0"
CORNERS = [(LAB_44, KERNELS[0]), (NOTEBOOK, KERNELS[1])]  # the latest pair is what the other browser tests run in
HOMES = [
    pytest.param(page, kernel, id=f"{page[0]} {kernel}", marks=[] if (page, kernel) in CORNERS else pytest.mark.long)
    for page in (LAB_44, LAB_46, NOTEBOOK)
    for kernel in KERNELS
]


@pytest.mark.parametrize(("front_end", "kernel"), HOMES)
def test_a_run_grows_and_is_drilled_into_while_its_cell_runs_and_python_hears_of_it_afterwards(
    browser, installed, tmp_path, front_end, kernel
):
    write_notebook(tmp_path / "home.ipynb", [SHOW, TRAIN])
    name, _, version = front_end[0].partition("==")
    place = "lab/tree/{name}?reset" if name == "jupyterlab" else "notebooks/{name}"
    with jupyter_lab(tmp_path, name, [installed(*front_end), installed(kernel)]) as address:
        page = browser.new_page(viewport={"width": 1300, "height": 2000})
        page.set_default_timeout(120 * SECOND)  # a busy machine may be slow
        home = Notebook(page, address, "home.ipynb", place=place)
        assert page.evaluate("window.jupyterapp.version") == version
        assert home.value("__import__('ipykernel').__version__") == repr(kernel.partition("==")[2])
        home.run_all()
        page.wait_for_function(f"+document.querySelector('.nntf')?.dataset.snapshots >= {EPOCHS}")
        page.locator(".nntf").get_by_role("button", name="owl", exact=True).click()
        page.wait_for_selector(f".nntf[data-class='{CLASS}']")
        page.wait_for_function("n => +document.querySelector('.nntf').dataset.snapshots > n", arg=EPOCHS)
        assert home.is_running(TRAINING)
        assert page.locator(".nntf-flows").first.is_visible()
        (tmp_path / "stop").touch()
        home.wait_for(TRAINING)
        home.wait_until_idle()
        comes_to(page, lambda: home.value("widget.selected_class"), str(CLASS))
        assert page.locator(".nntf").get_attribute("data-snapshots") == home.value("len(run)")
        page.close()
