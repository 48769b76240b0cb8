"""Axes: round numbers to label, and which curves share one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

ROUNDING = 1e-9  # of the values; less than that is no difference
SPLITS = ("train_", "training_", "val_", "valid_", "validation_", "test_")


def round_ticks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return up to five round numbers that hold all finite values between them."""
    finite = values[np.isfinite(values)]
    low, high = (finite.min(), finite.max()) if len(finite) else (0.0, 1.0)
    if high - low <= ROUNDING * max(abs(low), abs(high)):
        low = high
    span = (high - low) or abs(high) or 1.0
    magnitude = 10.0 ** np.floor(np.log10(span / 3))
    step = magnitude * next(factor for factor in (1, 2, 5, 10) if span / (magnitude * factor) <= 3)
    first, last = np.floor(low / step), np.ceil(high / step)
    return np.arange(first, max(last, first + 1) + 1) * step


def epoch_ticks(snapshots: int) -> NDArray[np.int64]:
    """Return up to twelve round epochs."""
    step = next(
        factor * 10**power for power in range(9) for factor in (1, 2, 5) if snapshots <= 12 * factor * 10**power
    )
    return np.arange(0, snapshots, step)


def by_measure(metrics: Mapping[str, NDArray[np.float64]]) -> dict[str, dict[str, NDArray[np.float64]]]:
    """Return metrics by what they measure, so that ``val_loss`` is drawn with ``loss``."""
    measures: dict[str, dict[str, NDArray[np.float64]]] = {}
    for name, values in metrics.items():
        split = next((split for split in SPLITS if name.startswith(split)), "")
        measures.setdefault(name.removeprefix(split), {})[name] = values
    return measures
