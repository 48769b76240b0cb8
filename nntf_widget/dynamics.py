"""What moves, comes back, settles and is forgotten as a training goes, from the moves alone.

Rates, oscillation and convergence are read off the change log. Forgetting events: Toneva et al., An empirical study of
example forgetting during deep neural network learning, ICLR 2019.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nntf_widget.history import History, Moves, moves_between

if TYPE_CHECKING:
    from nntf_widget.predictions import ClassIds

LONGEST_PERIOD = 5
NEVER = -1


class Dynamics:
    """Rates and sample-wise stories of a run, read off its moves.

    Parameters
    ----------
    history : History
        The run, with its first snapshot.
    num_classes : int
        K.
    labels : ndarray of shape (N,), optional
        The true classes.
    """

    def __init__(self, history: History, num_classes: int, labels: ClassIds | None = None) -> None:
        self._history = history
        self._size = num_classes
        self._moved: list[int] = []
        self._arrivals: list[NDArray[np.int64]] = []
        self._departures: list[NDArray[np.int64]] = []
        self._returned: list[list[int]] = []
        self._settled_since = np.zeros(history.num_samples, np.int32)
        self._move_counts = np.zeros(history.num_samples, np.int32)
        self._return_counts = np.zeros(history.num_samples, np.int32)
        self._truth = None if labels is None else _Truth(history.snapshot(0), labels, num_classes)

    @property
    def has_labels(self) -> bool:
        """Whether the true classes are known."""
        return self._truth is not None

    def catch_up(self) -> None:
        """Take in the moves that came since."""
        before = self._history.snapshot(self._length - 1)
        for t in range(self._length, len(self._history)):
            after = self._history.snapshot(t)
            moves, before = moves_between(before, after), after
            self._moved.append(len(moves.samples))
            self._arrivals.append(np.bincount(moves.targets, minlength=self._size))
            self._departures.append(np.bincount(moves.origins, minlength=self._size))
            self._count_returns(moves, t)
            self._settled_since[moves.samples] = t
            self._move_counts[moves.samples] += 1
            if self._truth is not None:
                self._truth.append(moves, t)

    @property
    def _length(self) -> int:
        """The number of snapshots that are taken in."""
        return len(self._moved) + 1

    @property
    def change_rate(self) -> NDArray[np.float64]:
        """The share of samples that moved in each transition, shape (T-1,)."""
        return np.array(self._moved, float) / self._history.num_samples

    @property
    def arrivals(self) -> NDArray[np.int64]:
        """The samples that came to each class in each transition, shape (T-1, K)."""
        return np.array(self._arrivals, np.int64).reshape(-1, self._size)

    @property
    def departures(self) -> NDArray[np.int64]:
        """The samples that left each class in each transition, shape (T-1, K)."""
        return np.array(self._departures, np.int64).reshape(-1, self._size)

    @property
    def return_rate(self) -> NDArray[np.float64]:
        """The share of moves that go straight back, p[t+1] = p[t-1] ≠ p[t], shape (T-1,), NaN where nothing moved."""
        return self.return_rates[:, 0]

    @property
    def return_rates(self) -> NDArray[np.float64]:
        """The share of moves that come back after 2 … 5 snapshots and not before, shape (T-1, 4), NaN without moves."""
        returned = np.array(self._returned, float).reshape(-1, LONGEST_PERIOD - 1)
        moved = np.array(self._moved, float)[:, None]
        return np.divide(returned, moved, out=np.full_like(returned, np.nan), where=moved > 0)

    @property
    def settled_since(self) -> NDArray[np.int32]:
        """The snapshot since which each sample has not moved, shape (N,)."""
        return self._settled_since.copy()

    @property
    def settled_share(self) -> NDArray[np.float64]:
        """The share of samples that have not moved since each snapshot, shape (T,); it changes as the run grows."""
        settled = np.bincount(self._settled_since, minlength=self._length)
        return np.cumsum(settled) / self._history.num_samples

    def class_settled_since(self, share: float = 0.95) -> NDArray[np.int64]:
        """Return the snapshot since which `share` of each class's samples have not moved, shape (K,).

        A class's samples are those of that label, or, without labels, those predicted so now; -1 where there are none.

        Raises
        ------
        ValueError
            `share` is not in 0 … 1.
        """
        if not 0 < share <= 1:
            raise ValueError(f"share is {share}; expected more than 0, at most 1")
        classes = self._history.snapshot(self._length - 1) if self._truth is None else self._truth.labels
        settled = [np.sort(self._settled_since[classes == class_]) for class_ in range(self._size)]
        return np.array([since[int(np.ceil(share * len(since))) - 1] if len(since) else NEVER for since in settled])

    @property
    def move_counts(self) -> NDArray[np.int32]:
        """How often each sample moved, shape (N,)."""
        return self._move_counts.copy()

    @property
    def return_counts(self) -> NDArray[np.int32]:
        """How often each sample went straight back, shape (N,)."""
        return self._return_counts.copy()

    @property
    def recall(self) -> NDArray[np.float64]:
        """The share of each class's samples that are predicted so, shape (T, K), NaN where it has none."""
        truth = self._known("recall")
        return _ratio(truth.hits, np.broadcast_to(truth.support, truth.hits.shape))

    @property
    def accuracy(self) -> NDArray[np.float64]:
        """The share of all samples that are right, shape (T,)."""
        return self._known("accuracy").hits.sum(axis=1) / self._history.num_samples

    @property
    def precision(self) -> NDArray[np.float64]:
        """The share of what is predicted as each class that is of it, shape (T, K), NaN where nothing is."""
        truth = self._known("precision")
        gains = self.arrivals - self.departures
        first = np.bincount(self._history.snapshot(0), minlength=self._size)
        return _ratio(truth.hits, first + np.vstack([np.zeros((1, self._size), np.int64), gains.cumsum(axis=0)]))

    @property
    def support(self) -> NDArray[np.int64]:
        """The number of samples of each class, shape (K,)."""
        return self._known("support").support

    @property
    def gained(self) -> NDArray[np.int64]:
        """The samples that became right in each transition, shape (T-1,)."""
        return self._known("gained").gained.sum(axis=1)

    @property
    def lost(self) -> NDArray[np.int64]:
        """The samples that became wrong in each transition, shape (T-1,)."""
        return self._known("lost").lost.sum(axis=1)

    @property
    def sideways(self) -> NDArray[np.int64]:
        """The samples that went from one wrong class to another in each transition, shape (T-1,)."""
        return self._known("sideways").sideways.sum(axis=1)

    @property
    def gained_by_class(self) -> NDArray[np.int64]:
        """The samples of each true class that became right in each transition, shape (T-1, K)."""
        return self._known("gained_by_class").gained

    @property
    def lost_by_class(self) -> NDArray[np.int64]:
        """The samples of each true class that became wrong in each transition, shape (T-1, K)."""
        return self._known("lost_by_class").lost

    @property
    def sideways_by_class(self) -> NDArray[np.int64]:
        """The samples of each true class that went from one wrong class to another, shape (T-1, K)."""
        return self._known("sideways_by_class").sideways

    @property
    def forgetting_events(self) -> NDArray[np.int32]:
        """How often each sample went from right to wrong, shape (N,) (Toneva et al., 2019)."""
        return self._known("forgetting_events").forgotten.copy()

    @property
    def learned_at(self) -> NDArray[np.int32]:
        """The first snapshot at which each sample was right, shape (N,); -1 where it never was."""
        return self._known("learned_at").learned_at.copy()

    @property
    def unforgettable(self) -> NDArray[np.bool_]:
        """The samples that were learned and never forgotten, shape (N,) (Toneva et al., 2019)."""
        truth = self._known("unforgettable")
        return (truth.learned_at != NEVER) & (truth.forgotten == 0)

    def _known(self, what: str) -> _Truth:
        if self._truth is None:
            raise ValueError(f"{what} needs the true classes; expected labels= in an update")
        return self._truth

    def _count_returns(self, moves: Moves, t: int) -> None:
        """Count the moves to the class of 2, 3, … snapshots before, by the nearest."""
        longest = min(t, LONGEST_PERIOD)
        past = self._history.before(t, moves.samples, longest)
        returned = [0] * (LONGEST_PERIOD - 1)
        elsewhere = np.ones(len(moves.samples), bool)
        for period in range(2, longest + 1):
            there = elsewhere & (past[:, -period] == moves.targets)
            returned[period - 2] = int(np.count_nonzero(there))
            elsewhere &= ~there
            if period == 2:
                self._return_counts[moves.samples[there]] += 1
        self._returned.append(returned)


class _Truth:
    """What the labels tell of every sample and class."""

    def __init__(self, first: ClassIds, labels: ClassIds, num_classes: int) -> None:
        self.labels = labels
        self.support = np.bincount(labels, minlength=num_classes)
        right = first == labels
        self.learned_at = np.where(right, 0, NEVER).astype(np.int32)
        self.forgotten = np.zeros(len(labels), np.int32)
        self._first_hits = self._counted(right)
        self._gained: list[NDArray[np.int64]] = []
        self._lost: list[NDArray[np.int64]] = []
        self._sideways: list[NDArray[np.int64]] = []

    @property
    def gained(self) -> NDArray[np.int64]:
        return self._table(self._gained)

    @property
    def lost(self) -> NDArray[np.int64]:
        return self._table(self._lost)

    @property
    def sideways(self) -> NDArray[np.int64]:
        return self._table(self._sideways)

    @property
    def hits(self) -> NDArray[np.int64]:
        """The samples of each class that are predicted so, shape (T, K)."""
        return np.vstack([self._first_hits, self.gained - self.lost]).cumsum(axis=0)

    def append(self, moves: Moves, t: int) -> None:
        truth = self.labels[moves.samples]
        was_right, is_right = moves.origins == truth, moves.targets == truth
        lost, found = moves.samples[was_right], moves.samples[is_right]
        self.forgotten[lost] += 1
        self.learned_at[found] = np.where(self.learned_at[found] == NEVER, t, self.learned_at[found])
        self._lost.append(self._counted(lost))
        self._gained.append(self._counted(found))
        self._sideways.append(self._counted(moves.samples[~(was_right | is_right)]))

    def _counted(self, samples: NDArray[np.intp] | NDArray[np.bool_]) -> NDArray[np.int64]:
        """Count samples by their true class, shape (K,)."""
        return np.bincount(self.labels[samples], minlength=len(self.support))

    def _table(self, counts: list[NDArray[np.int64]]) -> NDArray[np.int64]:
        return np.array(counts, np.int64).reshape(-1, len(self.support))


def _ratio(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)
