"""Recurrence quantification: streamed lines against all lines counted anew, and against other people's programs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import SHARED

import nntf_widget as nntf
from nntf_widget import recurrence
from nntf_widget.recurrence import Band, Recurrence, bands, between

RUNS = sorted(path.stem for path in (SHARED / "reference").glob("*.npz"))


def runs_of_true(cells):
    """Lengths of the runs of true cells, the obvious way."""
    lengths, current = [], 0
    for cell in [*cells, False]:
        if cell:
            current += 1
        elif current:
            lengths.append(current)
            current = 0
    return lengths


def brute_force(distance, low, high, l_min, v_min, convention, theiler):
    """The measures of one band, every line counted anew."""
    inside = (distance >= low) & (distance <= high)
    n = len(distance)
    columns = [runs_of_true(inside[:, j]) for j in range(n)]
    if convention == "paper":
        columns = [[n - 1] if runs == [n] else runs for runs in columns]
    vertical = [length for runs in columns for length in runs if length]
    diagonal = [
        length for d in range(-n + 1, n) if abs(d) >= theiler for length in runs_of_true(np.diagonal(inside, d))
    ]
    on_long = [length for length in vertical if length >= v_min]
    long = [length for length in diagonal if length >= l_min]
    laminarity = sum(on_long) / sum(vertical) if vertical else (0.0 if convention == "paper" else np.nan)
    counts = np.unique(long, return_counts=True)[1] if long else np.array([])
    if convention == "paper":
        share = counts / sum(long) if long else counts
        entropy = -(share * np.log(share + 1e-8)).sum()
    else:
        share = counts / len(long) if long else counts
        entropy = -(share * np.log(share)).sum()
    cells = sum(1 for i in range(n) for j in range(n) if abs(i - j) >= theiler)
    return {
        "laminarity": laminarity,
        "entropy": entropy,
        "cells": int(inside.sum() - np.diag(inside).sum()),
        "recurrence_rate": sum(diagonal) / cells if cells else np.nan,
        "determinism": sum(long) / sum(diagonal) if diagonal else np.nan,
        "mean_diagonal": np.mean(long) if long else np.nan,
        "longest_diagonal": max(diagonal, default=0),
        "trapping_time": np.mean(on_long) if on_long else np.nan,
        "longest_vertical": max(vertical, default=0),
    }


@pytest.mark.parametrize("most", [1, 300, 10**6])
@pytest.mark.parametrize("theiler", [0, 1, 4])
def test_rows_that_come_together_are_measured_as_if_one_by_one(monkeypatch, theiler, most):
    monkeypatch.setattr(recurrence, "MOST_CELLS", most)
    random = np.random.default_rng(theiler)
    rows = [random.choice([0, 0.2, 0.25, 0.5, 1], n) for n in range(23)]
    one_by_one, together = Recurrence(*bands(0.25), theiler), Recurrence(*bands(0.25), theiler)
    for row in rows:
        one_by_one.extend([row])
    for some in (rows[:7], [], rows[7:8], rows[8:]):
        together.extend(some)
    for convention in ("paper", "standard"):
        assert repr(list(together.measures(2, 2, convention))) == repr(list(one_by_one.measures(2, 2, convention)))


@given(
    seed=st.integers(0, 10**6),
    size=st.integers(1, 14),
    l_min=st.integers(1, 4),
    v_min=st.integers(1, 4),
    theiler=st.integers(0, 3),
    convention=st.sampled_from(["paper", "standard"]),
    edges=st.sampled_from([None, (0, 0.5, 1), (0.2, 0.25, 0.4)]),
)
def test_the_streamed_measures_are_at_every_step_those_of_all_lines_counted_anew(
    seed, size, l_min, v_min, theiler, convention, edges
):
    random = np.random.default_rng(seed)
    values = random.choice([0, 0.2, 0.25, 0.25001, 0.5, 0.52, 1], (size, size))
    distance = np.tril(values, -1) + np.tril(values, -1).T
    lower, upper = between(edges) if edges else bands(0.25)
    lines = Recurrence(lower, upper, theiler)
    for n in range(size):
        lines.extend([distance[n, :n]])
        table = lines.measures(l_min, v_min, convention)
        for row, low, high in zip(table, lower, upper, strict=True):
            expected = brute_force(distance[: n + 1, : n + 1], low, high, l_min, v_min, convention, theiler)
            for name, value in expected.items():
                assert getattr(row, name) == pytest.approx(value, abs=1e-12, nan_ok=True), name


@pytest.mark.parametrize("l_min", [1, 2, 3])
@pytest.mark.parametrize("name", RUNS or ["none"])
def test_the_papers_measures_are_those_of_the_authors_program(shared, name, l_min):
    with np.load(shared / "reference" / f"{name}.npz") as reference:
        run = nntf.Fingerprint(int(reference["num_classes"]))
        for predictions in reference["predictions"]:
            run.update(predictions)
        rows, best = reference[f"rqa_lmin{l_min}"], reference[f"rqa_lmin{l_min}_best"]
    table = run.recurrence(l_min)
    assert np.abs(table.band - rows[:, 0]).max() <= 1e-9
    assert np.abs(table.laminarity - rows[:, 1]).max() <= 1e-9
    assert np.abs(table.entropy - rows[:, 2]).max() <= 1e-9
    assert best_of(table) == pytest.approx(best, abs=1e-9)


def best_of(table):
    """Where there is none, -1 and what the authors' program begins its search with."""
    laminarity, entropy = table.best_laminarity, table.best_entropy
    return [
        laminarity.band if laminarity else 0,
        laminarity.laminarity if laminarity else 0,
        entropy.band if entropy else -1,
        entropy.entropy if entropy else 2,
    ]


@pytest.fixture(scope="module")
def wandering():
    """A run whose classes drift, so that near moments are alike."""
    random = np.random.default_rng(5)
    run, classes = nntf.Fingerprint(4), random.integers(0, 4, 600)
    for t in range(45):
        run.update(classes)
        moved = random.random(600) < 0.3 / (1 + t / 10)
        classes = np.where(moved, (classes + random.integers(1, 3, 600)) % 4, classes)
    return run


@pytest.mark.parametrize(("low", "high"), [(0, 0.4), (0, 0.6), (0, 0.75)])
def test_the_standard_measures_are_those_of_pyunicorn(wandering, low, high):
    """Recurrence rate, determinism, both mean lengths, both longest lengths, entropy, laminarity."""
    from pyunicorn.timeseries import RecurrencePlot

    distance = wandering.transition_distance
    plot = RecurrencePlot(np.zeros(len(distance)), threshold=0.1, silence_level=2)
    plot.R = ((distance >= low) & (distance <= high)).astype("int8")
    (row,) = wandering.recurrence(2, 2, convention="standard", edges=(low, high), theiler=1)
    assert row.determinism == pytest.approx(plot.determinism(l_min=2))
    assert row.mean_diagonal == pytest.approx(plot.average_diaglength(l_min=2))
    assert row.longest_diagonal == plot.max_diaglength()
    assert row.entropy == pytest.approx(plot.diag_entropy(l_min=2))
    assert row.laminarity == pytest.approx(plot.laminarity(v_min=2))
    assert row.trapping_time == pytest.approx(plot.trapping_time(v_min=2))
    assert row.longest_vertical == plot.max_vertlength()
    (whole,) = wandering.recurrence(convention="standard", edges=(low, high))
    assert whole.recurrence_rate == pytest.approx(plot.recurrence_rate())


def test_the_table_reads_as_rows_as_columns_and_as_a_data_frame(wandering):
    table = wandering.recurrence()
    assert (len(table), type(table[3])) == (20, Band)
    frame = pd.DataFrame(table)
    assert list(frame.columns) == list(Band._fields)
    assert np.array_equal(frame["laminarity"], table.laminarity)
    assert repr(table).splitlines()[1].startswith(" 0.00- 0.05")
    with pytest.raises(AttributeError, match="a table has no column 'laminatity'"):
        _ = table.laminatity


def test_a_later_call_reads_on_where_the_last_one_stopped(wandering):
    run = nntf.Fingerprint(4)
    for t in range(len(wandering)):
        run.update(wandering.predictions(t))
        if t % 7 == 0:
            run.recurrence(of="prediction")
    assert np.array_equal(run.recurrence(of="prediction").laminarity, wandering.recurrence(of="prediction").laminarity)


def test_the_history_is_what_the_table_was_at_each_snapshot(wandering):
    run, tables = nntf.Fingerprint(4), []
    for t in range(len(wandering)):
        run.update(wandering.predictions(t))
        tables.append(run.recurrence())
    history = wandering.recurrence_history
    for t, table in enumerate(tables[1:]):
        laminarity, entropy = table.best_laminarity, table.best_entropy
        seen = [history.laminarity[t], history.laminarity_band[t], history.entropy[t], history.entropy_band[t]]
        expected = [*((laminarity.laminarity, laminarity.band) if laminarity else (np.nan, np.nan))]
        expected += [*((entropy.entropy, entropy.band) if entropy else (np.nan, np.nan))]
        assert seen == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("convention", ["paper", "standard"])
def test_the_best_bands_are_among_those_that_have_the_measure(wandering, convention):
    table = wandering.recurrence(convention=convention, theiler=1)
    assert table.best_laminarity.laminarity == max(row.laminarity for row in table if row.laminarity > 0)
    assert table.best_entropy.entropy == min(row.entropy for row in table if row.entropy > 0)


def test_the_table_says_where_there_is_nothing_but_the_main_diagonal(wandering):
    table = wandering.recurrence()
    size = len(wandering) - 1
    assert [row.has_diagonal_alone for row in table] == [True] + 19 * [False]
    assert table[0].entropy == pytest.approx(np.log(size) / size, abs=1e-6)
    assert "nothing but the main diagonal: theiler=1 leaves it out" in repr(table).splitlines()[1]
    assert not any(row.has_diagonal_alone for row in wandering.recurrence(theiler=1))
    assert "main diagonal" not in repr(wandering.recurrence(theiler=1))


def test_a_run_without_transitions_has_empty_bands():
    run = nntf.Fingerprint(3)
    assert np.array_equal(run.recurrence().laminarity, np.zeros(20))
    assert run.recurrence().best_laminarity is None
    run.update([0, 1, 2])
    assert run.recurrence().best_entropy is None
    assert len(run.recurrence_history) == 0


@pytest.mark.parametrize(
    ("error", "message", "arguments"),
    [
        (ValueError, "l_min is 0; expected 1 or more", {"l_min": 0}),
        (TypeError, "v_min is 2.0; expected an int", {"v_min": 2.0}),
        (ValueError, "convention is 'papers'; expected one of 'paper', 'standard'", {"convention": "papers"}),
        (ValueError, "of is 'D'", {"of": "D"}),
        (ValueError, "width is 0; expected 0.01 to 1", {"width": 0}),
        (ValueError, r"edges is \[0.5, 0.1\]; expected two or more rising", {"edges": [0.5, 0.1]}),
        (ValueError, "theiler is -1", {"theiler": -1}),
    ],
)
def test_parameters_that_do_not_fit_are_refused(error, message, arguments):
    with pytest.raises(error, match=message):
        nntf.Fingerprint(3).recurrence(**arguments)
