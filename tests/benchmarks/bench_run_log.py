"""The run log: what it adds to an update, what it takes on disk, how fast it is read back.

Updates with and without a log take turns, so that a busy machine slows both. The ratio of the bytes is to one class id
for every sample and snapshot, which is what saving the predictions themselves would take.

Run as ``python tests/benchmarks/bench_run_log.py``.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

import nntf_widget as nntf


class Case(NamedTuple):
    name: str
    num_samples: int
    num_classes: int
    snapshots: int
    bytes_per_class: int


CASES = [
    Case("MNIST", 60_000, 10, 50, 1),
    Case("long run", 50_000, 10, 1000, 1),
    Case("ImageNet", 1_281_167, 1000, 20, 2),
]


def wandering(case):
    """Yield predictions of which at first a third moves, in the end one in a hundred."""
    random = np.random.default_rng(0)
    classes = random.integers(0, case.num_classes, case.num_samples, np.uint16)
    for t in range(case.snapshots):
        share = 0.01 + 0.3 * 0.9**t
        moved = random.random(case.num_samples) < share
        classes[moved] = random.integers(0, case.num_classes, np.count_nonzero(moved))
        yield classes


def seconds(work, argument):
    start = time.perf_counter()
    work(argument)
    return time.perf_counter() - start


def measure(case, path):
    logged = nntf.Fingerprint(case.num_classes, log=path, strict=True)
    plain = nntf.Fingerprint(case.num_classes)
    times = np.array([[seconds(run.update, classes) for run in (plain, logged)] for classes in wandering(case)])
    without, with_log = np.median(times, axis=0) * 1e3
    del logged
    size = path.stat().st_size / case.num_samples / case.snapshots
    loading = seconds(nntf.load, path)
    updates = times[:, 0].sum()
    print(
        f"{case.name}: {case.num_samples} samples, {case.num_classes} classes, {case.snapshots} snapshots\n"
        f"  update {without:.2f} ms, with a log {with_log:.2f} ms\n"
        f"  on disk {size:.3f} bytes per sample and snapshot, {size / case.bytes_per_class:.2f} of the predictions\n"
        f"  loaded in {loading * 1e3:.0f} ms, {loading / updates:.2f} of the updates themselves"
    )


def main():
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            measure(case, Path(folder, "run.nntf"))


if __name__ == "__main__":
    main()
