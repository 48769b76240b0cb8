"""What homes that cannot be driven here ask of a front-end, VS Code's and Colab's among them, read off the bundles.

They load an anywidget as one ES module, in a frame with a content security policy and maybe without a network.
"""

from __future__ import annotations

import re

import pytest

from nntf_widget.widget.widget import STATIC

NAMESPACES = {"http://www.w3.org/1999/xhtml", "http://www.w3.org/1999/xlink", "http://www.w3.org/2000/svg"}
NAMESPACES |= {"http://www.w3.org/2000/xmlns/", "http://www.w3.org/XML/1998/namespace"}  # names, never fetched
FORBIDDEN = {
    "loads other modules": r"\bimport\s*[({*\"']|\bimport\s+\w|\}\s*from\s*[\"']|\brequire\s*\(|importScripts",
    "makes code from text": r"\beval\s*\(|\bFunction\s*\(|set(?:Timeout|Interval)\(\s*[\"']",
    "needs Jupyter's page": r"\bJupyter\b|requirejs|widget_manager|document\.head",
    "talks to a network": r"\bfetch\s*\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon|new Worker",
    "keeps things in the browser": r"localStorage|sessionStorage|indexedDB|document\.cookie",
}


@pytest.fixture(params=["widget.js", "compare.js"])
def bundle(request):
    return (STATIC / request.param).read_text(encoding="utf-8")


@pytest.mark.parametrize("what", FORBIDDEN)
def test_a_bundle_does_nothing_that_a_closed_frame_forbids(bundle, what):
    found = re.search(FORBIDDEN[what], bundle)
    assert found is None, f"it {what}: {bundle[max(found.start() - 60, 0) : found.end() + 60]}"


def test_a_bundle_is_one_module_with_one_default_export(bundle):
    assert re.findall(r"\bexport\b[^;]*;?", bundle) == re.findall(r"export\{\w+ as default\};", bundle)
    assert len(re.findall(r"\bas default\b", bundle)) == 1


def test_a_bundle_names_no_address_but_those_of_namespaces(bundle):
    assert set(re.findall(r"(?:https?|wss?):/{2}[\w./-]+", bundle)) <= NAMESPACES


@pytest.mark.parametrize("name", ["widget.css", "compare.css"])
def test_a_style_sheet_loads_nothing(name):
    assert not re.search(r"@import|url\((?!\s*[\"']?data:)", (STATIC / name).read_text(encoding="utf-8"))
