import base64
import json
import re

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
    assert [packet["metrics"]["<loss>"] for packet in read_log(base64.b64decode(run["log"]))] == [1, 0.5, 1 / 3]


def test_nothing_that_the_run_says_is_markup(page):
    assert len(re.findall(r"<script", page)) == 2
    assert "<img" not in page
    assert "<title>&lt;b&gt;run&lt;/b&gt;</title>" in page


def test_the_page_asks_the_network_for_nothing(page):
    assert "default-src 'none'" in page
    assert not re.findall(r"<(?:link|img|iframe)|src=[\"']", page)
