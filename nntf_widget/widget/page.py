"""A run as one HTML file that needs no kernel and no network: the same front-end, with the run in the page."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from nntf_widget.widget.widget import STATIC, encoded_log, facts_of, verdicts_of

if TYPE_CHECKING:
    from nntf_widget.fingerprint import Fingerprint

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline';
    base-uri 'none'; form-action 'none'">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ max-width: 1160px; margin: 24px auto; padding: 0 16px; background: Canvas; }}
h1 {{ position: absolute; overflow: hidden; width: 1px; height: 1px; clip-path: inset(50%); }}
{style}
</style>
<noscript>This page draws a training fingerprint with JavaScript, which is switched off.</noscript>
<main>
<h1>{title}</h1>
<div id="nntf"></div>
</main>
<script type="application/json" id="nntf-run">{run}</script>
<script type="module">{script}</script>
</html>
"""


def page_of(fingerprint: Fingerprint, title: str) -> str:
    """Return the run as an HTML document; what the run says is data in it, never markup or code."""
    with fingerprint.lock:
        log = base64.b64encode(encoded_log(fingerprint)).decode()
        saved = {"facts": facts_of(fingerprint), "verdicts": verdicts_of(fingerprint), "log": log}
    script = _static("page.js").replace("</script", "<\\/script")
    return PAGE.format(
        digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        title=html.escape(title),
        style=_static("page.css"),
        run=json.dumps(saved).replace("<", "\\u003c"),
        script=script,
    )


def write_whole(path: Path, page: str) -> None:
    """Put a page into a file, of which the old content stays until the new one is whole."""
    target = Path(os.path.realpath(path))  # a link stays one
    new = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        new.write_bytes(page.encode("utf-8", "xmlcharrefreplace"))  # half a character can stand in a title
        new.replace(target)
    finally:
        new.unlink(missing_ok=True)


def _static(name: str) -> str:
    return Path(STATIC / name).read_text(encoding="utf-8")
