"""The log of a run as a notebook saves it: whole where it is small, else thinned until it is.

Of a thinned log every 2nd, 4th, … snapshot is left, as if the others had never been recorded; its packets say so. A
page that finds one asks the kernel for the whole, and shows the thinned one where no kernel answers.

A snapshot takes at most 36 + 8 T bytes, and N for up to 256 classes or 2 N above; where less than a fifth (a third)
of the samples moved, 5 (6) bytes for each that did. A notebook stores 4 bytes for 3.
"""

from __future__ import annotations

from collections.abc import Iterator

from nntf_widget.fingerprint import Fingerprint
from nntf_widget.widget.wire import encode


class SavedLog:
    """Encodes a run when it is asked for; once for the same snapshots.

    Parameters
    ----------
    run : Fingerprint
    limit : int
        The most bytes.
    """

    def __init__(self, run: Fingerprint, limit: int) -> None:
        self._run = run
        self._limit = limit
        self._key: tuple[int, int] | None = None
        self._log = b""

    def encoded(self) -> bytes:
        """Return the whole log, or a thinned one; nothing where not even one snapshot would fit."""
        with self._run.lock:
            key = (len(self._run), self._run.every)
            if key != self._key:
                self._key, self._log = key, self._within_limit()
        return self._log

    def _within_limit(self) -> bytes:
        log = _joined(packets_of(self._run), self._limit)
        power = 1
        while log is None and 2**power < len(self._run):
            log = _joined(_thinned(self._run, power), self._limit)
            power += 1
        return log or b""


def encoded_log(run: Fingerprint) -> bytes:
    """Return all snapshots so far as packets end to end."""
    with run.lock:
        return b"".join(packets_of(run))


def packets_of(run: Fingerprint, since: int = 0) -> Iterator[bytes]:
    """Yield the packets of a run from a snapshot on; hold its lock meanwhile."""
    for t in range(since, len(run)):
        yield _packet(run, t)


def _thinned(run: Fingerprint, power: int) -> Iterator[bytes]:
    """Yield the packets that the run would have with every 2**power-th snapshot alone."""
    fewer = Fingerprint(run.num_classes)
    for t in range(0, len(run), 2**power):
        snapshot = run.snapshot(t)
        fewer.update(snapshot.all_classes, labels=run.labels, metrics=snapshot.metrics)
        yield _packet(fewer, len(fewer) - 1, power)


def _packet(run: Fingerprint, t: int, power: int = 0) -> bytes:
    assert run.num_samples is not None, "a run with snapshots has samples"
    assert run.num_classes is not None, "and classes"
    return encode(run.snapshot(t), run.num_samples, run.num_classes, power)


def _joined(packets: Iterator[bytes], limit: int) -> bytes | None:
    """Return packets end to end, or None as soon as they are more than `limit` bytes."""
    joined, size = [], 0
    for packet in packets:
        joined.append(packet)
        size += len(packet)
        if size > limit:
            return None
    return b"".join(joined)
