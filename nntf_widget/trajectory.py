"""The run as a path in the plane: metric multidimensional scaling of a distance between its moments."""

from __future__ import annotations

import threading
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))
ASIDE = 1e-3  # of the largest distance: points that coincide would never part
PLACING = 20  # steps to the place of a new point
MOST_STEPS = 300  # of all points
WORK = 10_000_000  # distances drawn that each new point allows: at 1000 of them 10 steps, some 60 ms
PRECISION = 1e-4  # the fall of the raw stress, as a share of it, below which a layout counts as found
MOST_MOVED = 0.03  # of the picture's width: by how much each new point may move the others, in the median
TIE = 1e-6  # points on a line may be mirrored or not: then they are not
PART = 2**16  # distances drawn at a time, so that the working set stays in the processor's cache


class Trajectory(NamedTuple):
    """Moments of a run as points, the distances between them as near to the true ones as the plane allows.

    Attributes
    ----------
    points : ndarray of shape (n, 2), float64
        In units of the distance; where they lie, and which way round, means nothing.
    stress : float
        Kruskal's stress-1, √(Σ(d - δ)² / Σδ²) of the distances drawn d and the true ones δ: 0 is a perfect picture;
        NaN where all moments are the same.
    """

    points: NDArray[np.float64]
    stress: float


class Layout:
    """The layout of a growing distance matrix, which a new moment does not make jump.

    SMACOF (de Leeuw: Applications of convex analysis to multidimensional scaling, 1977; Borg, Groenen: Modern
    multidimensional scaling, 2005, chapter 8), begun from the last layout with each new point at its best place among
    the known ones, and turned, mirrored and shifted onto the last layout (Procrustes). Each new moment moves the others
    by at most 3 % of the picture's width, in the median, and allows only so many steps that a run of 1000 is laid out
    anew in well under 100 ms. A long run that is laid out at once grows by half of itself at a time.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._trajectory = Trajectory(np.zeros((0, 2)), float("nan"))

    def extend(self, distance: NDArray[np.float64]) -> Trajectory:
        """Return all moments of `distance`, shape (n, n), laid out; its first ones are those of the last call."""
        with self._lock:
            while (known := len(self._trajectory.points)) < len(distance):
                size = min(known + max(known // 2, 1), len(distance))
                self._trajectory = _grown(self._trajectory.points, distance[:size, :size])
            return Trajectory(self._trajectory.points.copy(), self._trajectory.stress)


def _grown(known: NDArray[np.float64], distance: NDArray[np.float64]) -> Trajectory:
    new = len(distance) - len(known)
    points = np.concatenate([known, _placed(known, distance[len(known) :, : len(known)])])
    steps = min(max(new * WORK // len(distance) ** 2, 1), MOST_STEPS)
    found = turned_onto(known, smacof(distance, points, steps, PRECISION))
    moved = np.median(np.linalg.norm(found[: len(known)] - known, axis=1)) if len(known) else 0
    most = MOST_MOVED * new * np.ptp(found, axis=0).max()
    if moved > most:  # the rest of the way is gone when the next one comes
        found = points + most / moved * (found - points)
    return Trajectory(found, stress(found, distance))


def stress(points: NDArray[np.float64], distance: NDArray[np.float64]) -> float:
    """Return Kruskal's stress-1 of points at `distance`, shape (n, n), from each other."""
    whole = np.vdot(distance, distance)
    return float(np.sqrt(_pulls(distance, points)[1] / whole)) if whole else float("nan")


def _placed(known: NDArray[np.float64], distance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the places among the known points of new ones at `distance`, shape (new, known), from them.

    Of each the best that is found from its nearest known point and from the first, the middle and the last one.
    """
    if len(known) == 0:
        return np.zeros((len(distance), 2))
    angles = GOLDEN_ANGLE * (len(known) + np.arange(len(distance)))
    aside = ASIDE * distance.max(axis=1, keepdims=True) * np.column_stack([np.cos(angles), np.sin(angles)])
    spread = (np.full(len(distance), at) for at in (0, len(known) // 2, len(known) - 1))
    best, least = np.zeros((len(distance), 2)), np.full(len(distance), np.inf)
    for begin in (distance.argmin(axis=1), *spread):
        points = known[begin] + aside
        for _ in range(PLACING):
            pull, off = _pull(distance, points, known)
            points = known.mean(axis=0) + pull
        best, least = np.where((off < least)[:, None], points, best), np.minimum(off, least)
    return best


def smacof(
    distance: NDArray[np.float64], points: NDArray[np.float64], steps: int, precision: float
) -> NDArray[np.float64]:
    """Return points whose distances come nearer to the true ones: each step, a Guttman transform, lowers the stress.

    Parameters
    ----------
    distance : ndarray of shape (n, n)
    points : ndarray of shape (n, 2)
        Where to begin.
    steps : int
        How many at most.
    precision : float
        The fall of the raw stress in a step, as a share of it, below which no further is taken.
    """
    last = np.inf
    for _ in range(steps):
        pulled, raw = _pulls(distance, points)
        if last - raw < precision * last:
            break
        points, last = pulled, raw
    return points


def _pulls(distance: NDArray[np.float64], points: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Return the Guttman transform of the points, and their raw stress, Σ(d - δ)² over all pairs twice."""
    rows = PART // max(len(points), 1) + 1
    parts = [slice(first, first + rows) for first in range(0, len(points), rows)]
    pulls, off = zip(*(_pull(distance[part], points[part], points) for part in parts), strict=True)
    return np.concatenate(pulls), float(np.concatenate(off).sum())


def _pull(
    distance: NDArray[np.float64], points: NDArray[np.float64], others: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return for each point x, over the others y, the mean of (x - y) δ/d, shape as `points`, and Σ(d - δ)²."""
    drawn, scratch = (points[:, axis, None] - others[:, axis] for axis in range(2))
    drawn *= drawn
    scratch *= scratch
    drawn += scratch
    np.sqrt(drawn, out=drawn)
    np.subtract(drawn, distance, out=scratch)
    off = np.einsum("ij,ij->i", scratch, scratch)
    scratch.fill(0)
    np.divide(distance, drawn, out=scratch, where=drawn > 0)
    return (scratch.sum(axis=1, keepdims=True) * points - scratch @ others) / len(others), off


def turned_onto(known: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points turned, mirrored and shifted so that the first of them lie as near as may be on the known ones."""
    if len(known) == 0:
        return points
    first = points[: len(known)]
    middle, onto = first.mean(axis=0), known.mean(axis=0)
    plane = np.array([1, 1j])  # in the plane of complex numbers, a turn is a product
    begin, end, moved = (first - middle) @ plane, (known - onto) @ plane, (points - middle) @ plane
    plain, mirrored = np.vdot(begin, end), np.vdot(begin.conj(), end)
    if abs(mirrored) > (1 + TIE) * abs(plain):
        plain, moved = mirrored, moved.conj()
    turned = moved * np.exp(1j * np.angle(plain))
    return np.column_stack([turned.real, turned.imag]) + onto
