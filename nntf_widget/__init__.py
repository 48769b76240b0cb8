"""Neural network training fingerprints, live in a notebook.

Importing this package imports no framework and no widget; both come with their first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nntf_widget.fingerprint import Fingerprint, FingerprintWarning
from nntf_widget.record import Snapshot

if TYPE_CHECKING:
    from nntf_widget.capture.pytorch import watch
    from nntf_widget.run_log import Follower, RunLogError, load
    from nntf_widget.run_log import open as open  # noqa: A004 - nntf.open, as the standard library has gzip.open
    from nntf_widget.widget import ComparisonWidget, FingerprintWidget, compare

# Without `open`, so that a star import leaves Python's own alone.
__all__ = [
    "ComparisonWidget",
    "Fingerprint",
    "FingerprintWarning",
    "FingerprintWidget",
    "Follower",
    "RunLogError",
    "Snapshot",
    "compare",
    "load",
    "watch",
]
__version__ = "0.1.0"

_LATER = {
    "ComparisonWidget": "nntf_widget.widget",
    "compare": "nntf_widget.widget",
    "FingerprintWidget": "nntf_widget.widget",
    "Follower": "nntf_widget.run_log",
    "RunLogError": "nntf_widget.run_log",
    "load": "nntf_widget.run_log",
    "open": "nntf_widget.run_log",
    "watch": "nntf_widget.capture.pytorch",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATER[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "open"]
