"""Writing a run log: what a fingerprint has beyond the file, one transaction a snapshot."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import NamedTuple

from nntf_widget.checks import checked_path
from nntf_widget.fingerprint import Fingerprint
from nntf_widget.run_log.database import (
    beside,
    check_file,
    check_format,
    check_version,
    is_empty,
    prepare,
    reading,
    reading_alone,
    size_ahead,
)
from nntf_widget.run_log.format import (
    APPLICATION_ID,
    TABLES,
    VERSION,
    Facts,
    Row,
    RunLogError,
    Session,
    as_json,
    encode,
    with_metrics,
)
from nntf_widget.run_log.process import is_running, this_process
from nntf_widget.run_log.reader import RunLogReader

WAIT = 2.0  # seconds for another program's lock; the training waits as long
INSERT = f"INSERT INTO snapshot ({', '.join(Row._fields)}) VALUES ({', '.join('?' * len(Row._fields))})"  # noqa: S608

RECENT = "SELECT t, crc32 FROM snapshot ORDER BY t DESC LIMIT 2"
AT = "SELECT t, crc32 FROM snapshot WHERE t = ?"


class _End(NamedTuple):
    """How many snapshots a log has, the last one's checksum, and its metrics as they stand there."""

    snapshots: int
    crc32: int
    metrics: str


_NOTHING = _End(0, 0, "")


class RunLogWriter:
    """Appends the snapshots of one run to its log.

    After an error the log is as it was, and the next call tries again with everything that is not in it yet.

    Parameters
    ----------
    path : str or path
        A run log, or where there is no file yet.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = checked_path(path).absolute()
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._connection: sqlite3.Connection | None = None
        # How our last transaction left the file, and how many bytes its write-ahead log.
        self._file: os.stat_result | None = None
        self._ahead = 0
        self._session: Session | None = None
        # As we know it, and as our last transaction would leave it, which may have gone through although an interrupt
        # came before we could note it.
        self._end = self._attempted = _NOTHING

    def take_up(self, fingerprint: Fingerprint) -> None:
        """Give an empty `fingerprint` the snapshots that the log has already; what is appended goes on from there.

        Raises
        ------
        RunLogError
            The file is no run log, or damaged, or of a run with other classes.
        """
        if self._is_new():
            return
        reader = RunLogReader(self.path)
        reader.read(fingerprint)
        self._end = _End(*reader.end, _newest_metrics(fingerprint))

    def open(self) -> None:
        """Open the log, or create it, and begin a session.

        Raises
        ------
        RunLogError
            It cannot be written, is no run log, holds another run, or is being written by another process.
        """
        with self._lock, self._errors():
            self._disconnect()
            if not self.path.parent.is_dir():
                raise RunLogError(f"{self.path} cannot be written: there is no folder {self.path.parent}")
            check_file(self.path)
            connection = self._connected()
            try:
                prepare(connection, self.path)
                connection.execute("PRAGMA synchronous = FULL")  # a snapshot outlives a power cut too
                self._commit(connection, self._begin_session)
                self._file, self._ahead = self.path.stat(), size_ahead(self.path)
            except BaseException:
                connection.close()
                raise
            self._connection = connection  # last: whatever interrupts this, the next append opens the log anew

    def append(self, fingerprint: Fingerprint) -> None:
        """Write the snapshots that the log does not have, and the metrics that came after the last one that it has.

        Raises
        ------
        RunLogError
            As `open`, or the medium is full; the snapshots written before are safe.
        """
        with self._lock, self._errors():
            if os.getpid() != self._process:
                raise RunLogError(f"{self.path} is written by process {self._process}, which this one was forked from")
            was_emptied = self._was_emptied()
            if not self._is_in_place():
                self.open()
            assert self._connection is not None, "the log is open"
            while self.lacks(fingerprint):
                self._commit(self._connection, lambda connection: self._write(connection, fingerprint))
                self._end = self._attempted
                self._file, self._ahead = self.path.stat(), size_ahead(self.path)
            if was_emptied:
                raise RunLogError(f"{self.path} was emptied while it was written; it is written anew")

    def lacks(self, fingerprint: Fingerprint) -> bool:
        """Tell whether there is something to append."""
        return self._end.snapshots < len(fingerprint) or _has_more_metrics(fingerprint, self._end)

    def close(self) -> None:
        """End the session, put the whole log into its one file and let go of it."""
        with self._lock:
            if self._connection is None or os.getpid() != self._process:
                return
            try:
                self._is_in_place()
            except (RunLogError, OSError):
                return  # what is there now is somebody else's
            with suppress(sqlite3.Error):  # the snapshots are safe; readers will see that the process is gone
                self._commit(self._connection, self._end_session)
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._disconnect()
            self._tidy_up()

    def _is_new(self) -> bool:
        """Tell whether there is no log yet, or one that a process was killed over before it had its tables.

        Raises
        ------
        RunLogError
            There is something that may not be written to.
        """
        with self._errors():
            if not self.path.exists():
                return True
            check_file(self.path)
            with reading(self.path) as connection:
                if is_empty(connection):
                    return True
                check_version(connection, self.path)
                return False

    def _begin_session(self, connection: sqlite3.Connection) -> None:
        if is_empty(connection):
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
            for statement in TABLES.values():
                connection.execute(statement)
        check_version(connection, self.path)
        self._refuse_a_second_writer(connection)
        end = _end_of(connection)
        known = self._known(end) if end[0] else _NOTHING
        if known is None:
            raise RunLogError(f"{self.path} holds another run, of {end[0]} snapshots; it is left as it is")
        if connection.execute("SELECT 1 FROM session WHERE snapshots > ?", end[:1]).fetchone():
            raise RunLogError(f"{self.path} had more snapshots than are found in it; it is left as it is")
        self._end = known
        newest = _newest_session(connection)
        self._session = Session(0 if newest is None else newest + 1, time.time(), None, this_process())
        connection.execute("INSERT INTO session VALUES (?, ?, ?, ?, ?, ?)", self._session)

    def _end_session(self, connection: sqlite3.Connection) -> None:
        """Note how many snapshots the log has, unless somebody else changed it: then it looks as after a crash."""
        end = self._known(_end_of(connection))
        if end is not None:
            assert self._session is not None, "a session begins when the log is opened"
            session = self._session._replace(ended=time.time(), snapshots=end.snapshots)
            ended = (session.ended, session.snapshots, session.checksum(end.crc32), session.number)
            connection.execute("UPDATE session SET ended = ?, snapshots = ?, crc32 = ? WHERE number = ?", ended)

    def _refuse_a_second_writer(self, connection: sqlite3.Connection) -> None:
        for (writer,) in connection.execute("SELECT writer FROM session WHERE ended IS NULL"):
            if writer != this_process() and is_running(writer):
                raise RunLogError(f"{self.path} is being written by process {writer.split()[2]}; end that one first")

    def _write(self, connection: sqlite3.Connection, fingerprint: Fingerprint) -> None:
        """Add what came after the last snapshot to it, or else the next one, where the log still ends as we know it."""
        assert self._session is not None, "a session begins when the log is opened"
        if _newest_session(connection) != self._session.number:
            raise RunLogError(f"{self.path} was taken up by another run")
        end = self._known(_end_of(connection))
        if end is None:
            raise RunLogError(f"{self.path} was written to by another program")
        self._attempted = end
        t, before, _ = end
        if _has_more_metrics(fingerprint, end):
            self._amend(connection, fingerprint, t - 1)
            return
        if t == len(fingerprint):
            return
        facts = Facts.of(fingerprint)
        if t == 0:
            before = facts.checksum()
            columns = ", ".join(Facts._fields)
            connection.execute(f"INSERT INTO run ({columns}) VALUES (?, ?, ?, ?)", facts)  # noqa: S608 - our own names
        snapshot = fingerprint.snapshot(t)
        row = encode(snapshot, facts.num_classes, self._session.number, time.time(), before)
        connection.execute(INSERT, row)
        self._attempted = _End(t + 1, row.crc32, row.metrics)

    def _amend(self, connection: sqlite3.Connection, fingerprint: Fingerprint, t: int) -> None:
        """Write the last row's metrics anew, some of which came after it."""
        last = connection.execute(f"SELECT {', '.join(Row._fields)} FROM snapshot WHERE t = ?", (t,))  # noqa: S608 - ours
        before = connection.execute("SELECT crc32 FROM snapshot WHERE t = ?", (t - 1,)).fetchone()
        row = with_metrics(
            Row._make(last.fetchone()),
            fingerprint.metrics_at(t),
            before[0] if before else Facts.of(fingerprint).checksum(),
        )
        connection.execute("UPDATE snapshot SET metrics = ?, crc32 = ? WHERE t = ?", (row.metrics, row.crc32, t))
        self._attempted = _End(t + 1, row.crc32, row.metrics)

    def _known(self, end: tuple[int, int]) -> _End | None:
        """Return the log's end if it is one of the two that we know."""
        return next((known for known in (self._end, self._attempted) if known[:2] == end), None)

    def _was_emptied(self) -> bool:
        """Tell whether there is nothing left of the log that is being written; let go of it then."""
        if self._connection is None or not self.path.exists() or self.path.stat().st_size:
            return False
        self._abandon()
        return True

    def _is_in_place(self) -> bool:
        """Tell whether the path still leads to the log that was opened, or nowhere.

        Where it leads to another file, that one is not even opened: SQLite would take our write-ahead log for its.
        """
        if self._file is None or not self.path.exists():
            return False
        now = self.path.stat()
        if not os.path.samestat(now, self._file):
            self._disconnect()
            raise RunLogError(f"{self.path} was replaced while it was written; what is there now is left as it is")
        if self._connection is None:
            return False
        if size_ahead(self.path) < self._ahead and not self._has_all_in_the_file():
            self._abandon()
            raise RunLogError(
                f"{self.path} lost its write-ahead log while it was written; it has only what was in the file itself"
            )
        # SQLite writes to the file itself only now and then, in the middle of our own work.
        is_touched = (now.st_size, now.st_mtime_ns) != (self._file.st_size, self._file.st_mtime_ns)
        if is_touched and not self._is_ours(self._connection):
            self._abandon()
            raise RunLogError(f"{self.path} was overwritten while it was written; what is there now is left as it is")
        return True

    def _is_ours(self, connection: sqlite3.Connection) -> bool:
        """Tell whether the file is what this run's log was some time ago, whatever touched it."""
        try:
            with reading_alone(self.path) as file:
                if is_empty(file):
                    return True
                check_format(file, self.path)
                past = file.execute(RECENT).fetchall()[1:]  # the newest may have got more metrics
                return all(row == connection.execute(AT, row[:1]).fetchone() for row in past)
        except (sqlite3.Error, RunLogError, UnicodeDecodeError):
            return False

    def _has_all_in_the_file(self) -> bool:
        """Tell whether somebody else has put the write-ahead log where it belongs."""
        try:
            with reading_alone(self.path) as file:
                return not is_empty(file) and self._known(_end_of(file)) is not None
        except sqlite3.Error:
            return False

    def _abandon(self) -> None:
        """Let go of the log so that SQLite does not, as it closes, put our snapshots over what is there now."""
        with suppress(FileNotFoundError):
            os.truncate(beside(self.path, "-wal"), 0)
        with suppress(sqlite3.Error):
            self._disconnect()
        self._connection = None

    def _connected(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=WAIT, isolation_level=None, check_same_thread=False)

    def _tidy_up(self) -> None:
        """Remove the empty write-ahead log, as the last writer to close does unless somebody is just reading."""
        until = time.monotonic() + WAIT
        while beside(self.path, "-wal").exists() and not size_ahead(self.path) and time.monotonic() < until:
            time.sleep(0.01)
            with suppress(sqlite3.Error, RunLogError):
                check_file(self.path)
                with closing(self._connected()) as connection:
                    is_empty(connection)  # closes nothing that it has not touched

    def _commit(self, connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], None]) -> None:
        """Do `work` in one transaction, and then change once more the time that followers look at.

        SQLite changed it before the transaction could be read: on a slow medium so long ago that they looked in vain.
        """
        _transact(connection, work)
        with suppress(OSError):
            os.utime(beside(self.path, "-wal"))

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise RunLogError(f"{self.path} cannot be written: {error}") from error


def record(fingerprint: Fingerprint, path: str | os.PathLike[str]) -> None:
    """Keep a log of a run from now on, a transaction an update; what fails is reported by the fingerprint.

    Parameters
    ----------
    fingerprint : Fingerprint
        Without a snapshot. Where the log has some, of the same classes, it takes them up and the run goes on there.
    path : str or path
        A run log, or where there is no file yet.
    """
    writer = RunLogWriter(path)
    weakref.finalize(fingerprint, writer.close)  # at the latest when the interpreter ends
    known = weakref.ref(fingerprint)  # no strong one: the log ends with the run, not when the collector comes round
    tried = (0, "")

    def begin() -> None:
        try:
            writer.take_up(fingerprint)
        finally:
            if len(fingerprint):
                fingerprint.resumed_at.append(len(fingerprint))
        writer.open()

    def follow() -> None:
        nonlocal tried
        run = known()
        assert run is not None, "a run that tells of itself is there"
        there = (len(run), _newest_metrics(run))
        if tried != there:  # a reported fault calls too
            tried = there
            with run.reporting("Run log"):
                writer.append(run)

    with fingerprint.reporting("Run log"):
        begin()
    fingerprint.subscribe(follow)


def save(fingerprint: Fingerprint, path: str | os.PathLike[str]) -> None:
    """Write a run to a log.

    Parameters
    ----------
    fingerprint : Fingerprint
    path : str or path
        A log that has the beginning of this same run gets what it lacks; any other file is left as it is.

    Raises
    ------
    RunLogError
        The file cannot be written, or holds something else.
    """
    writer = RunLogWriter(path)
    stored = Fingerprint()
    writer.take_up(stored)
    if not _begins(fingerprint, stored):
        raise RunLogError(f"{writer.path} holds another run, of {len(stored)} snapshots; it is left as it is")
    if len(stored) and not writer.lacks(fingerprint):
        return
    writer.append(fingerprint)
    writer.close()


def _begins(fingerprint: Fingerprint, stored: Fingerprint) -> bool:
    """Tell whether `stored` is the beginning of a run, or all of it; its newest snapshot's metrics may be fewer."""
    if not len(stored):
        return True
    if len(stored) > len(fingerprint) or Facts.of(stored) != Facts.of(fingerprint):
        return False
    newest = len(stored) - 1
    if not stored.metrics_at(newest).keys() <= fingerprint.metrics_at(newest).keys():
        return False
    classes = Facts.of(stored).num_classes

    def row(run: Fingerprint, t: int) -> Row:
        snapshot = run.snapshot(t)
        return encode(snapshot._replace(metrics={}) if t == newest else snapshot, classes, 0, 0.0, 0)

    return all(row(stored, t) == row(fingerprint, t) for t in range(len(stored)))


def _newest_metrics(fingerprint: Fingerprint) -> str:
    return as_json(fingerprint.metrics_at(len(fingerprint) - 1)) if len(fingerprint) else ""


def _has_more_metrics(fingerprint: Fingerprint, end: _End) -> bool:
    """Tell whether metrics came after the last snapshot of the log."""
    return 0 < end.snapshots <= len(fingerprint) and as_json(fingerprint.metrics_at(end.snapshots - 1)) != end.metrics


def _transact(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], None]) -> None:
    try:
        connection.execute("BEGIN IMMEDIATE")
        work(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _end_of(connection: sqlite3.Connection) -> tuple[int, int]:
    last = connection.execute("SELECT t + 1, crc32 FROM snapshot ORDER BY t DESC LIMIT 1").fetchone()
    return last or (0, 0)


def _newest_session(connection: sqlite3.Connection) -> int | None:
    newest: int | None = connection.execute("SELECT max(number) FROM session").fetchone()[0]
    return newest
