"""An update that fails leaves the run as it was, wherever it fails."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from itertools import count

import numpy as np
import pytest
import runs

import nntf_widget as nntf
from nntf_widget import distances, dynamics, growing, history, recurrence, snapshots, transitions

PARTS = {module.__file__ for module in (distances, dynamics, growing, history, recurrence, snapshots, transitions)}


def fails_at(line, work):
    return runs.is_struck(line, PARTS, runs.exhaust, work)


def arrays_of(run):
    """Return everything that a run tells."""
    told = run.dynamics
    arrays = {
        "class_counts": run.class_counts,
        "transitions": run.transitions,
        "transition_distance": run.transition_distance,
        "prediction_distance": run.prediction_distance,
        "predictions": np.stack([run.predictions(t) for t in range(len(run))]),
        "histories": np.stack([run.history(sample) for sample in range(run.num_samples)]),
        **{name: getattr(told, name) for name in ("change_rate", "arrivals", "departures", "return_rates")},
        **{name: getattr(told, name) for name in ("settled_since", "move_counts", "return_counts")},
        **run.metrics,
    }
    if run.labels is None:
        return arrays
    learned = ("recall", "precision", "support", "forgetting_events", "learned_at", "unforgettable")
    return {**arrays, "labels": run.labels, **{name: getattr(told, name) for name in learned}}


def assert_same(run, other):
    expected = arrays_of(other)
    for name, array in arrays_of(run).items():
        np.testing.assert_array_equal(array, expected[name], name)


@pytest.mark.parametrize("snapshots", [0, 1, 2, 32, 40])  # the third has the labels, the 33rd begins a new block
def test_an_update_that_fails_at_any_line_leaves_the_run_as_it_was(snapshots):
    for line in count(1):
        run, untouched = runs.grow(runs.new(), snapshots), runs.grow(runs.new(), snapshots)
        if not fails_at(line, partial(runs.grow, run, snapshots + 1)):
            break
        assert len(run) == snapshots
        if snapshots:
            assert_same(run, untouched)
        assert_same(runs.grow(run, snapshots + 4), runs.grow(untouched, snapshots + 4))
    assert line > 20, "there are that many lines"


def test_a_snapshot_in_which_nothing_moves_may_fail_too():
    run = runs.grow(runs.new(), 4)
    assert fails_at(5, partial(run.update, runs.predictions(3)))
    run.update(runs.predictions(3), metrics=runs.metrics(4))
    untouched = runs.grow(runs.new(), 4)
    untouched.update(runs.predictions(3), metrics=runs.metrics(4))
    assert_same(run, untouched)


def test_recurrence_that_fails_at_some_line_is_read_anew():
    untouched = runs.grow(runs.new(), 8)
    expected = [band.laminarity for band in untouched.recurrence()]
    for line in count(1, 61):
        run = runs.grow(runs.new(), 4)
        run.recurrence()
        run.recurrence_history  # noqa: B018 - to be kept up to date
        runs.grow(run, 8)
        is_told = fails_at(line, run.recurrence), fails_at(line, lambda run=run: run.recurrence_history)
        assert [band.laminarity for band in run.recurrence()] == expected
        np.testing.assert_array_equal(run.recurrence_history.laminarity, untouched.recurrence_history.laminarity)
        if not any(is_told):
            break
    assert line > 300, "there are that many lines"


def test_dynamics_that_fail_at_some_line_are_read_anew():
    expected = arrays_of(runs.grow(runs.new(), 8))
    for line in count(1, 7):
        run = runs.grow(runs.new(), 2)
        run.dynamics  # noqa: B018 - to be kept up to date; the labels come later
        runs.grow(run, 8)
        is_told = fails_at(line, lambda run=run: run.dynamics)
        for name, array in arrays_of(run).items():
            np.testing.assert_array_equal(array, expected[name], name)
        if not is_told:
            break
    assert line > 100, "there are that many lines"


EXHAUSTED = """
import resource
from pathlib import Path
import numpy as np
import nntf_widget as nntf

generator, classes = np.random.default_rng(1), np.zeros(1_200_000, np.uint8)
snapshots = []
for _ in range(34):
    classes = classes.copy()
    classes[generator.integers(0, len(classes), 10_000)] = generator.integers(0, 10)
    snapshots.append(classes)
run, untouched = nntf.Fingerprint(10), nntf.Fingerprint(10)
for predictions in snapshots[:32]:
    run.update(predictions)
    untouched.update(predictions)
in_use = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
limits = resource.getrlimit(resource.RLIMIT_AS)
failed = 0
for more in range(0, 100, 5):  # MiB; a new block takes 37
    resource.setrlimit(resource.RLIMIT_AS, (in_use + more * 2**20, limits[1]))
    try:
        run.update(snapshots[32])
        break
    except MemoryError:
        failed += 1
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)
assert failed > 3
untouched.update(snapshots[32])
for each in (run, untouched):
    each.update(snapshots[33])
np.testing.assert_array_equal(run.prediction_distance, untouched.prediction_distance)
np.testing.assert_array_equal(run.transition_distance, untouched.transition_distance)
np.testing.assert_array_equal(run.transitions, untouched.transitions)
np.testing.assert_array_equal(run.dynamics.move_counts, untouched.dynamics.move_counts)
"""


@pytest.mark.long  # what an allocator still has is not the same on every machine
def test_where_memory_really_runs_out_the_run_is_as_it_was():
    done = subprocess.run([sys.executable, "-c", EXHAUSTED], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_most_classes_that_there_may_be_take_memory_for_what_moves():
    largest = 2**16 - 1
    run = nntf.Fingerprint(num_classes=2**16)
    for predictions in ([0, 5, 5], [largest, 5, 6], [0, 5, 6], [largest, 5, 5], [largest, 5, 5], [0, 6, 6]):
        run.update(np.array(predictions))
    seen = nntf.Fingerprint(num_classes=4)  # the same moves, in few classes
    for predictions in ([0, 1, 1], [3, 1, 2], [0, 1, 2], [3, 1, 1], [3, 1, 1], [0, 2, 2]):
        seen.update(np.array(predictions))
    np.testing.assert_array_equal(run.transition_distance, seen.transition_distance)
    np.testing.assert_array_equal(run.prediction_distance, seen.prediction_distance)
