"""The run log's file format, version 2: one SQLite database a run, readable from any language.

The header's ``application_id`` is 0x4E4E5446 ("NNTF") and ``user_version`` the version. The journal is a write-ahead
log: while a writer runs, and after one was killed, the newest snapshots may stand in the file beside it that ends in
"-wal", which SQLite reads by itself. There never is a rollback journal ("-journal"), and a log beside one is refused:
SQLite would play it back, and remove whatever file it names. The database has exactly the tables of `TABLES`, created
by exactly those statements, and nothing else.

run : one row, written in the transaction of snapshot 0
    ``num_samples`` N, ``num_classes`` K, ``class_names`` a JSON array of K different strings, ``unit`` "epoch" or
    "snapshot": what a snapshot is called.

session : one row each time the log was opened for writing
    ``number`` from 0; ``started`` and ``ended`` in seconds since 1970 UTC, ``ended`` NULL while it is written and after
    a crash; ``writer`` names the process as in `nntf_widget.run_log.process`, NULL where that is not known;
    ``snapshots``, how many the log had when the session ended, and ``crc32``, their checksum carried on over this row:
    over number, started, ended and snapshots as uint64, float64, float64, uint64, and the UTF-8 bytes of writer. Both
    are NULL where ended is. What has fewer snapshots than it ended with has lost some.

snapshot : one row a snapshot, one transaction each
    ======= ======= ===============================================================================================
    t       INTEGER the snapshot's number, from 0 without gap
    session INTEGER the session that wrote it; a new one at t > 0 says that the run was interrupted before t
    time    REAL    when it was written, in seconds since 1970 UTC
    samples BLOB    uint32 each: the m samples that moved, ascending; NULL where the classes of all N are given
    classes BLOB    uint8 each up to 256 classes, uint16 above: where they moved to, or the classes of all N
    labels  BLOB    the true classes of all N, like classes: in the snapshot that first had them, else NULL
    metrics TEXT    a JSON object of numbers; what is not finite is one of the strings "NaN", "Infinity", "-Infinity".
                    The newest snapshot's may become more: then these two columns of its row change
    crc32   INTEGER the checksum of this row and of all before it
    ======= ======= ===============================================================================================

Numbers in blobs are little-endian. Snapshot 0 gives the classes of all N; later ones give whichever is shorter.

The checksum is zlib's CRC-32, carried on from row to row: it starts as the CRC of N and K as uint64 and the UTF-8 bytes
of ``class_names`` and of ``unit``, and is continued at each row over t and session as uint64, time as float64, the
lengths of samples, classes, labels and metrics as int64 (-1 for NULL), and then their bytes.

Both distances and the transition matrices are not stored: they follow from the moves.

So a small file may stand for much. A reader refuses, before it takes any memory, what no real run has: more than 10 000
sessions; a name of a class or a metric beyond 1024 characters; more than 4096 names of metrics; snapshots that unfold
to more than 512 MiB and to more than 256 times the file's size. They take 1 or 2 bytes for each sample and snapshot
(its class), 28 bytes for each class and snapshot (how many are in it, came, went and are right) and 6 bytes for each
pair of snapshots (both distances).

Version 1, which is read and not written, has no ``unit`` (every snapshot is an epoch; it is not in the checksum either)
and no ``snapshots`` and ``crc32`` in the table session.
"""

from __future__ import annotations

import json
import math
import struct
import zlib
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nntf_widget.fingerprint import Fingerprint, Snapshot
from nntf_widget.predictions import ClassIds, class_dtype
from nntf_widget.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

APPLICATION_ID = int.from_bytes(b"NNTF", "big")
VERSION = 2
TABLES = {
    "run": (
        "CREATE TABLE run (num_samples INTEGER NOT NULL, num_classes INTEGER NOT NULL, class_names TEXT NOT NULL, "
        "unit TEXT NOT NULL)"
    ),
    "session": (
        "CREATE TABLE session (number INTEGER PRIMARY KEY, started REAL NOT NULL, ended REAL, writer TEXT, "
        "snapshots INTEGER, crc32 INTEGER)"
    ),
    "snapshot": (
        "CREATE TABLE snapshot (t INTEGER PRIMARY KEY, session INTEGER NOT NULL, time REAL NOT NULL, samples BLOB, "
        "classes BLOB NOT NULL, labels BLOB, metrics TEXT NOT NULL, crc32 INTEGER NOT NULL)"
    ),
}
TABLES_1 = {
    "run": "CREATE TABLE run (num_samples INTEGER NOT NULL, num_classes INTEGER NOT NULL, class_names TEXT NOT NULL)",
    "session": "CREATE TABLE session (number INTEGER PRIMARY KEY, started REAL NOT NULL, ended REAL, writer TEXT)",
    "snapshot": TABLES["snapshot"],
}
EARLIEST, LATEST = -62135510400.0, 253402214400.0  # in seconds since 1970: no clock, in no time zone, tells others
MOST_SESSIONS = 10_000
MOST_MEMORY, MOST_UNFOLDING = 2**29, 256
_START = struct.Struct("<QQ")
_ROW = struct.Struct("<QQdqqqq")
_END = struct.Struct("<QddQ")
_SAMPLE = np.dtype("<u4")


class RunLogError(Exception):
    """A run log that cannot be read or written.

    Attributes
    ----------
    fingerprint : Fingerprint or None
        The run up to where the log is good; None where that is nothing.
    """

    def __init__(self, message: str, fingerprint: Fingerprint | None = None) -> None:
        super().__init__(printable(message))  # it quotes file names and what stands in files
        self.fingerprint = fingerprint if fingerprint is not None and len(fingerprint) else None


class Facts(NamedTuple):
    """The row of the table ``run``."""

    num_samples: int
    num_classes: int
    class_names: str
    unit: str = ""

    @classmethod
    def of(cls, fingerprint: Fingerprint) -> Facts:
        """Return the facts of a run that has a snapshot."""
        assert fingerprint.num_samples is not None, "a run with a snapshot has samples"
        assert fingerprint.num_classes is not None, "and classes"
        names = json.dumps(fingerprint.class_names)
        return cls(fingerprint.num_samples, fingerprint.num_classes, names, fingerprint.unit)

    def memory(self, snapshots: int) -> int:
        """Return how many bytes a run of so many snapshots takes, roughly."""
        by_snapshot = self.num_samples * class_dtype(self.num_classes).itemsize + 28 * self.num_classes
        return snapshots * by_snapshot + 6 * snapshots**2

    def checksum(self) -> int:
        """Return the value that the checksum starts from."""
        start = zlib.crc32(_START.pack(self.num_samples, self.num_classes))
        return zlib.crc32((self.class_names + self.unit).encode(), start)


class Session(NamedTuple):
    """A row of the table ``session``."""

    number: int
    started: float
    ended: float | None
    writer: str | None
    snapshots: int | None = None
    crc32: int | None = None

    def checksum(self, before: int) -> int:
        """Return the checksum that this row should have, once it ended, where the newest snapshot's is `before`."""
        end = zlib.crc32(_END.pack(self.number, self.started, self.ended, self.snapshots), before)
        return zlib.crc32((self.writer or "").encode(), end)


class Row(NamedTuple):
    """A row of the table ``snapshot``."""

    t: int
    session: int
    time: float
    samples: bytes | None
    classes: bytes
    labels: bytes | None
    metrics: str
    crc32: int

    def checksum(self, before: int) -> int:
        """Return the checksum that this row should have after one that has `before`."""
        parts = (self.samples, self.classes, self.labels, self.metrics.encode())
        lengths = (-1 if part is None else len(part) for part in parts)
        crc = zlib.crc32(_ROW.pack(self.t, self.session, self.time, *lengths), before)
        for part in parts:
            crc = zlib.crc32(part or b"", crc)
        return crc


class Update(NamedTuple):
    """What `Fingerprint.update` was given."""

    predictions: ClassIds
    labels: ClassIds | None
    metrics: dict[str, float]


def encode(snapshot: Snapshot, num_classes: int, session: int, time: float, before: int) -> Row:
    """Return a snapshot as the row that follows one with the checksum `before`."""
    dtype = class_dtype(num_classes).newbyteorder("<")
    entry = _SAMPLE.itemsize + dtype.itemsize
    dense = snapshot.t == 0 or len(snapshot.samples) * entry >= len(snapshot.all_classes) * dtype.itemsize
    row = Row(
        t=snapshot.t,
        session=session,
        time=time,
        samples=None if dense else snapshot.samples.astype(_SAMPLE).tobytes(),
        classes=(snapshot.all_classes if dense else snapshot.classes).astype(dtype).tobytes(),
        labels=None if snapshot.labels is None else snapshot.labels.astype(dtype).tobytes(),
        metrics="",
        crc32=0,
    )
    return with_metrics(row, snapshot.metrics, before)


def with_metrics(row: Row, metrics: Mapping[str, float], before: int) -> Row:
    """Return a row with these metrics, which follows one with the checksum `before`."""
    row = row._replace(metrics=as_json(metrics))
    return row._replace(crc32=row.checksum(before))


class Decoder:
    """Turns the rows of a log, in their order, back into updates.

    Parameters
    ----------
    facts : Facts

    Raises
    ------
    ValueError, TypeError, ArithmeticError, RecursionError, struct.error
        The facts are damaged.
    """

    def __init__(self, facts: Facts) -> None:
        if not isinstance(facts.class_names, str) or not isinstance(facts.unit, str):
            raise TypeError("class_names and unit are no text")
        self.class_names = json.loads(facts.class_names)
        if not isinstance(self.class_names, list) or len(self.class_names) != facts.num_classes:
            raise ValueError(f"class_names are no list of {facts.num_classes} names")
        self.facts = facts
        self.crc32 = self._before = facts.checksum()
        self._newest: Row | None = None
        self._dtype = class_dtype(facts.num_classes).newbyteorder("<")
        self._classes: ClassIds | None = None

    def decode(self, row: Row) -> Update:
        """Return the update that the next row stands for.

        Raises
        ------
        ValueError, TypeError, ArithmeticError, RecursionError, struct.error
            The row is damaged or was not written by these rules; the decoder stays before it.
        """
        metrics = _metrics_of(row, self.crc32)
        if not EARLIEST <= row.time < LATEST:
            raise ValueError(f"its time is {row.time}")
        classes = self._ids(row.classes)
        if row.samples is None:
            classes = self._of_all(classes, "classes")
        else:
            classes = self._moved(np.frombuffer(row.samples, _SAMPLE), classes)
        labels = None if row.labels is None else self._of_all(self._ids(row.labels), "labels")
        self._classes, self._newest, self._before, self.crc32 = classes, row, self.crc32, row.crc32
        return Update(classes, labels, metrics)

    def decode_again(self, row: Row) -> dict[str, float] | None:
        """Return the metrics of the newest row as it is now; None where it is another row.

        Raises
        ------
        ValueError, TypeError, ArithmeticError, RecursionError
            The row is damaged.
        """
        assert self._newest is not None, "a row was decoded"
        if row._replace(metrics=self._newest.metrics, crc32=self._newest.crc32) != self._newest:
            return None
        metrics = _metrics_of(row, self._before)
        self._newest, self.crc32 = row, row.crc32
        return metrics

    def _ids(self, blob: bytes) -> ClassIds:
        ids = np.frombuffer(blob, self._dtype)
        if len(ids) and ids.max() >= self.facts.num_classes:
            raise ValueError(f"it has class {ids.max()} of {self.facts.num_classes}")
        return ids

    def _of_all(self, classes: ClassIds, what: str) -> ClassIds:
        if len(classes) != self.facts.num_samples:
            raise ValueError(f"it has {len(classes)} {what} for {self.facts.num_samples} samples")
        return classes

    def _moved(self, samples: NDArray[np.uint32], targets: ClassIds) -> ClassIds:
        if self._classes is None:
            raise ValueError("it is the first and gives moves")
        if len(samples) != len(targets):
            raise ValueError(f"it has {len(samples)} samples and {len(targets)} classes")
        if len(samples) and (samples[-1] >= self.facts.num_samples or (samples[1:] <= samples[:-1]).any()):
            raise ValueError("its samples are not ascending numbers of samples")
        classes = self._classes.copy()
        classes[samples] = targets
        return classes


def _metrics_of(row: Row, before: int) -> dict[str, float]:
    """Return the metrics of a row that should follow one with the checksum `before`."""
    if not isinstance(row.metrics, str) or row.checksum(before) != row.crc32:
        raise ValueError("its checksum does not fit")
    metrics = json.loads(row.metrics)
    if not isinstance(metrics, dict):
        raise TypeError("its metrics are no JSON object")
    return {name: float(value) for name, value in metrics.items()}


def as_json(metrics: Mapping[str, float]) -> str:
    """Return the metrics as JSON, which has no number for what is not finite."""
    names = {math.inf: "Infinity", -math.inf: "-Infinity"}
    return json.dumps({n: v if math.isfinite(v) else names.get(v, "NaN") for n, v in metrics.items()})
