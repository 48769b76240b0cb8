"""The trajectory: held to scikit-learn's SMACOF, to layouts that are known, and on real runs to staying where it is."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import runs
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist, pdist
from sklearn.manifold import smacof as reference

import nntf_widget as nntf
from nntf_widget import trajectory
from nntf_widget.trajectory import Layout, smacof, turned_onto

RATES = ("0.01", "0.005", "0.001", "0.0005")


def random_distance(random, size, dimensions=6):
    points = random.normal(size=(size, dimensions))
    return cdist(points, points)


def distance_of(run, of):
    return run.transition_distance if of == "transition" else run.prediction_distance / run.num_samples


def stress(points, distance):
    """Kruskal's stress-1, pair by pair."""
    pairs = [(i, j) for i in range(len(points)) for j in range(i)]
    off = sum((np.hypot(*(points[i] - points[j])) - distance[i, j]) ** 2 for i, j in pairs)
    return np.sqrt(off / sum(distance[i, j] ** 2 for i, j in pairs))


@given(st.integers(2, 40), st.integers(1, 20), st.integers(0, 1000))
def test_every_step_is_that_of_scikit_learn(size, steps, seed):
    random = np.random.default_rng(seed)
    distance, start = random_distance(random, size), random.normal(size=(size, 2))
    ours = smacof(distance, start, steps, precision=-1)
    theirs, _ = reference(distance, init=start, n_init=1, max_iter=steps, eps=0, normalized_stress=False)
    np.testing.assert_allclose(ours, theirs, atol=1e-9)


def test_so_many_distances_that_they_are_drawn_in_parts_give_the_same(monkeypatch):
    random = np.random.default_rng(0)
    distance, start = random_distance(random, 30), random.normal(size=(30, 2))
    at_once = smacof(distance, start, 5, 0)
    monkeypatch.setattr(trajectory, "PART", 64)
    np.testing.assert_allclose(smacof(distance, start, 5, 0), at_once)


def test_a_run_that_lies_in_the_plane_is_laid_out_as_it_is():
    laid = []
    for size in range(3, 63):
        points = np.cumsum(np.random.default_rng(size).normal(size=(size, 2)), axis=0)
        distance = cdist(points, points)
        laid.append(Layout().extend(distance))
        if laid[-1].stress < 0.02:
            assert abs(pdist(laid[-1].points) - pdist(points)).max() < 0.1 * distance.max()
    found = np.array([each.stress for each in laid])
    assert (found < 0.02).mean() >= 0.95  # it is a local search, which may end in a fold
    assert found.max() < 0.15


@settings(max_examples=30)
@given(st.integers(2, 30), st.integers(0, 1000))
def test_the_stress_is_that_of_the_points(size, seed):
    distance = random_distance(np.random.default_rng(seed), size)
    laid = Layout().extend(distance)
    assert laid.stress == pytest.approx(stress(laid.points, distance), abs=1e-9)


@given(st.integers(4, 30), st.floats(0, 6.3), st.booleans(), st.integers(0, 1000))
def test_what_was_only_turned_mirrored_and_shifted_is_turned_back(size, angle, is_mirrored, seed):
    random = np.random.default_rng(seed)
    known = random.normal(size=(size, 2))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) * [1, -1 if is_mirrored else 1]
    np.testing.assert_allclose(turned_onto(known[:-1], known @ turn + random.normal(size=2)), known, atol=1e-9)


@pytest.mark.parametrize("of", ["transition", "prediction"])
@pytest.mark.parametrize("rate", RATES)
def test_of_a_real_run_a_new_epoch_leaves_the_others_where_they_are(shared, rate, of):
    distance = distance_of(nntf.load(shared / "runs" / f"lenet5-cifar10-lr{rate}.nntf"), of)
    layout = Layout()
    before, moved = layout.extend(distance[:2, :2]).points, []
    for size in range(3, len(distance) + 1):
        points = layout.extend(distance[:size, :size]).points
        width = np.ptp(points, axis=0).max()
        moved.append(np.median(np.linalg.norm(points[:-1] - before, axis=1)) / width)
        before = points
    assert np.median(moved) < 0.01
    assert max(moved) < 0.05


@pytest.mark.parametrize("of", ["transition", "prediction"])
@pytest.mark.parametrize("rate", RATES)
def test_of_a_real_run_it_is_as_good_as_the_best_of_several_of_scikit_learn(shared, rate, of):
    distance = distance_of(nntf.load(shared / "runs" / f"lenet5-cifar10-lr{rate}.nntf"), of)
    layout = Layout()
    followed = [layout.extend(distance[:size, :size]) for size in range(1, len(distance) + 1)]
    options = {"n_init": 4, "max_iter": 300, "eps": 1e-6, "random_state": 0, "normalized_stress": False}
    points, _ = reference(distance, **options)
    best = stress(points, distance)
    assert followed[-1].stress < 1.04 * best
    assert Layout().extend(distance).stress < 1.04 * best


def test_points_that_lay_on_each_other_part():
    same = np.zeros((5, 5))
    layout = Layout()
    np.testing.assert_array_equal(layout.extend(same).points, np.zeros((5, 2)))
    assert np.isnan(layout.extend(same).stress)
    apart = 1 - np.eye(7)
    apart[:5, :5] = 0  # two that are far from all of them, and from each other
    laid = layout.extend(apart)
    assert laid.stress < 0.01
    np.testing.assert_allclose(cdist(laid.points, laid.points), apart, atol=0.02)


def test_a_fingerprint_has_a_point_for_each_transition_or_each_snapshot():
    for of, ahead in (("transition", 1), ("prediction", 0)):
        run = runs.new()
        assert run.trajectory(of).points.shape == (0, 2)
        for snapshots in (1, 2, 6):
            runs.grow(run, snapshots)
            assert run.trajectory(of).points.shape == (len(run) - ahead, 2)
        assert run.trajectory(of).stress == pytest.approx(stress(run.trajectory(of).points, distance_of(run, of)))


def test_what_is_given_out_is_the_callers_own():
    run = runs.grow(runs.new(), 6)
    points = run.trajectory().points
    expected = points.copy()
    points[:] = 0
    np.testing.assert_array_equal(run.trajectory().points, expected)


def test_a_training_goes_on_while_it_is_laid_out(monkeypatch):
    run = runs.grow(runs.new(), 4)
    is_begun, may_end = threading.Event(), threading.Event()

    def held(*arguments):
        is_begun.set()
        assert may_end.wait(60)
        return smacof(*arguments)

    monkeypatch.setattr(trajectory, "smacof", held)
    drawing = threading.Thread(target=run.trajectory)
    drawing.start()
    assert is_begun.wait(60)
    runs.grow(run, 5)
    may_end.set()
    drawing.join(60)
    assert len(run) == 5
    assert len(run.trajectory().points) == 4


def test_another_distance_is_refused():
    with pytest.raises(ValueError, match=r"of is 'excess'; expected .*'transition'.*'prediction'"):
        runs.grow(runs.new(), 3).trajectory("excess")
