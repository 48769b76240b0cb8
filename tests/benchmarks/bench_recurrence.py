"""Distances and recurrence measures, streamed, against the obvious NumPy, SciPy's Bray-Curtis and pyunicorn.

Run it as `python tests/benchmarks/bench_recurrence.py`; it prints one table. All of it is measured in one process, as
ratios of medians: how many times as long as ours the others take, for the whole run and for one more snapshot, which
they can only compute anew. Ours is a whole update, with the prediction distance and the dynamics, or 20 bands.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.spatial.distance import cdist

sys.path.insert(0, str(Path(__file__).parents[1]))

import obvious
from bench_core import predictions

import nntf_widget as nntf
from nntf_widget.recurrence import Recurrence, bands

SAMPLES, CLASSES = 10_000, 10


def seconds(work: Callable[[], object], times: int = 3) -> float:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def pyunicorn_measures(distance: np.ndarray, low: float, high: float) -> tuple[float, float, float, float]:
    """One band's measures by pyunicorn, from the same recurrence matrix."""
    from pyunicorn.timeseries import RecurrencePlot

    plot = RecurrencePlot(np.arange(len(distance), dtype=float), threshold=0.0, silence_level=2, sparse_rqa=False)
    plot.R = ((distance >= low) & (distance <= high)).astype(np.int8)
    return plot.laminarity(v_min=2), plot.determinism(l_min=2), plot.trapping_time(v_min=2), plot.diag_entropy(l_min=2)


def obvious_runs(distance: np.ndarray, low: float, high: float) -> float:
    """One band's laminarity, every column's runs counted in a Python loop over columns."""
    inside = np.pad((distance >= low) & (distance <= high), ((1, 1), (0, 0)))
    lengths = [
        np.flatnonzero(np.diff(column.astype(np.int8)) < 0) - np.flatnonzero(np.diff(column.astype(np.int8)) > 0)
        for column in inside.T
    ]
    lengths += [
        np.diff(np.flatnonzero(np.diff(np.pad(np.diagonal(inside[1:-1], d), 1).astype(np.int8))))[::2]
        for d in range(1 - len(distance), len(distance))
    ]
    return float(sum(runs[runs >= 2].sum() for runs in lengths))


def row(snapshots: int) -> list[str]:
    """The cells of one row of the table."""
    run = list(predictions(SAMPLES, CLASSES, snapshots + 1))
    fingerprint = nntf.Fingerprint(CLASSES)
    updates = [seconds(lambda classes=classes: fingerprint.update(classes), 1) for classes in run]
    ours_d = (sum(updates), statistics.median(updates[-20:]))

    matrices, distance = fingerprint.transitions, fingerprint.transition_distance
    flat = matrices.reshape(len(matrices), -1)[:, ~np.eye(CLASSES, dtype=bool).ravel()].astype(float)
    assert np.allclose(distance, cdist(flat, flat, "braycurtis"), atol=1e-12)

    lower, upper = bands(0.05)
    low, high = float(lower[12]), float(upper[12])
    lines, grown = Recurrence(lower, upper), []
    for n in range(snapshots):
        start = time.perf_counter()
        lines.append(distance[n, :n])
        if n >= snapshots - 20:
            table = lines.measures(2, 2, "standard")
            grown.append(time.perf_counter() - start)
    ours_rqa = (seconds(lambda: fingerprint.recurrence(convention="standard"), 1), statistics.median(grown))
    theirs = pyunicorn_measures(distance, low, high)
    assert np.allclose([table[12].laminarity, table[12].determinism, table[12].trapping_time], theirs[:3], atol=1e-6)

    obvious_d = seconds(lambda: obvious.transition_distance(obvious.transitions(run, CLASSES)), 1)
    braycurtis = seconds(lambda: cdist(flat, flat, "braycurtis"))
    by_hand = 20 * seconds(lambda: obvious_runs(distance, low, high), 1)
    unicorn = 20 * seconds(lambda: pyunicorn_measures(distance, low, high))
    return [
        str(snapshots),
        " / ".join(f"{1e3 * taken:.3g}" for taken in ours_d),
        *(" / ".join(f"{other / taken:.2g}" for taken in ours_d) for other in (obvious_d, braycurtis)),
        " / ".join(f"{1e3 * taken:.3g}" for taken in ours_rqa),
        *(" / ".join(f"{other / taken:.2g}" for taken in ours_rqa) for other in (by_hand, unicorn)),
    ]


def told(cells: list[str]) -> None:
    print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    print(f"N={SAMPLES}, K={CLASSES}; each cell: the run / one more snapshot")
    head = ["T", "D by us, ms", "obvious NumPy", "SciPy's cdist", "20 bands by us, ms", "obvious NumPy", "pyunicorn"]
    told(head)
    told(["---"] * len(head))
    for size in (100, 500, 2000):
        told(row(size))
