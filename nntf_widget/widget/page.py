"""A run as one HTML file that needs no kernel and no network: the same front-end, with the run in the page."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from pathlib import Path
from typing import TYPE_CHECKING

from nntf_widget.widget.sample_wire import ASKED, sent_up_front
from nntf_widget.widget.saved_log import encoded_log
from nntf_widget.widget.widget import STATIC, UP_FRONT, facts_of

if TYPE_CHECKING:
    from nntf_widget.fingerprint import Fingerprint

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; style-src 'unsafe-inline';
  script-src '{script_hash}'; require-trusted-types-for 'script'">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ max-width: 1208px; margin: 24px auto; padding: 0 16px; background: Canvas; }}
{style}
</style>
<noscript>This page draws a training fingerprint with JavaScript, which is switched off.</noscript>
<div id="nntf"></div>
<script type="application/json" id="nntf-run">{run}</script>
<script type="module">{script}</script>
</html>
"""


def page_of(fingerprint: Fingerprint, title: str) -> str:
    """Return the run as an HTML document; what the run says is data in it, never markup or code.

    The browser is told to run the front-end's script, known by its hash, and no other, to refuse a text where it would
    become markup, and to ask the network for nothing.
    """
    sent = sent_up_front(fingerprint.samples, UP_FRONT)
    sample_facts = None if sent.facts == ASKED else sent.facts  # there is nobody to ask
    with fingerprint.lock:
        saved = {
            "facts": facts_of(fingerprint, title, sample_facts),
            "log": base64.b64encode(encoded_log(fingerprint)).decode(),
            "samples": base64.b64encode(sent.content).decode(),
        }
    script = _static("page.js").replace("</script", "<\\/script")
    return PAGE.format(
        title=html.escape(title).encode(errors="replace").decode(),  # a file's name may be beyond Unicode
        style=_static("page.css"),
        run=json.dumps(saved).replace("<", "\\u003c"),
        script=script,
        script_hash=f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}",
    )


def _static(name: str) -> str:
    return Path(STATIC / name).read_text(encoding="utf-8")
