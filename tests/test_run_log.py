"""The run log: what it keeps, what it outlives, what it leaves alone."""

from __future__ import annotations

import ctypes
import gc
import json
import os
import random
import resource
import shutil
import signal
import sqlite3
import struct
import subprocess
import tempfile
import time
import tracemalloc
import zlib
from contextlib import closing, contextmanager, suppress
from functools import partial
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import runs
from hypothesis import given
from hypothesis import strategies as st

import nntf_widget as nntf
from nntf_widget.cli import main
from nntf_widget.history import History
from nntf_widget.run_log import writer as run_log_writer
from nntf_widget.run_log.database import stamps
from nntf_widget.run_log.format import TABLES, TABLES_1, Facts, Row
from nntf_widget.run_log.reader import RunLogReader
from nntf_widget.run_log.writer import RunLogWriter


@contextmanager
def database(path):
    """Open a file as any program may."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


@contextmanager
def full_disk(limit):
    """Let no file grow beyond `limit` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def created_in(folder):
    """Collect the names of the files that come into being in a folder, however short they stay (Linux's inotify)."""
    names = set()
    libc = ctypes.CDLL(None, use_errno=True)
    with os.fdopen(libc.inotify_init(), "rb", buffering=0) as events:
        assert libc.inotify_add_watch(events.fileno(), bytes(folder), 0x100) > 0, "IN_CREATE"
        yield names
        told = events.read(2**16)
    while told:  # int32 watch, uint32 mask, cookie and length, then the name with zeros behind it
        length = 16 + struct.unpack("I", told[12:16])[0]
        names.add(told[16:length].rstrip(b"\0").decode())
        told = told[length:]


# What it keeps


def test_a_saved_run_is_loaded_as_it_was(tmp_path):
    run = runs.grow(runs.new(), 12)
    run.save(tmp_path / "run.nntf")
    loaded = nntf.load(tmp_path / "run.nntf")
    runs.assert_true(loaded, 12)
    np.testing.assert_array_equal(loaded.transition_distance, run.transition_distance)
    np.testing.assert_array_equal(loaded.prediction_distance, run.prediction_distance)
    np.testing.assert_array_equal(loaded.transitions, run.transitions)


def test_metrics_that_come_after_their_snapshot_are_in_the_file_too(tmp_path):
    run = nntf.Fingerprint(2, log=tmp_path / "run.nntf", strict=True)
    for t in range(3):
        run.update([0, t % 2], metrics={"loss": np.nan})
        run.add_metrics({"val_loss": t / 2})
        run.add_metrics({"val_accuracy": np.inf})
        loaded = nntf.load(tmp_path / "run.nntf")
        assert len(loaded) == t + 1
        np.testing.assert_equal(loaded.metrics, run.metrics)
    del run
    resumed = nntf.Fingerprint(2, log=tmp_path / "run.nntf", strict=True)
    resumed.add_metrics({"val_loss": 7.0})
    resumed.update([0, 0])
    np.testing.assert_equal(nntf.load(tmp_path / "run.nntf").metrics, resumed.metrics)
    assert resumed.metrics["val_loss"].tolist()[:3] == [0.0, 0.5, 7.0]


def test_metrics_that_could_not_be_written_are_in_the_file_once_they_can(tmp_path):
    run = nntf.Fingerprint(2, log=tmp_path / "run.nntf")
    run.update([0, 1], metrics={"loss": 0.5})
    with database(tmp_path / "run.nntf") as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.warns(nntf.FingerprintWarning, match="database is locked"):
            run.add_metrics({"val_loss": 0.6})
        other.execute("ROLLBACK")
    run.update([1, 1], metrics={"loss": 0.4})
    np.testing.assert_equal(nntf.load(tmp_path / "run.nntf").metrics, run.metrics)


def test_saving_again_adds_the_metrics_that_came_after(tmp_path):
    run = nntf.Fingerprint(2)
    run.update([0, 1], metrics={"loss": 0.5})
    run.save(tmp_path / "run.nntf")
    run.add_metrics({"val_loss": 0.6})
    run.save(tmp_path / "run.nntf")
    assert nntf.load(tmp_path / "run.nntf").metrics_at(0) == {"loss": 0.5, "val_loss": 0.6}
    fewer = nntf.Fingerprint(2)
    fewer.update([0, 1], metrics={"loss": 0.5})
    with pytest.raises(nntf.RunLogError, match="holds another run"):
        fewer.save(tmp_path / "run.nntf")


def test_many_classes_take_two_bytes_each(tmp_path):
    run = nntf.Fingerprint(num_classes=1000)
    run.update([999, 0, 256])
    run.update([999, 1, 256])
    run.save(tmp_path / "run.nntf")
    loaded = nntf.load(tmp_path / "run.nntf")
    assert [loaded.predictions(t).tolist() for t in (0, 1)] == [[999, 0, 256], [999, 1, 256]]


def test_a_run_without_snapshots_is_kept_too(tmp_path):
    nntf.Fingerprint(num_classes=2).save(tmp_path / "run.nntf")
    assert len(nntf.load(tmp_path / "run.nntf")) == 0


def test_every_update_is_in_the_file_when_it_returns(tmp_path):
    run = runs.new(log=tmp_path / "run.nntf", strict=True)
    for snapshots in range(1, 6):
        runs.grow(run, snapshots)
        runs.assert_true(nntf.load(tmp_path / "run.nntf"), snapshots)


def test_a_clock_that_stands_before_1970_spoils_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: -86400.0)
    runs.write(tmp_path / "run.nntf", 3)
    runs.assert_true(nntf.load(tmp_path / "run.nntf"), 3)


def test_an_ended_log_is_one_file(tmp_path):
    runs.write(tmp_path / "run.nntf", 5)
    assert [file.name for file in tmp_path.iterdir()] == ["run.nntf"]


def test_a_log_ends_with_its_run_whenever_the_collector_comes_round(tmp_path):
    gc.disable()
    try:
        run = runs.grow(runs.new(log=tmp_path / "run.nntf", strict=True), 3)
        with nntf.open(run.log) as follower:
            assert follower.state == "live"
        del run
        with nntf.open(tmp_path / "run.nntf") as follower:
            assert follower.state == "finished"
    finally:
        gc.enable()


def test_followers_see_a_change_once_a_snapshot_can_be_read_however_slow_the_medium(tmp_path, monkeypatch):
    run, transact = runs.grow(runs.new(log=tmp_path / "run.nntf", strict=True), 1), run_log_writer._transact
    seen = []

    def slowly(connection, work):
        transact(connection, work)
        os.utime(ahead_of(run.log), (0, 0))  # SQLite wrote the file long ago, and only now let it be read
        seen.append(stamps(run.log))

    monkeypatch.setattr(run_log_writer, "_transact", slowly)
    runs.grow(run, 2)
    assert len(seen) == 1
    assert stamps(run.log) not in seen


def test_few_moves_take_few_bytes(tmp_path):
    run = nntf.Fingerprint(num_classes=10, log=tmp_path / "run.nntf", strict=True)
    classes = np.zeros(100_000, np.uint8)
    for t in range(50):
        classes[t * 1000 : (t + 1) * 1000] = 1  # one sample in a hundred
        run.update(classes)
    del run
    assert (tmp_path / "run.nntf").stat().st_size < 100_000 + 49 * 1000 * 5 + 50 * 4096


def test_another_language_reads_it_by_the_documented_format(tmp_path):
    with database(runs.write(tmp_path / "run.nntf", 9)) as log:
        assert log.execute("PRAGMA application_id").fetchone()[0].to_bytes(4, "big") == b"NNTF"
        assert log.execute("PRAGMA user_version").fetchone() == (2,)
        ((n, k, names, unit),) = log.execute("SELECT num_samples, num_classes, class_names, unit FROM run")
        assert (n, k, json.loads(names), unit) == (runs.NUM_SAMPLES, 5, runs.NAMES, "epoch")
        crc = zlib.crc32((names + unit).encode(), zlib.crc32(struct.pack("<QQ", n, k)))
        classes = [0] * n
        rows = log.execute("SELECT t, session, time, samples, classes, labels, metrics, crc32 FROM snapshot ORDER BY t")
        for t, session, at, samples, targets, labels, metrics, stored in rows:
            parts = [samples, targets, labels, metrics.encode()]
            lengths = [-1 if part is None else len(part) for part in parts]
            crc = zlib.crc32(struct.pack("<QQdqqqq", t, session, at, *lengths), crc)
            crc = zlib.crc32(b"".join(part or b"" for part in parts), crc)
            assert crc == stored
            moved = range(n) if samples is None else struct.unpack(f"<{len(samples) // 4}I", samples)
            for sample, target in zip(moved, targets, strict=True):
                classes[sample] = target
            assert classes == runs.predictions(t).tolist()
            assert (labels is not None) == (t == 2)
            assert {name: float(value) for name, value in json.loads(metrics).items()} == pytest.approx(
                runs.metrics(t), nan_ok=True
            )
        ((number, started, ended, writer, snapshots, stored),) = log.execute("SELECT * FROM session")
        assert snapshots == 9
        crc = zlib.crc32(struct.pack("<QddQ", number, started, ended, snapshots), crc)
        assert zlib.crc32((writer or "").encode(), crc) == stored


# Going on where it was


def test_a_log_reopened_for_writing_goes_on_where_it_was(tmp_path):
    runs.write(tmp_path / "run.nntf", 5)
    resumed = runs.new(log=tmp_path / "run.nntf", strict=True)
    runs.assert_true(resumed, 5)
    runs.grow(resumed, 9)
    assert resumed.resumed_at == [5]
    loaded = nntf.load(tmp_path / "run.nntf")
    runs.assert_true(loaded, 9)
    assert loaded.resumed_at == [5]


def test_what_a_snapshot_is_called_is_kept_and_two_kinds_are_not_mixed(tmp_path):
    run = nntf.Fingerprint(3, unit="snapshot", log=tmp_path / "run.nntf", strict=True)
    run.update([0, 1, 2])
    assert nntf.load(tmp_path / "run.nntf").unit == "snapshot"
    del run
    with pytest.raises(nntf.RunLogError, match=r"snapshots of another kind: unit is 'snapshot'.*counted in epochs"):
        nntf.Fingerprint(3, unit="epoch", log=tmp_path / "run.nntf", strict=True)


def test_a_run_whose_classes_are_not_known_yet_takes_them_from_its_log(tmp_path):
    runs.write(tmp_path / "run.nntf", 5)
    assert nntf.Fingerprint(log=tmp_path / "run.nntf", strict=True).class_names == runs.NAMES


def test_a_log_of_other_classes_is_not_taken_up(tmp_path):
    before = runs.write(tmp_path / "run.nntf", 5).read_bytes()
    with pytest.warns(nntf.FingerprintWarning, match="other classes: class_names has 5 names; expected .* 3"):
        run = nntf.Fingerprint(num_classes=3, log=tmp_path / "run.nntf")
    run.update([0, 1, 2])
    assert (tmp_path / "run.nntf").read_bytes() == before
    assert len(run.faults) == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"labels": [1, 1, 0, 0]}, "labels differ from those of the log .*run.nntf for 2 of 4 samples"),
        ({"predictions": [0, 0]}, "predictions has 2 samples, and the log .*run.nntf had 4"),
    ],
)
def test_a_log_of_other_samples_is_named_with_what_to_do(tmp_path, given, said):
    nntf.Fingerprint(2, log=tmp_path / "run.nntf", strict=True).update([0, 1, 0, 0], labels=[0, 1, 0, 1])
    run = nntf.Fingerprint(2, log=tmp_path / "run.nntf", strict=True)
    with pytest.raises(ValueError, match=f"{said}.*, since the run goes on from the log; or another log="):
        run.update(**{"predictions": [0, 1, 0, 0], **given})
    assert len(run) == 1


def test_paths_may_begin_at_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    run = nntf.Fingerprint(2, log="~/run.nntf", strict=True)
    run.update([0, 1])
    assert run.log == tmp_path / "run.nntf"
    run.save("~/saved.nntf")
    run.to_html("~/run.html")
    assert len(nntf.load("~/saved.nntf")) == 1
    with nntf.open("~/run.nntf") as follower:
        assert len(follower.fingerprint) == 1
    assert {file.name for file in tmp_path.iterdir()} >= {"run.nntf", "saved.nntf", "run.html"}


def test_a_cell_run_again_takes_the_log_from_the_run_of_the_first_time(tmp_path):
    first = runs.grow(runs.new(log=tmp_path / "run.nntf"), 3)
    second = runs.new(log=tmp_path / "run.nntf", strict=True)
    with pytest.warns(nntf.FingerprintWarning, match="was taken up by another run"):
        runs.grow(first, 4)
    runs.grow(second, 5)
    runs.assert_true(nntf.load(tmp_path / "run.nntf"), 5)


def test_saving_again_adds_what_is_new(tmp_path):
    run = runs.grow(runs.new(), 5)
    run.save(tmp_path / "run.nntf")
    once = (tmp_path / "run.nntf").read_bytes()
    run.save(tmp_path / "run.nntf")
    assert (tmp_path / "run.nntf").read_bytes() == once
    runs.grow(run, 8).save(tmp_path / "run.nntf")
    runs.assert_true(nntf.load(tmp_path / "run.nntf"), 8)


def test_saving_a_run_to_its_own_log_changes_nothing(tmp_path):
    run = runs.grow(runs.new(log=tmp_path / "run.nntf", strict=True), 3)
    run.save(tmp_path / "run.nntf")
    runs.grow(run, 5)
    runs.assert_true(nntf.load(tmp_path / "run.nntf"), 5)


@pytest.mark.parametrize("snapshots", [3, 5])
def test_saving_over_another_run_is_refused(tmp_path, snapshots):
    before = runs.write(tmp_path / "run.nntf", 4).read_bytes()
    other = nntf.Fingerprint(class_names=runs.NAMES)
    for t in range(snapshots):
        other.update((runs.predictions(t) + 1) % 5)
    with pytest.raises(nntf.RunLogError, match="holds another run, of 4 snapshots"):
        other.save(tmp_path / "run.nntf")
    assert (tmp_path / "run.nntf").read_bytes() == before


# What it outlives


@pytest.mark.parametrize("kills", [15, pytest.param(600, marks=pytest.mark.long)])
def test_kill_9_loses_at_most_the_snapshot_in_flight(tmp_path, kills):
    def train():
        run = runs.new(log=path, strict=True)
        os.write(done, b"_")
        for t in count(len(run)):
            runs.grow(run, t + 1)
            os.write(done, b".")

    chance = random.Random(6)
    for kill in range(kills):
        path = tmp_path / f"{kill // 5}.nntf"  # the first of five creates it, the others resume it
        before = length(path)
        told, done = os.pipe()
        with runs.Process(train) as training:
            os.close(done)
            # Most kills fall into the training, the others maybe into the opening, and each anywhere in what goes on.
            heard = b"".join(os.read(told, 1) for _ in range(chance.randint(1, 6) if kill % 5 else 0))
            time.sleep(chance.uniform(0, 0.005))
            assert training.kill() == -signal.SIGKILL
        with os.fdopen(told, "rb") as pipe:
            returned = before + (heard + pipe.read()).count(b".")
        assert returned <= length(path) <= returned + 1
        if length(path):
            runs.assert_true(nntf.load(path))


def length(path):
    """Count the snapshots in a log, which a kill may have left without a table yet."""
    try:
        return len(nntf.load(path))
    except FileNotFoundError:
        return 0
    except nntf.RunLogError as error:
        if "is empty" not in str(error):
            raise
        return 0


def test_an_interrupt_at_any_line_leaves_a_log_that_goes_on(tmp_path):
    for at in count(1):
        run, writer = runs.grow(runs.new(), 2), RunLogWriter(tmp_path / f"{at}.nntf")
        if not runs.is_struck(at, {run_log_writer.__file__}, runs.interrupt, partial(writer.append, run)):
            break
        writer.append(runs.grow(run, 3))
        writer.close()
        runs.assert_true(nntf.load(writer.path), 3)
    assert at > 60, "there are that many lines between a new log and its second snapshot"


def test_a_forked_process_leaves_the_log_alone(tmp_path):
    run = runs.grow(runs.new(log=tmp_path / "run.nntf", strict=True), 3)

    def child():
        with pytest.raises(nntf.RunLogError, match="forked"):
            runs.grow(run, 4)

    with runs.Process(child) as process:
        assert process.wait() == 0
    runs.grow(run, 5)
    runs.assert_true(nntf.load(tmp_path / "run.nntf"), 5)


def test_a_full_disk_is_reported_and_once_there_is_room_nothing_is_missing(tmp_path):
    run = runs.grow(runs.new(log=tmp_path / "run.nntf"), 2)
    with full_disk(limit=20_000), pytest.warns(nntf.FingerprintWarning, match="Run log failed.*cannot be written"):
        runs.grow(run, 30)
    stored = nntf.load(tmp_path / "run.nntf")
    assert 2 <= len(stored) < 30
    runs.assert_true(stored)
    runs.grow(run, 31)
    runs.assert_true(nntf.load(tmp_path / "run.nntf"), 31)
    assert len(run.faults) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a disk")
def test_a_disk_that_is_really_full(tmp_path):
    options = ["-t", "tmpfs", "-o", "size=256k", "none", tmp_path]
    if subprocess.run(["mount", *options], check=False, capture_output=True).returncode:
        pytest.skip("this root may not mount")
    try:
        run = runs.grow(runs.new(log=tmp_path / "run.nntf"), 2)
        (tmp_path / "ballast").write_bytes(bytes(256 * 1024 - 24 * 4096))
        with pytest.warns(nntf.FingerprintWarning, match="full"):
            runs.grow(run, 40)
        runs.assert_true(nntf.load(tmp_path / "run.nntf"))
        (tmp_path / "ballast").unlink()
        runs.grow(run, 41)
        runs.assert_true(nntf.load(tmp_path / "run.nntf"), 41)
        del run
    finally:
        subprocess.run(["umount", tmp_path], check=True)


@pytest.mark.parametrize(
    ("name", "reason"), [("/proc/run.nntf", "unable to open"), ("/nowhere/run.nntf", "there is no folder /nowhere")]
)
def test_a_place_that_cannot_be_written_is_reported_and_the_training_goes_on(name, reason):
    with pytest.warns(nntf.FingerprintWarning, match=f"{name} cannot be written: {reason}"):
        run = runs.new(log=name)
    runs.grow(run, 3)
    assert len(run.faults) == 1
    with pytest.raises(nntf.RunLogError, match=reason):
        runs.new(log=name, strict=True)
    with pytest.raises(nntf.RunLogError, match=reason):
        run.save(name)


def test_a_read_only_folder_is_reported_and_the_training_goes_on(open_folder):
    open_folder.chmod(0o555)
    with runs.unprivileged(), pytest.warns(nntf.FingerprintWarning, match="cannot be written: unable to open"):
        runs.grow(runs.new(log=open_folder / "run.nntf"), 3)


def test_a_read_only_log_is_read_but_not_taken_up(open_folder):
    runs.write(open_folder / "run.nntf", 5).chmod(0o444)
    open_folder.chmod(0o555)
    with runs.unprivileged():
        runs.assert_true(nntf.load(open_folder / "run.nntf"), 5)
        with pytest.warns(nntf.FingerprintWarning, match="readonly"):
            runs.grow(runs.new(log=open_folder / "run.nntf"), 7)
    runs.assert_true(nntf.load(open_folder / "run.nntf"), 5)


def test_what_a_killed_writer_left_is_read_from_a_read_only_medium_too(open_folder, tmp_path):
    run = runs.grow(runs.new(log=tmp_path / "run.nntf", strict=True), 5)
    for name in ("run.nntf", "run.nntf-wal"):
        shutil.copy(tmp_path / name, open_folder / name)
    del run
    open_folder.chmod(0o555)
    with runs.unprivileged():
        runs.assert_true(nntf.load(open_folder / "run.nntf"), 5)
    assert {file.name for file in open_folder.iterdir()} == {"run.nntf", "run.nntf-wal"}


def test_a_log_that_another_program_locks_gets_everything_once_it_is_free(tmp_path):
    run = runs.grow(runs.new(log=tmp_path / "run.nntf"), 2)
    with database(tmp_path / "run.nntf") as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.warns(nntf.FingerprintWarning, match="database is locked"):
            runs.grow(run, 3)
        other.execute("ROLLBACK")
    runs.grow(run, 4)
    runs.assert_true(nntf.load(tmp_path / "run.nntf"), 4)


def test_a_log_that_is_being_written_is_not_taken_up_by_another_process(tmp_path):
    run = runs.grow(runs.new(log=tmp_path / "run.nntf", strict=True), 3)

    def child():
        with pytest.raises(nntf.RunLogError, match=f"being written by process {os.getppid()}"):
            runs.new(log=tmp_path / "run.nntf", strict=True)

    with runs.Process(child) as process:
        assert process.wait() == 0
    runs.grow(run, 5)
    runs.assert_true(nntf.load(tmp_path / "run.nntf"), 5)


def test_a_log_removed_while_it_is_written_is_written_anew(tmp_path):
    run = runs.grow(runs.new(log=tmp_path / "run.nntf", strict=True), 3)
    (tmp_path / "run.nntf").unlink()
    runs.grow(run, 4)
    runs.assert_true(nntf.load(tmp_path / "run.nntf"), 4)


def test_a_log_replaced_while_it_is_written_stays_as_it_is(tmp_path):
    run = runs.grow(runs.new(log=tmp_path / "run.nntf"), 3)
    other = runs.write(tmp_path / "other.nntf", 9).read_bytes()
    (tmp_path / "other.nntf").replace(tmp_path / "run.nntf")
    with pytest.warns(nntf.FingerprintWarning, match="was replaced while it was written"):
        runs.grow(run, 5)
    assert (tmp_path / "run.nntf").read_bytes() == other


def overwritten_by(new):
    """Return what puts other bytes into a log's file: the same file, as `cp` and a shell's `>` do."""

    def overwrite(path):
        before = path.stat().st_size
        with path.open("r+b") as file:
            file.write(new(before))
            file.truncate()

    return overwrite


def of_another_run(size):  # noqa: ARG001 - as the others
    folder = Path(tempfile.mkdtemp())
    other = nntf.Fingerprint(class_names=runs.NAMES)
    for t in range(9):
        other.update((runs.predictions(t) + 1) % 5)
    other.save(folder / "other.nntf")
    return (folder / "other.nntf").read_bytes()


@pytest.mark.parametrize("long", [False, True], ids=["before", "after"])  # a checkpoint
@pytest.mark.parametrize(
    "new",
    [bytes, lambda size: b"precious " * size, of_another_run],
    ids=["zeros", "more", "another run"],
)
def test_a_log_overwritten_while_it_is_written_is_noticed_and_left_as_it_is(tmp_path, new, long):
    if long:
        runs.write(tmp_path / "run.nntf", 3)
    run = runs.grow(runs.new(log=tmp_path / "run.nntf"), 6)
    overwritten_by(new)(run.log)
    before = run.log.read_bytes()
    with pytest.warns(nntf.FingerprintWarning, match="was overwritten while it was written"):
        runs.grow(run, 7)
    runs.grow(run, 9)
    del run
    assert (tmp_path / "run.nntf").read_bytes() == before


def test_a_log_overwritten_after_the_last_snapshot_is_left_as_it_is_too(tmp_path):
    run = runs.grow(runs.new(log=tmp_path / "run.nntf", strict=True), 6)
    overwritten_by(of_another_run)(run.log)
    before = run.log.read_bytes()
    del run
    assert (tmp_path / "run.nntf").read_bytes() == before


@pytest.mark.parametrize("long", [False, True], ids=["before", "after"])
def test_a_log_emptied_while_it_is_written_is_noticed_and_written_anew(tmp_path, long):
    if long:
        runs.write(tmp_path / "run.nntf", 3)
    run = runs.grow(runs.new(log=tmp_path / "run.nntf"), 6)
    os.truncate(run.log, 0)
    with pytest.raises(nntf.RunLogError, match="is empty"):
        nntf.load(run.log)
    with pytest.warns(nntf.FingerprintWarning, match="was emptied while it was written; it is written anew"):
        runs.grow(run, 7)
    runs.assert_true(nntf.load(run.log), 7)
    runs.grow(run, 8)
    runs.assert_true(nntf.load(run.log), 8)


@pytest.mark.parametrize(
    ("lose", "left"),
    [(lambda file: os.truncate(file, 0), 3), (lambda file: file.unlink(), 6)],  # SQLite still has a removed one open
    ids=["cut", "removed"],
)
def test_a_write_ahead_log_lost_while_it_is_written_is_noticed(tmp_path, lose, left):
    runs.write(tmp_path / "run.nntf", 3)
    run = runs.grow(runs.new(log=tmp_path / "run.nntf"), 6)
    lose(tmp_path / "run.nntf-wal")
    with pytest.warns(nntf.FingerprintWarning, match="lost its write-ahead log while it was written"):
        runs.grow(run, 7)
    del run
    runs.assert_true(nntf.load(tmp_path / "run.nntf"), left)


def test_what_another_program_puts_in_order_is_no_damage(tmp_path):
    run = runs.grow(runs.new(log=tmp_path / "run.nntf", strict=True), 6)
    with database(run.log) as other:
        other.execute("PRAGMA wal_checkpoint(FULL)")
    runs.grow(run, 8)
    with database(run.log) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    run.add_metrics({"late": 1.0})
    runs.grow(run, 9)
    assert len(nntf.load(run.log)) == 9


# What it leaves alone


def foreign_database(path):
    with database(path) as other:
        other.execute("CREATE TABLE precious (data)")


def later_version(path):
    with database(runs.write(path, 3)) as log:
        log.execute("PRAGMA user_version = 3")


FOREIGN = {
    "SQLite": (foreign_database, "belongs to another program; it is left as it is"),
    "text": (lambda path: path.write_text("precious " * 1000), "file is not a database"),
    "short": (lambda path: path.write_text("precious"), "file is not a database"),
    "later": (later_version, "is a run log of version 3; expected version 2"),
}


@pytest.mark.parametrize(("make", "reason"), FOREIGN.values(), ids=FOREIGN)
def test_a_file_that_is_no_run_log_is_refused_and_left_as_it_is(tmp_path, make, reason):
    path = tmp_path / "precious"
    make(path)
    before = path.read_bytes()
    with pytest.raises(nntf.RunLogError, match=reason):
        nntf.load(path)
    with pytest.warns(nntf.FingerprintWarning, match=reason):
        run = runs.grow(runs.new(log=path), 3)
    with pytest.raises(nntf.RunLogError, match=reason):
        run.save(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["precious"]


def test_a_folder_is_no_run_log(tmp_path):
    with pytest.raises(nntf.RunLogError, match="is a folder; expected a run log"):
        nntf.load(tmp_path)
    with pytest.raises(nntf.RunLogError, match="is a folder; expected a run log"):
        runs.new().save(tmp_path)


def test_what_is_no_file_is_no_run_log(tmp_path):
    os.mkfifo(tmp_path / "pipe.nntf")
    (tmp_path / "round").symlink_to(tmp_path / "about")
    (tmp_path / "about").symlink_to(tmp_path / "round")
    with pytest.raises(nntf.RunLogError, match=r"pipe\.nntf is no ordinary file"):
        nntf.load(tmp_path / "pipe.nntf")
    with pytest.raises(FileNotFoundError, match=r"no run log at .*round"):
        nntf.load(tmp_path / "round")
    with pytest.raises(nntf.RunLogError, match="round cannot be written"):
        runs.new(log=tmp_path / "round", strict=True)
    for opening in OPENINGS.values():
        with pytest.raises(ValueError, match="expected a path, which has no NUL character"):
            opening("run\0.nntf")


def test_a_log_that_may_not_be_read_is_named(open_folder):
    runs.write(open_folder / "run.nntf", 3).chmod(0)
    with runs.unprivileged(), pytest.raises(nntf.RunLogError, match=r"run\.nntf cannot be read"):
        nntf.load(open_folder / "run.nntf")


def journal_that_removes(victim, log):
    """Return a rollback journal without a page to roll back, which names a file to remove once that is done."""
    magic, page, name = bytes.fromhex("d9d505f920a163d7"), 4096, bytes(victim)
    header = struct.pack(">8s5I", magic, 0, 0, log.stat().st_size // page, 512, page).ljust(512, b"\0")
    return header + struct.pack(f">I{len(name)}sII8s", 2**30 // page + 1, name, len(name), sum(name), magic)


OPENINGS = {
    "load": nntf.load,
    "open": nntf.open,
    "info": lambda path: RunLogReader(path).read(nntf.Fingerprint()),
    "log=": lambda path: runs.new(log=path, strict=True),
    "save": lambda path: runs.grow(runs.new(), 7).save(path),
}


@pytest.mark.parametrize("opening", OPENINGS.values(), ids=OPENINGS)
@pytest.mark.parametrize("link", [False, True], ids=["named", "linked"])
def test_a_rollback_journal_beside_a_log_is_not_played_back(tmp_path, opening, link):
    log, victim = runs.write(tmp_path / "run.nntf", 5), tmp_path / "precious.txt"
    victim.write_text("precious")
    (tmp_path / "run.nntf-journal").write_bytes(journal_that_removes(victim, log))
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    path = log
    if link:
        path = tmp_path / "elsewhere" / "link.nntf"
        path.parent.mkdir()
        path.symlink_to(log)
    with pytest.raises(nntf.RunLogError, match=r"beside it is run\.nntf-journal, a rollback journal"):
        opening(path)
    assert {file: file.read_bytes() for file in tmp_path.iterdir() if file.is_file()} == before


def test_a_rollback_journal_that_comes_while_a_log_is_followed_is_not_played_back(tmp_path):
    run, victim = runs.grow(runs.new(log=tmp_path / "run.nntf", strict=True), 5), tmp_path / "precious.txt"
    victim.write_text("precious")
    reader, followed = RunLogReader(run.log), nntf.Fingerprint()
    reader.read(followed)
    del run
    (tmp_path / "run.nntf-journal").write_bytes(journal_that_removes(victim, reader.path))
    with pytest.raises(nntf.RunLogError, match=r"beside it is run\.nntf-journal, a rollback journal"):
        reader.read(followed)
    assert victim.read_text() == "precious"
    (tmp_path / "run.nntf-journal").write_bytes(b"")  # an empty one is none
    reader.read(followed)
    assert len(followed) == 5


def test_a_log_never_has_a_rollback_journal(tmp_path):
    with created_in(tmp_path) as created:
        run = runs.grow(runs.new(log=tmp_path / "run.nntf", strict=True), 3)
        nntf.load(tmp_path / "run.nntf")
        del run
        nntf.load(tmp_path / "run.nntf")
        runs.write(tmp_path / "run.nntf", 5)
    assert created == {"run.nntf", "run.nntf-wal", "run.nntf-shm"}


def test_a_log_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no run log at .*nothing\.nntf"):
        nntf.load(tmp_path / "nothing.nntf")


def test_something_that_is_no_path_is_refused_at_once():
    with pytest.raises(TypeError):
        nntf.Fingerprint(2, log=3)


def test_a_damaged_snapshot_is_told_with_what_is_good(tmp_path):
    with database(runs.write(tmp_path / "run.nntf", 9)) as log:
        log.execute("UPDATE snapshot SET classes = zeroblob(length(classes)) WHERE t = 6")
    before = (tmp_path / "run.nntf").read_bytes()
    with pytest.raises(nntf.RunLogError, match="damaged at snapshot 6: its checksum does not fit") as caught:
        nntf.load(tmp_path / "run.nntf")
    runs.assert_true(caught.value.fingerprint, 6)
    with pytest.warns(nntf.FingerprintWarning, match="damaged at snapshot 6"):
        resumed = runs.new(log=tmp_path / "run.nntf")
    runs.grow(resumed, 8)
    with pytest.raises(nntf.RunLogError, match="damaged at snapshot 6"):
        resumed.save(tmp_path / "run.nntf")
    assert (tmp_path / "run.nntf").read_bytes() == before


def test_a_missing_snapshot_is_told(tmp_path):
    with database(runs.write(tmp_path / "run.nntf", 9)) as log:
        log.execute("DELETE FROM snapshot WHERE t = 4")
    with pytest.raises(nntf.RunLogError, match="damaged at snapshot 4: it is missing") as caught:
        nntf.load(tmp_path / "run.nntf")
    runs.assert_true(caught.value.fingerprint, 4)


@pytest.mark.parametrize("table", ["snapshot", "session", "run"])
def test_a_table_that_begins_elsewhere_is_damage(tmp_path, tall, table):
    """One flipped bit in the schema can make a part of a table all of it."""
    whole = len(nntf.load(tall))
    with database(tall) as log:
        ((pages,),) = log.execute("PRAGMA page_count")
        ((place,),) = log.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,))
    found = []
    for page in set(range(2, pages + 1)) - {place}:
        shutil.copy(tall, tmp_path / "run.nntf")
        with database(tmp_path / "run.nntf") as log:
            log.execute("PRAGMA writable_schema = ON")
            log.execute("UPDATE sqlite_master SET rootpage = ? WHERE name = ?", (page, table))
        with pytest.raises(nntf.RunLogError) as caught:
            nntf.load(tmp_path / "run.nntf")
        if caught.value.fingerprint is not None:
            runs.assert_true(caught.value.fingerprint)
            found.append((len(caught.value.fingerprint), f"ended with {whole} snapshots" in str(caught.value)))
    if table == "snapshot":
        assert [is_told for snapshots, is_told in found if 0 < snapshots < whole] == [True], "its first leaf"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("DELETE FROM snapshot WHERE t > 3", "ended with 6 snapshots, and 4 are found"),
        ("DELETE FROM snapshot", "ended with 6 snapshots, and 0 are found"),
        ("DELETE FROM run", "ended with 6 snapshots, and 0 are found"),
        ("DELETE FROM session", "its table session does not fit its snapshots"),
        ("DELETE FROM session WHERE number = 1", "its table session does not fit its snapshots"),
        ("UPDATE session SET snapshots = 5", "its table session does not fit its snapshots"),
        ("UPDATE session SET snapshots = NULL", "ended by halves"),
        ("UPDATE session SET snapshots = -1", "has numbers below 0"),
        ("UPDATE session SET ended = ended + 1", "its table session does not fit its snapshots"),
        ("UPDATE session SET crc32 = crc32 + 1", "its table session does not fit its snapshots"),
    ],
)
def test_an_ended_log_knows_what_it_had(tmp_path, change, reason):
    runs.write(tmp_path / "run.nntf", 4)
    with database(runs.write(tmp_path / "run.nntf", 6)) as log:
        log.execute(change)
    with pytest.raises(nntf.RunLogError, match=reason):
        nntf.load(tmp_path / "run.nntf")
    before = (tmp_path / "run.nntf").read_bytes()
    with pytest.warns(nntf.FingerprintWarning, match=reason):
        runs.grow(runs.new(log=tmp_path / "run.nntf"), 8)
    assert (tmp_path / "run.nntf").read_bytes() == before


@pytest.fixture
def first_version(tmp_path):
    """A log as the first version wrote it, of 5 snapshots."""
    with database(runs.write(tmp_path / "second.nntf", 5)) as log, database(tmp_path / "first.nntf") as first:
        for statement in (*TABLES_1.values(), "PRAGMA application_id = 0x4E4E5446", "PRAGMA user_version = 1"):
            first.execute(statement)
        facts = Facts(*log.execute("SELECT num_samples, num_classes, class_names FROM run").fetchone())
        first.execute("INSERT INTO run VALUES (?, ?, ?)", facts[:3])
        first.execute("INSERT INTO session VALUES (0, 1.0, 2.0, NULL)")
        crc = facts.checksum()
        for row in map(Row._make, log.execute("SELECT * FROM snapshot ORDER BY t").fetchall()):
            crc = row.checksum(crc)
            first.execute(f"INSERT INTO snapshot VALUES ({', '.join('?' * len(row))})", row._replace(crc32=crc))
    return tmp_path / "first.nntf"


def test_a_log_of_the_first_version_is_read_and_not_written_to(first_version):
    runs.assert_true(nntf.load(first_version), 5)
    before = first_version.read_bytes()
    with pytest.warns(nntf.FingerprintWarning, match="is a run log of version 1, which is only read"):
        run = runs.grow(runs.new(log=first_version), 7)
    with pytest.raises(nntf.RunLogError, match="is a run log of version 1, which is only read"):
        run.save(first_version)
    assert first_version.read_bytes() == before


def test_real_logs_of_the_first_version_are_read(shared):
    for path in (shared / "runs").glob("*.nntf"):
        run = nntf.load(path)
        assert (len(run), run.num_samples, run.unit) == (50, 50_000, "epoch")


def u32(*samples):
    return struct.pack(f"<{len(samples)}I", *samples)


HOSTILE = {
    "a sample beyond the last": {"samples": u32(4, 2**32 - 1), "classes": b"\0\1"},
    "a sample twice": {"samples": u32(4, 4), "classes": b"\0\1"},
    "a sample without class": {"samples": u32(4, 5), "classes": b"\0"},
    "half a sample": {"samples": b"\0\0", "classes": b"\0"},
    "too few classes": {"samples": None, "classes": b"\0"},
    "a class beyond the last": {"samples": u32(4), "classes": b"\xff"},
    "a label beyond the last": {"labels": b"\xff" * runs.NUM_SAMPLES},
    "too few labels": {"labels": b"\0"},
    "classes that are text": {"samples": None, "classes": "x" * runs.NUM_SAMPLES},
    "metrics that are no JSON": {"metrics": "loss"},
    "metrics that are no object": {"metrics": "[1]"},
    "a metric that is no number": {"metrics": '{"loss": []}'},
    "a metric beyond all floats": {"metrics": '{"loss": 1' + "0" * 400 + "}"},
    "metrics nested without end": {"metrics": "[" * 100_000},
    "metrics that are bytes": {"metrics": b"{}"},
    "a time after all clocks": {"time": 1e300},
    "a session below 0": {"session": -1},
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_rows_made_to_mislead_are_damage_even_with_the_right_checksum(tmp_path, change):
    path = runs.write(tmp_path / "run.nntf", 5)
    with database(path) as log:
        ((before,),) = log.execute("SELECT crc32 FROM snapshot WHERE t = 3")
        row = Row._make(log.execute(f"SELECT {', '.join(Row._fields)} FROM snapshot WHERE t = 4").fetchone())
        row = row._replace(**change)
        with suppress(struct.error, TypeError, AttributeError):  # some cannot have one
            row = row._replace(crc32=row.checksum(before))
        assignments = ", ".join(f"{field} = ?" for field in Row._fields)
        log.execute(f"UPDATE snapshot SET {assignments} WHERE t = 4", row)
    with pytest.raises(nntf.RunLogError, match="damaged at snapshot 4") as caught:
        nntf.load(path)
    runs.assert_true(caught.value.fingerprint, 4)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE run SET num_samples = 9223372036854775807",
        "UPDATE run SET num_samples = 63",
        "UPDATE run SET num_samples = -1",
        "UPDATE run SET num_samples = 'many'",
        "UPDATE run SET num_classes = 1e300",
        "UPDATE run SET num_classes = 4",
        "UPDATE run SET class_names = '[]'",
        "UPDATE run SET class_names = x'ff'",
        "INSERT INTO run SELECT * FROM run",
        "UPDATE session SET started = 'yesterday'",
    ],
)
def test_facts_that_do_not_fit_are_damage(tmp_path, change):
    with database(runs.write(tmp_path / "run.nntf", 3)) as log:
        log.execute(change)
    with pytest.raises(nntf.RunLogError, match="damaged") as caught:
        nntf.load(tmp_path / "run.nntf")
    assert caught.value.fingerprint is None


def test_a_log_made_to_be_read_for_ever_is_refused(tmp_path):
    with database(runs.write(tmp_path / "run.nntf", 3)) as log:
        log.execute("ALTER TABLE snapshot RENAME TO kept")
        log.execute(
            "CREATE VIEW snapshot AS WITH RECURSIVE forever AS (SELECT 0 AS t UNION ALL SELECT t + 1 FROM forever) "
            "SELECT kept.* FROM forever, kept WHERE 0"
        )
    with pytest.raises(nntf.RunLogError, match="its tables are not those of version 2"):
        nntf.load(tmp_path / "run.nntf")


def forged(path, snapshots, num_samples=2, num_classes=2, names=None, metrics=None, sessions=1):
    """Write a log whose checksums are right, row by row, of a run that no training has."""
    names = json.dumps(names or [str(k) for k in range(num_classes)])
    dtype = "B" if num_classes <= 256 else "H"
    with database(path) as log:
        for pragma in ("application_id = 0x4E4E5446", "user_version = 2", "synchronous = OFF"):
            log.execute(f"PRAGMA {pragma}")
        log.execute("BEGIN")
        for statement in TABLES.values():
            log.execute(statement)
        facts = Facts(num_samples, num_classes, names, "epoch")
        log.execute("INSERT INTO run VALUES (?, ?, ?, ?)", facts)
        log.executemany("INSERT INTO session VALUES (?, 1, NULL, NULL, NULL, NULL)", ((n,) for n in range(sessions)))
        crc = facts.checksum()
        for t in range(snapshots):
            moved = (None, struct.pack(dtype, 0) * num_samples) if t == 0 else (b"", b"")
            row = Row(t, 0, 1.0, *moved, None, json.dumps(metrics(t)) if metrics else "{}", 0)
            crc = row.checksum(crc)
            log.execute(f"INSERT INTO snapshot VALUES ({', '.join('?' * len(row))})", row._replace(crc32=crc))
        log.execute("COMMIT")
    return path


EXHAUSTING = {
    "many snapshots": ({"snapshots": 20_000}, "its 20000 snapshots would take 2.2 GiB"),
    "many samples": ({"snapshots": 1200, "num_samples": 1_000_000}, "its 1200 snapshots would take 1.1 GiB"),
    "many classes": ({"snapshots": 1200, "num_classes": 20_000}, "its 1200 snapshots would take 0.6 GiB"),
    "many metrics": ({"snapshots": 1, "metrics": lambda _: {f"m{i}": 1 for i in range(150_000)}}, "150000 names"),
    "more metrics each time": (
        {"snapshots": 100, "metrics": lambda t: {f"m{t} {i}": 1 for i in range(100)}},
        "damaged at snapshot 40: metrics brings the run to 4100 names",
    ),
    "long names": ({"snapshots": 1, "names": ["x" * 10**6, "b"]}, "has a name of 1000000 characters, 'xxxxxx"),
    "long names of metrics": ({"snapshots": 1, "metrics": lambda _: {"x" * 10**6: 1}}, "has a name of 1000000 char"),
    "many sessions": ({"snapshots": 1, "sessions": 10_001}, "it has more than 10000 rows"),
}


@pytest.mark.parametrize(("what", "reason"), EXHAUSTING.values(), ids=EXHAUSTING)
def test_a_small_file_takes_little_memory(tmp_path, what, reason):
    path = forged(tmp_path / "run.nntf", **what)
    tracemalloc.start()
    try:
        for opening in (nntf.load, nntf.open, OPENINGS["info"]):
            with pytest.raises(nntf.RunLogError, match=reason) as caught:
                opening(path)
            assert len(str(caught.value)) < 1000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2**26 + 8 * path.stat().st_size


def test_what_does_not_fit_into_memory_is_told_as_an_error_of_the_log(tmp_path, monkeypatch, capsys):
    path = runs.write(tmp_path / "run.nntf", 5)

    def exhausted(*_):
        raise MemoryError

    monkeypatch.setattr(History, "append", exhausted)
    for opening in (nntf.load, nntf.open):
        with pytest.raises(nntf.RunLogError, match="does not fit into the memory that there is") as caught:
            opening(path)
        runs.assert_true(caught.value.fingerprint, 1)
    assert main(["info", str(path)]) == 1
    assert "does not fit into the memory that there is" in capsys.readouterr().err


def test_damaged_bytes_that_an_error_quotes_are_damage_too(tmp_path):
    path = runs.write(tmp_path / "run.nntf", 3)
    path.write_bytes(path.read_bytes().replace(b"TABLE snapshot (", b"TABLE snap\x80hot ("))
    with pytest.raises(nntf.RunLogError, match="cannot be read"):
        nntf.load(path)


# Fuzz: whatever is done to the bytes, a run is read up to a snapshot, or not at all


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A log of few pages."""
    return runs.write(tmp_path_factory.mktemp("small") / "run.nntf", 12)


@pytest.fixture(scope="module")
def tall(tmp_path_factory):
    """A log whose tables have inner pages, from several sessions."""
    path = tmp_path_factory.mktemp("tall") / "run.nntf"
    for snapshots in range(40, 200, 40):
        runs.write(path, snapshots)
    return path


@pytest.fixture(scope="module")
def unfinished(tmp_path_factory):
    """A log that is being written, most of it in its write-ahead log."""
    path = tmp_path_factory.mktemp("unfinished") / "run.nntf"
    run = runs.grow(runs.new(log=path, strict=True), 12)
    yield path
    del run


def ahead_of(path):
    return path.with_name(path.name + "-wal")


def assert_true_or_refused(path, snapshots=None):
    """See that a log is read as it was, all of it where it had ended with so many snapshots, or refused."""
    try:
        run = nntf.load(path)
    except nntf.RunLogError as error:
        run = error.fingerprint
    else:
        assert snapshots in {None, len(run)}
    if run is not None:
        runs.assert_true(run)


places = st.floats(0, 1, exclude_max=True)
edits = st.lists(st.tuples(places, st.binary(min_size=1, max_size=4)), min_size=1, max_size=8)


def damage(source, target, edits):
    """Copy a file with some of its bytes overwritten."""
    data = bytearray(source.read_bytes())
    for place, new in edits:
        start = int(place * len(data))
        data[start : start + len(new)] = new[: len(data) - start]
    target.write_bytes(data)


@given(edits)
def test_overwritten_bytes_give_an_error_or_the_truth(tmp_path, small, edits):
    damage(small, tmp_path / "run.nntf", edits)
    assert_true_or_refused(tmp_path / "run.nntf", 12)


@given(places, st.integers(0, 7))
def test_a_flipped_bit_gives_an_error_or_the_truth(tmp_path, small, place, bit):
    data = bytearray(small.read_bytes())
    data[int(place * len(data))] ^= 1 << bit
    (tmp_path / "run.nntf").write_bytes(data)
    assert_true_or_refused(tmp_path / "run.nntf", 12)


@given(places)
def test_a_truncated_log_gives_an_error_or_the_truth(tmp_path, small, place):
    data = small.read_bytes()
    (tmp_path / "run.nntf").write_bytes(data[: int(place * len(data))])
    assert_true_or_refused(tmp_path / "run.nntf", 12)


@given(edits)
def test_overwritten_inner_pages_give_an_error_or_the_truth(tmp_path, tall, edits):
    damage(tall, tmp_path / "run.nntf", edits)
    assert_true_or_refused(tmp_path / "run.nntf", 160)


@given(edits)
def test_a_damaged_write_ahead_log_gives_an_error_or_the_truth(tmp_path, unfinished, edits):
    shutil.copy(unfinished, tmp_path / "run.nntf")
    damage(ahead_of(unfinished), ahead_of(tmp_path / "run.nntf"), edits)
    assert_true_or_refused(tmp_path / "run.nntf")


@given(st.binary(max_size=4096))
def test_any_bytes_are_refused(tmp_path, data):
    (tmp_path / "run.nntf").write_bytes(data)
    with pytest.raises(nntf.RunLogError):
        nntf.load(tmp_path / "run.nntf")
