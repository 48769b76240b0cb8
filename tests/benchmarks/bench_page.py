"""What the page takes: an epoch, a click on a class, opening a run; and the redraw of other heat maps beside it.

Real JupyterLab in Chromium; while epochs come and classes are clicked the kernel is busy, as it is when it trains. Run
it as `python tests/benchmarks/bench_page.py`. Plotly is measured too where it is in the folder that the environment
variable PLOTLY names; `pip install --target FOLDER plotly` puts it there.
"""

from __future__ import annotations

import datetime as dt
import gzip
import os
import re
import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

from lab import SECOND, Notebook, chromium, jupyter_lab, write_notebook

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession

BUNDLE = Path(__file__).parents[2] / "nntf_widget" / "widget" / "static"
PLOTLY = os.environ.get("PLOTLY")
SNAPSHOT = rb'"type": ?"snapshot"'
EPOCHS_MORE = 20
NEXT_CELL = "void window.jupyterapp.commands.execute('notebook:run-cell-and-select-next')"

DISPLAY = """
import time
from pathlib import Path
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
for _ in range({more}):
    epoch(0.02)
    time.sleep(0.5)
while not Path("drilled").exists():
    time.sleep(0.1)
"""
SAVE = """
run.save("run.nntf")
"""
LOAD = """
import nntf_widget as nntf
run = nntf.load("run.nntf")
run
"""

# One page, one run, one matrix: each takes in an epoch more.
SIDE_BY_SIDE = """
import anywidget, bqplot, ipywidgets
widget = nntf.FingerprintWidget(run)

class Alone:  # without the charts, which are bqplot's too
    def _repr_mimebundle_(self, **options):
        return anywidget.AnyWidget._repr_mimebundle_(widget, **options)

def bqplot_takes():
    axis = np.arange(len(run) - 1)
    with cells.hold_sync():
        cells.x, cells.y, cells.color = axis, axis, run.transition_distance

def plotly_takes():
    figure.data[0].z = run.transition_distance

scales = {"x": bqplot.LinearScale(), "y": bqplot.LinearScale(), "color": bqplot.ColorScale()}
cells = bqplot.HeatMap(x=[0, 1], y=[0, 1], color=np.eye(2), scales=scales)
bqplot_takes()
display(Alone(), bqplot.Figure(marks=[cells]))
try:
    from plotly.graph_objects import FigureWidget, Heatmap
    figure = FigureWidget([Heatmap(z=run.transition_distance)])
    display(figure)
except ImportError:
    print("plotly is not there")
"""
PROGRAMS = {
    "nothing": "pass",
    "ours": "epoch(0.02)",
    "bqplot's HeatMap": "bqplot_takes()",
    "plotly's FigureWidget": "plotly_takes()",
}
TIMES = 5
REPEAT = """
for _ in range({times}):
    {code}
    time.sleep(5)
"""
QUIET = 100  # milliseconds of work in a second


def main() -> None:
    layers = [Path(PLOTLY)] if PLOTLY else []
    for name in ("widget.js", "widget.css"):
        print(f"{name}: {len(gzip.compress((BUNDLE / name).read_bytes(), 9)) / 1000:.1f} kB gzipped")
    with (
        tempfile.TemporaryDirectory() as folder,
        jupyter_lab(Path(folder), layers=layers) as address,
        chromium() as browser,
    ):
        for epochs in (200, 1000, 2000):
            measure(browser, address, Path(folder), 50_000, epochs)
        side_by_side(browser, address, Path(folder), 10_000, 1000)


def opened(browser, address: str, folder: Path, name: str, cells: list[str]) -> Notebook:
    write_notebook(folder / name, cells)
    page = browser.new_page(viewport={"width": 1300, "height": 2000})
    page.set_default_timeout(240 * SECOND)
    return Notebook(page, address, name)


def measure(browser, address: str, folder: Path, samples: int, epochs: int) -> None:
    cells = [DISPLAY.format(samples=samples, epochs=epochs), TRAIN.format(more=EPOCHS_MORE), SAVE]
    lab = opened(browser, address, folder, f"run_{epochs}.ipynb", cells)
    page = lab.page
    frames = received_by(lab)
    page.evaluate(NEXT_CELL)
    page.wait_for_selector(f".nntf[data-snapshots='{epochs}']")  # the kernel is free to send what is not saved
    page.evaluate(NEXT_CELL)
    page.evaluate(NEXT_CELL)
    page.wait_for_function(f"() => document.querySelector('.nntf')?.dataset.snapshots >= {epochs + 3}")
    drills = []
    for class_ in (3, 5, 7):
        page.locator(".nntf").get_by_role("button", name=str(class_), exact=True).click()
        page.wait_for_selector(f".nntf[data-class='{class_}']")
        page.wait_for_timeout(100)
        drills.append(marks(page, "nntf:drilled")[-1][1] - marks(page, "nntf:click")[-1][1])
        page.keyboard.press("Escape")
    assert lab.is_running(1)
    (folder / "drilled").touch()
    lab.wait_for(2)
    (folder / "drilled").unlink()
    received = dict(marks(page, "nntf:received"))
    painted = first(marks(page, "nntf:painted"))
    sent = sendings(frames, epochs)
    both = [t for t in painted if t in sent and t in received]
    whole = statistics.median(painted[t] - sent[t] for t in both)
    redraw = statistics.median(painted[t] - received[t] for t in both)
    size = statistics.median(len(frame) for frame in frames if re.search(SNAPSHOT, frame))
    page.close()
    print(
        f"T={epochs:5d} N={samples}: kernel to paint {whole:5.1f} ms, of them in the page {redraw:5.1f} ms; "
        f"click to drill {statistics.median(drills):5.1f} ms; {size:.0f} bytes a message ({len(both)} epochs)"
    )
    first_paint(browser, address, folder, epochs)


def first_paint(browser, address: str, folder: Path, epochs: int) -> None:
    """Load the run that was saved; print what passes between the kernel's opening the widget and the first paint."""
    lab = opened(browser, address, folder, f"loaded_{epochs}.ipynb", [LOAD])
    frames = received_by(lab)
    lab.run_all()
    lab.page.wait_for_selector(f".nntf[data-snapshots='{epochs + EPOCHS_MORE}']")
    sent = next(stamp(frame) for frame in frames if b"comm_open" in frame and b"NNTF" in frame)
    painted, reading = (marks(lab.page, name)[0][1] for name in ("nntf:painted", "nntf:reading"))
    lab.page.close()
    print(
        f"T={epochs:5d} a loaded run's first paint {painted - sent:5.0f} ms after the kernel opened its widget, "
        f"{painted - reading:5.0f} ms after the page began to read its log",
        flush=True,
    )


def side_by_side(browser, address: str, folder: Path, samples: int, epochs: int) -> None:
    """Have each program take in an epoch more, on one page; print how long the page can do nothing else."""
    cells = [DISPLAY.format(samples=samples, epochs=epochs).replace("\nrun\n", "\n"), SIDE_BY_SIDE]
    lab = opened(browser, address, folder, "side_by_side.ipynb", cells)
    lab.run_all()
    lab.wait_for(1)
    lab.page.wait_for_selector(f".nntf[data-snapshots='{epochs}']")
    lab.page.wait_for_selector(".bqplot .heatmapcell, .bqplot canvas, .bqplot image", state="attached")
    programs = {name: code for name, code in PROGRAMS.items() if PLOTLY or "plotly" not in name}
    if PLOTLY:
        lab.page.wait_for_selector(".js-plotly-plot .heatmaplayer image", state="attached")
    chrome = lab.page.context.new_cdp_session(lab.page)
    chrome.send("Performance.enable")
    for name, code in programs.items():
        took = busy(lab, chrome, REPEAT.format(code=code, times=TIMES)) / TIMES
        print(f"T={epochs:5d} one epoch more, {name}: the page is busy for {took:6.0f} ms", flush=True)
    lab.page.close()


def busy(lab: Notebook, chrome: CDPSession, code: str) -> float:
    """Run code in the kernel; return for how many milliseconds the page's main thread worked, until it was quiet."""
    before = worked = work_of(chrome)
    lab.execute(code)
    while True:
        lab.page.wait_for_timeout(SECOND)
        earlier, worked = worked, work_of(chrome)
        if worked - earlier < QUIET:
            return worked - before


def work_of(chrome: CDPSession) -> float:
    """The milliseconds that the page's main thread has worked so far."""
    metrics = chrome.send("Performance.getMetrics")["metrics"]
    return next(1000 * metric["value"] for metric in metrics if metric["name"] == "TaskDuration")


def received_by(lab: Notebook) -> list[bytes]:
    """The binary messages that the page receives from now on, of connections it opens from now on."""
    frames: list[bytes] = []

    def keep(frame: str | bytes) -> None:
        if isinstance(frame, bytes):
            frames.append(frame)

    lab.page.on("websocket", lambda socket: socket.on("framereceived", keep))
    lab.page.reload(wait_until="domcontentloaded")
    lab.page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    lab.wait_until_idle()
    return frames


def stamp(frame: bytes) -> float:
    """When the kernel sent a message, in milliseconds; its clock is the page's, for both are this machine's."""
    date = re.search(rb'"date": ?"([^"]+)"', frame).group(1).decode().replace("Z", "+00:00")
    return dt.datetime.fromisoformat(date).timestamp() * 1000


def sendings(frames: list[bytes], epochs: int) -> dict[int, float]:
    """When the kernel sent each snapshot."""
    snapshots = [frame for frame in frames if re.search(SNAPSHOT, frame)]
    return {epochs + place: stamp(frame) for place, frame in enumerate(snapshots)}


def first(found: list[tuple[int, float]]) -> dict[int, float]:
    """The first of the marks of each snapshot."""
    return dict(reversed(found))


def marks(page, name: str) -> list[tuple[int, float]]:
    found = page.evaluate(
        "name => performance.getEntriesByName(name)"
        ".map(mark => [mark.detail?.t ?? -1, performance.timeOrigin + mark.startTime])",
        name,
    )
    return [(t, when) for t, when in found]


if __name__ == "__main__":
    main()
