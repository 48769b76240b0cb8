"""Reading a run log, whole or as far as a fingerprint does not have it yet."""

from __future__ import annotations

import os
import sqlite3
import struct
import time
from typing import Literal

from nntf_widget.checks import checked_path
from nntf_widget.fingerprint import UNITS, Fingerprint
from nntf_widget.printable import printable
from nntf_widget.run_log.database import check_file, check_format, reading, size_ahead, stamps
from nntf_widget.run_log.format import (
    MOST_MEMORY,
    MOST_SESSIONS,
    MOST_UNFOLDING,
    Decoder,
    Facts,
    Row,
    RunLogError,
    Session,
)
from nntf_widget.run_log.process import is_running

State = Literal["live", "stale", "finished"]
PATIENCE = 10  # times the usual interval between snapshots, then a writer counts as gone
SHORTEST_PATIENCE = 60.0  # seconds
UNREADABLE = (ValueError, TypeError, ArithmeticError, LookupError, RecursionError, struct.error)


class RunLogReader:
    """Gives a fingerprint what a run log has beyond it, as often as asked.

    Parameters
    ----------
    path : str or path
        A run log; it need not have a snapshot yet.

    Attributes
    ----------
    path : Path
    sessions : list of Session
        Each time the log was opened for writing.
    written : list of (int, float)
        The session that wrote each snapshot read so far, and when.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = checked_path(path).absolute()
        self.sessions: list[Session] = []
        self.written: list[tuple[int, float]] = []
        self._decoder: Decoder | None = None

    @property
    def end(self) -> tuple[int, int]:
        """The number of snapshots read and the last one's checksum, 0 where there is none."""
        return len(self.written), self._decoder.crc32 if self._decoder else 0

    @property
    def state(self) -> State:
        """What the writer does, as far as the log tells.

        "finished" where it ended the log, "stale" where its process is gone or has been quiet for ten times as long as
        its snapshots took so far (and a minute), else "live".
        """
        if not self.sessions or self.sessions[-1].ended is not None:
            return "finished"
        last = self.sessions[-1]
        if is_running(last.writer) is False:
            return "stale"
        times = [at for session, at in self.written if session == last.number]
        if not times:
            return "live"
        patience = max(SHORTEST_PATIENCE, PATIENCE * (times[-1] - last.started) / len(times))
        return "stale" if time.time() - times[-1] > patience else "live"

    def read(self, fingerprint: Fingerprint) -> None:
        """Update `fingerprint` with every snapshot that was not read yet.

        Parameters
        ----------
        fingerprint : Fingerprint
            The same at every call, empty at the first.

        Raises
        ------
        FileNotFoundError
        RunLogError
            The file is no run log, or damaged. The snapshots before the damage are read.
        """
        if not self.path.exists():
            raise FileNotFoundError(f"no run log at {printable(str(self.path))}")
        try:
            check_file(self.path)
            while True:
                before, is_alone = stamps(self.path), not size_ahead(self.path)
                try:
                    return self._read(fingerprint)
                except RunLogError:
                    if not is_alone or stamps(self.path) == before:
                        raise  # else a writer came in the middle
        except OSError as error:
            raise RunLogError(f"{self.path} cannot be read: {error}", fingerprint) from error
        except MemoryError as error:
            raise RunLogError(f"{self.path} does not fit into the memory that there is", fingerprint) from error

    def _read(self, fingerprint: Fingerprint) -> None:
        try:
            with reading(self.path) as connection:
                connection.execute("BEGIN")  # one moment of the log for all that is read
                check_format(connection, self.path)
                self._read_sessions(connection)
                self._read_snapshots(connection, fingerprint)
                self._check_end(fingerprint)
        except (sqlite3.Error, UnicodeDecodeError) as error:  # the latter from a message that quotes damaged bytes
            good = f" after {len(self.written)} snapshots" if self.written else ""
            raise RunLogError(f"{self.path} cannot be read{good}: {error}", fingerprint) from error

    def _read_sessions(self, connection: sqlite3.Connection) -> None:
        try:
            rows = connection.execute("SELECT * FROM session ORDER BY number LIMIT ?", (MOST_SESSIONS + 1,)).fetchall()
            if len(rows) > MOST_SESSIONS:
                raise ValueError(f"it has more than {MOST_SESSIONS} rows")
            self.sessions = [_session(*row) for row in rows]
        except UNREADABLE as error:
            raise RunLogError(f"{self.path} is damaged in the table session: {error}") from error

    def _read_snapshots(self, connection: sqlite3.Connection, fingerprint: Fingerprint) -> None:
        try:
            self._read_facts(connection)
            snapshots = self._checked_length(connection)
        except UNREADABLE as error:
            raise RunLogError(f"{self.path} is damaged in the table run: {error}", fingerprint) from error
        if self._decoder is None:
            return
        columns = ", ".join(Row._fields)
        self._read_newest_again(connection, fingerprint)
        rows = connection.execute(
            f"SELECT {columns} FROM snapshot WHERE t >= ? AND t < ? ORDER BY t",  # noqa: S608 - our own names
            (len(self.written), snapshots),
        )
        for values in rows:
            try:
                self._give(Row._make(values), fingerprint)
            except UNREADABLE as error:
                raise RunLogError(
                    f"{self.path} is damaged at snapshot {len(self.written)}: {error}; "
                    f"the {len(self.written)} snapshots before it are in this error's .fingerprint",
                    fingerprint,
                ) from error

    def _read_facts(self, connection: sqlite3.Connection) -> None:
        rows = connection.execute("SELECT * FROM run LIMIT 2").fetchall()
        if len(rows) > 1:
            raise ValueError("it has more than one row")
        facts = Facts(*rows[0]) if rows else None
        if self._decoder is None:
            self._decoder = facts and Decoder(facts)
        elif facts != self._decoder.facts:
            raise ValueError("it changed while it was followed")

    def _checked_length(self, connection: sqlite3.Connection) -> int:
        """Return how many snapshots there are, which a small file may not unfold to more than memory can hold."""
        snapshots = int(connection.execute("SELECT max(t) + 1 FROM snapshot").fetchone()[0] or 0)
        needed = self._decoder.facts.memory(snapshots) if self._decoder else 0
        if needed > max(MOST_MEMORY, MOST_UNFOLDING * (self.path.stat().st_size + size_ahead(self.path))):
            raise ValueError(f"its {snapshots} snapshots would take {needed / 2**30:.1f} GiB, far more than the file")
        return snapshots

    def _read_newest_again(self, connection: sqlite3.Connection, fingerprint: Fingerprint) -> None:
        """Take in what became of the newest snapshot's metrics.

        See that the log still goes on from it: somebody may have put another in its place.
        """
        if not self.written:
            return
        newest = (len(self.written) - 1,)
        if connection.execute("SELECT crc32 FROM snapshot WHERE t = ?", newest).fetchone() == (self.end[1],):
            return
        assert self._decoder is not None, "the facts are read before the snapshots"
        columns = ", ".join(Row._fields)
        values = connection.execute(f"SELECT {columns} FROM snapshot WHERE t = ?", newest).fetchone()  # noqa: S608 - ours
        try:
            metrics = values and self._decoder.decode_again(Row._make(values))
        except UNREADABLE as error:
            raise RunLogError(f"{self.path} is damaged at snapshot {newest[0]}: {error}", fingerprint) from error
        if metrics is None:
            raise RunLogError(f"{self.path} holds another run than the one that was followed", fingerprint)
        fingerprint.add_metrics(metrics)

    def _give(self, row: Row, fingerprint: Fingerprint) -> None:
        assert self._decoder is not None, "the facts are read before the snapshots"
        if row.t != len(self.written):
            raise ValueError("it is missing")
        update = self._decoder.decode(row)
        if row.t == 0:
            self._give_facts(fingerprint, self._decoder)
        elif row.session != self.written[-1][0]:
            fingerprint.resumed_at.append(row.t)
        fingerprint.update(*update)
        self.written.append((row.session, row.time))

    def _check_end(self, fingerprint: Fingerprint) -> None:
        """See that nothing is missing at the end, which no checksum of a snapshot would tell."""
        snapshots = len(self.written)
        expected = max((session.snapshots or 0 for session in self.sessions), default=0)
        if snapshots < expected:
            raise RunLogError(
                f"{self.path} is damaged: it ended with {expected} snapshots, and {snapshots} are found, "
                f"which are in this error's .fingerprint",
                fingerprint,
            )
        fits = {number for number, _ in self.written} <= {session.number for session in self.sessions}
        if self.sessions and (last := self.sessions[-1]).snapshots is not None:
            fits = fits and (last.snapshots, last.crc32) == (snapshots, last.checksum(self.end[1]))
        if not fits:
            raise RunLogError(f"{self.path} is damaged: its table session does not fit its snapshots", fingerprint)

    def _give_facts(self, fingerprint: Fingerprint, decoder: Decoder) -> None:
        try:
            fingerprint.class_names = decoder.class_names
        except (TypeError, ValueError) as error:
            raise RunLogError(f"{self.path} holds a run with other classes: {error}") from error
        try:
            fingerprint.unit = decoder.facts.unit or UNITS[0]
        except ValueError as error:
            raise RunLogError(f"{self.path} holds a run with snapshots of another kind: {error}") from error


def _session(number: int, started: float, ended: float | None, writer: str | None, *end: int | None) -> Session:
    """Return a row of the table ``session``, checked; in version 1, nothing tells how it ended."""
    if end and {value is None for value in end} != {ended is None}:
        raise ValueError(f"session {number} ended by halves")
    ended = None if ended is None else float(ended)
    numbers = [None if value is None else int(value) for value in end]
    if any(value is not None and not 0 <= value < 2**63 for value in (number, *numbers)):
        raise ValueError(f"session {number} has numbers below 0")
    return Session(int(number), float(started), ended, None if writer is None else str(writer), *numbers)


def load(path: str | os.PathLike[str]) -> Fingerprint:
    """Return the run that a log holds, as it was recorded.

    Parameters
    ----------
    path : str or path
        Written with ``Fingerprint(log=path)`` or `Fingerprint.save`.

    Returns
    -------
    Fingerprint

    Raises
    ------
    FileNotFoundError
    RunLogError
        The file is no run log, or damaged; the error's ``fingerprint`` has the snapshots before the damage.
    """
    fingerprint = Fingerprint()
    RunLogReader(path).read(fingerprint)
    return fingerprint
