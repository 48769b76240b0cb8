"""Real JupyterLab in a real browser, driven as a person would."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import nbformat
from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

BROWSER_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-background-timer-throttling",
]
ERROR = '.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"]'
SECOND = 1000  # Playwright counts milliseconds
PATIENCE = 300  # seconds that anything may take: a busy machine stands still now and then
LAST_LOOK = 60 * SECOND  # at a page of which something failed
KEPT = Path(__file__).parent / "screenshots" / "failed"

# For the first cell of a notebook: epochs that wait, at each gate, until the test has written its file.
GATED = """
def gated(epochs, gates, seconds=1200):
    import time
    from pathlib import Path
    for epoch in range(epochs + 1):
        began = time.monotonic()
        while epoch in gates and not Path(gates[epoch]).exists():
            if time.monotonic() - began > seconds:
                raise TimeoutError(f"waited {seconds} s at epoch {epoch} for the file {gates[epoch]}")
            time.sleep(0.05)
        if epoch < epochs:
            yield epoch
"""

# The same, with 500 samples of four classes and the widget of a run that the next cell makes.
FOUR_CLASSES = (
    GATED
    + """
import numpy as np
import nntf_widget as nntf

random = np.random.default_rng(0)
labels = random.integers(0, 4, 500)
classes = random.integers(0, 4, 500)
fingerprint = nntf.Fingerprint(class_names=["cat", "dog", "frog", "<b>owl</b>"])
run = nntf.FingerprintWidget(fingerprint)
run
"""
)


def busy_until(file: str) -> str:
    """Return a cell that keeps the kernel busy until a test has written a file."""
    return f"""
import time
from pathlib import Path

while not Path("{file}").exists():
    time.sleep(0.05)
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def jupyter_lab(folder: Path):
    """Serve `folder` with JupyterLab at its defaults; yield the address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    own = folder / ".jupyter"
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(own / "config"),
        "JUPYTER_DATA_DIR": str(own / "data"),
        "JUPYTERLAB_SETTINGS_DIR": str(own / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(own / "workspaces"),
    }
    news = own / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    news.parent.mkdir(parents=True)
    news.write_text('{"fetchNews": "false"}')  # the question whether to fetch them would lie over the page
    command = [sys.executable, "-m", "jupyterlab", f"--port={port}", "--ServerApp.port_retries=0", "--no-browser"]
    command += ["--allow-root", "--IdentityProvider.token=", "--ServerApp.password="]
    command += ["--ServerApp.disable_check_xsrf=True"]  # kernels are ended from outside the page
    command += ["--LabApp.expose_app_in_browser=True", f"--notebook-dir={folder}"]
    log = (folder / "jupyterlab.log").open("w")
    server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        wait_for_server(address, server, folder / "jupyterlab.log")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=PATIENCE)
        log.close()


def wait_for_server(address: str, server: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"JupyterLab ended at its start:\n{log.read_text()}")
        try:
            with urllib.request.urlopen(f"{address}/api/status", timeout=PATIENCE):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise TimeoutError(f"JupyterLab did not answer within {PATIENCE} s:\n{log.read_text()}")


def end_kernels(address: str) -> None:
    """End every kernel of the JupyterLab at an address."""
    with urllib.request.urlopen(f"{address}/api/sessions", timeout=PATIENCE) as reply:
        sessions = json.load(reply)
    for session in sessions:
        end = urllib.request.Request(f"{address}/api/sessions/{session['id']}", method="DELETE")
        urllib.request.urlopen(end, timeout=PATIENCE).close()


@contextmanager
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=BROWSER_FLAGS, timeout=PATIENCE * SECOND
        )
        yield browser
        browser.close()


@contextmanager
def open_page(browser: Browser, address: str | None = None, **options):
    """Open a page, in a context with these options; close it at the end, and end the kernels at `address`.

    Of a page in whose time something failed, the look and the console are kept.
    """
    page = browser.new_page(**{"viewport": {"width": 1300, "height": 2600}, **options})
    page.set_default_timeout(PATIENCE * SECOND)
    try:
        yield page
    except BaseException:
        keep(page)
        raise
    finally:
        page.close()
        if address:
            end_kernels(address)


def kept() -> list[Path]:
    """The files that were kept of the test that runs."""
    return sorted(KEPT.glob(f"{_test_name()}*"))


def keep(page: Page) -> None:
    """Keep a page's screenshot and console for who looks into a failure."""
    KEPT.mkdir(parents=True, exist_ok=True)
    to = KEPT / f"{_test_name()}{len(kept())}"
    console = [page.url, state(page)]
    console += [f"{message.type}: {message.text}" for message in page.console_messages()]
    console += [f"uncaught: {error}" for error in page.page_errors()]
    try:
        page.screenshot(path=to.with_suffix(".png"), timeout=LAST_LOOK)
    except PlaywrightError as error:
        console.append(f"no screenshot: {error.message}")
    to.with_suffix(".txt").write_text("\n".join(console), encoding="utf-8")


def _test_name() -> str:
    return re.sub(r"\W+", "-", os.environ.get("PYTEST_CURRENT_TEST", "page"))


def state(page: Page) -> str:
    """What a page shows, in a line: its widgets, its cells, the first error."""
    try:
        return page.locator("html").evaluate(
            """(page, error) => JSON.stringify({
                widgets: [...page.querySelectorAll('.nntf')].map(root => ({ ...root.dataset })),
                cells: [...page.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(prompt => prompt.textContent),
                error: page.querySelector(error)?.textContent,
            })""",
            ERROR,
            timeout=LAST_LOOK,
        )
    except PlaywrightError as error:
        return f"a page that does not answer: {error.message}"


def until(page: Page, what: str, condition: str, arg: object = None) -> None:
    """Wait until a condition, written in JavaScript, holds; else tell what was there instead."""
    try:
        page.wait_for_function(condition, arg=arg)
    except PlaywrightTimeoutError as error:
        raise AssertionError(f"waited {PATIENCE} s for {what}; there was {state(page)}") from error


def until_there(page: Page, selector: str) -> None:
    """Wait until an element is in the page."""
    until(page, selector, "selector => document.querySelector(selector) !== null", selector)


def until_snapshots(page: Page, at_least: int) -> None:
    """Wait until the first widget has drawn so many snapshots."""
    condition = "n => +document.querySelector('.nntf')?.dataset.snapshots >= n"
    until(page, f"{at_least} snapshots", condition, at_least)


def write_notebook(path: Path, cells: list[str]) -> None:
    """Write a notebook of code cells."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)


class Notebook:
    """A notebook open in JupyterLab."""

    def __init__(self, page: Page, address: str, name: str, *, dark: bool = False) -> None:
        self.page = page
        page.goto(f"{address}/lab/tree/{name}?reset", wait_until="domcontentloaded")
        until_there(page, ".jp-Notebook .jp-CodeCell")
        self.wait_until_idle()
        page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
        if dark:
            theme = {"theme": "JupyterLab Dark"}
            page.evaluate(f"window.jupyterapp.commands.execute('apputils:change-theme', {json.dumps(theme)})")
            until_there(page, "body[data-jp-theme-light=false]")

    def wait_until_idle(self) -> None:
        kernel = "window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel"
        condition = f"{kernel}?.connectionStatus === 'connected' && {kernel}?.status === 'idle'"
        until(self.page, "an idle kernel", condition)

    def run_all(self) -> None:
        """Start all cells and return at once."""
        self.page.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')")

    def until_python(self, expression: str, value: str) -> None:
        """Wait until an expression, evaluated by the kernel when it is free, is written so."""
        condition = """async ([expression, value]) => {
            const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
            const ask = { code: "pass", store_history: false, user_expressions: { expression } };
            const { content } = await kernel.requestExecute(ask).done;
            return content.user_expressions.expression.data["text/plain"] === value;
        }"""
        until(self.page, f"{expression} == {value}", condition, [expression, value])

    def prompt(self, cell: int):
        """The prompt of a code cell, counted from 0: "[*]:" while it runs."""
        return self.page.locator(".jp-CodeCell").nth(cell).locator(".jp-InputPrompt").first

    def is_running(self, cell: int) -> bool:
        return "*" in self.prompt(cell).inner_text()

    def wait_for(self, cell: int) -> None:
        """Wait until a code cell has run; raise what a cell before it raised."""
        done_or_failed = """([cell, error]) => {
            const prompt = document.querySelectorAll('.jp-CodeCell')[cell].querySelector('.jp-InputPrompt');
            return /\\[\\d+\\]:/.test(prompt.textContent) || document.querySelector(error) !== null;
        }"""
        until(self.page, f"the end of cell {cell}", done_or_failed, [cell, ERROR])
        errors = self.page.locator(ERROR).all_inner_texts()
        assert not errors, errors[0]
