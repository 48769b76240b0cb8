"""The run as a path in the plane, its snapshots from early to late."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bqplot
import ipywidgets
import numpy as np

from nntf_widget.colours import CURVES
from nntf_widget.widget.curves import MARKER
from nntf_widget.widget.recurrence_chart import HEIGHT

if TYPE_CHECKING:
    from nntf_widget.trajectory import Trajectory

MARGIN = {"left": 16, "right": 16, "top": 26, "bottom": 16}
EARLY, LATE = "#c6dbef", "#08519c"


class TrajectoryChart(bqplot.Figure):
    """The trajectory of the predictions; how far two points are apart is how many samples they decide otherwise.

    Parameters
    ----------
    widget : ipywidgets.Widget
        Its trait ``marked`` holds the points to bring out, in the browser.
    """

    def __init__(self, widget: ipywidgets.Widget) -> None:
        scales = {"x": bqplot.LinearScale(), "y": bqplot.LinearScale()}
        age = bqplot.ColorScale(colors=[EARLY, LATE])
        self._path = bqplot.Lines(x=[], y=[], scales=scales, colors=[MARKER], stroke_width=0.75)
        self._points = bqplot.Scatter(
            x=[],
            y=[],
            color=[],
            scales={**scales, "color": age},
            default_size=28,
            stroke="transparent",
            selected_style={"fill": CURVES[1], "stroke": CURVES[1], "opacity": 1},
            unselected_style={},
        )
        ipywidgets.jsdlink((widget, "marked"), (self._points, "selected"))
        super().__init__(
            marks=[self._path, self._points],
            axes=[],
            fig_margin=MARGIN,
            min_aspect_ratio=0.01,
            max_aspect_ratio=100,
            layout={"height": f"{HEIGHT}px"},
        )
        self.add_class("nntf-curves")
        self.add_class("nntf-trajectory")

    @property
    def empty(self) -> bool:
        """Whether nothing was drawn yet."""
        return len(self._points.x) == 0

    def show(self, trajectory: Trajectory) -> None:
        """Draw the points, at the same scale along both axes."""
        points = trajectory.points
        if len(points) < 2:
            return
        middle = (points.max(axis=0) + points.min(axis=0)) / 2
        half = 0.55 * np.ptp(points, axis=0).max() or 1.0
        for axis, name in enumerate("xy"):
            with self._path.scales[name].hold_sync():
                self._path.scales[name].min = float(middle[axis] - half)
                self._path.scales[name].max = float(middle[axis] + half)
        with self._path.hold_sync():
            self._path.x, self._path.y = points.T
        with self._points.hold_sync():
            self._points.x, self._points.y = points.T
            self._points.color = np.arange(len(points))
        stress = "" if np.isnan(trajectory.stress) else f", stress {trajectory.stress:.2f}"
        self.title = f"Path of the predictions{stress}"
