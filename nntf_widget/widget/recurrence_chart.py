"""Laminarity and entropy of every band of distances; a brushed band is brought out in the fingerprint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bqplot
import ipywidgets
import numpy as np
from bqplot.interacts import BrushIntervalSelector

from nntf_widget.axes import round_ticks
from nntf_widget.colours import CURVES

if TYPE_CHECKING:
    from nntf_widget.recurrence import RecurrenceTable

HEIGHT = 210
MARGIN = {"left": 60, "right": 60, "top": 28, "bottom": 40}


class RecurrenceChart(bqplot.Figure):
    """The recurrence measures by band, as of the last epoch.

    Parameters
    ----------
    widget : ipywidgets.Widget
        Its trait ``band`` follows what is brushed, in the browser.
    """

    def __init__(self, widget: ipywidgets.Widget) -> None:
        distance = bqplot.LinearScale(min=0, max=1)
        share, nats = bqplot.LinearScale(min=0, max=1), bqplot.LinearScale(min=0, max=1)
        self._laminarity = bqplot.Bars(
            x=[], y=[], scales={"x": distance, "y": share}, colors=[CURVES[0]], padding=0.15, stroke="transparent"
        )
        self._entropy = bqplot.Scatter(
            x=[], y=[], scales={"x": distance, "y": nats}, colors=[CURVES[1]], default_size=24, stroke="transparent"
        )
        brush = BrushIntervalSelector(scale=distance, color=CURVES[2])
        ipywidgets.jsdlink((brush, "selected"), (widget, "band"))
        super().__init__(
            title="Recurrence by band",
            marks=[self._laminarity, self._entropy],
            axes=[
                bqplot.Axis(
                    scale=distance,
                    label="distance (drag to bring a band out)",
                    label_offset="30px",
                    grid_lines="none",
                    tick_values=np.arange(6) / 5,
                    tick_format=".1f",
                ),
                _axis(share, "laminarity", "left", CURVES[0], tick_values=[0, 0.5, 1]),
                _axis(nats, "entropy, nats", "right", CURVES[1], tick_values=[0, 0.5, 1]),
            ],
            interaction=brush,
            fig_margin=MARGIN,
            min_aspect_ratio=0.01,
            max_aspect_ratio=100,
            layout={"height": f"{HEIGHT}px"},
        )
        self.add_class("nntf-curves")

    def show(self, table: RecurrenceTable) -> None:
        """Draw the measures; nothing where no band has a line."""
        middle = (table.band + table.upper) / 2
        held = table.recurrence_rate > 0
        with self._laminarity.hold_sync():
            self._laminarity.x, self._laminarity.y = middle, np.nan_to_num(table.laminarity)
        entropy = np.nan_to_num(table.entropy)[held]
        ticks = round_ticks(np.append(entropy, 0))
        self._entropy.scales["y"].max = float(ticks[-1])
        self.axes[2].tick_values = ticks
        with self._entropy.hold_sync():
            self._entropy.x, self._entropy.y = middle[held], entropy


def _axis(scale: bqplot.LinearScale, label: str, side: str, colour: str, **ticks: object) -> bqplot.Axis:
    return bqplot.Axis(
        scale=scale,
        orientation="vertical",
        side=side,
        label=label,
        label_color=colour,
        label_offset="32px",
        grid_lines="none",
        tick_format="~g",
        **ticks,
    )
