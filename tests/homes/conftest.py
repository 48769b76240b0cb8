from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

LAYERS = Path(__file__).parents[2] / ".homes"


@pytest.fixture(scope="session")
def installed():
    """Installs requirements with exact versions in a folder of their own, once; returns the folder."""

    def install(*requirements: str, dependencies: bool = False) -> Path:
        layer = LAYERS / "+".join(requirements)
        if not layer.exists():
            alone = [] if dependencies else ["--no-deps"]
            command = [sys.executable, "-m", "pip", "install", "--quiet", *alone, "--target", layer, *requirements]
            subprocess.run(command, check=True)
        return layer

    return install


@pytest.fixture(scope="session")
def packed():
    """Fetches a package with its exact version from npm, without what it depends on, once; returns the folder."""

    def fetch(package: str) -> Path:
        layer = LAYERS / package.replace("/", "+")
        if not layer.exists():
            LAYERS.mkdir(exist_ok=True)
            command = ["npm", "pack", "--silent", "--pack-destination", LAYERS, package]
            archive = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
            with tarfile.open(LAYERS / archive) as files:
                files.extractall(layer, filter="data")
        return layer / "package"

    return fetch
