"""Rates, oscillation, convergence and forgetting: streamed against counted anew from all predictions."""

from __future__ import annotations

import numpy as np
import obvious
import pytest
from hypothesis import given, settings
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
            "class_settled_since": np.array([settled_by(p[:, labels == k]) for k in classes]),
            "settled_since": np.array([max(np.flatnonzero(m) + 1, default=0) for m in moved.T]),
            "move_counts": moved.sum(axis=0),
            "return_counts": (moved[1:] & (p[2:] == p[:-2])).sum(axis=0),
            "accuracy": right.mean(axis=1),
            "recall": np.array([[right[t][labels == k].mean() for k in classes] for t in range(snapshots)]),
            "precision": np.array([[right[t][p[t] == k].mean() for k in classes] for t in range(snapshots)]),
            "support": np.bincount(labels, minlength=num_classes),
            "forgetting_events": (right[:-1] & ~right[1:]).sum(axis=0),
            "learned_at": np.array([np.flatnonzero(r)[0] if r.any() else -1 for r in right.T]),
            "unforgettable": right.any(axis=0) & ~(right[:-1] & ~right[1:]).any(axis=0),
        }


def settled_by(p):
    """The first snapshot from which on 95 % of the samples do not move; -1 where there are none."""
    if p.shape[1] == 0:
        return -1
    return next(t for t in range(len(p)) if (p[t:] == p[-1]).all(axis=0).mean() >= 0.95)


@settings(max_examples=50)
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
            found = getattr(run.dynamics, name)
            assert np.allclose(found() if callable(found) else found, value, equal_nan=True), name
        distance = obvious.transition_distance(obvious.transitions(predictions[: t + 1], num_classes))
        assert np.allclose(run.lag_profile, [distance.diagonal(lag).mean() for lag in range(t)])


@settings(max_examples=30)
@given(seed=st.integers(0, 10**6), num_classes=st.integers(2, 5), snapshots=st.integers(2, 8), since=st.integers(0, 7))
def test_the_exchanges_of_two_classes_are_what_both_gave(seed, num_classes, snapshots, since):
    predictions = np.random.default_rng(seed).integers(0, num_classes, (snapshots, 40))
    dynamics = run_of(*predictions, num_classes=num_classes).dynamics
    moves = obvious.transitions(predictions, num_classes)
    both = np.minimum(moves, moves.transpose(0, 2, 1))
    given = moves[since:].sum(axis=0)
    totals = np.minimum(given, given.T)
    for a in range(num_classes):
        for b in range(num_classes):
            if a != b:
                assert dynamics.exchanges(a, b).tolist() == both[:, a, b].tolist()
    ranked = dynamics.most_exchanging(100, since)
    assert ranked == sorted(ranked, key=lambda pair: -pair[2])
    assert all(a < b and totals[a, b] == samples > 0 for a, b, samples in ranked)
    assert sum(samples for _, _, samples in ranked) == np.triu(totals, 1).sum()
    assert dynamics.most_exchanging(1, since) == ranked[:1]


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
    for name in ("accuracy", "recall", "precision", "support", "forgetting_events", "learned_at", "unforgettable"):
        with pytest.raises(ValueError, match=f"{name} needs the true classes"):
            getattr(run.dynamics, name)
    with pytest.raises(ValueError, match="class_ needs the true classes"):
        run.most_oscillating(class_=1)
    with pytest.raises(IndexError, match="sample is 3; expected 0 to 2"):
        run.history(3)
    with pytest.raises(ValueError, match="k is 0"):
        run.most_oscillating(0)
