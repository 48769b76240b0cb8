"""Learning curves beside the fingerprint, drawn with bqplot on the same epoch axis."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import bqplot
import ipywidgets
import numpy as np
import traitlets

from nntf_widget.measures import measures_of
from nntf_widget.widget.parts import parts_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

COLOURS = ["#3A8FC9", "#E07B39", "#2FA384", "#C77DA6"]  # told apart by colour-blind readers, on light and on dark
SEAM = "#888888"
NAME = "#767676"
MARGIN = {"left": 96, "right": 76, "top": 5, "bottom": 5}  # until the page says how much its names take
LOWEST = 48  # pixels of a chart
LINE_HEIGHT = 13  # of the words beside it
LETTERS = 10  # that there is room for


class LearningCurves(ipywidgets.VBox):
    """One slim chart for each measure, its training and validation curves together.

    The curves are pushed from the kernel. What a person changes in the page is linked to them in the browser, so that
    it does not wait for the kernel: the epochs shown, and the value axes that fit these. The page lays the charts over
    a column of plots on the same epoch axis, whose marker goes through them.

    Parameters
    ----------
    widget : FingerprintWidget
        Its page writes the traits that the charts are linked to: ``epochs_low`` and ``epochs_high``, the ends of the
        epoch axis; ``chart_margin``, the room around the plots; and, added to it for the value axis of the chart at
        each index, ``chart0_low``, ``chart0_high`` and ``chart0_ticks``.
    """

    def __init__(self, widget: ipywidgets.Widget) -> None:
        super().__init__()
        self.add_class("nntf-charts")
        self._widget = widget
        self._epochs = bqplot.LinearScale(min=-0.5, max=0.5)
        self._scale_links = self._link_ends("epochs", self._epochs)
        self._figures: dict[str, bqplot.Figure] = {}
        self._links: list[ipywidgets.Widget] = []
        self._measures: dict[str, dict[str, str]] = {}
        self._seams: list[float] = []

    def show(self, metrics: Mapping[str, NDArray[np.float64]], resumed_at: Sequence[int] = ()) -> None:
        """Draw the curves so far.

        Parameters
        ----------
        metrics : mapping of str to ndarray of shape (T,)
            Every curve by its name.
        resumed_at : sequence of int
            The snapshots before which the run was interrupted.
        """
        measures = measures_of(metrics)
        if measures != self._measures:
            self._measures, self._seams = measures, []
            self._close_figures()
            self._figures = {
                measure: self._figure(index, list(splits)) for index, (measure, splits) in enumerate(measures.items())
            }
            self.children = list(self._figures.values())
        for measure, splits in measures.items():
            _draw(self._figures[measure], measure, [(split, metrics[name]) for name, split in splits.items()])
        if metrics:
            snapshots = len(next(iter(metrics.values())))
            self._mark_seams([t - 0.5 for t in resumed_at if t < snapshots])

    def close(self) -> None:
        """Close the curves and everything that they are made of."""
        if self.comm is not None:
            self._close_figures()
            for part in (*self._scale_links, self._epochs, self.layout):
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
            _, seams, _ = figure.marks
            with seams.hold_sync():
                seams.x, seams.y = [[place, place] for place in places], [[0, 1]] * len(places)

    def _link_ends(self, name: str, scale: bqplot.LinearScale) -> list[ipywidgets.Widget]:
        """Let the page set a scale's ends."""
        ends = {"low": "min", "high": "max"}
        return [ipywidgets.jsdlink((self._widget, f"{name}_{end}"), (scale, to)) for end, to in ends.items()]

    def _figure(self, index: int, names: list[str]) -> bqplot.Figure:
        chart, values = f"chart{index}", bqplot.LinearScale()
        if not self._widget.has_trait(f"{chart}_low"):
            self._widget.add_traits(**axis_traits(chart))
        height = max(LOWEST, LINE_HEIGHT * (1 + len(names)) + MARGIN["top"] + MARGIN["bottom"])
        plot = height - MARGIN["top"] - MARGIN["bottom"]
        curves = bqplot.Lines(
            x=[], y=[], scales={"x": self._epochs, "y": values}, labels=names, colors=COLOURS, stroke_width=1.5
        )
        ruler = {"x": self._epochs, "y": bqplot.LinearScale(min=0, max=1)}
        seams = bqplot.Lines(x=[], y=[], scales=ruler, colors=[SEAM], stroke_width=1.5, line_style="dashed")
        axis = bqplot.Axis(scale=values, orientation="vertical", tick_format="~g")
        figure = bqplot.Figure(
            marks=[curves, seams, _words(len(names), plot)],
            axes=[axis],
            fig_margin=MARGIN,
            min_aspect_ratio=0.01,  # as wide as the column allows
            max_aspect_ratio=100,
            layout={"height": f"{height}px"},
        )
        figure.add_class("nntf-curves")
        self._links += [
            *self._link_ends(chart, values),
            ipywidgets.jsdlink((self._widget, f"{chart}_ticks"), (axis, "tick_values")),
            ipywidgets.jsdlink((self._widget, "chart_margin"), (figure, "fig_margin")),
        ]
        return figure


def _draw(figure: bqplot.Figure, measure: str, splits: Sequence[tuple[str, NDArray[np.float64]]]) -> None:
    """Put the curves of a measure, each of a split of the data, and what is said of them into their figure."""
    curves, _, words = figure.marks
    values = np.array([curve for _, curve in splits])
    epochs = np.arange(values.shape[1])
    if len(epochs) == 1:  # bqplot takes a single value for none
        epochs, values = np.repeat(epochs, 2), np.repeat(values, 2, axis=1)
    with curves.hold_sync():
        curves.x, curves.y = epochs, values
    words.text = [_shortened(measure), *(_newest(split, curve) for split, curve in splits)]


def _words(curves: int, height: int) -> bqplot.Label:
    """Return the lines beside a plot, in the colours of its curves; bqplot's own legend would lie on low plots."""
    lines = 1 + curves
    pixels = bqplot.LinearScale(min=height, max=0)
    first = (height - LINE_HEIGHT * (lines - 1)) / 2
    return bqplot.Label(
        x=[1] * lines,
        y=[first + LINE_HEIGHT * line for line in range(lines)],
        text=[""] * lines,
        scales={"x": bqplot.LinearScale(min=0, max=1), "y": pixels},
        colors=[NAME, *itertools.islice(itertools.cycle(COLOURS), curves)],
        align="start",
        x_offset=13,
        y_offset=4,
        default_size=11,
        font_weight="normal",
        apply_clip=False,
    )


def _newest(split: str, curve: NDArray[np.float64]) -> str:
    """Return which curve of its measure it is, and its last value: ``val 0.605``."""
    finite = curve[np.isfinite(curve)]
    return " ".join([split, *(f"{value:.3g}" for value in finite[-1:])]).strip()


def _shortened(name: str) -> str:
    """Return a name that fits beside the plot, cut in the middle."""
    return name if len(name) <= LETTERS else f"{name[: LETTERS // 2]}…{name[1 - LETTERS // 2 :]}"


def axis_traits(name: str) -> dict[str, traitlets.TraitType[Any, Any]]:
    """Return the traits in which the page keeps the ends and the ticks of an axis; the kernel only links them."""
    axis: dict[str, traitlets.TraitType[Any, Any]] = {
        "low": traitlets.Float(0),
        "high": traitlets.Float(1),
        "ticks": traitlets.List(traitlets.Float()),
    }
    return {f"{name}_{part}": trait.tag(sync=True, echo_update=False) for part, trait in axis.items()}
