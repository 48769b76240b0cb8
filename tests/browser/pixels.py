"""The colours of the fingerprint as they are on the screen, and as they should be."""

from __future__ import annotations

import numpy as np
from matplotlib import colormaps


def cell_colour(page, row: int, column: int, size: int) -> list[int]:
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


def scale_ends(page) -> tuple[float, float]:
    """What the lower and the upper end of the colour scale stand for."""
    ends = page.locator(".nntf-scale-end").evaluate_all(
        "(ends) => ends.map((end) => end.getAttribute('aria-valuenow'))"
    )
    high, low = map(float, ends)
    return low, high


def has_colour_of(page, value: float, row: int, column: int, size: int) -> bool:
    """Whether a cell has the colour of its value on the scale of the legend."""
    low, high = scale_ends(page)
    place, step = (value - low) / (high - low), 1 / 256
    near = colormaps["viridis"](np.clip([place - step / 2, place, place + step / 2], 0, 1)) * 255
    return bool(np.abs(near - cell_colour(page, row, column, size)).max(axis=1).min() <= 3)
