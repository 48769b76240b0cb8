"""The run as a path in the plane: metric multidimensional scaling of a distance between its moments.

SMACOF (de Leeuw, Heiser: Multidimensional scaling with restrictions on the configuration, 1980; scikit-learn's), begun
from the last layout and turned onto it, so that a new moment does not make the picture jump.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MOST_STEPS = 300  # of SMACOF in one update
PRECISION = 1e-6  # the fall of the stress, as a share of it, below which a layout counts as found


class Trajectory(NamedTuple):
    """Moments of a run as points, the distances between them as near to the true ones as the plane allows.

    Attributes
    ----------
    points : ndarray of shape (n, 2), float64
        In units of the distance, their mean at the origin.
    stress : float
        Kruskal's stress-1, √(Σ(d - δ)² / Σδ²) of the distances drawn d and the true ones δ: 0 is a perfect picture;
        NaN where all moments are the same.
    """

    points: NDArray[np.float64]
    stress: float


class Layout:
    """The layout of a growing distance matrix."""

    def __init__(self) -> None:
        self._last = Trajectory(np.zeros((0, 2)), float("nan"))

    def update(self, distance: NDArray[np.float64]) -> Trajectory:
        """Return the layout of all moments; the first ones of `distance`, shape (n, n), are those of the last call.

        Raises
        ------
        ImportError
            scikit-learn is not installed.
        """
        known = len(self._last.points)
        if len(distance) == known:
            return self._last
        points = _scaled(distance, self._start(distance))
        points -= points.mean(axis=0)
        if known > 1:
            points = turned_onto(self._last.points, points[:known], points)
        self._last = Trajectory(points, _stress(points, distance))
        return self._last

    def thinned(self) -> Layout:
        """Return the layout of every second moment, to go on from."""
        fewer = Layout()
        fewer._last = Trajectory(self._last.points[::2], self._last.stress)
        return fewer

    def _start(self, distance: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the last layout with each new moment at the place of the known one nearest to it."""
        known = len(self._last.points)
        if known < 3:
            return _classical(distance)
        nearest = distance[known:, :known].argmin(axis=1)
        aside = np.random.default_rng(known).normal(size=(len(nearest), 2))  # what coincides is never pulled apart
        return np.concatenate([self._last.points, self._last.points[nearest] + 1e-3 * distance.max() * aside])


def _scaled(distance: NDArray[np.float64], start: NDArray[np.float64]) -> NDArray[np.float64]:
    try:
        from sklearn.manifold import smacof  # here, because the rest of the core does without scikit-learn
    except ImportError as error:
        raise ImportError("trajectory needs scikit-learn; expected pip install 'nntf-widget[sklearn]'") from error

    if len(distance) < 2 or not distance.any():
        return np.zeros((len(distance), 2))
    points, _ = smacof(distance, init=start, n_init=1, max_iter=MOST_STEPS, eps=PRECISION, normalized_stress=False)
    return np.asarray(points, float)


def _classical(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Torgerson's scaling: exact for points of the plane, and a start for others."""
    squares = distance**2
    centred = squares - squares.mean(axis=0) - squares.mean(axis=1)[:, None] + squares.mean()
    values, vectors = np.linalg.eigh(-centred / 2)
    plane = vectors[:, -2:] * np.sqrt(np.maximum(values[-2:], 0))
    return np.column_stack([plane[:, ::-1], np.zeros((len(distance), 2 - plane.shape[1]))])


def turned_onto(
    known: NDArray[np.float64], first: NDArray[np.float64], points: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return points turned, mirrored and shifted so that `first`, some of them, lie as near as may be on `known`."""
    from scipy.linalg import orthogonal_procrustes

    turn, _ = orthogonal_procrustes(first - first.mean(axis=0), known - known.mean(axis=0))
    return np.asarray((points - first.mean(axis=0)) @ turn + known.mean(axis=0))


def _stress(points: NDArray[np.float64], distance: NDArray[np.float64]) -> float:
    whole = (distance**2).sum()
    drawn = np.linalg.norm(points[:, None] - points, axis=2)
    return float(np.sqrt(((drawn - distance) ** 2).sum() / whole)) if whole else float("nan")
