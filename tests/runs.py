"""Runs of which any snapshot can be told from its number alone, so that every process knows what a log should hold."""

from __future__ import annotations

import faulthandler
import gc
import os
import signal
import sys
import traceback
from contextlib import contextmanager
from functools import cache

import numpy as np

import nntf_widget as nntf

NAMES = ["cat", "dog", "<script>alert(1)</script>", "naïve 猫", "lone \ud800"]
NUM_SAMPLES = 64
LABELS = np.random.default_rng(7).integers(0, len(NAMES), NUM_SAMPLES)


@cache
def predictions(t):
    """Snapshot t: few samples have left their place, but every fourth time most."""
    start = np.random.default_rng(0).integers(0, len(NAMES), NUM_SAMPLES)
    random = np.random.default_rng(t + 1)
    elsewhere = random.random(NUM_SAMPLES) < (0.8 if t % 4 == 0 else 0.05)
    return (start + elsewhere * random.integers(1, len(NAMES), NUM_SAMPLES)) % len(NAMES)


def metrics(t):
    return {"loss": [1 / (t + 1), np.nan, np.inf, -np.inf][t % 4], "épreuve\n": float(t)} if t % 3 else {}


def grow(run, snapshots):
    """Update a run until it has so many snapshots; the third brings the labels."""
    for t in range(len(run), snapshots):
        run.update(predictions(t), labels=LABELS if t >= 2 else None, metrics=metrics(t))
    return run


def new(**options):
    return nntf.Fingerprint(class_names=NAMES, **options)


def write(path, snapshots):
    """Write a log to its end."""
    grow(new(log=path, strict=True), snapshots)
    return path


def assert_true(run, snapshots=None):
    """See that a run holds the truth of the snapshots that it has, so many where their number is given."""
    if snapshots is not None:
        assert len(run) == snapshots
    for t in range(len(run)):
        np.testing.assert_array_equal(run.predictions(t), predictions(t))
        np.testing.assert_equal(run.snapshot(t).metrics, metrics(t))
    if len(run):
        assert run.class_names == NAMES
        assert (run.labels is None) if len(run) < 3 else np.array_equal(run.labels, LABELS)


@contextmanager
def unprivileged():
    """Drop the right to write everywhere, where the tests run as root."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


class Process:
    """`work`, done in another process; killed at the end of the block if it still runs."""

    def __init__(self, work):
        self.status = None
        self.pid = os.fork()
        if self.pid == 0:
            gc.freeze()  # what this process was forked with is not its own to finalize
            faulthandler.register(signal.SIGALRM)
            signal.alarm(200)  # where it stands still, it says where
            status = 1
            try:
                work()
                status = 0
            except BaseException:  # noqa: BLE001 - the child may not return into the tests
                traceback.print_exc()
            finally:
                os._exit(status)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.status is None:
            self.kill()

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        return self.wait()

    def wait(self):
        """Return how the process ended: its exit status, or the negative number of the signal."""
        self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.status


def is_struck(line, files, strike, work):
    """Do some work, with a stroke before one of the lines of some files, counted as they run; tell whether it fell.

    `strike` raises MemoryError, or KeyboardInterrupt as a signal does.
    """
    left = line

    def trace(frame, event, _):
        nonlocal left
        if frame.f_code.co_filename not in files:
            return None
        if event == "line":
            left -= 1
            if left == 0:
                strike()
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    except (KeyboardInterrupt, MemoryError):
        return True
    finally:
        sys.settrace(before)
    return left <= 0


def interrupt():
    signal.raise_signal(signal.SIGINT)


def exhaust():
    raise MemoryError
