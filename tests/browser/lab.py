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
    command += ["--LabApp.expose_app_in_browser=True", f"--notebook-dir={folder}"]
    log = (folder / "jupyterlab.log").open("w")
    server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        wait_for_server(address, server, folder / "jupyterlab.log")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()


def wait_for_server(address: str, server: subprocess.Popen, log: Path, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"JupyterLab ended at its start:\n{log.read_text()}")
        try:
            with urllib.request.urlopen(f"{address}/api/status", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise TimeoutError(f"JupyterLab did not answer within {seconds} s:\n{log.read_text()}")


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
    """A notebook open in JupyterLab."""

    def __init__(self, page: Page, address: str, name: str, *, dark: bool = False) -> None:
        self.page = page
        page.goto(f"{address}/lab/tree/{name}?reset", wait_until="domcontentloaded")
        page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=90 * SECOND)
        self.wait_until_idle()
        page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
        if dark:
            theme = {"theme": "JupyterLab Dark"}
            page.evaluate(f"window.jupyterapp.commands.execute('apputils:change-theme', {json.dumps(theme)})")
            page.wait_for_selector("body[data-jp-theme-light=false]", state="attached")

    def wait_until_idle(self, seconds: float = 120) -> None:
        kernel = "window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel"
        self.page.wait_for_function(
            f"{kernel}?.connectionStatus === 'connected' && {kernel}?.status === 'idle'", timeout=seconds * SECOND
        )

    def run_all(self) -> None:
        """Start all cells and return at once."""
        self.page.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')")

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
