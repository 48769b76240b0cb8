"""What is shipped: built distributions that need no Node, installed where nothing else is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

import nntf_widget as nntf

ROOT = Path(__file__).parents[1]
BUNDLE = {
    f"nntf_widget/widget/static/{name}"
    for name in ("compare.css", "compare.js", "page.css", "page.js", "widget.css", "widget.js")
}
WITHOUT_NODE = {**os.environ, "PATH": "/nowhere"}

SHOW = """
import sys
import nntf_widget as nntf
assert "torch" not in sys.modules
fp = nntf.Fingerprint(num_classes=2)
fp.update([0, 1])
widget = nntf.FingerprintWidget(fp)
assert "render" in widget._esm and ".nntf" in widget._css
assert "application/vnd.jupyter.widget-view+json" in widget._repr_mimebundle_()
print(nntf.__file__)
"""


@pytest.fixture(scope="module")
def distributions(tmp_path_factory):
    """The sdist, and the wheel built from it without Node."""
    out = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "build", "--sdist", "--outdir", out, ROOT], check=True, capture_output=True)
    (sdist,) = out.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(out / "source", filter="data")
    (source,) = (out / "source").iterdir()
    build = [sys.executable, "-m", "build", "--wheel", "--outdir", out, source]
    subprocess.run(build, check=True, capture_output=True, env=WITHOUT_NODE)
    (wheel,) = out.glob("*.whl")
    return sdist, wheel


def test_both_halves_have_one_version():
    assert json.loads((ROOT / "package.json").read_text())["version"] == nntf.__version__


def test_the_bundle_is_in_the_sdist_and_in_the_wheel(distributions):
    sdist, wheel = distributions
    with tarfile.open(sdist) as archive:
        assert {name.split("/", 1)[1] for name in archive.getnames() if "/" in name} >= BUNDLE
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert names >= BUNDLE | {"nntf_widget/py.typed"}
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"nntf_widget"}


def test_the_wheel_installs_and_displays_in_an_empty_environment_without_node(distributions, tmp_path):
    venv.create(tmp_path / "empty", with_pip=True)
    python = tmp_path / "empty" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", distributions[1]], check=True, env=WITHOUT_NODE)
    shown = subprocess.run([python, "-c", SHOW], check=True, capture_output=True, text=True, cwd=tmp_path)
    assert str(tmp_path) in shown.stdout
