"""The charts below the fingerprint show what the run's own measures are."""

import numpy as np
import pytest

import nntf_widget as nntf
from nntf_widget.widget.charts import LONG, OFTEN, Charts, apart, is_due


@pytest.fixture
def run():
    random = np.random.default_rng(0)
    run = nntf.Fingerprint(3)
    classes = random.integers(0, 3, 300)
    for t in range(12):
        run.update(classes, metrics={"loss": 1 / (t + 1), "val_loss": 1.0, "accuracy": 0.5})
        moved = np.flatnonzero(random.random(300) < 0.3)
        classes[moved] = random.integers(0, 3, len(moved))
    return run


def charts_of(run):
    charts = Charts(nntf.FingerprintWidget(nntf.Fingerprint(3)))
    charts.show(run)
    return charts


def test_there_is_a_chart_for_each_measure_and_the_moves_and_the_best_bands(run):
    curves = [row.children[0] for row in charts_of(run)._curves.children]
    assert [figure.axes[0].label for figure in curves] == ["loss", "accuracy", "moves", "best band"]
    moved, returned = curves[2].marks[0].y
    assert curves[2].marks[0].scales["y"].min == 0
    assert np.isnan(moved[0])
    assert np.allclose(moved[1:], run.dynamics.change_rate)
    assert np.allclose(returned[1:], run.dynamics.return_rate, equal_nan=True)
    laminarity, entropy = curves[3].marks[0].y
    assert np.allclose(laminarity[1:], run.recurrence_history.laminarity, equal_nan=True)
    assert np.allclose(entropy[1:], run.recurrence_history.entropy, equal_nan=True)


def test_each_curve_is_named_with_its_last_value(run):
    keys = [[label.value for label in row.children[1].children] for row in charts_of(run)._curves.children]
    assert keys[:2] == [["loss 0.0833", "val_loss 1"], ["accuracy 0.5"]]
    assert keys[2][0] == f"samples that moved {run.dynamics.change_rate[-1]:.3g}"


def test_every_band_has_its_laminarity_and_those_with_cells_their_entropy(run):
    table = run.recurrence()
    laminarity, entropy = charts_of(run)._recurrence.marks
    assert np.allclose(laminarity.x, np.arange(20) * 0.05 + 0.025)
    assert np.allclose(laminarity.y, table.laminarity)
    assert np.allclose(entropy.y, table.entropy[table.recurrence_rate > 0])


def test_the_trajectory_has_a_point_a_snapshot_at_one_scale(run):
    path, points = charts_of(run)._trajectory.marks
    drawn = run.trajectory("prediction").points
    assert np.allclose(np.column_stack([points.x, points.y]), drawn)
    extents = [path.scales[name].max - path.scales[name].min for name in "xy"]
    assert extents[0] == pytest.approx(extents[1])
    assert (path.scales["x"].min <= drawn[:, 0]).all()


@pytest.mark.parametrize("snapshots", [1, 3, LONG, LONG + 1, 2 * LONG, 2 * LONG + 1, 10_000])
def test_of_a_long_run_no_more_than_so_many_moments_are_laid_out_and_no_fewer_than_half(snapshots):
    every = apart(snapshots)
    assert len(range(0, snapshots, every)) <= LONG
    assert every == 1 or len(range(0, snapshots, every // 2)) > LONG


def test_the_trajectory_of_a_long_run_has_a_point_for_every_second_snapshot(run):
    while len(run) < LONG + 7:
        run.update(run.predictions(len(run) % 3))
    charts = charts_of(run)
    assert len(charts._trajectory._points.x) == LONG // 2 + 4


def test_a_long_run_that_is_opened_between_two_of_its_moments_has_a_trajectory_too(run):
    while len(run) < LONG + 6:
        run.update(run.predictions(len(run) % 3))
    assert len(charts_of(run)._trajectory._points.x) == LONG // 2 + 3


def test_the_charts_of_a_long_run_are_sent_more_seldom_so_that_an_epoch_costs_no_more():
    assert all(is_due(snapshots) for snapshots in range(OFTEN + 1))
    for decade in (1_000, 5_000, 10_000):
        sent = sum(snapshots for snapshots in range(decade - 200, decade) if is_due(snapshots))
        assert sent <= 1.1 * 200 * OFTEN  # values of one curve


def test_the_end_of_a_cell_brings_the_charts_of_a_long_run_up_to_date():
    run = nntf.Fingerprint(2)
    widget = nntf.FingerprintWidget(run)
    for t in range(OFTEN + 1):
        run.update([t % 2, 0], metrics={"loss": t})
    loss = widget._charts._curves.children[0].children[0].marks[0]
    assert np.size(loss.y) == OFTEN
    widget._send_saved_log()
    assert np.size(loss.y) == OFTEN + 1


def test_without_scikit_learn_the_trajectory_alone_is_missing(run, monkeypatch):
    monkeypatch.setattr("nntf_widget.widget.charts.find_spec", lambda _name: None)
    charts = charts_of(run)
    assert charts._trajectory is None
    assert len(charts._row.children) == 1


def test_what_needs_three_snapshots_waits_for_them(run):
    short = nntf.Fingerprint(3)
    charts = charts_of(short)
    assert charts._curves.children == ()
    for t in range(3):
        assert charts._row.children == ()
        short.update(run.predictions(t))
        charts.show(short)
    assert len(charts._row.children) == 2
