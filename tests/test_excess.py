"""The excess distance: held to its sums done one by one, to deals really dealt out, and to what it is for."""

from __future__ import annotations

from itertools import count

import numpy as np
import obvious
import pytest
import runs
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats

import nntf_widget as nntf
from nntf_widget import excess, growing


def predictions_of(matrices):
    """Yield the predictions of a run with such transitions, of which each sample but one moves in one."""
    cells = np.argwhere(matrices)
    at, origins, targets = np.repeat(cells, matrices[tuple(cells.T)], axis=0).T
    for t in range(len(matrices) + 1):
        yield np.append(np.where(at < t, targets, origins), 0)


def fingerprint(predictions, num_classes):
    run = nntf.Fingerprint(num_classes)
    for classes in predictions:
        run.update(classes)
    return run


@st.composite
def transitions(draw):
    """Two or three transitions, of no moves up to thousands, spread over all pairs of classes or on one."""
    size = draw(st.integers(2, 5))
    random = np.random.default_rng(draw(st.integers(0, 10**6)))
    of_all, of_one = draw(st.sampled_from([0, 0.3, 3, 30, 300])), draw(st.sampled_from([0, 1, 20, 40, 2000]))
    matrices = []
    for _ in range(draw(st.integers(2, 3))):
        matrix = random.poisson(of_all * random.choice([0, 0.1, 0.9, 1]) * random.exponential(size=(size, size)))
        matrix[0, 1] += random.poisson(of_one * random.choice([0.1, 1]))
        matrices.append(matrix * ~np.eye(size, dtype=bool))
    return np.array(matrices)


def of_one_cell(*counts):
    return np.array([[[0, count], [0, 0]] for count in counts])


@pytest.mark.parametrize("num_classes", [4, 60])
def test_of_the_last_transitions_it_is_the_same_at_no_more_cost(num_classes):
    random = np.random.default_rng(num_classes)
    run, recent, begun = nntf.Fingerprint(num_classes), excess.RecentExcess(num_classes), set()
    classes = random.integers(0, num_classes, 500)
    for t in range(40):
        classes = np.where(random.random(500) < 0.2, random.integers(0, num_classes, 500), classes)
        run.update(classes)
        if t == 0 or 20 < t < 24:  # as where nobody asked for a while
            continue
        distances = run.transition_distance
        last = recent.of_last(5, run._snapshots.transitions, lambda s, distances=distances: distances[s, :s])
        np.testing.assert_allclose(last, run.excess_distance[-5:, -5:], rtol=0, atol=1e-12)
        begun.add(recent._known.first)
        assert len(recent._known.rows) <= 4 * 5
    assert len(begun) > 1


@pytest.mark.parametrize("least", [2, excess.SIDE_BY_SIDE + 1])
@given(matrices=transitions())
@example(matrices=of_one_cell(12, 12, 13))
@example(matrices=of_one_cell(0, 0))
def test_it_is_within_a_thousandth_of_the_sums_done_one_by_one(matrices, least):
    run = fingerprint(predictions_of(matrices), max(matrices.shape[1], least))
    found, expected = run.excess_distance, obvious.excess_distance(matrices)
    is_doubtful = np.abs(0.95 - obvious.chance_distance(matrices)) < 1e-3  # whether there is enough to tell
    np.testing.assert_allclose(found[~is_doubtful], expected[~is_doubtful], rtol=0, atol=1e-3)


@pytest.mark.parametrize("num_classes", [5, excess.SIDE_BY_SIDE + 1])
def test_of_small_counts_it_is_exact(num_classes):
    predictions = np.random.default_rng(0).integers(0, 5, (5, 60))
    run = fingerprint(predictions, num_classes)
    matrices = run.transitions[:, :5, :5]
    np.testing.assert_allclose(run.excess_distance, obvious.excess_distance(matrices), rtol=0, atol=1e-9)


def dealt(first, second, deals, random):
    """Return the mean distance of the moves of two transitions, thrown together and dealt out again at random."""
    together = (first + second)[first + second > 0]
    firsts = random.multivariate_hypergeometric(together, first.sum(), size=deals)
    return (np.abs(2 * firsts - together).sum(axis=1) / together.sum()).mean()


@pytest.mark.parametrize(("num_classes", "num_samples", "share"), [(4, 2000, 0.3), (10, 20_000, 0.1), (60, 3000, 0.1)])
def test_chance_is_what_ten_thousand_random_deals_come_to(num_classes, num_samples, share):
    random = np.random.default_rng(num_classes)
    classes = random.integers(0, num_classes, num_samples)
    snapshots = [classes]
    for rate in (share, share / 4, share):
        elsewhere = random.random(num_samples) < rate
        snapshots.append((snapshots[-1] + elsewhere * random.geometric(0.4, num_samples)) % num_classes)
    run = fingerprint(snapshots, num_classes)
    moves = (run.transitions * ~np.eye(num_classes, dtype=bool)).reshape(3, -1)
    for s, t in ((0, 1), (0, 2), (1, 2)):
        distance, beyond = run.transition_distance[s, t], run.excess_distance[s, t]
        expected = (distance - beyond) / (1 - beyond)
        assert dealt(moves[s], moves[t], 10_000, random) == pytest.approx(expected, abs=1e-3)


def test_where_too_few_moved_to_tell_it_is_no_number():
    still, one, many = np.zeros(400, int), np.zeros(400, int), np.zeros(400, int)
    one[0] = 1
    many[:200] = 1
    run = fingerprint([still, still, one, still, many], 2)
    few = np.ones((4, 4), bool) & ~np.diag([False, True, True, True])  # none, one, one, two hundred moved
    np.testing.assert_array_equal(np.isnan(run.excess_distance), few)


@pytest.mark.parametrize("snapshots", [0, 1, 2])
def test_it_has_a_row_for_each_transition(snapshots):
    run = runs.grow(runs.new(), snapshots)
    assert run.excess_distance.shape == run.transition_distance.shape
    assert run.excess_distance.dtype == np.float64


@pytest.mark.parametrize("num_classes", [5, excess.SIDE_BY_SIDE + 1, 5000])
def test_it_grows_with_the_run_to_what_it_is_at_the_end(num_classes):
    run, asked_once = nntf.Fingerprint(num_classes), nntf.Fingerprint(num_classes)
    for t in range(12):
        for each in (run, asked_once):
            each.update(runs.predictions(t))
        grown = run.excess_distance
    np.testing.assert_array_equal(grown, asked_once.excess_distance)
    np.testing.assert_array_equal(grown, grown.T)


def test_of_many_moves_it_is_worked_out_some_at_a_time(monkeypatch):
    expected = {size: fingerprint(map(runs.predictions, range(12)), size).excess_distance for size in (5, 40)}
    monkeypatch.setattr(excess, "PART", 40)
    for size, whole in expected.items():
        in_parts = fingerprint(map(runs.predictions, range(12)), size).excess_distance
        np.testing.assert_allclose(in_parts, whole, rtol=1e-6)


@pytest.mark.parametrize("strike", [runs.interrupt, runs.exhaust])
def test_broken_off_at_some_line_it_is_read_anew(strike):
    expected = runs.grow(runs.new(), 8).excess_distance
    lines = {excess.__file__, growing.__file__}
    for line in count(1, 7):
        run = runs.grow(runs.new(), 4)
        run.excess_distance  # noqa: B018 - to be kept up to date
        runs.grow(run, 8)
        is_struck = runs.is_struck(line, lines, strike, lambda run=run: run.excess_distance)
        np.testing.assert_array_equal(run.excess_distance, expected)
        if not is_struck:
            break
    assert line > 100, "there are that many lines"


def moving(num_classes, shares, partners, random, num_samples=50_000):
    """Yield the predictions of a run: at each transition a share of the samples moves to one of their class's partners.

    `partners` has a table for each transition, shape (K, P).
    """
    classes = random.integers(0, num_classes, num_samples)
    yield classes
    for share, table in zip(shares, partners, strict=True):
        moved = np.flatnonzero(random.random(num_samples) < share)
        classes = classes.copy()
        classes[moved] = table[classes[moved], random.integers(0, table.shape[1], len(moved))]
        yield classes


@pytest.mark.parametrize("num_classes", [10, 100, 1000])
def test_it_tells_the_phases_of_a_run_apart_that_changes_partners_half_way(num_classes):
    random = np.random.default_rng(num_classes)
    first, second = random.integers(0, num_classes, (2, num_classes, 5))
    run = fingerprint(moving(num_classes, [0.02] * 20, [first] * 10 + [second] * 10, random), num_classes)
    beyond, phase = run.excess_distance, np.arange(20) // 10
    pairs = np.triu_indices(20, 1)
    across = phase[pairs[0]] != phase[pairs[1]]
    found = beyond[pairs]
    assert separation(found[across], found[~across]) >= 0.99
    assert abs(np.median(found[~across])) <= 0.05


def separation(larger, smaller):
    """Return the area under the curve of a threshold that tells the two apart."""
    return stats.mannwhitneyu(larger, smaller).statistic / (len(larger) * len(smaller))


@pytest.mark.parametrize("num_classes", [10, 100])
def test_a_rate_that_halves_is_no_difference(num_classes):
    random = np.random.default_rng(1)
    partners = random.integers(0, num_classes, (num_classes, 5))
    run = fingerprint(moving(num_classes, [0.04] * 10 + [0.02] * 10, [partners] * 20, random), num_classes)
    across = np.s_[:10, 10:]
    assert np.median(run.transition_distance[across]) > 0.3
    assert abs(np.median(run.excess_distance[across])) <= 0.05


@pytest.mark.parametrize(
    ("rate", "at_lags"),
    [("0.01", (0.31, 0.24)), ("0.005", (0.35, 0.29)), ("0.001", (0.6, 0.5)), ("0.0005", (0.68, 0.61))],
)
def test_of_real_runs_neighbours_differ_most_since_their_moves_undo_each_other(shared, rate, at_lags):
    beyond = nntf.load(shared / "runs" / f"lenet5-cifar10-lr{rate}.nntf").excess_distance
    found = [np.nanmean(beyond.diagonal(lag)) for lag in (1, 2)]
    assert found == pytest.approx(at_lags, abs=0.006)


def test_what_the_distance_paints_as_far_apart_may_be_at_chance(shared):
    run = nntf.load(shared / "runs" / "lenet5-cifar10-lr0.01.nntf")
    corner = np.s_[:10, 38:]
    assert np.median(run.transition_distance[corner]) > 0.8
    assert abs(np.median(run.excess_distance[corner])) < 0.05
