"""What moves, comes back, settles and is forgotten as a training goes, from the moves alone.

Rates, oscillation and convergence are read off the change log; recall, precision and support are the usual ones, and
what names no source is this project's own. Forgetting events: Toneva et al., An empirical study of example forgetting
during deep neural network learning, ICLR 2019.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nntf_widget.checks import checked_length
from nntf_widget.growing import GrowingArray

if TYPE_CHECKING:
    from nntf_widget.history import History, Moves
    from nntf_widget.predictions import ClassIds
    from nntf_widget.transitions import Transitions

LONGEST_PERIOD = 5
NEVER = -1


class Dynamics:
    """Rates and sample-wise stories of a run, kept up to date move by move.

    Parameters
    ----------
    history : History
        The run, with its first snapshot.
    transitions : Transitions
        Its moves counted by pair of classes.
    """

    def __init__(self, history: History, transitions: Transitions) -> None:
        self._history = history
        self._transitions = transitions
        self._size = transitions.num_classes
        self._returned = GrowingArray(np.int64)
        self._settled_since = np.zeros(history.num_samples, np.int32)
        self._move_counts = np.zeros(history.num_samples, np.int32)
        self._return_counts = np.zeros(history.num_samples, np.int32)
        self._truth: _Truth | None = None

    def append(self, moves: Moves) -> None:
        """Take in the moves that led to the last snapshot of the history."""
        t = len(self._history) - 1
        self._count_returns(moves, t)
        self._settled_since[moves.samples] = t
        self._move_counts[moves.samples] += 1
        if self._truth is not None:
            self._truth.append(moves, t)

    def know(self, labels: ClassIds) -> None:
        """Take in the true classes, from the first snapshot on."""
        self._truth = _Truth(self._history.snapshot(0), labels, self._size)
        for t in range(1, len(self._history)):
            self._truth.append(self._history.moves(t), t)

    @property
    def change_rate(self) -> NDArray[np.float64]:
        """The share of samples that moved in each transition, shape (T-1,).

        Between two models it is called churn: Milani Fard et al., Launch and iterate: reducing prediction churn, 2016.
        """
        return self._transitions.moved / self._history.num_samples

    @property
    def arrivals(self) -> NDArray[np.int32]:
        """The number of samples that came to each class in each transition, shape (T-1, K)."""
        return self._transitions.arrivals

    @property
    def departures(self) -> NDArray[np.int32]:
        """The number of samples that left each class in each transition, shape (T-1, K)."""
        return self._transitions.departures

    @property
    def return_rate(self) -> NDArray[np.float64]:
        """The share of moves that go straight back, p[t+1] = p[t-1] ≠ p[t], shape (T-1,), NaN where nothing moved."""
        return self.return_rates[:, 0]

    @property
    def return_rates(self) -> NDArray[np.float64]:
        """The share of moves that come back after 2 … 5 snapshots and not before, shape (T-1, 4), NaN without moves."""
        returned = self._returned.values.reshape(-1, LONGEST_PERIOD - 1).astype(float)
        moved = self._transitions.moved[:, None]
        return np.divide(returned, moved, out=np.full_like(returned, np.nan), where=moved > 0)

    def exchanges(self, a: int, b: int) -> NDArray[np.int64]:
        """Return how many samples two classes exchanged in each transition, min(Δ[a, b], Δ[b, a]), shape (T-1,)."""
        cell = min(a, b) * self._size + max(a, b)
        by_cell = [self._transitions.exchanged(t, t + 1) for t in range(len(self._transitions))]
        return np.array([counts[cells == cell].sum() for cells, counts in by_cell], np.int64)

    def most_exchanging(self, k: int = 10, since: int = 0) -> list[tuple[int, int, int]]:
        """Return the up to `k` pairs of classes that gave each other most samples since a snapshot, as (a, b, samples).

        The samples of a pair are the fewer of those that went from a to b and from b to a, at whatever transition.
        """
        last = len(self._transitions)
        cells, counts = self._transitions.exchanged(min(since, last), last)
        first = np.argsort(-counts, kind="stable")[: checked_length(k, "k", 1)]
        return [(*divmod(int(cells[i]), self._size), int(counts[i])) for i in first]

    @property
    def settled_since(self) -> NDArray[np.int32]:
        """The snapshot since which each sample has not moved, shape (N,).

        The iteration learned of Baldock et al., Deep learning through the lens of example difficulty, NeurIPS 2021.
        """
        return self._settled_since.copy()

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
        classes = self._history.current if self._truth is None else self._truth.labels
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
    def accuracy(self) -> NDArray[np.float64]:
        """The share of samples predicted as what they are, shape (T,)."""
        return self._known("accuracy").hits.sum(axis=1) / self._history.num_samples

    @property
    def recall(self) -> NDArray[np.float64]:
        """The share of each class's samples that are predicted so, shape (T, K), NaN where it has none."""
        truth = self._known("recall")
        return _ratio(truth.hits, np.broadcast_to(truth.support, truth.hits.shape))

    @property
    def precision(self) -> NDArray[np.float64]:
        """The share of what is predicted as each class that is of it, shape (T, K), NaN where nothing is."""
        return _ratio(self._known("precision").hits, self._transitions.class_counts)

    @property
    def support(self) -> NDArray[np.int64]:
        """The number of samples of each class, shape (K,)."""
        return self._known("support").support

    @property
    def forgetting_events(self) -> NDArray[np.int32]:
        """How often each sample went from right to wrong, shape (N,) (Toneva et al., 2019)."""
        return self._known("forgetting_events").forgotten.copy()

    @property
    def learned_at(self) -> NDArray[np.int32]:
        """The first snapshot at which each sample was right, shape (N,), -1 where never (Toneva et al., 2019)."""
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
        past = np.ascontiguousarray(self._history.before(t, moves.samples, longest).T)
        been = past == moves.targets
        bits = 1 << np.arange(longest)
        by_latest = np.add.reduceat(np.bincount(bits @ been, minlength=1 << longest), bits)  # the highest bit is it
        returned = np.zeros(LONGEST_PERIOD - 1, np.int64)
        returned[: longest - 1] = by_latest[-2::-1]
        self._returned.extend(returned)
        self._return_counts[moves.samples[been[-2:-1].any(axis=0)]] += 1


class _Truth:
    """What the labels tell of every sample and class."""

    def __init__(self, first: ClassIds, labels: ClassIds, num_classes: int) -> None:
        self.labels = labels
        self.support = np.bincount(labels, minlength=num_classes)
        right = first == labels
        self.learned_at = np.where(right, 0, NEVER).astype(np.int32)
        self.forgotten = np.zeros(len(labels), np.int32)
        self._hits = GrowingArray(np.int64)
        self._hits.extend(np.bincount(labels[right], minlength=num_classes))

    @property
    def hits(self) -> NDArray[np.int64]:
        return self._hits.values.reshape(-1, len(self.support))

    def append(self, moves: Moves, t: int) -> None:
        truth = self.labels[moves.samples]
        lost, found = moves.samples[moves.origins == truth], moves.samples[moves.targets == truth]
        self.forgotten[lost] += 1
        self.learned_at[found] = np.where(self.learned_at[found] == NEVER, t, self.learned_at[found])
        size = len(self.support)
        gained = np.bincount(self.labels[found], minlength=size) - np.bincount(self.labels[lost], minlength=size)
        self._hits.extend(self.hits[-1] + gained)


def _ratio(part: NDArray[np.int64], whole: NDArray[np.integer]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)
