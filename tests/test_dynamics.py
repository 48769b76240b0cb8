"""Rates, oscillation, convergence and forgetting: streamed against counted anew from all predictions."""

from __future__ import annotations

import numpy as np
import obvious
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nntf_widget as nntf


def brute_force(p, labels, num_classes):
    """Everything counted from the whole (T, N) array of predictions, the obvious way."""
    snapshots = len(p)
    moved = p[1:] != p[:-1]
    returned = np.zeros((snapshots - 1, 4))
    for t in range(1, snapshots):
        for i in np.flatnonzero(moved[t - 1]):
            for period in range(2, 6):
                if t >= period and p[t - period, i] == p[t, i]:
                    returned[t - 1, period - 2] += 1
                    break
    right = p == labels
    classes = range(num_classes)
    gained = [(m & r)[:, None] for m, r in zip(moved, right[1:], strict=True)]
    lost = [(m & r)[:, None] for m, r in zip(moved, right[:-1], strict=True)]
    sideways = [(m & ~r & ~s)[:, None] for m, r, s in zip(moved, right[:-1], right[1:], strict=True)]
    of_class = labels[:, None] == np.arange(num_classes)
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "change_rate": moved.mean(axis=1),
            "arrivals": np.array(
                [[(m & (to == k)).sum() for k in classes] for m, to in zip(moved, p[1:], strict=True)]
            ),
            "departures": np.array(
                [[(m & (o == k)).sum() for k in classes] for m, o in zip(moved, p[:-1], strict=True)]
            ),
            "return_rates": returned / moved.sum(axis=1)[:, None],
            "settled_since": np.array([max(np.flatnonzero(m) + 1, default=0) for m in moved.T]),
            "move_counts": moved.sum(axis=0),
            "return_counts": (moved[1:] & (p[2:] == p[:-2])).sum(axis=0),
            "gained": np.sum(gained, axis=(1, 2)),
            "lost": np.sum(lost, axis=(1, 2)),
            "sideways": np.sum(sideways, axis=(1, 2)),
            "gained_by_class": np.sum(gained & of_class, axis=1),
            "lost_by_class": np.sum(lost & of_class, axis=1),
            "sideways_by_class": np.sum(sideways & of_class, axis=1),
            "recall": np.array([[right[t][labels == k].mean() for k in classes] for t in range(snapshots)]),
            "precision": np.array([[right[t][p[t] == k].mean() for k in classes] for t in range(snapshots)]),
            "support": np.bincount(labels, minlength=num_classes),
            "forgetting_events": (right[:-1] & ~right[1:]).sum(axis=0),
            "learned_at": np.array([np.flatnonzero(r)[0] if r.any() else -1 for r in right.T]),
            "unforgettable": right.any(axis=0) & ~(right[:-1] & ~right[1:]).any(axis=0),
        }


@given(
    seed=st.integers(0, 10**6),
    num_classes=st.integers(2, 5),
    num_samples=st.integers(5, 60),
    snapshots=st.integers(2, 12),
    labelled_at=st.integers(0, 3),
)
@pytest.mark.filterwarnings("ignore:Mean of empty slice")
def test_everything_is_at_every_step_what_it_is_counted_anew(seed, num_classes, num_samples, snapshots, labelled_at):
    random = np.random.default_rng(seed)
    predictions = random.integers(0, num_classes, (snapshots, num_samples))
    labels = random.integers(0, num_classes, num_samples)
    run = nntf.Fingerprint(num_classes)
    for t, classes in enumerate(predictions):
        run.update(classes, labels=labels if t == min(labelled_at, snapshots - 1) else None)
        if t < 1 or run.labels is None:
            continue
        for name, value in brute_force(predictions[: t + 1], labels, num_classes).items():
            assert np.allclose(getattr(run.dynamics, name), value, equal_nan=True), name


def run_of(*predictions, labels=None, num_classes=3):
    run = nntf.Fingerprint(num_classes)
    for classes in predictions:
        run.update(classes, labels=labels)
    return run


def test_a_swap_every_epoch_goes_straight_back():
    run = run_of(*[[0, 1, 2], [1, 0, 2]] * 3)
    assert run.dynamics.return_rate.tolist() == [0, 1, 1, 1, 1]


def test_a_turn_through_three_classes_comes_back_after_three_snapshots():
    run = run_of(*[[0, 1, 2], [1, 2, 0], [2, 0, 1]] * 2)
    assert run.dynamics.return_rates[3].tolist() == [0, 1, 0, 0]


def test_a_class_has_settled_when_so_many_of_its_samples_have():
    run = run_of([0] * 20, [1] * 1 + [0] * 19, [0] * 20, [1, 1] + [0] * 18, labels=[0] * 20)
    assert run.dynamics.class_settled_since(0.9).tolist() == [0, -1, -1]
    assert run.dynamics.class_settled_since(1.0).tolist() == [3, -1, -1]
    with pytest.raises(ValueError, match="share is 2"):
        run.dynamics.class_settled_since(2)


def test_every_move_is_a_gain_a_loss_or_sideways():
    run = run_of([0, 1, 2, 2], [0, 0, 1, 2], [1, 0, 2, 0], labels=[0, 0, 0, 0])
    dynamics = run.dynamics
    assert (dynamics.gained.tolist(), dynamics.lost.tolist(), dynamics.sideways.tolist()) == ([1, 1], [0, 1], [1, 1])
    assert dynamics.gained_by_class.tolist() == [[1, 0, 0], [1, 0, 0]]
    moved = dynamics.gained + dynamics.lost + dynamics.sideways
    assert np.array_equal(moved, run.num_samples * dynamics.change_rate)


def test_there_are_no_moves_before_the_second_snapshot():
    dynamics = run_of([0, 1, 2], labels=[0, 0, 0]).dynamics
    assert dynamics.gained.shape == (0,)
    assert dynamics.lost_by_class.shape == (0, 3)


def test_samples_that_a_person_would_look_at():
    labels = [0, 0, 1, 1]
    run = run_of([0, 1, 1, 0], [1, 0, 1, 0], [0, 1, 1, 0], [1, 0, 1, 0], labels=labels, num_classes=2)
    assert run.most_forgotten(1).tolist() == [0]
    assert run.most_forgotten().tolist() == [0, 1]
    assert run.most_forgotten(class_=1).tolist() == []
    assert run.most_oscillating(5, class_="0").tolist() == [0, 1]
    assert run.never_learned().tolist() == [3]
    assert run.never_learned(class_=0).tolist() == []
    assert run.history(1).tolist() == [1, 0, 1, 0]


def test_they_are_as_of_when_they_are_asked_for():
    run = run_of([0, 1, 2], [0, 0, 2])
    assert run.dynamics.change_rate.tolist() == [1 / 3]
    run.update([0, 0, 0], labels=[0, 0, 0])
    assert run.dynamics.gained.tolist() == [1, 1]
    assert run.dynamics.settled_since.tolist() == [0, 1, 2]
    run.update([1, 0, 0])
    assert run.dynamics.lost.tolist() == [0, 0, 1]


def test_the_settled_share_is_of_what_has_not_moved_since():
    run = run_of([0, 1, 2, 2], [0, 0, 1, 2], [1, 0, 2, 2], [1, 0, 2, 2])
    assert run.dynamics.settled_share.tolist() == [0.25, 0.5, 1, 1]
    assert run_of([0, 1]).dynamics.settled_share.tolist() == [1]


@pytest.mark.parametrize("period", [2, 3])
def test_moves_that_come_back_have_a_period(period):
    random = np.random.default_rng(0)
    places = random.integers(0, 6, (period, 600))
    run = run_of(*[places[t % period] for t in range(4 * period)], num_classes=6)
    assert run.period == period
    assert np.nanargmin(run.excess_lag_profile[1 : 2 * period]) + 1 == period


def test_moves_at_random_have_no_period():
    random = np.random.default_rng(0)
    assert run_of(*random.integers(0, 4, (14, 400)), num_classes=4).period is None


def test_a_run_of_few_moves_or_few_epochs_has_no_period():
    assert nntf.Fingerprint(3).period is None
    still = run_of(*[[0, 1, 2]] * 9)
    assert still.period is None
    assert np.isnan(still.excess_lag_profile).all()


def test_the_lag_profile_sees_a_checkerboard():
    random = np.random.default_rng(0)
    there, back = random.integers(0, 4, (2, 500))
    run = run_of(*[there, back] * 5, num_classes=4)
    profile = run.lag_profile
    assert profile[::2].max() == 0
    assert profile[1::2].min() > 0.05
    distance = obvious.transition_distance(run.transitions)
    assert np.allclose(profile, [np.diagonal(distance, lag).mean() for lag in range(len(distance))])


def test_what_needs_labels_or_a_snapshot_says_so():
    with pytest.raises(ValueError, match="dynamics needs a snapshot"):
        _ = nntf.Fingerprint(3).dynamics
    run = run_of([0, 1, 2])
    by_outcome = ("gained", "lost", "sideways", "gained_by_class", "lost_by_class", "sideways_by_class")
    by_sample = ("forgetting_events", "learned_at", "unforgettable")
    for name in ("recall", "precision", "support", *by_outcome, *by_sample):
        with pytest.raises(ValueError, match=f"{name} needs the true classes"):
            getattr(run.dynamics, name)
    with pytest.raises(ValueError, match="class_ needs the true classes"):
        run.most_oscillating(class_=1)
    with pytest.raises(IndexError, match="sample is 3; expected 0 to 2"):
        run.history(3)
    with pytest.raises(ValueError, match="k is 0"):
        run.most_oscillating(0)
