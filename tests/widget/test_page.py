import base64
import hashlib
import json
import re
import resource

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


def test_a_page_stays_until_the_new_one_is_whole(tmp_path):
    run = nntf.Fingerprint(2)
    run.update([0, 1])
    path = tmp_path / "run.html"
    run.to_html(path)
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2, limits[1]))  # as a full disk
    try:
        with pytest.raises(OSError, match="too large"):
            run.to_html(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_half_a_character_in_the_title_spoils_no_page(tmp_path):
    run = nntf.Fingerprint(2)
    run.to_html(tmp_path / "run.html", title="lone \ud800 & <b>")
    assert "<title>lone &#55296; &amp; &lt;b&gt;</title>" in (tmp_path / "run.html").read_text(encoding="utf-8")


def test_a_page_written_through_a_link_leaves_the_link(tmp_path):
    (tmp_path / "run.html").write_text("old")
    (tmp_path / "latest.html").symlink_to(tmp_path / "run.html")
    nntf.Fingerprint(2).to_html(tmp_path / "latest.html")
    assert (tmp_path / "latest.html").is_symlink()
    assert (tmp_path / "run.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_nothing_that_the_run_says_is_markup(page):
    assert len(re.findall(r"<script", page)) == 2
    assert "<img" not in page
    assert "<title>&lt;b&gt;run&lt;/b&gt;</title>" in page


def test_only_our_own_script_may_run(page):
    (script,) = re.findall(r'<script type="module">(.*?)</script>', page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = re.findall(r'Content-Security-Policy"\s+content="([^"]*)"', page)
    directives = dict(directive.strip().split(" ", 1) for directive in policy.split(";"))
    assert directives == {
        "default-src": "'none'",
        "script-src": f"'sha256-{digest}'",
        "style-src": "'unsafe-inline'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_the_page_asks_the_network_for_nothing(page):
    assert "default-src 'none'" in page
    assert not re.findall(r"<(?:link|img|iframe)|src=[\"']", page)
