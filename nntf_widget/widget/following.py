"""How a followed run is displayed: the widget, under a line that says what the writer does."""

from __future__ import annotations

import ipywidgets

from nntf_widget.run_log import Follower
from nntf_widget.widget.widget import widget_of

WORDS = {
    "live": "being written",
    "stale": "not being written: the process that wrote it is gone, or has been quiet for long",
    "finished": "finished",
}


def following_box(follower: Follower) -> ipywidgets.VBox:
    """Return what a notebook shows of a follower."""
    line = ipywidgets.Label()

    def tell() -> None:
        line.value = f"{follower.path.name}: {WORDS[follower.state]}"

    tell()
    follower.subscribe(tell)
    widget = widget_of(follower.fingerprint)
    widget._keeper.shown()  # noqa: SLF001 - the same room
    return ipywidgets.VBox([line, widget._box])  # noqa: SLF001
