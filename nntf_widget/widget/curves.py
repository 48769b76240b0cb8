"""Learning curves beside the fingerprint, drawn with bqplot on the same epoch axis."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import bqplot
import ipywidgets
import numpy as np
import traitlets

from nntf_widget.widget.parts import parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

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

    The curves are pushed from the kernel. What a person changes in the page is linked to them in the browser, so that
    it does not wait for the kernel: the marker of an epoch, the epochs shown, and the axes that fit these.

    Parameters
    ----------
    widget : FingerprintWidget
        Its page writes the traits that the charts are linked to. ``cursor`` holds a place on the epoch axis, twice, or
        nothing; ``epochs_low``, ``epochs_high`` and ``epochs_ticks`` are the epoch axis. The like are added to it for
        the value axis of the chart at each index: ``chart0_low``, ``chart0_high``, ``chart0_ticks``.
    """

    def __init__(self, widget: ipywidgets.Widget) -> None:
        super().__init__()
        self.add_class("nntf-charts")
        self._widget = widget
        self._epochs = bqplot.LinearScale(min=-0.5, max=0.5)
        self._scale_links = self._link_scale("epochs", self._epochs)
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
        measures = measures_of(metrics)
        if measures != self._measures:
            self._measures, self._seams = measures, []
            self._close_figures()
            last = len(measures) - 1
            self._figures = {
                measure: self._figure(index, measure, names, with_epochs=index == last)
                for index, (measure, names) in enumerate(measures.items())
            }
            self.children = list(self._figures.values())
        for measure, names in measures.items():
            _draw(self._figures[measure], np.array([metrics[name] for name in names]))
        if metrics:
            snapshots = len(next(iter(metrics.values())))
            self._mark_seams([t - 0.5 for t in resumed_at if t < snapshots])
            list(self._figures.values())[-1].axes[1].label = unit

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
            _, _, seams, *_ = figure.marks
            with seams.hold_sync():
                seams.x, seams.y = [[place, place] for place in places], [[0, 1]] * len(places)

    def _link_scale(self, name: str, scale: bqplot.LinearScale) -> list[ipywidgets.Widget]:
        """Let the page set a scale's ends."""
        ends = {"low": "min", "high": "max"}
        return [ipywidgets.jsdlink((self._widget, f"{name}_{end}"), (scale, to)) for end, to in ends.items()]

    def _link_ticks(self, name: str, axis: bqplot.Axis) -> ipywidgets.Widget:
        return ipywidgets.jsdlink((self._widget, f"{name}_ticks"), (axis, "tick_values"))

    def _figure(self, index: int, measure: str, names: list[str], *, with_epochs: bool) -> bqplot.Figure:
        chart, height = f"chart{index}", bqplot.LinearScale()
        if not self._widget.has_trait(f"{chart}_low"):
            self._widget.add_traits(**axis_traits(chart))
        self._links += self._link_scale(chart, height)
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
        self._links.append(self._link_ticks(chart, axes[0]))
        if with_epochs:
            axes.append(bqplot.Axis(scale=self._epochs, label_offset="30px", grid_lines="none", tick_format="~d"))
            self._links.append(self._link_ticks("epochs", axes[1]))
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
    curves = figure.marks[0]
    epochs = np.arange(values.shape[1])
    if len(epochs) == 1:  # bqplot takes a single value for none
        epochs, values = np.repeat(epochs, 2), np.repeat(values, 2, axis=1)
    with curves.hold_sync():
        curves.x, curves.y = epochs, values


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


def axis_traits(name: str) -> dict[str, traitlets.TraitType[Any, Any]]:
    """Return the traits in which the page keeps the ends and the ticks of an axis; the kernel only links them."""
    axis: dict[str, traitlets.TraitType[Any, Any]] = {
        "low": traitlets.Float(0),
        "high": traitlets.Float(1),
        "ticks": traitlets.List(traitlets.Float()),
    }
    return {f"{name}_{part}": trait.tag(sync=True, echo_update=False) for part, trait in axis.items()}


def measures_of(names: Iterable[str]) -> dict[str, list[str]]:
    """Return what the metrics of these names measure, with the names that each measure is drawn for together."""
    measures: dict[str, list[str]] = {}
    for name in names:
        measures.setdefault(_measure(name), []).append(name)
    return measures


def _measure(name: str) -> str:
    """Return what a metric measures, so that ``val_loss`` is drawn with ``loss``."""
    for split in SPLITS:
        if name.startswith(split):
            return name.removeprefix(split)
    return name
