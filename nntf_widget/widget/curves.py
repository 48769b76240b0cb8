"""Learning curves beside the fingerprint, drawn with bqplot on the same epoch axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bqplot
import ipywidgets
import numpy as np

from nntf_widget.axes import round_ticks
from nntf_widget.colours import CURVES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

MARKER = "#888888"
GUTTER = {"left": 96, "right": 20, "top": 10, "bottom": 8}  # as the epoch column of the fingerprint has it
PLOT_HEIGHT = 72
EPOCH_AXIS_HEIGHT = 40
ROW_HEIGHT = GUTTER["top"] + PLOT_HEIGHT + GUTTER["bottom"]
LINE = 16  # pixels that a curve's name takes
MOVES = "moves"
CLASS = CURVES[2]


class LearningCurves(ipywidgets.VBox):
    """One slim chart for each measure, its training and validation curves together.

    The curves are pushed from the kernel. The epochs shown, the marker of the one pointed at, and the moves of the
    class drilled into follow the fingerprint in the browser.

    Parameters
    ----------
    widget : ipywidgets.Widget
        Its traits ``axis_low``, ``axis_high`` and ``axis_ticks`` say which epochs are shown; ``cursor`` holds the place
        pointed at on the epoch axis, twice, or nothing; ``class_epochs``, ``class_moves`` and ``class_label`` are the
        curve of a class, or empty.
    """

    def __init__(self, widget: ipywidgets.Widget) -> None:
        super().__init__()
        self._widget = widget
        self._epochs = bqplot.LinearScale(min=-0.5, max=0.5)
        ipywidgets.jsdlink((widget, "axis_low"), (self._epochs, "min"))
        ipywidgets.jsdlink((widget, "axis_high"), (self._epochs, "max"))
        self._figures: dict[str, bqplot.Figure] = {}
        self._names: dict[str, CurveNames] = {}
        self._rows: list[ipywidgets.HBox] = []

    def show(self, measures: Mapping[str, Mapping[str, NDArray[np.float64]]]) -> None:
        """Draw the curves so far: for each measure its curves by name, each with a value for every snapshot."""
        if list(measures) != list(self._figures):
            self._arrange(list(measures))
        for measure, curves in measures.items():
            figure = self._figures[measure]
            _draw(figure, np.array(list(curves.values())), from_zero=measure == MOVES)
            self._names[measure].show(curves, figure.marks[0].scales["y"])

    def _arrange(self, measures: list[str]) -> None:
        for part in (*self._figures.values(), *self._names.values(), *self._rows):
            part.close()
        self._figures = {measure: self._figure(measure, with_epochs=measure == measures[-1]) for measure in measures}
        self._names = {
            measure: CurveNames(*[self._follow_class(figure)] if measure == MOVES else [])
            for measure, figure in self._figures.items()
        }
        self._rows = [ipywidgets.HBox([self._figures[measure], self._names[measure]]) for measure in measures]
        for row in self._rows:
            row.add_class("nntf-measure")
        self.children = self._rows

    def _figure(self, measure: str, *, with_epochs: bool) -> bqplot.Figure:
        height = bqplot.LinearScale()
        curves = bqplot.Lines(x=[], y=[], scales={"x": self._epochs, "y": height}, colors=CURVES, stroke_width=1.5)
        ruler = bqplot.LinearScale(min=0, max=1)
        marker = bqplot.Lines(x=[], y=[0, 1], scales={"x": self._epochs, "y": ruler}, colors=[MARKER], stroke_width=1)
        ipywidgets.jsdlink((self._widget, "cursor"), (marker, "x"))
        axes = [bqplot.Axis(scale=height, orientation="vertical", label=measure, label_offset="60px", tick_format="~g")]
        if with_epochs:
            axes.append(
                bqplot.Axis(scale=self._epochs, label="epoch", label_offset="30px", grid_lines="none", tick_format="~d")
            )
            ipywidgets.jsdlink((self._widget, "axis_ticks"), (axes[1], "tick_values"))
        bottom = EPOCH_AXIS_HEIGHT if with_epochs else GUTTER["bottom"]
        figure = bqplot.Figure(
            marks=[curves, marker],
            axes=axes,
            fig_margin={**GUTTER, "bottom": bottom},
            min_aspect_ratio=0.01,  # as wide as the column allows
            max_aspect_ratio=100,
            layout={"height": f"{GUTTER['top'] + PLOT_HEIGHT + bottom}px"},
        )
        figure.add_class("nntf-curves")
        return figure

    def _follow_class(self, figure: bqplot.Figure) -> ipywidgets.Label:
        """Have the moves of the class drilled into drawn with those of all; return what names them."""
        drilled = bqplot.Lines(x=[], y=[], scales=figure.marks[0].scales, colors=[CLASS], stroke_width=1.5)
        ipywidgets.jsdlink((self._widget, "class_epochs"), (drilled, "x"))
        ipywidgets.jsdlink((self._widget, "class_moves"), (drilled, "y"))
        figure.marks = [*figure.marks, drilled]
        label = ipywidgets.Label(style={"text_color": CLASS}, layout={"top": f"{ROW_HEIGHT - LINE}px"})
        ipywidgets.jsdlink((self._widget, "class_label"), (label, "value"))
        return label


class CurveNames(ipywidgets.VBox):
    """The name and the last value of each curve, beside its end and in its colour; as labels, which take no HTML.

    Parameters
    ----------
    *below : ipywidgets.Label
        What stands below them, in lines of their own.
    """

    def __init__(self, *below: ipywidgets.Label) -> None:
        super().__init__()
        self.add_class("nntf-names")
        self._labels: list[ipywidgets.Label] = []
        self._below = below

    def show(self, curves: Mapping[str, NDArray[np.float64]], scale: bqplot.LinearScale) -> None:
        """Name the curves that are drawn on this scale."""
        if len(self._labels) != len(curves):
            colours = (CURVES[index % len(CURVES)] for index in range(len(curves)))
            self._labels = [ipywidgets.Label(style={"text_color": colour}) for colour in colours]
            self.children = [*self._labels, *self._below]
        ends = [_last(values) for values in curves.values()]
        heights = np.nan_to_num([PLOT_HEIGHT * (scale.max - end) / (scale.max - scale.min) for end in ends])
        lowest = ROW_HEIGHT - LINE * (1 + len(self._below))
        tops = apart([GUTTER["top"] + height - LINE / 2 for height in heights], lowest)
        for label, name, end, top in zip(self._labels, curves, ends, tops, strict=True):
            label.value = name if np.isnan(end) else f"{name} {end:.3g}"
            label.layout.top = f"{top:.0f}px"


def apart(wanted: Sequence[float], lowest: float) -> list[float]:
    """Return places as near to those wanted as leaves each a line of its own, from 0 down to `lowest`."""
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    places = list(wanted)
    for index in reversed(order):
        places[index] = min(places[index], lowest)
        lowest = places[index] - LINE
    highest = 0.0
    for index in order:
        places[index] = max(places[index], highest)
        highest = places[index] + LINE
    return places


def _last(values: NDArray[np.float64]) -> float:
    """Return the last value that is known."""
    known = values[np.isfinite(values)]
    return float(known[-1]) if len(known) else np.nan


def _draw(figure: bqplot.Figure, values: NDArray[np.float64], *, from_zero: bool) -> None:
    """Put the curves, shape (curves, T), into their figure."""
    curves, axis = figure.marks[0], figure.axes[0]
    epochs = np.arange(values.shape[1])
    if len(epochs) == 1:  # bqplot takes a single value for none
        epochs, values = np.repeat(epochs, 2), np.repeat(values, 2, axis=1)
    ticks = round_ticks(np.append(values, 0) if from_zero else values)
    with curves.hold_sync():
        curves.x, curves.y = epochs, values
    with curves.scales["y"].hold_sync():
        curves.scales["y"].min, curves.scales["y"].max = float(ticks[0]), float(ticks[-1])
    axis.tick_values = ticks
