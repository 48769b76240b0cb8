"""The distance against SciPy's, recurrence against pyunicorn's, the trajectory against scikit-learn's, as a run grows.

Run it as `python tests/benchmarks/bench_others.py`. Ours are fed snapshot by snapshot; theirs get everything at
once, the distance as dense matrices of ten classes. Both must agree.
"""

from __future__ import annotations

import statistics
import time
from functools import partial

import numpy as np
from bench_core import predictions, streamed
from pyunicorn.timeseries import RecurrencePlot
from scipy.spatial.distance import cdist
from sklearn.manifold import smacof

import nntf_widget as nntf
from nntf_widget.distances import TransitionDistance
from nntf_widget.trajectory import Layout

NUM_SAMPLES, NUM_CLASSES = 50_000, 10
REPEATS = 5


def seconds_of(work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def distance(run: nntf.Fingerprint) -> None:
    """Compare the newest row, which an update works out, and all rows of the distance."""
    size = len(run) - 1
    moves = run.transitions.astype(float)
    moves[:, np.arange(NUM_CLASSES), np.arange(NUM_CLASSES)] = 0
    flat = moves.reshape(size, -1)
    assert np.allclose(cdist(flat, flat, "braycurtis"), run.transition_distance, rtol=0, atol=1e-12)
    transitions = run._snapshots.transitions
    newest, ours = transitions.cells(size - 1), TransitionDistance(NUM_CLASSES)
    own = statistics.median(seconds_of(lambda: ours.append(transitions, newest)) for _ in range(99))
    row = statistics.median(seconds_of(lambda: cdist(flat[-1:], flat[:-1], "braycurtis")) for _ in range(99))
    whole = statistics.median(seconds_of(lambda: cdist(flat, flat, "braycurtis")) for _ in range(REPEATS))
    print(
        f"T={len(run):4d} D: newest row ours {1e3 * own:6.3f} ms, cdist {1e3 * row:6.3f} ms, ratio {row / own:.2f}; "
        f"cdist of the whole matrix {1e3 * whole:7.2f} ms, ratio {whole / own:.0f}"
    )


def recurrence(run: nntf.Fingerprint) -> None:
    """Compare 20 bands: an update of ours and all anew with a band of pyunicorn's times 20."""
    distance = run.transition_distance
    low, high = 0.0, 0.6
    inside = ((distance >= low) & (distance <= high)).astype("int8")

    def plot() -> RecurrencePlot:
        made = RecurrencePlot(np.zeros(len(distance)), threshold=0.1, silence_level=2)
        made.R = inside
        return made

    def theirs(plot: RecurrencePlot) -> tuple[float, float]:
        return plot.laminarity(v_min=2), plot.diag_entropy(l_min=2)

    (row,) = run.recurrence(convention="standard", edges=(low, high), theiler=1)
    assert np.allclose(theirs(plot()), (row.laminarity, row.entropy))
    plots = [plot() for _ in range(REPEATS)]  # each keeps what it worked out
    band = statistics.median(seconds_of(partial(theirs, each)) for each in plots)

    def anew() -> None:
        run._recurrences.clear()
        run.recurrence()

    whole = statistics.median(seconds_of(anew) for _ in range(3))
    again = nntf.Fingerprint(NUM_CLASSES)
    updates = []
    for t in range(len(run)):
        again.update(run.predictions(t))
        if t >= len(run) - 12:
            updates.append(seconds_of(again.recurrence))
    update = statistics.median(updates[1:])
    print(
        f"T={len(run):4d} recurrence, 20 bands: ours after an update {1e3 * update:7.2f} ms, all anew "
        f"{1e3 * whole:7.1f} ms, pyunicorn {1e3 * 20 * band:7.1f} ms, ratios {20 * band / update:.0f} and "
        f"{20 * band / whole:.1f}"
    )


def trajectory(run: nntf.Fingerprint) -> None:
    """Compare one more point, and all points at once, with a layout anew by scikit-learn."""
    distance = run.transition_distance
    options = {"n_init": 1, "random_state": 0, "normalized_stress": False}
    theirs = seconds_of(lambda: smacof(distance, **options))
    points, _ = smacof(distance, **options)
    their_stress = np.sqrt(((cdist(points, points) - distance) ** 2).sum() / (distance**2).sum())
    layout = Layout()
    anew, *grown = (
        seconds_of(partial(layout.extend, distance[:size, :size]))
        for size in range(len(distance) - 12, len(distance) + 1)
    )
    update = statistics.median(grown)
    print(
        f"T={len(run):4d} trajectory: one more point {1e3 * update:6.1f} ms, at most {1e3 * max(grown):6.1f}, "
        f"all points {1e3 * anew:7.1f} ms, scikit-learn {1e3 * theirs:7.1f} ms, ratios {theirs / update:.0f} and "
        f"{theirs / anew:.1f}; stress {layout.extend(distance).stress:.4f}, theirs {their_stress:.4f}"
    )


if __name__ == "__main__":
    for snapshots in (100, 500, 1001, 2000):
        run, _ = streamed(predictions(NUM_SAMPLES, NUM_CLASSES, snapshots), NUM_CLASSES)
        distance(run)
        recurrence(run)
        trajectory(run)
