"""Opening a comparison of 24 run logs of 50 epochs and 60 000 samples.

Run it as `python tests/benchmarks/bench_compare.py`.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench_core import predictions

import nntf_widget as nntf

RUNS, EPOCHS, SAMPLES = 24, 50, 60_000


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        run = nntf.Fingerprint(10)
        labels = None
        for classes in predictions(SAMPLES, 10, EPOCHS):
            labels = classes if labels is None else labels
            run.update(classes, labels=labels)
        for index in range(RUNS):
            run.save(Path(folder) / f"run{index:02d}.nntf")
        size = sum(path.stat().st_size for path in Path(folder).iterdir()) / RUNS / EPOCHS / SAMPLES
        start = time.perf_counter()
        widget = nntf.compare(folder)
        opened = time.perf_counter() - start
        state = sum(len(entry["cells"]) for entry in widget.runs) + len(widget.cross["shares"])
        print(f"{RUNS} logs of {EPOCHS} x {SAMPLES}: open {opened:.1f} s; the page gets {state / 1e3:.0f} kB")
        print(f"a log has {size:.2f} bytes per sample and epoch")
        widget.close()


if __name__ == "__main__":
    main()
