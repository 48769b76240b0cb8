"""Run logs as SQLite databases: which files may be opened, how, and what must be in them.

A log may come from a stranger, and so may the files beside it. A rollback journal (NAME-journal) is the dangerous one:
SQLite plays it back as it opens a database, and then removes the file that the journal names, which may be any file of
the user's. A run log never has one: it is in write-ahead mode from its first page on. So what has one is refused.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from nntf_widget.run_log.format import APPLICATION_ID, TABLES, TABLES_1, VERSION, RunLogError

WAIT = 5.0  # seconds for another program's lock

Stamps = tuple[tuple[int, int, int], ...]


def beside(path: Path, suffix: str) -> Path:
    """Return the path of a file that SQLite keeps beside a log: of a link, beside its target."""
    return Path(os.path.realpath(path) + suffix)  # unlike Path.resolve, no error where links lead round in a circle


def size_ahead(path: Path) -> int:
    """Return the size in bytes of a log's write-ahead log, 0 where there is none."""
    found = _stat(beside(path, "-wal"))
    return found.st_size if found else 0


def check_file(path: Path) -> None:
    """Raise `RunLogError` where SQLite may not be given the file at `path`; nothing there is fine."""
    if path.exists() and not path.is_file():
        raise RunLogError(f"{path} is {'a folder' if path.is_dir() else 'no ordinary file'}; expected a run log")
    journal = beside(path, "-journal")
    try:
        found = journal.lstat()
    except FileNotFoundError:
        return
    if found.st_size or not stat.S_ISREG(found.st_mode):  # an empty one is none
        raise RunLogError(
            f"{path} is not opened: beside it is {journal.name}, a rollback journal, which no run log has, and which "
            f"could remove other files; where you know that it is harmless, move it away"
        )


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Connect to a log so that nothing in it can change.

    While nothing stands in the write-ahead log, no writer holds back anything and the file alone is read, without the
    locks and files beside it that a reader in write-ahead mode needs. It may then change in the middle of the reading.
    On a read-only or full medium, where those files cannot be made, both logs are copied first.
    """
    if not size_ahead(path) or not path.stat().st_size:  # of an empty file, SQLite would remove the write-ahead log
        with reading_alone(path) as connection:
            yield connection
        return
    try:
        connection = _connect(path, "mode=ro")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):  # its code is known only from Python 3.11 on
            raise
    else:
        with closing(connection):
            yield connection
        return

    with tempfile.TemporaryDirectory(prefix="nntf-") as folder:
        copy = Path(folder, "run.nntf")
        shutil.copyfile(path, copy)
        shutil.copyfile(beside(path, "-wal"), beside(copy, "-wal"))
        with closing(_connect(copy, "mode=ro")) as connection:
            yield connection


@contextmanager
def reading_alone(path: Path) -> Iterator[sqlite3.Connection]:
    """Connect to a log's file as it is, without its write-ahead log."""
    with closing(_connect(path, "mode=ro&immutable=1")) as connection:
        yield connection


def stamps(path: Path) -> Stamps:
    """Return what changes whenever a log does; far cheaper than to open it."""
    found = (_stat(file) for file in (path, beside(path, "-wal")))
    return tuple((file.st_ino, file.st_size, file.st_mtime_ns) for file in found if file)


def prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Bring a database that is a run log, or nothing yet, into write-ahead mode.

    Raises
    ------
    RunLogError
        It is something else, and left as it is.
    """
    if not _number(connection, "page_count"):
        # The mode is one page, written at once; without this it would have a rollback journal for a moment.
        connection.execute("PRAGMA journal_mode = MEMORY")
    elif not is_empty(connection):
        check_version(connection, path)
    connection.execute("PRAGMA journal_mode = WAL")


def check_format(connection: sqlite3.Connection, path: Path) -> int:
    """Return a run log's version, 1 or 2; raise `RunLogError` where a database is none."""
    application, version = _number(connection, "application_id"), _number(connection, "user_version")
    if application != APPLICATION_ID:
        what = "is empty" if is_empty(connection) else "belongs to another program"
        raise RunLogError(f"{path} is no run log: this SQLite database {what}; it is left as it is")
    if version not in {1, VERSION}:
        raise RunLogError(f"{path} is a run log of version {version}; expected version {VERSION}")
    found = dict(connection.execute("SELECT name, sql FROM sqlite_master LIMIT ?", (len(TABLES) + 1,)))
    if found != (TABLES if version == VERSION else TABLES_1):  # a view or a trigger could make reading last for ever
        raise RunLogError(f"{path} is a damaged run log: its tables are not those of version {version}")
    return version


def check_version(connection: sqlite3.Connection, path: Path) -> None:
    """Raise `RunLogError` where a database is no run log that may be written to."""
    if (version := check_format(connection, path)) != VERSION:
        raise RunLogError(f"{path} is a run log of version {version}, which is only read; save the run to another file")


def is_empty(connection: sqlite3.Connection) -> bool:
    """Tell whether a database holds nothing at all yet."""
    tables = connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    return not (tables or _number(connection, "application_id") or _number(connection, "user_version"))


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])


def _connect(path: Path, options: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.as_uri()}?{options}", uri=True, timeout=WAIT, isolation_level=None)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1")  # the first that touches the file
    except BaseException:
        connection.close()
        raise
    return connection


def _stat(file: Path) -> os.stat_result | None:
    try:
        return file.stat()
    except FileNotFoundError:
        return None
