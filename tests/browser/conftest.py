from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from lab import jupyter_lab

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


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


@pytest.fixture
def page(browser):
    page = browser.new_page(viewport={"width": 1300, "height": 2600})
    page.set_default_timeout(60_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    page.close()
    assert not [error for error in errors if "nntf" in error.lower()]


@pytest.fixture(scope="session")
def screenshots():
    """Where screenshots are kept for people to look at; not in git."""
    kept = Path(__file__).parent / "screenshots"
    kept.mkdir(exist_ok=True)
    return kept
