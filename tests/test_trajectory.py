"""The trajectory: true distances where the plane has room for them, and a picture that does not jump."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from scipy.spatial.distance import cdist

import nntf_widget as nntf
from nntf_widget.trajectory import Layout


def wandering(snapshots, num_samples=400, seed=0):
    """A run that moves fast at first and then ever less."""
    random = np.random.default_rng(seed)
    classes = random.integers(0, 5, num_samples)
    run = nntf.Fingerprint(5)
    for t in range(snapshots):
        run.update(classes)
        moved = np.flatnonzero(random.random(num_samples) < 0.5 / (1 + t))
        classes[moved] = random.integers(0, 5, len(moved))
    return run


def test_a_path_of_the_plane_is_found_again():
    path = np.cumsum(np.random.default_rng(1).normal(size=(30, 2)), axis=0)
    distance = cdist(path, path)
    points, stress = Layout().update(distance)
    assert np.allclose(cdist(points, points), distance, atol=1e-3 * distance.max())
    assert stress < 1e-3
    assert np.allclose(points.mean(axis=0), 0)


@pytest.mark.parametrize("of", ["transition", "prediction"])
def test_a_new_epoch_moves_old_points_by_little(of):
    random = np.random.default_rng(0)
    classes, run, jumps = random.integers(0, 5, 400), nntf.Fingerprint(5), []
    before = np.zeros((0, 2))
    for t in range(40):
        run.update(classes)
        moved = np.flatnonzero(random.random(400) < 0.5 / (1 + t))
        classes[moved] = random.integers(0, 5, len(moved))
        points = run.trajectory(of).points
        assert len(points) == len(run) - (of == "transition")
        if len(before) >= 5:
            moves = np.linalg.norm(points[: len(before)] - before, axis=1)
            jumps.append(np.median(moves) / np.ptp(points, axis=0).max())
        before = points
    assert np.median(jumps) < 0.02
    assert max(jumps) < 0.2


def test_the_stress_is_that_of_the_distances_drawn():
    run = wandering(12)
    points, stress = run.trajectory("prediction")
    true = run.prediction_distance / run.num_samples
    drawn = cdist(points, points)
    assert stress == pytest.approx(np.sqrt(((drawn - true) ** 2).sum() / (true**2).sum()))
    assert stress < 0.3


def test_asked_late_or_at_every_epoch_the_picture_is_about_as_good():
    late, often = wandering(25), wandering(0)
    for t in range(25):
        often.update(late.predictions(t))
        often.trajectory("prediction")
    assert often.trajectory("prediction").stress < 1.3 * late.trajectory("prediction").stress


@pytest.mark.parametrize("of", ["transition", "prediction"])
def test_of_every_second_moment_it_is_that_of_half_the_distance(of):
    run = wandering(21)
    distance = run.transition_distance if of == "transition" else run.prediction_distance / run.num_samples
    np.testing.assert_array_equal(run.trajectory(of, every=2).points, Layout().update(distance[::2, ::2]).points)


def test_thinned_it_goes_on_from_the_finer_one():
    run = wandering(30)
    before = run.trajectory("prediction").points[::2]
    for t in range(3):
        run.update(run.predictions(t))
    after = run.trajectory("prediction", every=2).points[: len(before)]
    assert np.linalg.norm(after - before, axis=1).max() < 0.2 * np.ptp(before, axis=0).max()


@pytest.mark.parametrize("snapshots", [0, 1, 2, 3])
def test_the_shortest_runs_have_a_trajectory_too(snapshots):
    run = wandering(snapshots)
    assert run.trajectory("prediction").points.shape == (snapshots, 2)
    assert run.trajectory("transition").points.shape == (max(snapshots - 1, 0), 2)


def test_a_run_in_which_nothing_moves_stays_in_one_place():
    run = nntf.Fingerprint(3)
    for _ in range(5):
        run.update([0, 1, 2])
    points, stress = run.trajectory("prediction")
    assert not points.any()
    assert np.isnan(stress)


def test_without_scikit_learn_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.manifold", None)
    with pytest.raises(ImportError, match="trajectory needs scikit-learn"):
        wandering(4).trajectory()


def test_another_distance_is_refused():
    with pytest.raises(ValueError, match="of is 'loss'; expected one of 'transition', 'prediction'"):
        wandering(3).trajectory("loss")
