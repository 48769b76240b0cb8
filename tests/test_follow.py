"""Followers: a run watched from outside the process that trains."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import sqlite3
import threading
import time
from functools import partial

import numpy as np
import pytest
import runs

import nntf_widget as nntf
from nntf_widget.run_log import follower as follower_module
from nntf_widget.run_log import process
from nntf_widget.widget.following import following_box
from nntf_widget.widget.widget import widget_of


@pytest.fixture(autouse=True)
def eager(monkeypatch):
    """Look at the file often, as tests are impatient."""
    monkeypatch.setattr(follower_module, "INTERVAL", 0.02)


def until(condition, seconds=120):
    """Wait for something that another thread or process does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def training(path, snapshots, *, then="end"):
    """Return the work of a process that trains, a snapshot each 20 ms, and then ends the log or sleeps."""

    def work():
        run = runs.new(log=path, strict=True)
        for t in range(len(run), snapshots):
            runs.grow(run, t + 1)
            time.sleep(0.02)
        if then == "sleep":
            time.sleep(600)
        del run
        gc.collect()

    return work


def test_a_run_is_followed_while_another_process_writes_it(tmp_path):
    with runs.Process(training(tmp_path / "run.nntf", 25)) as writer:
        until((tmp_path / "run.nntf").exists)
        with following(tmp_path / "run.nntf") as follower:
            lengths = set()
            until(lambda: lengths.add(len(follower.fingerprint)) or len(follower.fingerprint) == 25)
            assert len(lengths) > 3, "it grew in steps"
            assert writer.wait() == 0
            until(lambda: follower.state == "finished")
            runs.assert_true(follower.fingerprint, 25)


def following(path):
    """Open a log that another process is only just creating."""
    while True:
        try:
            return nntf.open(path)
        except nntf.RunLogError as error:
            if "is empty" not in str(error):
                raise


def test_several_followers_see_the_same(tmp_path):
    run = runs.grow(runs.new(log=tmp_path / "run.nntf", strict=True), 3)
    with nntf.open(tmp_path / "run.nntf") as one, nntf.open(tmp_path / "run.nntf") as other:
        assert one.state == other.state == "live"
        runs.grow(run, 8)
        until(lambda: len(one.fingerprint) == len(other.fingerprint) == 8)
        runs.assert_true(one.fingerprint)
        runs.assert_true(other.fingerprint)
        np.testing.assert_array_equal(one.fingerprint.transition_distance, run.transition_distance)


def test_a_follower_may_come_before_the_first_snapshot(tmp_path):
    run = runs.new(log=tmp_path / "run.nntf", strict=True)
    with nntf.open(tmp_path / "run.nntf") as follower:
        assert follower.state == "live"
        assert len(follower.fingerprint) == 0
        runs.grow(run, 2)
        until(lambda: len(follower.fingerprint) == 2)
        assert follower.fingerprint.class_names == runs.NAMES


def test_a_follower_shows_a_killed_writer_as_stale_and_goes_on_when_the_run_is_resumed(tmp_path):
    path = tmp_path / "run.nntf"
    with runs.Process(training(path, 4, then="sleep")) as writer:
        until(path.exists)
        with following(path) as follower:
            until(lambda: len(follower.fingerprint) == 4)
            until(lambda: follower.state == "live")
            assert writer.kill() == -signal.SIGKILL
            until(lambda: follower.state == "stale")
            run = runs.grow(runs.new(log=path, strict=True), 6)
            until(lambda: len(follower.fingerprint) == 6)
            until(lambda: follower.state == "live")
            assert follower.fingerprint.resumed_at == [4]
            del run
            gc.collect()
            until(lambda: follower.state == "finished")


def test_a_writer_that_waits_to_be_buried_is_gone(tmp_path):
    with runs.Process(training(tmp_path / "run.nntf", 2, then="sleep")) as writer:
        until((tmp_path / "run.nntf").exists)
        with following(tmp_path / "run.nntf") as follower:
            until(lambda: len(follower.fingerprint) == 2)
            os.kill(writer.pid, signal.SIGKILL)  # and not waited for
            until(lambda: follower.state == "stale")


def rewritten(path, statement, *values):
    """Change an ended log, as time or another computer would have written it."""
    with sqlite3.connect(path) as log:
        log.execute(statement, values)
    log.close()


@pytest.mark.parametrize(("quiet", "state"), [(50, "live"), (70, "stale"), (1e6, "stale")])
def test_a_writer_on_another_computer_is_stale_once_it_is_quiet_for_long(tmp_path, quiet, state, monkeypatch):
    path = runs.write(tmp_path / "run.nntf", 4)
    rewritten(path, "UPDATE session SET ended = NULL, writer = NULL")
    now = time.time() + quiet
    monkeypatch.setattr(time, "time", lambda: now)
    with nntf.open(path) as follower:
        assert follower.state == state


def test_a_slow_run_has_ten_times_its_usual_interval(tmp_path, monkeypatch):
    path = runs.write(tmp_path / "run.nntf", 4)
    rewritten(path, "UPDATE session SET ended = NULL, writer = NULL, started = started - 4 * 600")  # 10 min a snapshot
    now = time.time()
    with nntf.open(path) as follower:
        monkeypatch.setattr(time, "time", lambda: now + 5990)
        assert follower.state == "live"
        monkeypatch.setattr(time, "time", lambda: now + 6010)
        assert follower.state == "stale"


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
    before = threading.active_count()
    follower = nntf.open(tmp_path / "run.nntf")
    assert threading.active_count() == before + 1
    follower.close()
    follower.close()
    assert threading.active_count() == before
    runs.grow(run, 4)
    runs.assert_true(follower.fingerprint, 2)


def test_a_follower_holds_up_no_writer_and_leaves_nothing_behind(tmp_path):
    run = runs.grow(runs.new(log=tmp_path / "run.nntf", strict=True), 2)
    follower = nntf.open(tmp_path / "run.nntf")
    runs.grow(run, 4)
    del run
    gc.collect()
    until(lambda: follower.state == "finished")
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
    until(lambda: follower.fingerprint.faults)


def test_damage_that_comes_later_is_reported_by_the_fingerprint(tmp_path):
    path = runs.write(tmp_path / "run.nntf", 5)
    spoil = partial(rewritten, path, "UPDATE snapshot SET crc32 = crc32 + 1 WHERE t = 4")
    with nntf.open(path) as follower, pytest.warns(nntf.FingerprintWarning, match="holds another run"):
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
    with runs.Process(training(tmp_path / "run.nntf", 2, then="sleep")) as writer:
        until((tmp_path / "run.nntf").exists)
        with following(tmp_path / "run.nntf") as follower:
            line, below = following_box(follower).children
            assert line.value == "run.nntf: being written"
            assert below.children[0] is widget_of(follower.fingerprint)
            writer.kill()
            until(lambda: line.value.startswith("run.nntf: not being written"))
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
