"""What the page takes: an epoch, a click on a class, a slider that moves, opening a run; other heat maps beside it.

Real JupyterLab in Chromium; while epochs come and classes are clicked the kernel is busy, as it is when it trains. Run
it as `python tests/benchmarks/bench_page.py`.
"""

from __future__ import annotations

import datetime as dt
import gzip
import re
import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np

import nntf_widget as nntf

sys.path.insert(0, str(Path(__file__).parents[1] / "browser"))

from lab import Notebook, chromium, jupyter_lab, open_page, until_snapshots, until_there, write_notebook

BUNDLE = Path(nntf.__file__).parent / "widget" / "static" / "widget.js"

DISPLAY = """
import time
import numpy as np
import nntf_widget as nntf

random = np.random.default_rng(0)
classes = random.integers(0, 10, {samples})
run = nntf.Fingerprint(10)

def epoch(share, of=run):
    moved = random.random(len(classes)) < share
    classes[moved] = random.integers(0, 10, moved.sum())
    of.update(classes, labels=None, metrics={{"loss": 1 / (len(of) + 1), "accuracy": 0.5}})

for t in range({epochs}):
    epoch(max(0.02, 0.44 / (1 + t / 8)))
"""
SHOW = "run"
TRAIN = """
from pathlib import Path

while not Path("{seen}").exists():
    time.sleep(0.5)
    epoch(0.02)
"""

# One page, one run, one matrix: each program takes in an epoch more, some times.
SIDE_BY_SIDE = """
import bqplot
from IPython.display import display
from plotly.graph_objects import FigureWidget, Heatmap

other = nntf.Fingerprint(10)  # of the same epochs; ours does not show it
for t in range(len(run)):
    epoch(max(0.02, 0.44 / (1 + t / 8)), other)

def bqplot_takes():
    epoch(0.02, other)
    axis = np.arange(len(other) - 1)
    with cells.hold_sync():
        cells.x, cells.y, cells.color = axis, axis, other.transition_distance

def plotly_takes():
    epoch(0.02, other)
    figure.data[0].z = other.transition_distance

scales = {"x": bqplot.LinearScale(), "y": bqplot.LinearScale(), "color": bqplot.ColorScale()}
cells = bqplot.HeatMap(x=[0, 1], y=[0, 1], color=np.eye(2), scales=scales)
bqplot_takes()
figure = FigureWidget([Heatmap(z=other.transition_distance)])
display(nntf.FingerprintWidget(run), bqplot.Figure(marks=[cells]), figure)
"""
PROGRAMS = {
    "nothing": "pass",
    "ours": "epoch(0.02)",
    "bqplot's HeatMap": "bqplot_takes()",
    "plotly's FigureWidget": "plotly_takes()",
}
TIMES = 3
QUIET = 100  # milliseconds of work in a second, at most, of a page that has nothing to do

# Moves the slider once a frame; the work of each frame, and the time from one to the next, in milliseconds.
SLIDE = """async () => {
    const slider = document.querySelector(".nntf-slider");
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const after = () => new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = resolve;
        port2.postMessage(null);
    });
    const [work, steps] = [[], []];
    let last = await frame();
    for (let i = 0; i < 180; i++) {
        slider.value = String(Math.round(slider.max * (0.5 + 0.5 * Math.sin(i / 10))));
        slider.dispatchEvent(new Event("input"));
        const now = await frame(), began = performance.now();
        await after();
        work.push(performance.now() - began);
        steps.push(now - last);
        last = now;
    }
    return [work, steps];
}"""

WATCH_FRAMES = """() => {
    window.long = [];
    new PerformanceObserver((list) => long.push(...list.getEntries())).observe({ type: "long-animation-frame" });
}"""


def main() -> None:
    print(
        f"bundle: {BUNDLE.stat().st_size / 1000:.0f} kB, {len(gzip.compress(BUNDLE.read_bytes())) / 1000:.0f} gzipped"
    )
    with tempfile.TemporaryDirectory() as name, jupyter_lab(Path(name)) as address, chromium() as browser:
        folder = Path(name)
        opening(browser, folder, samples=5_000, epochs=2000)
        slider(browser, folder, samples=50_000, classes=100, epochs=100)
        for classes, epochs in ((10, 200), (10, 1000), (10, 2000), (1000, 100)):
            beyond_chance(browser, folder, 50_000, classes, epochs)
        for epochs in (200, 1000, 2000):
            live(browser, address, folder, 50_000, epochs)
        side_by_side(browser, address, folder, 10_000, 1000)


def run_of(samples: int, classes: int, epochs: int) -> nntf.Fingerprint:
    random = np.random.default_rng(0)
    labels, predicted = (random.integers(0, classes, samples) for _ in range(2))
    run = nntf.Fingerprint(classes)
    for epoch in range(epochs):
        moved = random.random(samples) < max(0.02, 0.44 / (1 + epoch / 8))
        predicted = np.where(moved, random.integers(0, classes, samples), predicted)
        run.update(predicted, labels=labels, metrics={"loss": 1 / (1 + epoch)})
    return run


def opening(browser, folder: Path, samples: int, epochs: int) -> None:
    path = folder / "run.html"
    run_of(samples, 10, epochs).to_html(path)
    took = []
    for _ in range(5):
        with open_page(browser, offline=True, viewport={"width": 1300, "height": 900}) as page:
            page.goto(path.as_uri())
            until_there(page, f".nntf[data-snapshots='{epochs}']")
            took.append(page.evaluate("performance.getEntriesByName('nntf:painted')[0].startTime"))
    print(
        f"T={epochs:5d} N={samples}: a page of {path.stat().st_size / 1e6:.0f} MB painted "
        f"{statistics.median(took):.0f} ms after it was asked for (of five: {min(took):.0f} to {max(took):.0f})",
        flush=True,
    )


def slider(browser, folder: Path, samples: int, classes: int, epochs: int) -> None:
    path = folder / "slider.html"
    run_of(samples, classes, epochs).to_html(path)
    with open_page(browser, offline=True, viewport={"width": 1300, "height": 900}) as page:
        page.goto(path.as_uri())
        until_there(page, f".nntf[data-snapshots='{epochs}']")
        work, steps = page.evaluate(SLIDE)
        heap = heap_of(page)
    print(
        f"K={classes} N={samples} T={epochs}: the slider moves every {statistics.median(steps):.1f} ms, "
        f"of which a frame works {statistics.median(work):.1f} ms (19 of 20 in {np.quantile(work, 0.95):.1f}); "
        f"the page's heap holds {heap:.0f} MB",
        flush=True,
    )


def beyond_chance(browser, folder: Path, samples: int, classes: int, epochs: int) -> None:
    path = folder / "beyond_chance.html"
    run_of(samples, classes, epochs).to_html(path)
    with open_page(browser, offline=True, viewport={"width": 1300, "height": 900}) as page:
        page.goto(path.as_uri())
        until_there(page, f".nntf[data-snapshots='{epochs}']")
        page.evaluate(WATCH_FRAMES)
        button = page.get_by_role("button", name="Beyond chance")
        button.evaluate("(button) => { performance.mark('nntf:click'); button.click(); }")
        until_there(page, ".nntf[data-distance=excess]")
        page.wait_for_function(
            "() => performance.getEntriesByName('nntf:painted').at(-1).detail.isRough === false", polling=50
        )
        clicked = marks(page, "nntf:click")[-1][1]
        painted = [when for _, when in marks(page, "nntf:painted") if when >= clicked]
        longest = longest_frame(page, clicked)
    print(
        f"K={classes} N={samples} T={epochs}: click to beyond chance {painted[0] - clicked:.0f} ms, to all of it "
        f"{painted[-1] - clicked:.0f} ms, longest frame {longest:.0f} ms",
        flush=True,
    )


def heap_of(page) -> float:
    """The megabytes that JavaScript holds, arrays included."""
    chrome = page.context.new_cdp_session(page)
    chrome.send("HeapProfiler.collectGarbage")
    usage = chrome.send("Runtime.getHeapUsage")
    return (usage["usedSize"] + usage.get("backingStorageSize", 0)) / 1e6


def live(browser, address: str, folder: Path, samples: int, epochs: int) -> None:
    name = f"run_{epochs}.ipynb"
    seen = folder / f"{name}.seen"
    display = DISPLAY.format(samples=samples, epochs=epochs) + SHOW
    write_notebook(folder / name, [display, TRAIN.format(seen=seen)])
    frames: list[bytes] = []
    with open_page(browser, address) as page:
        page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(frame)))  # noqa: PLW0108 - no builtin
        lab = Notebook(page, address, name)
        lab.run_all()
        until_snapshots(page, epochs + 3)
        drills = [drill(page, class_) for class_ in (3, 5, 7)]
        until_snapshots(page, epochs + 20)
        seen.touch()
        lab.wait_for(1)
        report(page, frames, drills, samples, epochs)


def drill(page, class_: int) -> tuple[float, float, float]:
    """Click on a class; how long until its drill is painted, until all of it is, and the longest frame until then."""
    page.evaluate(WATCH_FRAMES)
    page.locator(".nntf").get_by_role("button", name=str(class_), exact=True).click()
    until_there(page, f".nntf[data-class='{class_}']")
    page.wait_for_function(
        "() => performance.getEntriesByName('nntf:drilled').at(-1).detail.isRough === false", polling=50
    )
    clicked = marks(page, "nntf:click")[-1][1]
    painted = [when for _, when in marks(page, "nntf:drilled") if when >= clicked]
    longest = longest_frame(page, clicked)
    page.keyboard.press("Escape")
    until_there(page, ".nntf[data-class='']")
    return painted[0] - clicked, painted[-1] - clicked, longest


def longest_frame(page, since: float) -> float:
    """The milliseconds of the longest frame since a moment, 0 where none was long."""
    return page.evaluate(
        """(since) => Math.max(0, ...long.filter(({ startTime, duration }) =>
            startTime + duration + performance.timeOrigin > since).map(({ duration }) => duration))""",
        since,
    )


def report(page, frames: list[bytes], drills: list[tuple[float, float, float]], samples: int, epochs: int) -> None:
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
    first, full, longest = (statistics.median(numbers) for numbers in zip(*drills, strict=True))
    print(
        f"T={epochs:5d} N={samples}: kernel to paint {whole:5.1f} ms, of them in the page {redraw:5.1f} ms; "
        f"click to drill {first:5.1f} ms, to all of it {full:5.1f} ms, longest frame {longest:5.1f} ms; "
        f"{size:.0f} bytes a message ({len(both)} epochs)",
        flush=True,
    )


def marks(page, name: str) -> list[tuple[int, float]]:
    found = page.evaluate(
        "name => performance.getEntriesByName(name)"
        ".map(mark => [mark.detail?.t ?? -1, performance.timeOrigin + mark.startTime])",
        name,
    )
    return [(t, when) for t, when in found]


def side_by_side(browser, address: str, folder: Path, samples: int, epochs: int) -> None:
    """Have each program take in an epoch more, in one page; print how long the page is busy with it."""
    cells = [DISPLAY.format(samples=samples, epochs=epochs), SIDE_BY_SIDE]
    write_notebook(folder / "side_by_side.ipynb", cells)
    with open_page(browser, address) as page:
        lab = Notebook(page, address, "side_by_side.ipynb")
        lab.run_all()
        lab.wait_for(1)
        until_snapshots(page, epochs)
        for selector in (".bqplot canvas, .bqplot image, .bqplot .heatmapcell", ".js-plotly-plot .heatmaplayer image"):
            until_there(page, selector)
        chrome = page.context.new_cdp_session(page)
        chrome.send("Performance.enable")
        took = {name: [busy(lab, chrome, code) for _ in range(TIMES)] for name, code in PROGRAMS.items()}
    medians = {name: statistics.median(times) for name, times in took.items()}
    idle = medians.pop("nothing")
    for name, milliseconds in medians.items():
        work, ours = milliseconds - idle, medians["ours"] - idle
        print(f"T={epochs:5d} an epoch more, {name}: the page works {work:5.0f} ms, {work / ours:.1f} times ours")


def busy(lab: Notebook, chrome, code: str) -> float:
    """Run code in the kernel; for how many milliseconds the page's main thread works until it has nothing to do."""
    worked = settled(lab, chrome)
    lab.until_python(f"exec({code!r})", "None")
    return settled(lab, chrome) - worked


def settled(lab: Notebook, chrome) -> float:
    """The milliseconds that the page's main thread has worked once it has nothing more to do."""
    worked = work_of(chrome)
    while True:
        lab.page.wait_for_timeout(1000)
        before, worked = worked, work_of(chrome)
        if worked - before < QUIET:
            return worked


def work_of(chrome) -> float:
    metrics = chrome.send("Performance.getMetrics")["metrics"]
    return next(1000 * metric["value"] for metric in metrics if metric["name"] == "TaskDuration")


if __name__ == "__main__":
    main()
