"""Measures across runs, against the formulas over all predictions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import nntf_widget as nntf
from nntf_widget.comparison import Comparison


def run_of(predictions, labels=None, num_classes=3):
    run = nntf.Fingerprint(num_classes)
    for classes in predictions:
        run.update(classes, labels=labels)
    return run


@pytest.fixture
def predictions():
    """Two runs on the same samples that begin apart and end alike."""
    random = np.random.default_rng(0)
    labels = random.integers(0, 3, 500)
    shares = np.linspace(0.9, 0.1, 12)
    runs = {
        name: np.array([np.where(random.random(500) < share, random.integers(0, 3, 500), labels) for share in shares])
        for name in ("fast", "slow")
    }
    return runs, labels


def test_the_cross_distance_counts_what_two_runs_predict_differently(predictions):
    runs, labels = predictions
    comparison = Comparison({name: run_of(each, labels) for name, each in runs.items()})
    expected = (runs["fast"][:, None] != runs["slow"][None]).sum(axis=2)
    assert np.array_equal(comparison.cross_distance("fast", "slow"), expected)
    assert np.array_equal(comparison.nearest("fast", "slow"), expected.argmin(axis=0))
    own = comparison.cross_distance("fast", "fast")
    assert np.array_equal(own, comparison.runs["fast"].prediction_distance)


def test_a_run_that_lags_behind_another_is_seen_to(predictions):
    runs, _ = predictions
    comparison = Comparison({"first": run_of(runs["fast"]), "later": run_of(runs["fast"][[0, 0, 0, 1, 2, 3, 4]])})
    assert comparison.nearest("first", "later").tolist() == [0, 0, 0, 1, 2, 3, 4]


def test_the_table_has_a_row_a_run(predictions):
    runs, labels = predictions
    comparison = Comparison({"fast": run_of(runs["fast"], labels), "none": nntf.Fingerprint(3)})
    fast, none = comparison.table()
    run = comparison.runs["fast"]
    assert (fast.name, fast.snapshots, fast.accuracy) == ("fast", 12, (runs["fast"][-1] == labels).mean())
    assert fast.verdict == ", ".join(verdict.kind for verdict in run.verdicts()) != ""
    assert fast.laminarity == run.recurrence().best_laminarity.laminarity
    assert (none.snapshots, none.verdict) == (0, "")
    assert np.isnan([none.accuracy, none.change_rate, none.laminarity, none.entropy]).all()
    frame = pd.DataFrame(comparison.table()).sort_values("snapshots")
    assert frame["name"].tolist() == ["none", "fast"]
    assert repr(comparison).startswith("fast: 12 snapshots")


def test_the_map_puts_alike_snapshots_of_all_runs_near_each_other(predictions):
    runs, labels = predictions
    found = Comparison({name: run_of(each, labels) for name, each in runs.items()}).map()
    assert [len(points) for points in found.points.values()] == [12, 12]
    first, last = (np.linalg.norm(found.points["fast"][t] - found.points["slow"][t]) for t in (0, -1))
    assert last < 0.5 * first
    assert found.stress < 0.3


def test_the_map_of_many_snapshots_is_laid_out_by_some_and_has_a_point_for_each(predictions, monkeypatch):
    runs, labels = predictions
    comparison = Comparison({name: run_of(each, labels) for name, each in runs.items()})
    stacked = np.concatenate(list(runs.values()))
    shares = (stacked[:, None] != stacked).mean(axis=2)

    def stress(found):
        points = np.concatenate(list(found.points.values()))
        drawn = np.linalg.norm(points[:, None] - points, axis=2)
        return np.sqrt(((drawn - shares) ** 2).sum() / (shares**2).sum())

    whole = comparison.map()
    assert stress(whole) == pytest.approx(whole.stress)
    monkeypatch.setattr("nntf_widget.comparison.LANDMARKS", 10)
    monkeypatch.setattr("nntf_widget.comparison.MAP_SAMPLES", 250)
    thrifty = comparison.map()
    assert [len(points) for points in thrifty.points.values()] == [12, 12]
    assert stress(thrifty) < 1.5 * whole.stress


def test_the_map_of_runs_that_grew_lies_on_the_one_before(predictions):
    runs, _ = predictions
    growing = {name: run_of(each[:8]) for name, each in runs.items()}
    before = Comparison(growing).map()
    for name, run in growing.items():
        for classes in runs[name][8:]:
            run.update(classes)
    apart = {}
    for onto in (None, before):
        after = Comparison(growing).map(onto)
        apart[onto is None] = max(np.linalg.norm(after.points[name][:8] - before.points[name]).max() for name in runs)
    assert apart[False] < 0.5 * apart[True]


def test_the_cross_distance_of_long_runs_takes_every_so_many_th_snapshot(predictions):
    runs, labels = predictions
    comparison = Comparison({name: run_of(each, labels) for name, each in runs.items()})
    assert np.array_equal(
        comparison.cross_distance("fast", "slow", 5), comparison.cross_distance("fast", "slow")[::5, ::5]
    )


def test_classes_are_compared_by_their_recall(predictions):
    runs, labels = predictions
    comparison = Comparison({"known": run_of(runs["fast"], labels), "unknown": run_of(runs["slow"])})
    known, unknown = comparison.recall()
    assert np.allclose(known, [(runs["fast"][-1][labels == k] == k).mean() for k in range(3)])
    assert np.isnan(unknown).all()


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (run_of([[0, 1], [1, 0]]), "num_samples"),
        (run_of([[0] * 500], num_classes=4), "num_classes"),
        (run_of([[0] * 500], labels=[1] * 500), "labels"),
    ],
)
def test_runs_on_other_samples_have_no_distances_and_it_says_why(predictions, other, why):
    runs, labels = predictions
    comparison = Comparison({"fast": run_of(runs["fast"], labels), "other": other})
    assert why in comparison.incomparable()
    for ask in (comparison.map, lambda: comparison.cross_distance("fast", "other")):
        with pytest.raises(ValueError, match=f"{why}.*expected the same samples"):
            ask()
    assert len(comparison.table()) == 2


def test_what_is_no_run_is_refused():
    with pytest.raises(ValueError, match="runs is empty"):
        Comparison({})
    with pytest.raises(TypeError, match=r"runs\['a'\] is a int; expected a Fingerprint"):
        Comparison({"a": 3})
    with pytest.raises(TypeError, match="runs has the name 1; expected str"):
        Comparison({1: nntf.Fingerprint(2)})
    with pytest.raises(KeyError, match="there is no run 'b'"):
        Comparison({"a": nntf.Fingerprint(2)}).cross_distance("b", "a")
