"""The run-level charts below the fingerprint: curves over the epochs, recurrence by band, and the trajectory."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import ipywidgets
import numpy as np

from nntf_widget.axes import by_measure
from nntf_widget.widget.curves import MOVES, LearningCurves
from nntf_widget.widget.recurrence_chart import RecurrenceChart
from nntf_widget.widget.trajectory_chart import TrajectoryChart

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nntf_widget.fingerprint import Fingerprint

OFTEN = 500  # snapshots of a run whose charts are drawn anew after each
LONG = 200  # snapshots; of a longer run every 2nd, 4th, … is laid out, for that costs the square of their number


class Charts(ipywidgets.VBox):
    """All charts of a run, pushed from the kernel and linked with the fingerprint in the browser.

    Parameters
    ----------
    widget : ipywidgets.Widget
        The fingerprint's, whose traits the charts follow and set.
    """

    def __init__(self, widget: ipywidgets.Widget) -> None:
        self._curves = LearningCurves(widget)
        self._recurrence = RecurrenceChart(widget)
        # Scaling to the plane needs scikit-learn, which not everybody has.
        self._trajectory = TrajectoryChart(widget) if find_spec("sklearn") else None
        self._row = ipywidgets.HBox()
        self._row.add_class("nntf-by-distance")
        super().__init__([self._curves, self._row])
        self.add_class("nntf-charts")

    def show(self, run: Fingerprint) -> None:
        """Draw the run so far; its lock is not held while sending."""
        with run.lock:
            measures, enough = measures_of(run), len(run) > 2
            table = run.recurrence() if enough else None
            every = apart(len(run))
            due = enough and self._trajectory is not None and (self._trajectory.empty or (len(run) - 1) % every == 0)
            trajectory = run.trajectory("prediction", every) if due else None
        self._curves.show(measures)
        if table is not None:
            self._recurrence.show(table)
        if trajectory is not None and self._trajectory is not None:
            self._trajectory.show(trajectory)
        if enough and not self._row.children:  # not before: bqplot cannot draw where there is no room
            self._row.children = [chart for chart in (self._recurrence, self._trajectory) if chart is not None]

    def close(self) -> None:
        """Close every chart."""
        for chart in (self._curves, self._recurrence, self._trajectory, self._row):
            if chart is not None:
                chart.close()
        super().close()


def is_due(snapshots: int) -> bool:
    """Tell whether the charts are drawn anew after so many: of a long run not after each, for a curve is sent whole."""
    return snapshots % -(-max(snapshots, 1) // OFTEN) == 0


def apart(snapshots: int) -> int:
    """Return how many snapshots apart the moments of the trajectory are: the least power of two that leaves `LONG`."""
    return 1 << max((snapshots - 1) // LONG, 0).bit_length()


def measures_of(run: Fingerprint) -> dict[str, dict[str, NDArray[np.float64]]]:
    """Return the curves over the snapshots by what they measure: the metrics, the moves, the best bands."""
    measures = by_measure(run.metrics)
    if len(run) < 2:
        return measures
    dynamics, recurrence = run.dynamics, run.recurrence_history
    return {
        **measures,
        MOVES: {
            "samples that moved": np.append(np.nan, dynamics.change_rate),
            "moves straight back": np.append(np.nan, dynamics.return_rate),
        },
        "best band": {
            "laminarity": np.append(np.nan, recurrence.laminarity),
            "entropy": np.append(np.nan, recurrence.entropy),
        },
    }
