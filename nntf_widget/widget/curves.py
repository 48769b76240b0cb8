"""Learning curves beside the fingerprint, drawn with bqplot on the same epoch axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bqplot
import ipywidgets
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7"]  # Okabe and Ito's, told apart by colour-blind readers
GUTTER = {"left": 96, "right": 20, "top": 6, "bottom": 6}  # as the epoch column of the fingerprint has it
AXIS_HEIGHT = 34
SPLITS = ("train_", "training_", "val_", "valid_", "validation_", "test_")


class LearningCurves(ipywidgets.VBox):
    """One slim chart for each measure, its training and validation curves together.

    Everything is pushed from the kernel; the marker of the hovered epoch follows the fingerprint in the browser.

    Parameters
    ----------
    widget : ipywidgets.Widget
        Its trait ``cursor`` holds the hovered place on the epoch axis, twice, or nothing.
    """

    def __init__(self, widget: ipywidgets.Widget) -> None:
        super().__init__()
        self.add_class("nntf-charts")
        self._widget = widget
        self._epochs = bqplot.LinearScale(min=-0.5, max=0.5)
        self._charts: dict[str, bqplot.Lines] = {}

    def show(self, metrics: Mapping[str, NDArray[np.float64]]) -> None:
        """Draw the curves so far; `metrics` holds a value for each snapshot under every name."""
        measures: dict[str, list[str]] = {}
        for name in metrics:
            measures.setdefault(_measure(name), []).append(name)
        if list(measures) != list(self._charts):
            self._charts = {measure: self._lines(index) for index, measure in enumerate(measures)}
            self.children = [
                self._figure(measure, lines, is_last=index == len(self._charts) - 1)
                for index, (measure, lines) in enumerate(self._charts.items())
            ]
        for measure, names in measures.items():
            values = np.array([metrics[name] for name in names])
            places = np.arange(values.shape[1])
            if len(places) == 1:  # bqplot takes one value for none
                places, values = np.repeat(places, 2), np.repeat(values, 2, axis=1)
            with self._charts[measure].hold_sync():
                self._charts[measure].labels = names
                self._charts[measure].x = places
                self._charts[measure].y = values
        if metrics:
            self._epochs.max = len(next(iter(metrics.values()))) - 0.5

    def _lines(self, index: int) -> bqplot.Lines:
        colour = COLOURS[index % len(COLOURS)]
        return bqplot.Lines(
            x=[],
            y=[],
            scales={"x": self._epochs, "y": bqplot.LinearScale()},
            colors=[colour, COLOURS[(index + 2) % len(COLOURS)]],
            stroke_width=1.5,
        )

    def _figure(self, measure: str, lines: bqplot.Lines, *, is_last: bool) -> bqplot.Figure:
        ruler = bqplot.LinearScale(min=0, max=1)
        marker = bqplot.Lines(
            x=[], y=[0, 1], scales={"x": self._epochs, "y": ruler}, colors=["#888888"], stroke_width=1
        )
        ipywidgets.jsdlink((self._widget, "cursor"), (marker, "x"))
        axes = [
            bqplot.Axis(
                scale=lines.scales["y"], orientation="vertical", label=measure, label_offset="56px", num_ticks=4
            )
        ]
        if is_last:
            axes.append(bqplot.Axis(scale=self._epochs, label="epoch", grid_lines="none", tick_format="~d"))
        bottom = AXIS_HEIGHT if is_last else GUTTER["bottom"]
        figure = bqplot.Figure(
            marks=[lines, marker],
            axes=axes,
            fig_margin={**GUTTER, "bottom": bottom},
            min_aspect_ratio=0.01,
            max_aspect_ratio=100,
            layout={"height": f"{80 + bottom}px"},
        )
        figure.add_class("nntf-curves")
        return figure


def _measure(name: str) -> str:
    """Return what a metric measures, so that ``val_loss`` is drawn with ``loss``."""
    for split in SPLITS:
        if name.startswith(split):
            return name.removeprefix(split)
    return name
