"""What the page takes: an epoch from the kernel to the screen, and a click on a class until its drill is drawn.

Real JupyterLab in Chromium; the kernel is busy all the while, as it is when it trains. Run it as
`python tests/benchmarks/bench_page.py`.
"""

from __future__ import annotations

import datetime as dt
import re
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "browser"))

from lab import Notebook, chromium, jupyter_lab, open_page, until_snapshots, until_there, write_notebook

DISPLAY = """
import time
import numpy as np
import nntf_widget as nntf

random = np.random.default_rng(0)
classes = random.integers(0, 10, {samples})
run = nntf.Fingerprint(10)

def epoch(share):
    moved = random.random(len(classes)) < share
    classes[moved] = random.integers(0, 10, moved.sum())
    run.update(classes, labels=None, metrics={{"loss": 1 / (len(run) + 1), "accuracy": 0.5}})

for t in range({epochs}):
    epoch(max(0.02, 0.44 / (1 + t / 8)))
run
"""
TRAIN = """
from pathlib import Path

while not Path("{seen}").exists():
    time.sleep(0.5)
    epoch(0.02)
"""


def measure(browser, address: str, folder: Path, samples: int, epochs: int) -> None:
    name = f"run_{epochs}.ipynb"
    seen = folder / f"{name}.seen"
    write_notebook(folder / name, [DISPLAY.format(samples=samples, epochs=epochs), TRAIN.format(seen=seen)])
    frames: list[bytes] = []
    with open_page(browser, address) as page:
        page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(frame)))  # noqa: PLW0108 - no builtin
        lab = Notebook(page, address, name)
        lab.run_all()
        until_snapshots(page, epochs + 3)
        drills = []
        for class_ in (3, 5, 7):
            page.locator(".nntf").get_by_role("button", name=str(class_), exact=True).click()
            until_there(page, f".nntf[data-class='{class_}']")
            drills.append(marks(page, "nntf:drilled")[-1][1] - marks(page, "nntf:click")[-1][1])
            page.keyboard.press("Escape")
            until_there(page, ".nntf[data-class='']")
        until_snapshots(page, epochs + 20)
        seen.touch()
        lab.wait_for(1)
        report(page, frames, drills, samples, epochs)


def report(page, frames: list[bytes], drills: list[float], samples: int, epochs: int) -> None:
    sent = {}
    for frame in frames:
        if isinstance(frame, bytes) and re.search(rb'"type": ?"snapshot"', frame):
            stamp = re.search(rb'"date": ?"([^"]+)"', frame).group(1).decode().replace("Z", "+00:00")
            sent[len(sent) + epochs] = dt.datetime.fromisoformat(stamp).timestamp() * 1000
    received = dict(marks(page, "nntf:received"))
    painted: dict[int, float] = {}
    for t, when in marks(page, "nntf:painted"):
        painted.setdefault(t, when)
    both = [t for t in painted if t in sent and t in received]
    whole = statistics.median(painted[t] - sent[t] for t in both)
    redraw = statistics.median(painted[t] - received[t] for t in both)
    size = statistics.median(len(frame) for frame in frames if isinstance(frame, bytes) and b"NNTF" in frame)
    print(
        f"T={epochs:5d} N={samples}: kernel to paint {whole:5.1f} ms, of them in the page {redraw:5.1f} ms; "
        f"click to drill {statistics.median(drills):5.1f} ms; {size:.0f} bytes a message ({len(both)} epochs)"
    )


def marks(page, name: str) -> list[tuple[int, float]]:
    found = page.evaluate(
        "name => performance.getEntriesByName(name)"
        ".map(mark => [mark.detail?.t ?? -1, performance.timeOrigin + mark.startTime])",
        name,
    )
    return [(t, when) for t, when in found]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, jupyter_lab(Path(folder)) as address, chromium() as browser:
        for samples, epochs in ((50_000, 200), (50_000, 1000), (50_000, 2000)):
            measure(browser, address, Path(folder), samples, epochs)
