"""marimo in a real browser: no Jupyter, no bqplot; the widget alone has to be complete."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager

from lab import SECOND, comes_to, free_port, wait_for_server

MARIMO = "marimo==0.25.2"
EPOCHS = 5
CLASS = 2

NOTEBOOK = """
import marimo
app = marimo.App()

@app.cell
def _():
    import pathlib, time
    import numpy as np
    import nntf_widget as nntf
    random = np.random.default_rng(0)
    labels = random.integers(0, 4, 300)
    run = nntf.Fingerprint(class_names=["cat", "dog", "owl", "fox"], strict=True)
    return labels, nntf, np, pathlib, random, run, time

@app.cell
def _(nntf, pathlib, run):
    widget = nntf.FingerprintWidget(run)
    widget.observe(lambda change: pathlib.Path("selected").write_text(str(change.new)), "selected_class")
    widget
    return (widget,)

@app.cell
def _(labels, np, pathlib, random, run, time, widget):
    widget.selected_class  # so that this cell comes after the widget's
    deadline = time.monotonic() + 300
    while not pathlib.Path("stop").exists() and time.monotonic() < deadline:
        moved = random.random(300) < 0.3
        predictions = np.where(moved, random.integers(0, 4, 300), labels)
        run.update(predictions, labels=labels, metrics={"loss": 1 / (len(run) + 1)})
        time.sleep(0.2)
    pathlib.Path("epochs").write_text(str(len(run)))
    trained = True
    return (trained,)

@app.cell
def _(run, trained):
    assert trained
    run
    return
"""


@contextmanager
def marimo(layer, folder):
    """Serve the notebook in `folder` as marimo does; yield the address."""
    (folder / "home.py").write_text(NOTEBOOK)
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    outside = {
        name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")
    }  # it runs tests else
    environment = {**outside, "PYTHONPATH": os.pathsep.join([str(layer), os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, "-m", "marimo", "run", "home.py", "--headless", "--no-token", f"--port={port}"]
    with (folder / "marimo.log").open("w") as log:
        server = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
        try:
            wait_for_server(address, server, folder / "marimo.log", alive="/health")
            yield address
        finally:
            server.terminate()
            server.wait(timeout=30)


def snapshots(view) -> int:
    """How many a view shows; marimo has it in a shadow root, which only locators look into."""
    return int(view.get_attribute("data-snapshots") or 0)


def test_a_run_grows_and_is_drilled_into_while_its_cell_runs_and_python_hears_of_it_afterwards(
    browser, installed, tmp_path
):
    with marimo(installed(MARIMO, dependencies=True), tmp_path) as address:
        page = browser.new_page(viewport={"width": 1300, "height": 2000})
        page.set_default_timeout(120 * SECOND)  # a busy machine may be slow
        page.goto(address)
        first = page.locator(".nntf").first
        comes_to(page, lambda: snapshots(first) >= EPOCHS, True)
        first.get_by_role("button", name="owl", exact=True).click()
        page.wait_for_selector(f".nntf[data-class='{CLASS}']")
        seen = snapshots(first)
        comes_to(page, lambda: snapshots(first) > seen, True)
        assert not (tmp_path / "epochs").exists()  # the cell runs
        assert not (tmp_path / "selected").exists()
        assert first.locator(".nntf-flows").first.is_visible()
        assert first.locator(".nntf-slim-curves").is_visible()
        (tmp_path / "stop").touch()
        comes_to(page, lambda: (tmp_path / "selected").exists() and (tmp_path / "selected").read_text(), str(CLASS))
        whole = int((tmp_path / "epochs").read_text())
        comes_to(page, lambda: [snapshots(view) for view in page.locator(".nntf").all()], [whole, whole])
        page.close()
