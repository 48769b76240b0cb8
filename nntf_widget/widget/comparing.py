"""Several runs in one widget: their fingerprints side by side, their curves together, and what lies between two."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import numpy as np
import traitlets
from numpy.typing import NDArray

from nntf_widget.comparison import Comparison
from nntf_widget.fingerprint import Fingerprint
from nntf_widget.run_log import Follower
from nntf_widget.widget.compare_charts import CompareCharts, line_of
from nntf_widget.widget.widget import STATIC, widget_of

THUMB = 160  # the most cells along a side; more of a fingerprint are averaged, of two runs every so many-th is taken
PAUSE = 0.5  # seconds between two looks at runs that grow, at least
REST = 4  # times as long as a look took, at least


def compare(runs: Mapping[str, Any] | str | os.PathLike[str]) -> ComparisonWidget:
    """Compare runs: what their training parameters did to their decisions.

    Parameters
    ----------
    runs : mapping of str to run, or path
        Fingerprints, what `watch` or `open` gave, or paths of run logs, by name; or a folder, of which every
        ``*.nntf`` is a run named after its file. Logs that are still written are followed.

    Returns
    -------
    ComparisonWidget
        Displays in a notebook; ``.comparison`` has the numbers.

    Raises
    ------
    TypeError, ValueError
        What is no run, or a folder without a log.
    FileNotFoundError, RunLogError
        A path that leads to no run log.

    Examples
    --------
    >>> import nntf_widget as nntf
    >>> runs = {name: nntf.Fingerprint(2) for name in ("lr=0.1", "lr=0.01")}
    >>> for run in runs.values():
    ...     run.update([0, 1, 1])
    >>> nntf.compare(runs)
    <ComparisonWidget of 2 runs: lr=0.1, lr=0.01>
    """
    if isinstance(runs, (str, os.PathLike)):
        runs = _logs_of(Path(runs))
    if not isinstance(runs, Mapping):
        raise TypeError(f"runs is a {type(runs).__name__}; expected a mapping of names to runs, or a folder")
    return ComparisonWidget({name: _run_of(name, run) for name, run in runs.items()})


class ComparisonWidget(anywidget.AnyWidget):
    """The comparison in a notebook, drawn anew a moment after a run has grown.

    Parameters
    ----------
    runs : mapping of str to Fingerprint or Follower

    Attributes
    ----------
    comparison : Comparison
    chosen : int or None
        The run whose whole fingerprint stands below.
    pair : tuple of two int
        The two runs whose distance is shown.
    """

    _esm = STATIC / "compare.js"
    _css = STATIC / "compare.css"

    # Python's: the page only reads them.
    runs: Any = traitlets.List(read_only=True).tag(sync=True)
    classes = traitlets.Dict(read_only=True).tag(sync=True)
    cross = traitlets.Dict(read_only=True).tag(sync=True)
    note = traitlets.Unicode(read_only=True).tag(sync=True)

    # The page's; Python answers them when it is free.
    chosen = traitlets.Int(None, allow_none=True).tag(sync=True)
    pair = traitlets.Tuple(traitlets.Int(), traitlets.Int(), default_value=(0, 0)).tag(sync=True)

    def __init__(self, runs: Mapping[str, Fingerprint | Follower]) -> None:
        followers = [run for run in runs.values() if isinstance(run, Follower)]
        self.comparison = Comparison(
            {name: run.fingerprint if isinstance(run, Follower) else run for name, run in runs.items()}
        )
        super().__init__(pair=(0, min(1, len(runs) - 1)))
        self._followers = followers
        self._charts = CompareCharts(self.comparison)
        self._whole = ipywidgets.VBox()
        self._box = ipywidgets.VBox([self, self._charts, self._whole])
        self._box.add_class("nntf-layout")
        self._drawing = threading.Lock()
        self._grown, self._closing = threading.Event(), threading.Event()
        self._unsubscribe = [run.subscribe(self._grown.set) for run in self.comparison.runs.values()]
        self._draw()
        self.observe(self._draw_pair, "pair")
        self.observe(self._show_whole, "chosen")
        # Drawn from a thread of its own: a training that is compared does not wait for the comparison.
        threading.Thread(target=self._keep_up, name="comparison", daemon=True).start()

    def __repr__(self) -> str:
        """Return which runs, in a line."""
        runs = self.comparison.runs
        return f"<ComparisonWidget of {len(runs)} {'run' if len(runs) == 1 else 'runs'}: {', '.join(runs)}>"

    def close(self) -> None:
        """End the display and stop following logs; the runs go on."""
        if self.comm is not None:
            self._closing.set()
            self._grown.set()
            for unsubscribe in self._unsubscribe:
                unsubscribe()
            for follower in self._followers:
                follower.close()
            self._charts.close()
            self._whole.close()
            self._box.close()
        super().close()

    def _repr_mimebundle_(self, **options: Any) -> Any:
        bundle = self._box._repr_mimebundle_(**options)
        if bundle is not None:
            bundle["text/plain"] = repr(self)
        return bundle

    def _keep_up(self) -> None:
        took = 0.0
        while self._grown.wait():
            if self._closing.wait(max(PAUSE, REST * took)):
                return
            self._grown.clear()
            begun = time.perf_counter()
            try:
                self._draw()
            except Exception as error:  # noqa: BLE001 - the next look may succeed, and no fault of ours may spread
                self.set_trait("note", f"The comparison failed: {type(error).__name__}: {error}")
            took = time.perf_counter() - begun

    def _draw(self) -> None:
        with self._drawing:
            why_not = self.comparison.incomparable()
            entries = zip(self.comparison.table(), self.comparison.runs.values(), strict=True)
            self.set_trait("runs", [_entry(index, row._asdict(), run) for index, (row, run) in enumerate(entries)])
            recall = self.comparison.recall()
            names = max((run.class_names for run in self.comparison.runs.values()), key=len)
            self.set_trait("classes", {"names": names, "recall": recall.astype("<f4").tobytes()})
            self.set_trait("note", f"No distances between runs: {why_not}." if why_not else "")
            self._charts.show(comparable=not why_not)
            self._send_cross()

    def _draw_pair(self, _change: Any) -> None:
        with self._drawing:
            self._send_cross()

    def _send_cross(self) -> None:
        names = list(self.comparison.runs)
        if self.comparison.incomparable() or not all(0 <= index < len(names) for index in self.pair):
            self.set_trait("cross", {})
            return
        first, second = (names[index] for index in self.pair)
        runs = self.comparison.runs
        every = max(math.ceil(max(len(runs[first]), len(runs[second])) / THUMB), 1)
        shares = self.comparison.cross_distance(first, second, every) / (runs[first].num_samples or 1)
        self.set_trait(
            "cross",
            {
                "pair": list(self.pair),
                "rows": len(shares),
                "columns": shares.shape[1],
                "every": every,
                "shares": _bytes_of(shares),
                "nearest": shares.argmin(axis=0).tolist() if len(shares) else [],
                "least": shares.min(axis=0).tolist() if len(shares) else [],
            },
        )

    def _show_whole(self, _change: Any) -> None:
        runs = list(self.comparison.runs.values())
        if self.chosen is None or not 0 <= self.chosen < len(runs):
            self._whole.children = ()
            return
        self._whole.children = (widget_of(runs[self.chosen])._box,)  # noqa: SLF001 - the same room


def _logs_of(folder: Path) -> dict[str, Path]:
    """Return a folder's logs by their names, without the words that all of them begin with."""
    paths = sorted(folder.glob("*.nntf"))
    if not paths:
        raise ValueError(f"runs is {str(folder)!r}; expected a folder with run logs, *.nntf")
    shared = os.path.commonprefix([path.stem for path in paths]) if len(paths) > 1 else ""  # noqa: RUF071 - of names
    words = 1 + max(shared.rfind(end) for end in "-_ ")
    return {path.stem[words:] or path.stem: path for path in paths}


def _run_of(name: str, run: Any) -> Fingerprint | Follower:
    if isinstance(run, (Fingerprint, Follower)):
        return run
    if isinstance(run, (str, os.PathLike)):
        return Follower(run)
    watched = getattr(run, "fingerprint", None)
    if isinstance(watched, Fingerprint):
        return watched
    raise TypeError(f"runs[{name!r}] is a {type(run).__name__}; expected a Fingerprint, a Watch or a run log's path")


def _entry(index: int, row: dict[str, Any], run: Fingerprint) -> dict[str, Any]:
    """Return what the page draws of a run; numbers that it does not have are None, which JSON has."""
    numbers = {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in row.items()}
    distance = _pooled(run.transition_distance)
    colour, line = line_of(index)
    return {
        **numbers,
        "colour": colour,
        "line": line,
        "side": len(distance),
        "cells": _bytes_of(distance),
    }


def _pooled(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a square matrix with no more than `THUMB` cells a side, each the mean of those it stands for."""
    step = max(math.ceil(len(matrix) / THUMB), 1)
    if step == 1:
        return matrix
    starts = np.arange(0, len(matrix), step)
    sums = np.add.reduceat(np.add.reduceat(matrix, starts, axis=0), starts, axis=1)
    sizes = np.diff(np.append(starts, len(matrix)))
    return np.asarray(sums / np.outer(sizes, sizes))


def _bytes_of(shares: NDArray[np.float64]) -> bytes:
    return np.rint(255 * shares).astype(np.uint8).tobytes()
