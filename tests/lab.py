"""Real JupyterLab in a real browser, driven as a person would."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path

import nbformat
from playwright.sync_api import Page, sync_playwright

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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def jupyter_lab(folder: Path, application: str = "jupyterlab", layers: Sequence[Path] = ()):
    """Serve `folder` with JupyterLab, or the application "notebook", at its defaults; yield the address.

    The packages in `layers`, folders that pip installed to, come before those that are installed.
    """
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    own = folder / ".jupyter"
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(own / "config"),
        "JUPYTER_DATA_DIR": str(own / "data"),
        "JUPYTERLAB_SETTINGS_DIR": str(own / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(own / "workspaces"),
        "PYTHONPATH": os.pathsep.join([*map(str, layers), os.environ.get("PYTHONPATH", "")]),
        "JUPYTER_PATH": os.pathsep.join(str(layer / "share" / "jupyter") for layer in layers),
    }
    for layer in layers:
        if (layer / "share" / "jupyter" / "lab").exists():
            environment["JUPYTERLAB_DIR"] = str(layer / "share" / "jupyter" / "lab")
    news = own / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    news.parent.mkdir(parents=True)
    news.write_text('{"fetchNews": "false"}')  # the question whether to fetch them would lie over the page
    command = [sys.executable, "-m", application, f"--port={port}", "--ServerApp.port_retries=0", "--no-browser"]
    command += ["--allow-root", "--IdentityProvider.token=", "--ServerApp.password="]
    command += [f"--{name}.expose_app_in_browser=True" for name in ("LabApp", "JupyterNotebookApp")]
    command += [f"--ServerApp.root_dir={folder}"]
    log = (folder / "jupyterlab.log").open("w")
    server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        wait_for_server(address, server, folder / "jupyterlab.log")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()


def wait_for_server(
    address: str, server: subprocess.Popen, log: Path, seconds: float = 90, alive: str = "/api/status"
) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"The server ended at its start:\n{log.read_text()}")
        try:
            with urllib.request.urlopen(f"{address}{alive}", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise TimeoutError(f"The server did not answer within {seconds} s:\n{log.read_text()}")


def comes_to(page: Page, read, expected, seconds: float = 30) -> None:
    """Assert that what `read` gives is as expected, at the latest when the page has drawn it."""
    deadline = time.monotonic() + seconds
    while (value := read()) != expected and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    assert value == expected


@contextmanager
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=BROWSER_FLAGS)
        yield browser
        browser.close()


def write_notebook(path: Path, cells: list[str]) -> None:
    """Write a notebook of code cells."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)


class Notebook:
    """A notebook open in JupyterLab, or at another `place`."""

    def __init__(
        self, page: Page, address: str, name: str, *, dark: bool = False, place: str = "lab/tree/{name}?reset"
    ) -> None:
        self.page = page
        page.goto(f"{address}/{place.format(name=name)}", wait_until="domcontentloaded")
        page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=90 * SECOND)
        self.wait_until_idle()
        if place.startswith("lab"):
            page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
        if dark != page.evaluate("document.body.dataset.jpThemeLight === 'false'"):  # the server remembers the last one
            theme = {"theme": "JupyterLab Dark" if dark else "JupyterLab Light"}
            page.evaluate(f"window.jupyterapp.commands.execute('apputils:change-theme', {json.dumps(theme)})")
            page.wait_for_selector(f"body[data-jp-theme-light={'false' if dark else 'true'}]", state="attached")

    def wait_until_idle(self, seconds: float = 120) -> None:
        kernel = "window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel"
        self.page.wait_for_function(
            f"{kernel}?.connectionStatus === 'connected' && {kernel}?.status === 'idle'", timeout=seconds * SECOND
        )

    def run_all(self) -> None:
        """Start all cells and return at once."""
        self.page.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')")

    def execute(self, code: str) -> None:
        """Run code in the notebook's kernel, outside of its cells; raise what it raised."""
        self._ask({"code": code}, minutes=60)

    def value(self, expression: str) -> str:
        """The repr of an expression in the notebook's kernel."""
        reply = self._ask({"code": "", "user_expressions": {"value": expression}}, minutes=2)
        return reply["user_expressions"]["value"]["data"]["text/plain"]

    def _ask(self, request: dict, minutes: int) -> dict:
        """The kernel's reply; not what comes after it, which some kernels tell of another request."""
        reply = self.page.evaluate(
            """([request, milliseconds]) => new Promise((resolve, reject) => {
                setTimeout(() => reject(new Error('The kernel did not reply')), milliseconds);
                const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
                kernel.requestExecute(request).onReply = reply => resolve(reply.content);
            })""",
            [request, minutes * 60 * SECOND],
        )
        assert reply["status"] == "ok", reply
        return reply

    def save(self) -> None:
        self.page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")

    def prompt(self, cell: int):
        """The prompt of a code cell, counted from 0: "[*]:" while it runs."""
        return self.page.locator(".jp-CodeCell").nth(cell).locator(".jp-InputPrompt").first

    def is_running(self, cell: int) -> bool:
        return "*" in self.prompt(cell).inner_text()

    def wait_for(self, cell: int, seconds: float = 180) -> None:
        """Wait until a code cell has run; raise what a cell before it raised."""
        done_or_failed = """cell => {
            const prompt = document.querySelectorAll('.jp-CodeCell')[cell].querySelector('.jp-InputPrompt');
            return /\\[\\d+\\]:/.test(prompt.textContent) || document.querySelector(ERROR) !== null;
        }""".replace("ERROR", repr(ERROR))
        self.page.wait_for_function(done_or_failed, arg=cell, timeout=seconds * SECOND)
        errors = self.page.locator(ERROR).all_inner_texts()
        assert not errors, errors[0]
