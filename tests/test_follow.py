"""Followers: a run watched from outside the process that trains."""

from __future__ import annotations

import faulthandler
import os
import shutil
import signal
import sqlite3
import threading
import time
from contextlib import closing
from functools import partial

import numpy as np
import pytest
import runs

import nntf_widget as nntf
from nntf_widget.run_log import database, process, reader, writer
from nntf_widget.run_log import follower as follower_module
from nntf_widget.widget.following import following_box
from nntf_widget.widget.widget import widget_of


@pytest.fixture(autouse=True)
def _on_any_machine(monkeypatch):
    """Look at the file often, and bear with a machine that stands still."""
    monkeypatch.setattr(follower_module, "INTERVAL", 0.02)
    monkeypatch.setattr(reader, "SHORTEST_PATIENCE", 3600)
    for module in (database, writer):
        monkeypatch.setattr(module, "WAIT", 300)


def until(read, expected, seconds=300):
    """Wait until what another thread or process does can be read."""
    end = time.monotonic() + seconds
    while (value := read()) != expected:
        if time.monotonic() > end:
            faulthandler.dump_traceback(2)  # where pytest reads the errors of every process
            pytest.fail(f"waited {seconds} s for {expected!r}; there was {value!r}")
        time.sleep(0.01)


def training(path, snapshots, *, allowed=None, then="end"):
    """Return the work of a process that trains and then ends the log or waits to be killed.

    Where `allowed` is the end of a pipe, each snapshot waits for a byte of it.
    """

    def work():
        run = runs.new(log=path, strict=True)
        for t in range(len(run), snapshots):
            if allowed is not None:
                os.read(allowed, 1)
            runs.grow(run, t + 1)
        if then == "wait":
            signal.pause()
        del run

    return work


def test_a_run_is_followed_while_another_process_writes_it(tmp_path):
    allowed, allow = os.pipe()
    with runs.Process(training(tmp_path / "run.nntf", 6, allowed=allowed)) as writer:
        until((tmp_path / "run.nntf").exists, True)
        with following(tmp_path / "run.nntf") as follower:
            for snapshots in range(1, 7):
                os.write(allow, b".")
                until(partial(len, follower.fingerprint), snapshots)
            assert writer.wait() == 0
            until(lambda: follower.state, "finished")
            runs.assert_true(follower.fingerprint, 6)
    os.close(allow)
    os.close(allowed)


def test_a_run_is_followed_in_a_folder_that_may_only_be_read(open_folder):
    path = open_folder / "run.nntf"
    allowed, allow = os.pipe()
    with runs.Process(training(path, 6, allowed=allowed, then="wait")) as writer:
        until(lambda: path.exists() and len(list(open_folder.iterdir())), 3)
        open_folder.chmod(0o555)
        with runs.unprivileged(), following(path) as follower:
            for snapshots in range(1, 7):
                os.write(allow, b".")
                until(partial(len, follower.fingerprint), snapshots)
        writer.kill()
        with runs.unprivileged():
            runs.assert_true(nntf.load(path), 6)
    os.close(allow)
    os.close(allowed)


def test_a_run_is_followed_through_a_link(tmp_path):
    (tmp_path / "runs").mkdir()
    run = runs.grow(runs.new(log=tmp_path / "runs" / "run.nntf", strict=True), 2)
    latest = tmp_path / "latest.nntf"
    latest.symlink_to(run.log)
    with nntf.open(latest) as follower:
        for snapshots in range(3, 6):
            runs.grow(run, snapshots)
            until(partial(len, follower.fingerprint), snapshots)
        assert follower.path == latest
        runs.assert_true(follower.fingerprint)


def test_a_log_that_is_created_while_it_is_opened_is_read(tmp_path, monkeypatch):
    path, number = tmp_path / "run.nntf", database._number
    path.touch()

    def then_it_is_created(connection, pragma):
        value = number(connection, pragma)
        monkeypatch.setattr(database, "_number", number)
        runs.write(path, 1)
        return value

    monkeypatch.setattr(database, "_number", then_it_is_created)
    runs.assert_true(nntf.load(path), 1)


def following(path):
    """Open a log that another process is only just creating."""
    while True:
        try:
            return nntf.open(path)
        except nntf.RunLogError as error:
            if "is empty" not in str(error):
                raise


def test_metrics_that_come_after_their_snapshot_are_followed_before_and_after_the_next_one(tmp_path):
    run = nntf.Fingerprint(2, log=tmp_path / "run.nntf", strict=True)
    run.update([0, 1], metrics={"loss": 0.5})
    with nntf.open(tmp_path / "run.nntf") as follower:
        run.add_metrics({"val_loss": 0.6})
        until(lambda: follower.fingerprint.metrics_at(0), {"loss": 0.5, "val_loss": 0.6})
        run.add_metrics({"val_loss": np.nan})
        run.update([1, 1], metrics={"loss": 0.4})
        until(partial(len, follower.fingerprint), 2)
        assert np.isnan(follower.fingerprint.metrics_at(0)["val_loss"])
        run.add_metrics({"val_loss": 0.3})
        until(lambda: follower.fingerprint.metrics_at(1), {"loss": 0.4, "val_loss": 0.3})
        assert follower.fingerprint.faults == []


def test_another_run_that_begins_alike_is_no_newer_metric(tmp_path):
    path, other = tmp_path / "run.nntf", tmp_path / "other.nntf"
    for place in (path, other):
        run = nntf.Fingerprint(2)
        run.update([0, 1], metrics={"loss": 0.5})
        run.save(place)
    spoil = partial(shutil.move, other, path)
    with nntf.open(path) as follower, pytest.warns(nntf.FingerprintWarning, match="holds another run"):
        until_reported(follower, spoil)


def test_several_followers_see_the_same(tmp_path):
    run = runs.grow(runs.new(log=tmp_path / "run.nntf", strict=True), 3)
    with nntf.open(tmp_path / "run.nntf") as one, nntf.open(tmp_path / "run.nntf") as other:
        assert one.state == other.state == "live"
        runs.grow(run, 8)
        until(lambda: (len(one.fingerprint), len(other.fingerprint)), (8, 8))
        runs.assert_true(one.fingerprint)
        runs.assert_true(other.fingerprint)
        np.testing.assert_array_equal(one.fingerprint.transition_distance, run.transition_distance)


def test_a_follower_may_come_before_the_first_snapshot(tmp_path):
    run = runs.new(log=tmp_path / "run.nntf", strict=True)
    with nntf.open(tmp_path / "run.nntf") as follower:
        assert follower.state == "live"
        assert len(follower.fingerprint) == 0
        runs.grow(run, 2)
        until(partial(len, follower.fingerprint), 2)
        assert follower.fingerprint.class_names == runs.NAMES


def test_a_follower_shows_a_killed_writer_as_stale_and_goes_on_when_the_run_is_resumed(tmp_path):
    path = tmp_path / "run.nntf"
    with runs.Process(training(path, 4, then="wait")) as writer:
        until(path.exists, True)
        with following(path) as follower:
            until(partial(len, follower.fingerprint), 4)
            assert follower.state == "live"
            assert writer.kill() == -signal.SIGKILL
            until(lambda: follower.state, "stale")
            run = runs.grow(runs.new(log=path, strict=True), 6)
            until(partial(len, follower.fingerprint), 6)
            assert follower.state == "live"
            assert follower.fingerprint.resumed_at == [4]
            del run
            until(lambda: follower.state, "finished")


def test_a_writer_that_waits_to_be_buried_is_gone(tmp_path):
    with runs.Process(training(tmp_path / "run.nntf", 2, then="wait")) as writer:
        until((tmp_path / "run.nntf").exists, True)
        with following(tmp_path / "run.nntf") as follower:
            until(partial(len, follower.fingerprint), 2)
            os.kill(writer.pid, signal.SIGKILL)  # and not waited for
            until(lambda: follower.state, "stale")


def rewritten(path, statement):
    """Change an ended log, as time or another computer would have written it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as log:
        log.execute(statement)


def written_elsewhere(path, interval):
    """Write a log of 4 snapshots, `interval` seconds each, as if at another computer; return when the last came."""
    runs.write(path, 4)
    with closing(sqlite3.connect(path, isolation_level=None)) as log:
        ((last,),) = log.execute("SELECT max(time) FROM snapshot")
        changed = "started = ?, ended = NULL, writer = NULL, snapshots = NULL, crc32 = NULL"
        log.execute(f"UPDATE session SET {changed}", (last - 4 * interval,))
    return last


@pytest.mark.parametrize(
    ("interval", "quiet", "state"),
    [(0, 59, "live"), (0, 61, "stale"), (0, 1e6, "stale"), (600, 5999, "live"), (600, 6001, "stale")],
)
def test_a_writer_on_another_computer_is_stale_once_it_is_quiet_for_a_minute_or_ten_of_its_usual_intervals(
    tmp_path, interval, quiet, state, monkeypatch
):
    monkeypatch.setattr(reader, "SHORTEST_PATIENCE", 60)
    last = written_elsewhere(tmp_path / "run.nntf", interval)
    with nntf.open(tmp_path / "run.nntf") as follower:
        monkeypatch.setattr(time, "time", lambda: last + quiet)
        assert follower.state == state


@pytest.mark.parametrize(
    "name", ["", "x", "a b", "a b c d", "{boot} {space} 4a 7", "{boot} {space}", "{boot} {space} 1 7 8"]
)
def test_odd_names_of_processes_are_no_running_ones(name):
    boot, space, *_ = (process.this_process() or "no proc here").split()
    assert not process.is_running(name.format(boot=boot, space=space))


def test_this_process_runs():
    assert process.is_running(process.this_process()) is (True if process.this_process() else None)


def test_closing_ends_the_following_and_keeps_the_run(tmp_path):
    run = runs.grow(runs.new(log=tmp_path / "run.nntf", strict=True), 2)
    follower = nntf.open(tmp_path / "run.nntf")
    assert [thread.name for thread in threading.enumerate()].count("following run.nntf") == 1
    follower.close()
    follower.close()
    assert [thread.name for thread in threading.enumerate()].count("following run.nntf") == 0
    runs.grow(run, 4)
    runs.assert_true(follower.fingerprint, 2)


def test_a_follower_holds_up_no_writer_and_leaves_nothing_behind(tmp_path):
    run = runs.grow(runs.new(log=tmp_path / "run.nntf", strict=True), 2)
    follower = nntf.open(tmp_path / "run.nntf")
    runs.grow(run, 4)
    del run
    until(lambda: follower.state, "finished")
    follower.close()
    assert [file.name for file in tmp_path.iterdir()] == ["run.nntf"]


def test_a_file_that_is_no_log_is_refused_when_it_is_opened(tmp_path):
    (tmp_path / "precious").write_text("precious")
    with pytest.raises(nntf.RunLogError, match="file is not a database"):
        nntf.open(tmp_path / "precious")
    with pytest.raises(FileNotFoundError):
        nntf.open(tmp_path / "nothing.nntf")


def until_reported(follower, spoil):
    spoil()
    until(lambda: len(follower.fingerprint.faults), 1)


def test_damage_that_comes_later_is_reported_by_the_fingerprint(tmp_path):
    path = runs.write(tmp_path / "run.nntf", 5)
    spoil = partial(rewritten, path, "UPDATE snapshot SET crc32 = crc32 + 1 WHERE t = 4")
    with nntf.open(path) as follower, pytest.warns(nntf.FingerprintWarning, match="damaged at snapshot 4"):
        until_reported(follower, spoil)
    runs.assert_true(follower.fingerprint, 5)


def test_another_log_in_its_place_is_noticed(tmp_path):
    path = runs.write(tmp_path / "run.nntf", 5)
    other = nntf.Fingerprint(num_classes=2)
    other.update([0, 1])
    other.save(tmp_path / "other.nntf")
    spoil = partial(shutil.move, tmp_path / "other.nntf", path)
    with nntf.open(path) as follower, pytest.warns(nntf.FingerprintWarning, match="changed while it was followed"):
        until_reported(follower, spoil)
    runs.assert_true(follower.fingerprint, 5)


def test_a_follower_shows_the_widget_under_the_writers_state(tmp_path):
    with runs.Process(training(tmp_path / "run.nntf", 2, then="wait")) as writer:
        until((tmp_path / "run.nntf").exists, True)
        with following(tmp_path / "run.nntf") as follower:
            line, below = following_box(follower).children
            assert line.value == "run.nntf: being written"
            assert below.children[0] is widget_of(follower.fingerprint)
            writer.kill()
            until(lambda: line.value[:27], "run.nntf: not being written")
            widget_of(follower.fingerprint).close()


def test_as_the_last_line_of_a_cell_a_follower_displays(tmp_path):
    with nntf.open(runs.write(tmp_path / "run.nntf", 2)) as follower:
        bundle = follower._repr_mimebundle_()
        assert "application/vnd.jupyter.widget-view+json" in bundle
        assert bundle["text/plain"] == "<Follower run.nntf finished: snapshots=2 samples=64 classes=5>"
        widget_of(follower.fingerprint).close()


def test_a_star_import_leaves_pythons_own_open_alone():
    names = {}
    exec("from nntf_widget import *", names)
    assert "open" not in names
    assert names["load"] is nntf.load
    assert "open" in dir(nntf)
