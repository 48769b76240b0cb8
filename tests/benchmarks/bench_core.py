"""The core against the formulas written the obvious way, and what one update takes as a run grows.

Run it as `python tests/benchmarks/bench_core.py`. The shares of samples that move are those of a real LeNet-5 on
CIFAR-10: 44 % at first, 8 % after 23 epochs, and then slowly down to 2 %. Where they move is drawn at random.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

import obvious

import nntf_widget as nntf

AUTHORS = 7.4  # seconds of the authors' program, where that was measured


def predictions(num_samples: int, num_classes: int, snapshots: int):
    """Yield the classes of a run whose moves become fewer."""
    random = np.random.default_rng(0)
    dtype = np.uint8 if num_classes <= 256 else np.uint16
    classes = random.integers(0, num_classes, num_samples).astype(dtype)
    for t in range(snapshots):
        yield classes.copy()
        moved = np.flatnonzero(random.random(num_samples) < max(0.02, 0.44 / (1 + t / 5)))
        classes[moved] = random.integers(0, num_classes, len(moved))


def streamed(run, num_classes):
    """Feed a run to a fingerprint; return it and the seconds of every update."""
    fingerprint, seconds = nntf.Fingerprint(num_classes), []
    for classes in run:
        start = time.perf_counter()
        fingerprint.update(classes)
        seconds.append(time.perf_counter() - start)
    return fingerprint, np.array(seconds)


def against_the_obvious(snapshots: int, num_classes: int, num_samples: int = 50_000) -> None:
    run = list(predictions(num_samples, num_classes, snapshots))
    ours = statistics.median(streamed(run, num_classes)[1].sum() for _ in range(3))
    start = time.perf_counter()
    matrices = obvious.transitions(run, num_classes)
    distance = obvious.transition_distance(matrices)
    obvious.prediction_distance(run)
    theirs = time.perf_counter() - start
    fingerprint = streamed(run, num_classes)[0]
    assert np.allclose(fingerprint.transition_distance, distance, rtol=0, atol=1e-12)
    print(
        f"T={snapshots:4d} N={num_samples} K={num_classes:4d}: ours {1e3 * ours:6.0f} ms, "
        f"the obvious NumPy {1e3 * theirs:8.0f} ms, ratio {theirs / ours:.0f}"
    )


def everything() -> None:
    """Work out all of the paper, as the authors' program does, and then what is ours."""
    run = list(predictions(50_000, 10, 200))
    times = []
    for _ in range(9):
        start = time.perf_counter()
        fingerprint, _ = streamed(run, 10)
        fingerprint.recurrence()
        paper = time.perf_counter()
        fingerprint.dynamics  # noqa: B018 - to be worked out
        fingerprint.excess_distance  # noqa: B018
        times.append((paper - start, time.perf_counter() - start))
    paper, whole = (statistics.median(column) for column in zip(*times, strict=True))
    print(
        f"T= 200 N=50000 K=  10: all of the paper {1e3 * paper:.0f} ms, {AUTHORS / paper:.0f} times faster than the "
        f"authors' program; with dynamics and beyond chance {1e3 * whole:.0f} ms, {AUTHORS / whole:.0f} times"
    )


def beyond_chance(snapshots: int, num_classes: int, num_samples: int = 50_000) -> None:
    """Ask for the excess distance after every snapshot, beside what the updates take."""
    run = list(predictions(num_samples, num_classes, snapshots))
    times = []
    for _ in range(3):
        fingerprint = nntf.Fingerprint(num_classes)
        updates = asked = 0.0
        for classes in run:
            start = time.perf_counter()
            fingerprint.update(classes)
            updated = time.perf_counter()
            fingerprint.excess_distance  # noqa: B018 - to be kept up to date
            asked += time.perf_counter() - updated
            updates += updated - start
        times.append((updates, asked))
    updates, asked = (statistics.median(column) for column in zip(*times, strict=True))
    print(
        f"T={snapshots:4d} N={num_samples} K={num_classes:4d}: the updates {1e3 * updates:6.0f} ms, "
        f"the excess distance after each {1e3 * asked:6.0f} ms, ratio {asked / updates:.1f}"
    )


def one_update() -> None:
    _, seconds = streamed(predictions(50_000, 10, 1000), 10)
    for t in (100, 250, 500, 1000):
        print(f"one update at T={t:4d} N=50000 K=10: median {1e3 * np.median(seconds[t - 50 : t]):.2f} ms")


def imagenet() -> None:
    num_samples = 1_281_167
    fingerprint, seconds = streamed(predictions(num_samples, 1000, 100), 1000)
    held = fingerprint._snapshots.history.nbytes / num_samples / 100
    print(
        f"one update at T= 100 N={num_samples} K=1000: median of the last 20 {1e3 * np.median(seconds[-20:]):.0f} ms; "
        f"history {held:.2f} bytes per sample and snapshot"
    )


if __name__ == "__main__":
    against_the_obvious(200, 10)
    against_the_obvious(50, 1000)
    everything()
    for snapshots, num_classes in ((200, 10), (200, 100), (50, 1000)):
        beyond_chance(snapshots, num_classes)
    one_update()
    imagenet()
