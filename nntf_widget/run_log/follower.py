"""Following a run that another process, or another notebook, writes."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any

from nntf_widget.fingerprint import Fingerprint
from nntf_widget.printable import printable
from nntf_widget.run_log.database import Stamps, stamps
from nntf_widget.run_log.reader import RunLogReader, State

INTERVAL = 0.5  # seconds between two looks at the file


class Follower:
    """A fingerprint that grows as its log does.

    Displays as the widget, with a line that says what the writer does. Any number may follow one log; none holds up
    the writer. Use it as a context manager, or `close` it, to end the following; the fingerprint stays.

    Parameters
    ----------
    path : str or path
        A run log; it need not have a snapshot yet.

    Raises
    ------
    FileNotFoundError
    RunLogError
        The file is no run log, or damaged. Damage that comes later is reported by the fingerprint.

    Attributes
    ----------
    path : Path
    fingerprint : Fingerprint
        What the log holds; updated from a thread of the follower's own.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._reader = RunLogReader(path)
        self.path = self._reader.path
        self.fingerprint = Fingerprint()
        self._seen: tuple[Stamps, Stamps] = ((), stamps(self.path))
        self._reader.read(self.fingerprint)
        self._state = self._reader.state
        self._subscribers: list[Callable[[], None]] = []
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._follow, name=f"following {self.path.name}", daemon=True)
        self._thread.start()

    def __repr__(self) -> str:
        """Return the run's size and the writer's state in a line."""
        run = self.fingerprint
        return (
            f"<Follower {printable(self.path.name)} {self.state}: snapshots={len(run)} samples={run.num_samples} "
            f"classes={run.num_classes}>"
        )

    def __enter__(self) -> Follower:  # noqa: PYI034 - Self is Python 3.11's
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def state(self) -> State:
        """What the writer does: "live", "finished", or "stale" where it is gone without having ended the log."""
        return self._reader.state

    def subscribe(self, on_change: Callable[[], None]) -> Callable[[], None]:
        """Call `on_change`, from the follower's thread, after the state changed; return what stops that."""
        self._subscribers.append(on_change)
        return lambda: self._subscribers.remove(on_change)

    def close(self) -> None:
        """End the following."""
        self._closing.set()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _follow(self) -> None:
        while not self._closing.wait(INTERVAL):
            try:
                self._look()
            except Exception as error:  # noqa: BLE001 - the next look may succeed
                self.fingerprint.report("Run log", error)

    def _look(self) -> None:
        now = stamps(self.path)
        if self._seen != (now, now):  # once more after a change: two may fall into one tick of the file's clock
            self._reader.read(self.fingerprint)
            self._seen = (self._seen[1], now)
        if self.state != self._state:
            self._state = self.state
            for on_change in list(self._subscribers):
                on_change()

    def _repr_mimebundle_(self, **options: Any) -> Any:
        from nntf_widget.widget.following import following_box

        bundle = following_box(self)._repr_mimebundle_(**options)
        if bundle is not None:
            bundle["text/plain"] = repr(self)
        return bundle


def open(path: str | os.PathLike[str]) -> Follower:  # noqa: A001 - for nntf.open, as the standard library has gzip.open
    """Follow a run log, which may be being written by another process.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    Follower
        Its ``fingerprint`` grows as the writer appends; as the last line of a cell it shows itself.

    Raises
    ------
    FileNotFoundError
    RunLogError
        The file is no run log, or damaged; the error's ``fingerprint`` has the snapshots before the damage.
    """
    return Follower(path)
