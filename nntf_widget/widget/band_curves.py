"""The best bands of the recurrence over time, drawn with bqplot where the page leaves it room."""

from __future__ import annotations

from typing import Any

import bqplot
import ipywidgets
import traitlets

from nntf_widget.widget.curves import COLOURS

MARK = "#888888"
HEIGHT = 44  # pixels, as the page has it
BEYOND = [-1.0, -1.0]  # what is not to be seen is beyond the axes: bqplot fails to draw nothing
MARGIN = {"left": 40, "right": 14, "top": 4, "bottom": 4}  # as the page's small charts have it


class BandCurves(bqplot.Figure):
    """Which band had the highest laminarity and which the lowest entropy as a run grew, with the epoch in focus marked.

    The page works both out, of all classes or of one and as was chosen there, and writes them into the traits that are
    linked to the curves in the browser: none of it waits for the kernel.

    Parameters
    ----------
    widget : FingerprintWidget
        Its page writes the traits of `band_traits`, and ``epochs_low`` and ``epochs_high``.
    """

    def __init__(self, widget: ipywidgets.Widget) -> None:
        epochs, distances = bqplot.LinearScale(min=0, max=1), bqplot.LinearScale(min=0, max=1)
        curves = bqplot.Lines(
            x=BEYOND, y=[BEYOND, BEYOND], scales={"x": epochs, "y": distances}, colors=COLOURS[:2], stroke_width=1.5
        )
        ruler = {"x": epochs, "y": bqplot.LinearScale(min=0, max=1)}
        focus = bqplot.Lines(x=BEYOND, y=[0, 1], scales=ruler, colors=[MARK], stroke_width=1.5)
        super().__init__(
            marks=[focus, curves],
            fig_margin=MARGIN,
            min_aspect_ratio=0.01,  # as wide as the page says
            max_aspect_ratio=100,
            layout={"height": f"{HEIGHT}px", "width": "var(--nntf-bands-width)"},
        )
        self.add_class("nntf-band-curves")
        self.links = [
            ipywidgets.jsdlink((widget, source), target)
            for source, target in {
                "epochs_low": (epochs, "min"),
                "epochs_high": (epochs, "max"),
                "bands_high": (distances, "max"),
                "bands_places": (curves, "x"),
                "bands_best": (curves, "y"),
                "bands_focus": (focus, "x"),
            }.items()
        ]


def band_traits() -> dict[str, traitlets.TraitType[Any, Any]]:
    """Return the traits in which the page keeps the curves; the kernel only links them."""
    numbers = traitlets.Float()
    traits: dict[str, traitlets.TraitType[Any, Any]] = {
        "bands_high": traitlets.Float(1),
        "bands_places": traitlets.List(numbers, BEYOND),
        "bands_best": traitlets.List(traitlets.List(numbers), [BEYOND, BEYOND]),
        "bands_focus": traitlets.List(numbers, BEYOND),
    }
    return {name: trait.tag(sync=True, echo_update=False) for name, trait in traits.items()}
