import base64
import hashlib
import json
import re

import numpy as np
import pytest
from packets import read_log

import nntf_widget as nntf

HOSTILE = ["</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "${alert(1)}"]


@pytest.fixture
def page(tmp_path):
    run = nntf.Fingerprint(class_names=HOSTILE)
    for t, classes in enumerate([[0, 1, 2], [0, 2, 2], [1, 1, 0]]):
        run.update(classes, labels=[0, 1, 2], metrics={"<loss>": 1 / (t + 1)})
    run.to_html(tmp_path / "run.html", title="<b>run</b>")
    return (tmp_path / "run.html").read_text(encoding="utf-8")


def test_the_run_is_in_the_page_as_data(page):
    (saved,) = re.findall(r'<script type="application/json" id="nntf-run">(.*?)</script>', page, re.DOTALL)
    run = json.loads(saved)
    assert run["facts"]["class_names"] == HOSTILE
    assert run["facts"]["title"] == "<b>run</b>"
    assert [packet["metrics"]["<loss>"] for packet in read_log(base64.b64decode(run["log"]))] == [1, 0.5, 1 / 3]


def test_small_pictures_are_in_the_page_and_a_function_is_not(tmp_path):
    run = nntf.Fingerprint(2)
    run.update([0, 1])
    saved = []
    for samples in (np.full((2, 3, 3), 7, np.uint8), lambda place: f"{place}"):
        run.samples = samples
        run.to_html(tmp_path / "run.html")
        (text,) = re.findall(
            r'id="nntf-run">(.*?)</script>', (tmp_path / "run.html").read_text(encoding="utf-8"), re.DOTALL
        )
        saved.append(json.loads(text))
    assert saved[0]["facts"]["samples"] == {"kind": "image", "shape": [3, 3, 1]}
    assert base64.b64decode(saved[0]["samples"]) == bytes([7] * 18)
    assert saved[1]["facts"]["samples"] is None


def test_nothing_that_the_run_says_is_markup(page):
    assert len(re.findall(r"<script", page)) == 2
    assert "<img" not in page
    assert "<title>&lt;b&gt;run&lt;/b&gt;</title>" in page


def test_the_browser_runs_no_script_but_the_front_ends(page):
    (script,) = re.findall(r'<script type="module">(.*?)</script>', page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert re.findall(r"script-src ([^;]*);", page) == [f"'sha256-{digest}'"]
    assert "require-trusted-types-for 'script'" in page


def test_the_page_asks_the_network_for_nothing(page):
    assert "default-src 'none'" in page
    assert not re.findall(r"<(?:link|img|iframe)|src=[\"']", page)
