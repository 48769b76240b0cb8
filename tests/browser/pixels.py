"""The colours of the fingerprint as they are on the screen, and as they should be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib import colormaps


@dataclass
class Seen:
    """A cell as it is on the screen: its colour and opacity, and what the ends of the colour scale stand for."""

    colour: list[int]
    ends: tuple[float, float]

    def is_of(self, value: float) -> bool:
        """Whether a value has this colour on the scale of the legend."""
        low, high = self.ends
        place, step = (value - low) / (high - low), 1 / 256
        near = colormaps["viridis"](np.clip([place - step / 2, place, place + step / 2], 0, 1)) * 255
        return bool(np.abs(near - self.colour).max(axis=1).min() <= 3)


def place_of(page, row: float, column: float, size: int) -> dict[str, float]:
    """Where the middle of a cell is on the canvas, as Playwright takes a position."""
    plot = page.evaluate("JSON.parse(document.querySelector('.nntf-heatmap').dataset.plot)")
    across, down = plot["width"] / size, plot["height"] / size
    return {"x": plot["x"] + (column + 0.5) * across, "y": plot["y"] + (row + 0.5) * down}


def cell_colour(page, row: float, column: float, size: float) -> list[int]:
    """The colour and opacity at the middle of a cell, as they are on the canvas."""
    return page.evaluate(
        """([row, column, size]) => {
            const canvas = document.querySelector('.nntf-heatmap');
            const plot = JSON.parse(canvas.dataset.plot), scale = canvas.width / canvas.clientWidth;
            const at = (index, start, extent) => Math.floor((start + ((index + 0.5) / size) * extent) * scale);
            const x = at(column, plot.x, plot.width), y = at(row, plot.y, plot.height);
            return [...canvas.getContext('2d').getImageData(x, y, 1, 1).data];
        }""",
        [row, column, size],
    )


def scale_ends(page, layer: int = 0) -> tuple[float, float]:
    """What the lower and the upper end of a layer's colour scale stand for."""
    legend = page.locator(".nntf-legend").nth(layer)
    ends = legend.locator(".nntf-scale-end").evaluate_all(
        "(ends) => ends.map((end) => end.getAttribute('aria-valuenow'))"
    )
    high, low = map(float, ends)
    return low, high


def seen_cell(page, row: float, column: float, size: float, layer: int = 0) -> Seen:
    """How a cell of a layer looks, by its place among the `size` cells along the side of the first layer."""
    return Seen(cell_colour(page, row, column, size), scale_ends(page, layer))
