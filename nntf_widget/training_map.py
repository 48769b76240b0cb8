"""The training-dynamics map: how sure, how steady and how right the network is of every sample.

Swayamdipta et al.: Dataset cartography: mapping and diagnosing datasets with training dynamics. EMNLP 2020.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nntf_widget.predictions import ClassIds, on_host

CHUNK = 2**20  # scores brought to the host at a time


class TrainingMap(NamedTuple):
    """Every sample's place in the training-dynamics map, over the snapshots that had probabilities.

    Attributes
    ----------
    confidence : ndarray of shape (N,), float64
        The mean probability of the true class.
    variability : ndarray of shape (N,), float64
        The standard deviation of that probability.
    correctness : ndarray of shape (N,), float64
        The share of those snapshots at which the true class was predicted.
    snapshots : int
        Their number.
    """

    confidence: NDArray[np.float64]
    variability: NDArray[np.float64]
    correctness: NDArray[np.float64]
    snapshots: int


class ConfidenceTally:
    """Mean and spread of the true class's probability, added up snapshot by snapshot (Welford, 1962)."""

    def __init__(self, num_samples: int) -> None:
        self._snapshots = 0
        self._mean = np.zeros(num_samples)
        self._squares = np.zeros(num_samples)
        self._right = np.zeros(num_samples, np.int32)

    def append(self, probabilities: NDArray[np.float64], right: NDArray[np.bool_]) -> None:
        """Add a snapshot: the probability of each sample's true class, and whether it was predicted."""
        self._snapshots += 1
        off = probabilities - self._mean
        self._mean += off / self._snapshots
        self._squares += off * (probabilities - self._mean)
        self._right += right

    def map(self) -> TrainingMap:
        """Return the map so far."""
        spread = np.sqrt(self._squares / self._snapshots)
        return TrainingMap(self._mean.copy(), spread, self._right / self._snapshots, self._snapshots)


def checked_probabilities(values: Any, num_samples: int) -> NDArray[np.float64]:
    """Return the probability of every sample's true class, shape (N,), each in 0 … 1."""
    probabilities = on_host(values.float() if hasattr(values, "float") else values, "probabilities")
    if probabilities.dtype.kind not in "fiu":
        raise TypeError(f"probabilities has dtype {probabilities.dtype}; expected real numbers")
    if probabilities.shape != (num_samples,):
        raise ValueError(
            f"probabilities has shape {probabilities.shape}; expected ({num_samples},), one of each sample's true class"
        )
    outside = ~((probabilities >= 0) & (probabilities <= 1))  # also where it is NaN
    if outside.any():
        where = int(outside.argmax())
        raise ValueError(f"probabilities[{where}] is {probabilities[where]}; expected 0 to 1")
    return probabilities.astype(np.float64)


def true_class_probabilities(scores: Any, labels: ClassIds) -> NDArray[np.float64]:
    """Return the probability of every sample's true class, shape (N,).

    Parameters
    ----------
    scores : array of shape (N, K)
        Probabilities, where all lie in 0 … 1 and every row adds up to 1; else logits, of which the softmax is taken.
    labels : ndarray of shape (N,)
    """
    logits = not all(_are_probabilities(rows) for _, rows in _chunks(scores))
    probabilities = np.empty(len(labels))
    for start, rows in _chunks(scores):
        part = slice(start, start + len(rows))
        if logits:
            np.exp(rows - rows.max(axis=1, keepdims=True), out=rows)
            np.divide(rows, rows.sum(axis=1, keepdims=True), out=rows)
        probabilities[part] = rows[np.arange(len(rows)), labels[part]]
    return probabilities


def _chunks(scores: Any) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Yield the first row's number of each chunk and its rows, so that no second copy of all scores is held."""
    size = max(CHUNK // len(scores[0]), 1)
    for start in range(0, len(scores), size):
        rows = scores[start : start + size]
        yield start, on_host(rows.float() if hasattr(rows, "float") else rows, "predictions").astype(np.float64)


def _are_probabilities(rows: NDArray[np.float64]) -> bool:
    return bool((rows >= 0).all() and (rows <= 1).all() and np.abs(rows.sum(axis=1) - 1).max() < 1e-2)
