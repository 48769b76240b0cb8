"""How a followed run is displayed: the widget, under a line that says what the writer does."""

from __future__ import annotations

from typing import Any

import ipywidgets

from nntf_widget.printable import printable
from nntf_widget.run_log import Follower
from nntf_widget.widget.widget import widget_of

WORDS = {
    "live": "being written",
    "stale": "not being written: the process that wrote it is gone, or has been quiet for long",
    "finished": "finished",
}


class FollowingBox(ipywidgets.VBox):
    """What a notebook shows of a follower, until the widget in it is closed.

    Parameters
    ----------
    follower : Follower
    """

    def __init__(self, follower: Follower) -> None:
        self._follower, self._widget = follower, widget_of(follower.fingerprint)
        self._line = ipywidgets.Label()
        super().__init__([self._line, self._widget._box])  # noqa: SLF001 - the same room
        self._parts = [self._line.layout, self._line.style, self._line, self.layout]
        self._tell()
        self._unsubscribe = follower.subscribe(self._tell)
        self._widget.observe(self._close_too, "comm")

    def close(self) -> None:
        """End the display."""
        if self.comm is not None:
            self._unsubscribe()
            self._widget.unobserve(self._close_too, "comm")
            del _shown[self._follower]
            for part in self._parts:
                part.close()
        super().close()

    def _close_too(self, _change: Any) -> None:
        self.close()

    def _tell(self) -> None:
        self._line.value = f"{printable(self._follower.path.name)}: {WORDS[self._follower.state]}"


_shown: dict[Follower, FollowingBox] = {}


def following_box(follower: Follower) -> FollowingBox:
    """Return what a notebook shows of a follower, the same as long as it is open."""
    if follower not in _shown:
        _shown[follower] = FollowingBox(follower)
    return _shown[follower]
