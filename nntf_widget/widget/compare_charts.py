"""Curves of all runs over the same epochs, and the map of all their snapshots, with bqplot."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import bqplot
import ipywidgets
import numpy as np

from nntf_widget.axes import epoch_ticks, round_ticks
from nntf_widget.widget.curves import EPOCH_AXIS_HEIGHT

if TYPE_CHECKING:
    from nntf_widget.comparison import Comparison, RunMap
    from nntf_widget.fingerprint import Fingerprint

# Told apart on light and on dark; where they come again, it is with another line.
COLOURS = ["#3a8fc9", "#e07b39", "#2fa384", "#c77da6", "#8c6bb1", "#b5a21b", "#d1495b", "#5f7a8a"]
LINES = ["solid", "dashed", "dotted"]
MARGIN = {"left": 34, "right": 10, "top": 12, "bottom": EPOCH_AXIS_HEIGHT}
HEIGHT = 240
MAP_MARGIN = 8
MAP_SHAPE = 1.5  # width to height of the map
LETTER, LINE_HEIGHT = 7, 12  # pixels of a curve's name
LONGEST_NAME = 12  # letters
MOST_NAMES = (HEIGHT - MARGIN["top"] - MARGIN["bottom"]) // LINE_HEIGHT


def line_of(index: int) -> tuple[str, str]:
    """Return the colour and the kind of line of a run, by its place among the runs."""
    return COLOURS[index % len(COLOURS)], LINES[index // len(COLOURS) % len(LINES)]


class CompareCharts(ipywidgets.HBox):
    """The charts of a comparison.

    Parameters
    ----------
    comparison : Comparison
    """

    def __init__(self, comparison: Comparison) -> None:
        super().__init__()
        self.add_class("nntf-compare-charts")
        self._comparison = comparison
        self._charts: dict[str, ipywidgets.VBox] = {}  # a title and a figure each
        self._map: RunMap | None = None

    def show(self, *, comparable: bool) -> None:
        """Draw all runs so far; the map only where there are distances between them."""
        names = list(self._comparison.runs)
        curves = {name: _curves(run) for name, run in self._comparison.runs.items()}
        for measure in dict.fromkeys(measure for each in curves.values() for measure in each):
            if measure not in self._charts:
                self._charts[measure] = _chart(measure.replace("_", " ").capitalize(), _epoch_figure(names))
            _draw(self._charts[measure].children[1], [each.get(measure, np.zeros(0)) for each in curves.values()])
        snapshots = [len(run) for run in self._comparison.runs.values()]
        if comparable and find_spec("sklearn") and sum(snapshots) > 2:
            if "map" not in self._charts:
                self._charts["map"] = _chart("", _map_figure(len(curves)))
            self._draw_map(*self._charts["map"].children)
        self.children = list(self._charts.values())

    def close(self) -> None:
        """Close every chart."""
        for chart in self._charts.values():
            for part in (*chart.children, chart):
                part.close()
        super().close()

    def _draw_map(self, title: ipywidgets.Label, figure: bqplot.Figure) -> None:
        self._map = found = self._comparison.map(self._map)
        _frame(figure, np.concatenate(list(found.points.values())))
        for path, end, each in zip(figure.marks[::2], figure.marks[1::2], found.points.values(), strict=True):
            with path.hold_sync():
                path.x, path.y = each.T
            with end.hold_sync():
                end.x, end.y = each[-1:].T
        stress = "" if np.isnan(found.stress) else f", stress {found.stress:.2f}"
        title.value = f"Paths of the predictions, \u25cf last{stress}"


def _curves(run: Fingerprint) -> dict[str, np.ndarray]:
    """Return what is drawn of a run by measure, a value a snapshot."""
    with run.lock:
        curves = {}
        if run.labels is not None:
            curves["accuracy"] = run.dynamics.accuracy
        for metric, values in run.metrics.items():
            curves.setdefault(metric, values)
        if len(run) > 1:
            curves["samples that moved"] = np.append(np.nan, run.dynamics.change_rate)
            curves["moves that went straight back"] = np.append(np.nan, run.dynamics.return_rate)
        return curves


def _chart(title: str, figure: bqplot.Figure) -> ipywidgets.VBox:
    chart = ipywidgets.VBox([ipywidgets.Label(title), figure])
    chart.add_class("nntf-compare-chart")
    return chart


def _epoch_figure(names: list[str]) -> bqplot.Figure:
    """Return a figure with a curve a run, and the runs' names beside the heights where these end, if all find room."""
    scales = {"x": bqplot.LinearScale(min=0, max=1), "y": bqplot.LinearScale()}
    marks: list[bqplot.Mark] = [_line(index, scales) for index in range(len(names))]
    margin = MARGIN
    if len(names) <= MOST_NAMES:
        short = [name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}\u2026" for name in names]
        margin = {**MARGIN, "right": 10 + LETTER * max(map(len, short))}
        marks += [
            bqplot.Label(
                x=[],
                y=[],
                text=[name],
                scales=scales,
                colors=[line_of(index)[0]],
                default_size=11,
                font_weight="normal",
                x_offset=5,
                y_offset=4,
                apply_clip=False,
            )
            for index, name in enumerate(short)
        ]
    axes = [
        bqplot.Axis(scale=scales["x"], label="epoch", label_offset="30px", grid_lines="none", tick_format="~d"),
        bqplot.Axis(scale=scales["y"], orientation="vertical", tick_format="~g"),
    ]
    return _figure(marks, axes, margin)


def _map_figure(runs: int) -> bqplot.Figure:
    scales = {"x": bqplot.LinearScale(), "y": bqplot.LinearScale()}
    marks: list[bqplot.Mark] = []
    for index in range(runs):
        marks.append(_line(index, scales))
        colours = [line_of(index)[0]]
        marks.append(bqplot.Scatter(x=[], y=[], scales=scales, colors=colours, default_size=40, stroke="transparent"))
    figure = _figure(marks, [], dict.fromkeys(MARGIN, MAP_MARGIN))
    figure.min_aspect_ratio = figure.max_aspect_ratio = MAP_SHAPE
    return figure


def _frame(figure: bqplot.Figure, points: np.ndarray) -> None:
    """Show all points, at the same scale along both axes."""
    across, up = MAP_SHAPE * HEIGHT - 2 * MAP_MARGIN, HEIGHT - 2 * MAP_MARGIN
    width, height = np.ptp(points, axis=0)
    half = 0.55 * max(width / across, height / up) or 1.0
    middle = (points.max(axis=0) + points.min(axis=0)) / 2
    scales = figure.marks[0].scales
    for name, centre, pixels in zip("xy", middle, (across, up), strict=True):
        with scales[name].hold_sync():
            scales[name].min, scales[name].max = float(centre - half * pixels), float(centre + half * pixels)


def _line(index: int, scales: dict[str, bqplot.Scale]) -> bqplot.Lines:
    colour, line = line_of(index)
    return bqplot.Lines(x=[], y=[], scales=scales, colors=[colour], line_style=line, stroke_width=1.5)


def _figure(marks: list[bqplot.Mark], axes: list[bqplot.Axis], margin: dict[str, int]) -> bqplot.Figure:
    figure = bqplot.Figure(
        marks=marks,
        axes=axes,
        fig_margin=margin,
        min_aspect_ratio=0.01,
        max_aspect_ratio=100,
        layout={"height": f"{HEIGHT}px"},
    )
    figure.add_class("nntf-curves")
    return figure


def _draw(figure: bqplot.Figure, curves: list[np.ndarray]) -> None:
    longest = max(len(values) for values in curves)
    scales = figure.marks[0].scales
    ticks = round_ticks(np.concatenate(curves))
    scales["x"].max = float(max(longest - 1, 1))
    with scales["y"].hold_sync():
        scales["y"].min, scales["y"].max = float(ticks[0]), float(ticks[-1])
    figure.axes[0].tick_values, figure.axes[1].tick_values = epoch_ticks(longest), ticks
    # bqplot takes a single value for none.
    drawn = [index for index, values in enumerate(curves) if len(values) > 1 and np.isfinite(values).any()]
    for index in drawn:
        with figure.marks[index].hold_sync():
            figure.marks[index].x, figure.marks[index].y = np.arange(len(curves[index])), curves[index]
    names = figure.marks[len(curves) :]
    if not names:
        return
    ends = [curves[index][np.isfinite(curves[index])][-1] for index in drawn]
    for index, height in zip(drawn, _apart(np.array(ends), ticks[0], ticks[-1]), strict=True):
        with names[index].hold_sync():
            names[index].x, names[index].y = [scales["x"].max], [height]


def _apart(heights: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return heights in the same order, a line of text apart, as near to the given ones as may be."""
    line = (high - low) / MOST_NAMES
    order = np.argsort(heights, kind="stable")
    steps = line * np.arange(len(order))
    upwards = np.maximum.accumulate(np.maximum(heights[order], low) - steps) + steps  # each pushed up by those below
    placed = np.empty(len(order))
    placed[order] = np.minimum(upwards, high - steps[::-1])
    return placed
