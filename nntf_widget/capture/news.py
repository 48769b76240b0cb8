"""Each new verdict on a training, once: to whoever asked for it, or, where there is no front-end, to the log."""

from __future__ import annotations

import logging
import sys
import weakref
from collections.abc import Callable
from typing import Any

from nntf_widget.fingerprint import Fingerprint
from nntf_widget.printable import printable
from nntf_widget.verdicts import Thresholds, Verdict

OnVerdict = Callable[[Verdict], Any]
GOOD = ("converged", "converging")
LOGGER = logging.getLogger("nntf_widget")


def tell_news(fingerprint: Fingerprint, on_verdict: OnVerdict | None) -> None:
    """Tell each new verdict on a run from now on.

    A verdict is new where none of its name has held within a window before. Without `on_verdict`, where no notebook
    shows the run, it is a line of `logging`, by the logger "nntf_widget": a warning, or, if it is good news, of the
    level INFO. A fault in `on_verdict` is reported, and the training goes on.

    Raises
    ------
    TypeError
        `on_verdict` cannot be called.
    """
    check_on_verdict(on_verdict)
    if on_verdict is not None or not has_front_end():
        fingerprint.subscribe(_News(fingerprint, on_verdict or _log).tell)


def check_on_verdict(on_verdict: OnVerdict | None) -> None:
    """Raise TypeError where it cannot be called."""
    if on_verdict is not None and not callable(on_verdict):
        raise TypeError(f"on_verdict is {on_verdict!r}; expected a function of a verdict")


def has_front_end() -> bool:
    """Whether this is the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return hasattr(shell, "kernel") or "marimo" in sys.modules


class _News:
    def __init__(self, fingerprint: Fingerprint, on_verdict: OnVerdict) -> None:
        self._run = weakref.ref(fingerprint)  # which holds this
        self._on_verdict = on_verdict
        self._held: dict[str, int] = {}

    def tell(self) -> None:
        run = self._run()
        if run is None:
            return
        with run.reporting("A verdict"):
            verdicts, now = list(run.verdicts()), len(run)
            new = [each for each in verdicts if now - self._held.get(each.name, -sys.maxsize) > Thresholds.window]
            self._held.update((each.name, now) for each in verdicts)
            for verdict in new:
                with run.reporting("on_verdict"):
                    self._on_verdict(verdict)


def _log(verdict: Verdict) -> None:
    level = logging.INFO if verdict.name in GOOD else logging.WARNING
    LOGGER.log(level, "%s: %s", verdict.name, printable(verdict.sentence))  # names may hold what a terminal obeys
