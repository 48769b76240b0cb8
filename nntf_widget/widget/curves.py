"""Learning curves beside the fingerprint, drawn with bqplot on the same epoch axis."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import bqplot
import ipywidgets
import numpy as np

from nntf_widget.widget.parts import parts_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

COLOURS = ["#3A8FC9", "#E07B39", "#2FA384", "#C77DA6"]  # told apart by colour-blind readers, on light and on dark
MARKER = SEAM = "#888888"
GUTTER = {"left": 96, "right": 72, "top": 10, "bottom": 8}  # as the epoch column of the fingerprint has it
PLOT_HEIGHT = 72
EPOCH_AXIS_HEIGHT = 40
NAMES_HEIGHT = 14
LETTER_WIDTH = 6  # on average, in a name of 11 px
SPLITS = ("train_", "training_", "val_", "valid_", "validation_", "eval_", "test_")


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
        self._figures: dict[str, bqplot.Figure] = {}
        self._links: list[ipywidgets.Widget] = []
        self._measures: dict[str, list[str]] = {}  # and the names of their metrics
        self._seams: list[float] = []

    def show(self, metrics: Mapping[str, NDArray[np.float64]], unit: str, resumed_at: Sequence[int] = ()) -> None:
        """Draw the curves so far.

        Parameters
        ----------
        metrics : mapping of str to ndarray of shape (T,)
            Every curve by its name.
        unit : str
            What a snapshot is called.
        resumed_at : sequence of int
            The snapshots before which the run was interrupted.
        """
        measures: dict[str, list[str]] = {}
        for name in metrics:
            measures.setdefault(_measure(name), []).append(name)
        if measures != self._measures:
            self._measures, self._seams = measures, []
            self._close_figures()
            last = len(measures) - 1
            self._figures = {
                measure: self._figure(measure, names, with_epochs=index == last)
                for index, (measure, names) in enumerate(measures.items())
            }
            self.children = list(self._figures.values())
        for measure, names in measures.items():
            _draw(self._figures[measure], np.array([metrics[name] for name in names]))
        if metrics:
            snapshots = len(next(iter(metrics.values())))
            self._mark_seams([t - 0.5 for t in resumed_at if t < snapshots])
            self._epochs.max = snapshots - 0.5
            axis = list(self._figures.values())[-1].axes[1]
            axis.label, axis.tick_values = unit, _epoch_ticks(snapshots)

    def close(self) -> None:
        """Close the curves and everything that they are made of."""
        if self.comm is not None:
            self._close_figures()
            for part in (self._epochs, self.layout):
                part.close()
        super().close()

    def _close_figures(self) -> None:
        parts = set().union(*map(parts_of, self._figures.values()))
        for part in [*self._links, *(parts - {self._epochs})]:
            part.close()
        self._figures, self._links = {}, []

    def _mark_seams(self, places: list[float]) -> None:
        if places == self._seams:
            return
        self._seams = places
        for figure in self._figures.values():
            _, _, seams, *_ = figure.marks
            with seams.hold_sync():
                seams.x, seams.y = [[place, place] for place in places], [[0, 1]] * len(places)

    def _figure(self, measure: str, names: list[str], *, with_epochs: bool) -> bqplot.Figure:
        height = bqplot.LinearScale()
        curves = bqplot.Lines(
            x=[], y=[], scales={"x": self._epochs, "y": height}, labels=names, colors=COLOURS, stroke_width=1.5
        )
        ruler = bqplot.LinearScale(min=0, max=1)
        marker = bqplot.Lines(x=[], y=[0, 1], scales={"x": self._epochs, "y": ruler}, colors=[MARKER], stroke_width=1)
        self._links.append(ipywidgets.jsdlink((self._widget, "cursor"), (marker, "x")))
        seams = bqplot.Lines(
            x=[],
            y=[],
            scales={"x": self._epochs, "y": ruler},
            colors=[SEAM],
            stroke_width=1.5,
            line_style="dashed",
        )
        axes = [bqplot.Axis(scale=height, orientation="vertical", label=measure, label_offset="60px", tick_format="~g")]
        if with_epochs:
            axes.append(bqplot.Axis(scale=self._epochs, label_offset="30px", grid_lines="none", tick_format="~d"))
        bottom = EPOCH_AXIS_HEIGHT if with_epochs else GUTTER["bottom"]
        legend = _legend(names) if len(names) > 1 else []
        top = GUTTER["top"] + (NAMES_HEIGHT if legend else 0)
        figure = bqplot.Figure(
            marks=[curves, marker, seams, *legend],
            axes=axes,
            fig_margin={**GUTTER, "top": top, "bottom": bottom},
            min_aspect_ratio=0.01,  # as wide as the column allows
            max_aspect_ratio=100,
            layout={"height": f"{top + PLOT_HEIGHT + bottom}px"},
        )
        figure.add_class("nntf-curves")
        return figure


def _draw(figure: bqplot.Figure, values: NDArray[np.float64]) -> None:
    """Put the curves, a row each, into their figure."""
    curves, axis = figure.marks[0], figure.axes[0]
    epochs = np.arange(values.shape[1])
    if len(epochs) == 1:  # bqplot takes a single value for none
        epochs, values = np.repeat(epochs, 2), np.repeat(values, 2, axis=1)
    ticks = _ticks(values)
    with curves.hold_sync():
        curves.x, curves.y = epochs, values
    with curves.scales["y"].hold_sync():
        curves.scales["y"].min, curves.scales["y"].max = float(ticks[0]), float(ticks[-1])
    axis.tick_values = ticks


def _legend(names: list[str]) -> list[bqplot.Label]:
    """Return the curves' names in their colours, in a line that ends above the plot's right corner.

    bqplot's own legend would lie on the curves of a plot as low as these.
    """
    corner = {"x": bqplot.LinearScale(min=0, max=1), "y": bqplot.LinearScale(min=0, max=1)}
    labels, left = [], 0
    for name, colour in reversed(list(zip(names, itertools.cycle(COLOURS)))):
        labels.append(
            bqplot.Label(
                x=[1],
                y=[1],
                text=[name],
                scales=corner,
                colors=[colour],
                align="end",
                x_offset=-left,
                y_offset=-8,
                default_size=11,
                font_weight="normal",
                apply_clip=False,
            )
        )
        left += LETTER_WIDTH * len(name) + 12
    return labels


def _ticks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return up to five round numbers that hold all finite values between them."""
    finite = values[np.isfinite(values)]
    low, high = (finite.min(), finite.max()) if len(finite) else (0.0, 1.0)
    span = (high - low) or abs(high) or 1.0
    magnitude = 10.0 ** np.floor(np.log10(span / 3))
    step = magnitude * next(factor for factor in (1, 2, 5, 10) if span / (magnitude * factor) <= 3)
    first, last = np.floor(low / step), np.ceil(high / step)
    return np.arange(first, max(last, first + 1) + 1) * step


def _epoch_ticks(snapshots: int) -> NDArray[np.int64]:
    """Return up to twelve round epochs."""
    step = next(
        factor * 10**power for power in range(9) for factor in (1, 2, 5) if snapshots <= 12 * factor * 10**power
    )
    return np.arange(0, snapshots, step)


def _measure(name: str) -> str:
    """Return what a metric measures, so that ``val_loss`` is drawn with ``loss``."""
    for split in SPLITS:
        if name.startswith(split):
            return name.removeprefix(split)
    return name
