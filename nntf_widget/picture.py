"""A run as a picture that needs no browser: the fingerprint, its classes and its curves, on one epoch axis."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nntf_widget.axes import by_measure, epoch_ticks, round_ticks
from nntf_widget.colours import CURVES, VIRIDIS, shaded
from nntf_widget.drawing import Canvas, Pixels, Svg, fitted, lines_of, width_of

if TYPE_CHECKING:
    from nntf_widget.fingerprint import Fingerprint

WIDTH = 800
LEFT, PLOT = 104, 456  # the epoch axis
RIGHT = LEFT + PLOT
SIDE, SIDE_WIDTH = RIGHT + 24, WIDTH - RIGHT - 40
MARGIN = 16
GROUND, INK, QUIET, LINE, GAP = "#ffffff", "#1f2328", "#656d76", "#d0d7de", "#d55e00"
NO_VALUE = (238, 240, 242)
TEXT, LARGE = 12.0, 16.0
LINE_HEIGHT = 16
ROW, MOST_ROWS = 15, 25  # of the classes; of more, each row is the mean of some
CURVE = 56
MOST_MEASURES = 6
TICKS = 22
TITLE = "Training fingerprint"


class Panel(NamedTuple):
    """A part of the picture, as wide as it: how high it is, and what draws it from there down."""

    height: float
    draw: Callable[[Canvas, float], None]


def as_svg(run: Fingerprint) -> str:
    """Return the run's last state as an SVG document."""
    panels, height = _arranged(run)
    canvas = Svg(WIDTH, height, f"{TITLE}: {_status(run)}", GROUND)
    _draw(panels, canvas)
    return str(canvas)


def as_png(run: Fingerprint) -> bytes:
    """Return the run's last state as a PNG file, of two pixels to a CSS pixel."""
    panels, height = _arranged(run)
    canvas = Pixels(WIDTH, height, GROUND)
    _draw(panels, canvas)
    return bytes(canvas)


def _arranged(run: Fingerprint) -> tuple[list[Panel], int]:
    with run.lock:
        panels = list(_panels(run))
    return panels, math.ceil(2 * MARGIN + sum(panel.height for panel in panels))


def _draw(panels: list[Panel], canvas: Canvas) -> None:
    top = float(MARGIN)
    for panel in panels:
        panel.draw(canvas, top)
        top += panel.height


def _panels(run: Fingerprint) -> Iterator[Panel]:
    yield _heading(run)
    yield _matrix(run)
    if not len(run):
        return
    yield _strip(run)
    measures = by_measure(run.metrics)
    if len(run) > 1:
        moved = np.append(np.nan, run.dynamics.change_rate)
        measures = {**dict(list(measures.items())[:MOST_MEASURES]), "moves": {"samples that moved": moved}}
    for measure, curves in measures.items():
        yield _curves(measure, curves)
    yield Panel(TICKS, lambda canvas, top: _epochs(canvas, top - 8, len(run)))


def _status(run: Fingerprint) -> str:
    if not len(run):
        return "no epoch yet"
    epochs = f"{len(run)} epoch{'s' * (len(run) > 1)}"
    return f"{epochs}, {run.num_samples:,} samples, {run.num_classes:,} classes"


def _heading(run: Fingerprint) -> Panel:
    status = _status(run)

    def draw(canvas: Canvas, top: float) -> None:
        canvas.text(TITLE, (MARGIN, top + LARGE), LARGE, INK)
        canvas.text(status, (MARGIN + width_of(TITLE, LARGE) + 14, top + LARGE), TEXT, QUIET)

    return Panel(LARGE + 18, draw)


def _matrix(run: Fingerprint) -> Panel:
    """Return the fingerprint, with the scale of its colours and what is said of the run beside it."""
    snapshots = len(run)
    colours = shaded(_pooled(run), NO_VALUE) if snapshots > 1 else None
    resumed_at = list(run.resumed_at)
    incomplete = list(run.incomplete)
    gaps = f"interrupted before epoch {', '.join(map(str, resumed_at))}" if resumed_at else ""
    few = ", ".join(map(str, incomplete[:12])) + (" …" if len(incomplete) > 12 else "")
    lacks = f"captured only in part: epoch {few}" if incomplete else ""
    marked = [line for text in (gaps, lacks) for line in lines_of(text, SIDE_WIDTH, TEXT - 1)]
    said = [*_verdicts(run), ("", GAP), *((line, GAP) for line in marked)]

    def draw(canvas: Canvas, top: float) -> None:
        if colours is None:
            waiting = f"Waiting for the {'second' if snapshots else 'first'} epoch"
            canvas.text(waiting, (LEFT + PLOT / 2, top + PLOT / 2), TEXT, QUIET, "middle")
        else:
            start = 0.5 * PLOT / snapshots  # a transition lies between its snapshots
            canvas.cells(colours, (LEFT + start, top + start), (PLOT - 2 * start, PLOT - 2 * start))
        _frame(canvas, top, PLOT)
        _epochs(canvas, top + PLOT, snapshots)
        for t in epoch_ticks(snapshots):
            at = top + (t + 0.5) * PLOT / snapshots
            canvas.line((LEFT - 4, at), (LEFT, at), LINE)
            canvas.text(str(t), (LEFT - 8, at + 4), TEXT - 1, QUIET, "end")
        for t in resumed_at:
            at = t * PLOT / snapshots
            canvas.line((LEFT + at, top), (LEFT + at, top + PLOT + 4), GAP)
            canvas.line((LEFT - 4, top + at), (RIGHT, top + at), GAP)
        for t in incomplete:
            start, end = t * PLOT / snapshots, (t + 1) * PLOT / snapshots
            canvas.line((LEFT + start, top + PLOT + 2), (LEFT + end, top + PLOT + 2), GAP)
            canvas.line((LEFT - 2, top + start), (LEFT - 2, top + end), GAP)
        _beside(canvas, top, said)

    return Panel(PLOT + TICKS + 12, draw)


def _verdicts(run: Fingerprint) -> Iterator[tuple[str, str]]:
    """Yield lines and their colours: the state of the run in a word, and why."""
    for verdict in run.verdicts():
        yield "", QUIET
        yield verdict.kind, INK
        for line in lines_of(verdict.sentence, SIDE_WIDTH, TEXT - 1):
            yield line, QUIET


def _beside(canvas: Canvas, top: float, said: list[tuple[str, str]]) -> None:
    canvas.text("Transition distance", (SIDE, top + TEXT), TEXT, INK)
    canvas.cells(VIRIDIS[None], (SIDE, top + 22), (SIDE_WIDTH, 10))
    canvas.text("0 alike", (SIDE, top + 48), TEXT - 1, QUIET)
    canvas.text("1 unlike", (SIDE + SIDE_WIDTH, top + 48), TEXT - 1, QUIET, "end")
    for index, (words, colour) in enumerate(said[: int((PLOT - 64) / LINE_HEIGHT)]):
        if words:
            canvas.text(words, (SIDE, top + 68 + index * LINE_HEIGHT), TEXT - 1, colour)


def _strip(run: Fingerprint) -> Panel:
    """Return a row a class: its recall, or without labels its share of the predictions."""
    shares, what = (_shares(run), "share of") if run.labels is None else (run.dynamics.recall, "recall of")
    largest = 1.0 if run.labels is not None else float(shares.max()) or 1.0
    classes = shares.shape[1]
    colours = shaded(_averaged(_averaged(shares.T / largest, PLOT).T, MOST_ROWS * ROW).T, NO_VALUE)
    height = min(classes, MOST_ROWS) * ROW
    names = [fitted(name, LEFT - 24, TEXT - 1) for name in run.class_names] if classes <= MOST_ROWS else []

    def draw(canvas: Canvas, top: float) -> None:
        canvas.cells(colours, (LEFT, top), (PLOT, height))
        _frame(canvas, top, height)
        for index, name in enumerate(names):
            canvas.text(name, (LEFT - 8, top + index * ROW + 11), TEXT - 1, INK, "end")
        if not names:
            canvas.text(f"{classes:,} classes", (LEFT - 8, top + height / 2), TEXT - 1, QUIET, "end")
        canvas.text(f"{what} each class", (SIDE, top + 11), TEXT - 1, QUIET)
        canvas.text(f"0 to {largest:.2g}, in the same colours", (SIDE, top + 11 + LINE_HEIGHT), TEXT - 1, QUIET)

    return Panel(max(height, 2 * LINE_HEIGHT) + 14, draw)


def _curves(measure: str, curves: Mapping[str, NDArray[np.float64]]) -> Panel:
    values = np.array(list(curves.values()))
    ticks = round_ticks(values)
    low, high = ticks[0], ticks[-1]
    height = max(CURVE, 16 * len(curves))

    def place(t: int, value: float) -> tuple[float, float]:
        return LEFT + (t + 0.5) * PLOT / values.shape[1], height - 4 - (value - low) / (high - low) * (height - 8)

    def draw(canvas: Canvas, top: float) -> None:
        _frame(canvas, top, height)
        canvas.text(f"{high:.4g}", (LEFT - 8, top + 10), TEXT - 2, QUIET, "end")
        canvas.text(fitted(measure, LEFT - 24, TEXT - 1), (LEFT - 8, top + height / 2 + 4), TEXT - 1, INK, "end")
        canvas.text(f"{low:.4g}", (LEFT - 8, top + height - 2), TEXT - 2, QUIET, "end")
        for index, (name, line) in enumerate(curves.items()):
            colour = CURVES[index % len(CURVES)]
            last = "" if np.isnan(line[-1]) else f" {line[-1]:.3g}"
            words = fitted(name, SIDE_WIDTH - width_of(last, TEXT - 1), TEXT - 1) + last
            canvas.text(words, (SIDE, top + 14 + 16 * index), TEXT - 1, colour)
            for run_of in _unbroken(line):
                points = [place(t, line[t]) for t in run_of]
                canvas.curve([(x, top + y) for x, y in points], colour)

    return Panel(height + 12, draw)


def _unbroken(line: NDArray[np.float64]) -> list[NDArray[np.intp]]:
    """Return the stretches of a curve between values that are not finite; a lone value is no line."""
    known = np.flatnonzero(np.isfinite(line))
    stretches = np.split(known, np.flatnonzero(np.diff(known) > 1) + 1)
    return [stretch for stretch in stretches if len(stretch) > 1]


def _frame(canvas: Canvas, top: float, height: float) -> None:
    left, right, bottom = LEFT - 1, RIGHT, top + height
    canvas.line((left, top - 1), (right, top - 1), LINE)
    canvas.line((left, bottom), (right + 1, bottom), LINE)
    canvas.line((left, top - 1), (left, bottom), LINE)
    canvas.line((right, top - 1), (right, bottom), LINE)


def _epochs(canvas: Canvas, top: float, snapshots: int) -> None:
    for t in epoch_ticks(snapshots):
        at = LEFT + (t + 0.5) * PLOT / snapshots
        canvas.line((at, top), (at, top + 4), LINE)
        canvas.text(str(t), (at, top + 16), TEXT - 1, QUIET, "middle")
    if snapshots:
        canvas.text("epoch", (LEFT - 8, top + 16), TEXT - 1, QUIET, "end")


def _shares(run: Fingerprint) -> NDArray[np.float64]:
    """Return the share of the predictions that each class has, shape (T, K)."""
    first = np.bincount(run.predictions(0), minlength=run.num_classes or 0)
    balance = run.dynamics.arrivals.astype(np.int64) - run.dynamics.departures
    return np.vstack([first, first + balance.cumsum(axis=0)]) / (run.num_samples or 1)


def _pooled(run: Fingerprint) -> NDArray[np.float64]:
    """Return the transition distance as at most PLOT rows and columns, of more the mean; never the whole square."""
    size = len(run) - 1
    pool = math.ceil(size / PLOT)
    places = np.arange(size) // pool
    counts = np.bincount(places)
    total = np.zeros((len(counts), len(counts)))
    for index in range(size):
        row = run.distance_row("transition", index)
        total[places[index]] += np.bincount(places[:index], row, len(counts))
    return (total + total.T) / np.outer(counts, counts)


def _averaged(values: NDArray[np.float64], most: int) -> NDArray[np.float64]:
    """Return an array with at most so many columns, of more the mean of those that are no NaN."""
    if values.shape[1] <= most:
        return values
    starts = np.arange(0, values.shape[1], math.ceil(values.shape[1] / most))
    known = np.add.reduceat(~np.isnan(values), starts, axis=1, dtype=np.intp)
    total = np.add.reduceat(np.nan_to_num(values), starts, axis=1)
    return np.divide(total, known, out=np.full(total.shape, np.nan), where=known > 0)
