"""Several runs side by side: what their training parameters did to their decisions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nntf_widget.fingerprint import Fingerprint
from nntf_widget.predictions import ClassIds
from nntf_widget.trajectory import Layout, turned_onto

LANDMARKS = 150  # snapshots of all runs together that a map is laid out by; the others are placed between them
MAP_SAMPLES = 5_000  # samples that its distances are counted over; of more only every so many
PLACING_STEPS = 25


class RunRow(NamedTuple):
    """One run in a line; a number is NaN where the run does not have it.

    Attributes
    ----------
    name : str
    snapshots : int
    accuracy : float
        At the last snapshot, where labels are known.
    change_rate, return_rate : float
        The share of samples that moved in the last transition, and of moves that went straight back.
    verdict : str
        The state of the run, and what else holds; empty where the evidence is thin.
    laminarity_band, laminarity, entropy_band, entropy : float
        The best bands, as the paper picks them.
    """

    name: str
    snapshots: int
    accuracy: float
    change_rate: float
    return_rate: float
    verdict: str
    laminarity_band: float
    laminarity: float
    entropy_band: float
    entropy: float


class RunMap(NamedTuple):
    """All snapshots of all runs as points in one plane.

    Attributes
    ----------
    points : dict of str to ndarray of shape (T, 2)
        A point for each snapshot of each run.
    stress : float
        Kruskal's stress-1 of the snapshots that the plane is laid out by.
    """

    points: dict[str, NDArray[np.float64]]
    stress: float


class Comparison:
    """Measures across runs.

    Parameters
    ----------
    runs : mapping of str to Fingerprint
        They may be still growing. Distances between runs need the same samples, in the same order.

    Examples
    --------
    >>> import nntf_widget as nntf
    >>> sane, wild = nntf.Fingerprint(2), nntf.Fingerprint(2)
    >>> for classes in ([0, 1, 1], [0, 0, 1], [0, 0, 0]):
    ...     sane.update([0, 0, 1])
    ...     wild.update(classes)
    >>> Comparison({"sane": sane, "wild": wild}).cross_distance("sane", "wild")
    array([[1, 0, 1],
           [1, 0, 1],
           [1, 0, 1]])
    """

    def __init__(self, runs: Mapping[str, Fingerprint]) -> None:
        if not runs:
            raise ValueError("runs is empty; expected one run or more")
        for name, run in runs.items():
            if not isinstance(name, str):
                raise TypeError(f"runs has the name {name!r}; expected str")
            if not isinstance(run, Fingerprint):
                raise TypeError(f"runs[{name!r}] is a {type(run).__name__}; expected a Fingerprint")
        self.runs = dict(runs)

    def __repr__(self) -> str:
        """Return the table as lines of text."""
        return "\n".join(
            f"{row.name}: {row.snapshots} snapshots, accuracy {row.accuracy:.3g}, {row.verdict or 'no verdict'}, "
            f"best laminarity {row.laminarity:.3g} at {row.laminarity_band:.2g}, "
            f"best entropy {row.entropy:.3g} at {row.entropy_band:.2g}"
            for row in self.table()
        )

    def table(self) -> list[RunRow]:
        """Return a row a run; ``pandas.DataFrame`` takes the list."""
        return [_row(name, run) for name, run in self.runs.items()]

    def incomparable(self) -> str | None:
        """Say why there are no distances between the runs, or return None where there are."""
        begun = {name: run for name, run in self.runs.items() if len(run)}
        for what in ("num_samples", "num_classes"):
            values = {getattr(run, what) for run in begun.values()}
            if len(values) > 1:
                return f"the runs differ in {what}: {sorted(values)}"
        labelled = [run.labels for run in begun.values() if run.labels is not None]
        if any(not np.array_equal(labels, labelled[0]) for labels in labelled):
            return "the runs differ in their labels, so they are of other samples, or in another order"
        return None

    def cross_distance(self, a: str, b: str, every: int = 1) -> NDArray[np.int64]:
        """Return how many samples run `a` at s and run `b` at t predict differently, shape (T_a, T_b).

        A cross recurrence plot (Marwan et al., Physics Reports 438, 2007) is this matrix under a threshold.

        Parameters
        ----------
        a, b : str
        every : int
            Takes only every so many-th snapshot of both, from the first on.

        Raises
        ------
        KeyError
            There is no such run.
        ValueError
            The two are not of the same samples.
        """
        return _differing(self._predictions(a, every), self._predictions(b, every))

    def nearest(self, a: str, b: str) -> NDArray[np.int64]:
        """Return for each snapshot of `b` the first one at which `a` decided most alike, shape (T_b,)."""
        distance = self.cross_distance(a, b)
        return distance.argmin(axis=0) if len(distance) else np.full(distance.shape[1], -1)

    def map(self, onto: RunMap | None = None) -> RunMap:
        """Return the snapshots of all runs as points, by metric scaling of the share of samples predicted differently.

        Of many snapshots a part is laid out, each run's last among them; each of the others is then put where its
        distances to these are kept best (de Silva, Tenenbaum: Sparse multidimensional scaling using landmark
        points, 2004; by SMACOF's step for one point).

        Parameters
        ----------
        onto : RunMap, optional
            An earlier map of the same runs; the new one is turned so that it lies on it.

        Raises
        ------
        ValueError
            The runs are not of the same samples.
        ImportError
            scikit-learn is not installed.
        """
        self._check()
        lengths = [len(run) for run in self.runs.values()]
        thin = max(math.ceil(max(run.num_samples or 0 for run in self.runs.values()) / MAP_SAMPLES), 1)
        classes = [
            run.predictions(t)[::thin]
            for run, length in zip(self.runs.values(), lengths, strict=True)
            for t in range(length)
        ]
        stacked = np.array(classes) if classes else np.zeros((0, 1))
        chosen = _landmarks(lengths)
        shares = _differing(stacked[chosen], stacked) / stacked.shape[1]
        laid_out, stress = Layout().update(shares[:, chosen])
        points = _placed(chosen, laid_out, shares.T)
        parts = dict(zip(self.runs, np.split(points, np.cumsum(lengths)[:-1]), strict=True))
        return RunMap(parts if onto is None else _turned(parts, onto.points), stress)

    def recall(self) -> NDArray[np.float64]:
        """Return each class's recall at each run's last snapshot, shape (runs, K), NaN where labels are not known."""
        classes = max((run.num_classes or 0) for run in self.runs.values())
        recall = np.full((len(self.runs), classes), np.nan)
        for row, run in zip(recall, self.runs.values(), strict=True):
            if run.labels is not None:
                row[: run.num_classes] = run.dynamics.recall[-1]
        return recall

    def _predictions(self, name: str, every: int = 1) -> NDArray[np.unsignedinteger]:
        if name not in self.runs:
            raise KeyError(f"there is no run {name!r}; expected one of {list(self.runs)}")
        self._check()
        run = self.runs[name]
        with run.lock:
            snapshots: list[ClassIds] = [run.predictions(t) for t in range(0, len(run), every)]
        return np.array(snapshots) if snapshots else np.zeros((0, 0), np.uint8)

    def _check(self) -> None:
        why_not = self.incomparable()
        if why_not:
            raise ValueError(f"{why_not}; expected the same samples in the same order")


def _differing(first: NDArray[np.generic], second: NDArray[np.generic]) -> NDArray[np.int64]:
    """Return in how many columns each row of one differs from each row of the other."""
    if not len(first) or not len(second):
        return np.zeros((len(first), len(second)), np.int64)
    return np.array([np.count_nonzero(second != row, axis=1) for row in first])


def _landmarks(lengths: Sequence[int]) -> NDArray[np.int64]:
    """Return which snapshots, counted through all runs, a map is laid out by: every so many of a run, and its last."""
    step = max(math.ceil(sum(lengths) / LANDMARKS), 1)
    starts = np.cumsum([0, *lengths])
    each = [start + np.union1d(np.arange(0, n, step), [n - 1]) for start, n in zip(starts, lengths, strict=False) if n]
    return np.concatenate(each) if each else np.zeros(0, np.int64)


def _placed(
    chosen: NDArray[np.int64], landmarks: NDArray[np.float64], distance: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return a point for each row of `distance`, shape (n, landmarks), from the line between its neighbours on."""
    rows = np.arange(len(distance))
    points = np.column_stack([np.interp(rows, chosen, axis) for axis in landmarks.T]) if len(rows) else np.zeros((0, 2))
    for _ in range(PLACING_STEPS if len(chosen) < len(rows) else 0):
        away = points[:, None] - landmarks
        drawn = np.linalg.norm(away, axis=2)
        scale = np.divide(distance, drawn, out=np.zeros_like(drawn), where=drawn > 0)
        points = (landmarks + scale[..., None] * away).mean(axis=1)
    points[chosen] = landmarks
    return points


def _turned(
    points: dict[str, NDArray[np.float64]], known: dict[str, NDArray[np.float64]]
) -> dict[str, NDArray[np.float64]]:
    """Return each run's points turned together so that those known before lie on their places."""
    names = [name for name in points if len(known.get(name, ()))]
    if not names:
        return points
    before = np.concatenate([known[name] for name in names])
    first = np.concatenate([points[name][: len(known[name])] for name in names])
    return {name: turned_onto(before, first, each) for name, each in points.items()}


def _row(name: str, run: Fingerprint) -> RunRow:
    with run.lock:
        table, moved = run.recurrence(), len(run) > 1
        laminarity, entropy = table.best_laminarity, table.best_entropy
        missing = math.nan
        return RunRow(
            name=name,
            snapshots=len(run),
            accuracy=float(run.dynamics.accuracy[-1]) if run.labels is not None else missing,
            change_rate=float(run.dynamics.change_rate[-1]) if moved else missing,
            return_rate=float(run.dynamics.return_rate[-1]) if moved else missing,
            verdict=", ".join(verdict.kind for verdict in run.verdicts()),
            laminarity_band=laminarity.band if laminarity else missing,
            laminarity=laminarity.laminarity if laminarity else missing,
            entropy_band=entropy.band if entropy else missing,
            entropy=entropy.entropy if entropy else missing,
        )
