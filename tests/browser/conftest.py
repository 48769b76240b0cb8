from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from lab import chromium, jupyter_lab, keep, kept

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def pytest_itemcollected(item):
    """Run a test of this folder once more when it fails; the closing lines list it, since it is a defect."""
    item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Keep the look of every open page where a test failed, and say where it is, also of a test that is run again."""
    report = yield
    browser = item.funcargs.get("browser")
    if report.failed and browser is not None:
        for page in (page for context in browser.contexts for page in context.pages):
            keep(page)
        report.longrepr.addsection("Screenshots and consoles", "\n".join(map(str, kept())))
    return report


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """The folder that JupyterLab serves: a copy of the project's notebooks."""
    served = tmp_path_factory.mktemp("notebooks")
    for notebook in NOTEBOOKS.glob("*.ipynb"):
        shutil.copy(notebook, served)
    return served


@pytest.fixture(scope="session")
def address(folder):
    with jupyter_lab(folder) as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def screenshots():
    """Where screenshots are kept for people to look at; not in git."""
    kept = Path(__file__).parent / "screenshots"
    kept.mkdir(exist_ok=True)
    return kept
