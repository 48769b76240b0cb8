"""Keeps an interrupt (Ctrl-C, a notebook's stop button) from leaving something half done."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def interrupts_wait() -> Iterator[None]:
    """Let an interrupt that comes within the block happen at its end, and a second one at once.

    Python interrupts only its main thread, and only there can this be changed; elsewhere there is nothing to do.
    """
    handler = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(handler):
        yield
        return
    came: list[tuple[Any, ...]] = []

    def wait(*what: Any) -> None:
        came.append(what)
        if len(came) > 1:
            handler(*what)

    signal.signal(signal.SIGINT, wait)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if len(came) == 1:
            handler(*came[0])
