"""Whose line called us: the one in the user's code that a warning is to point at."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path
from types import FrameType

PACKAGE = str(Path(__file__).parent)
STANDARD_LIBRARY = sysconfig.get_path("stdlib")


def users_line() -> tuple[str, int, str]:
    """Return file name, line number and module of the innermost frame outside of us and of all that is installed.

    Where there is none, as in a thread of ours, it is the caller's own.
    """
    own = sys._getframe(1)  # noqa: SLF001 - documented, and what warnings and logging use
    frame: FrameType | None = own
    while frame is not None and _is_installed(frame.f_code.co_filename):
        frame = frame.f_back
    frame = frame or own
    return frame.f_code.co_filename, frame.f_lineno, frame.f_globals.get("__name__", "<unknown>")


def _is_installed(filename: str) -> bool:
    if filename.startswith((PACKAGE, "<frozen ")):
        return True
    if not {"site-packages", "dist-packages"}.isdisjoint(Path(filename).parts):
        return True
    return filename.startswith(STANDARD_LIBRARY)
