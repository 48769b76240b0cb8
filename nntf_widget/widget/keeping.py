"""What a notebook keeps of a run for readers without its kernel: the log in the widget's state, and a still picture.

A notebook saves the page's own copy of the log, and while a cell runs each epoch goes out as a packet of its own; so
the log is sent once the cell has ended.

GitHub's view of a notebook and a printed one show an output's image where they have no widget for it. So each cell
that shows a run gets a second output: an image of the run, beside a widget that is nothing to see, which every page
that runs widgets prefers. It is drawn when a cell has ended, and again at the end of each cell in which the run went
on; never while a cell runs. The widget itself is left alone: an output that is updated is built anew.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ipywidgets
from IPython.core.getipython import get_ipython
from IPython.display import display, update_display

from nntf_widget.picture import as_png

if TYPE_CHECKING:
    from nntf_widget.fingerprint import Fingerprint

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class Keeper:
    """Keeps one run in the notebook whose cells show it.

    Parameters
    ----------
    fingerprint : Fingerprint
    send_log : function
        Called when a cell has ended in which the run went on.
    """

    def __init__(self, fingerprint: Fingerprint, send_log: Callable[[], None]) -> None:
        self._run = fingerprint
        self._send_log = send_log
        self._id = uuid.uuid4().hex
        self._nothing: ipywidgets.Box | None = None
        self._shown_here = False  # by the cell that runs
        self._kept = (len(fingerprint), fingerprint.every)

    def shown(self) -> None:
        """Leave a picture in the cell that runs, and keep all up to date; without IPython there is no cell."""
        shell = get_ipython()
        if shell is None:
            return
        if self._nothing is None:
            self._nothing = ipywidgets.Box(layout={"display": "none"})
            shell.events.register("post_run_cell", self._after_cell)
        self._shown_here = True

    def close(self) -> None:
        """Leave the pictures as they are."""
        if self._nothing is None:  # asked first: as the interpreter ends, IPython cannot be asked any more
            return
        shell = get_ipython()
        if shell is None:
            return
        shell.events.unregister("post_run_cell", self._after_cell)
        self._nothing.close()
        self._nothing = None

    def _after_cell(self, _result: Any) -> None:
        state = (len(self._run), self._run.every)
        went_on, shown_here = state != self._kept, self._shown_here
        self._kept, self._shown_here = state, False
        try:
            if went_on:
                self._send_log()
            if went_on or shown_here:
                show = display if shown_here else update_display
                show(self._bundle(), raw=True, display_id=self._id)  # type: ignore[no-untyped-call] # IPython's are not
        except Exception as error:  # noqa: BLE001 - no fault of ours may end somebody's work
            self._run.report("Keeping the run in the notebook", error)

    def _bundle(self) -> dict[str, Any]:
        assert self._nothing is not None, "it is made when a cell first shows the run"
        model_id = self._nothing.model_id
        return {
            WIDGET_VIEW: {"version_major": 2, "version_minor": 0, "model_id": model_id},
            "image/png": base64.b64encode(as_png(self._run)).decode(),
            "text/plain": f"Picture of {self._run!r}",
        }
