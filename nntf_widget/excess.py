"""How much more unlike the moves of two transitions are than chance alone would make them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nntf_widget.growing import GrowingArray, GrowingTriangle
from nntf_widget.transitions import Cells, CellTable, Transitions

TOO_ALIKE = 0.05  # where chance leaves less than this between itself and 1, too few samples moved to tell
EXACT = 24  # counts below are summed over exactly: of them the normal approximation can be off by more than 1e-3
SIDE_BY_SIDE = 32  # classes: up to so many, the counts of all cells lie side by side, and none has to be looked up
REACH = 3  # how far back, in matrices of the last transitions, what is known of them may begin
PART = 2**16  # cells compared at a time, so that the working set stays in the processor's cache

TINY = np.float32(1e-12)
# E|Z + r| - r of a normal Z, for r in the middle of each step from 0 on; beyond the last it is nothing.
STEPS, LAST = 512, 4
_RATIOS = (np.arange(LAST * STEPS) + 0.5) / STEPS
BEYOND_MEAN = np.array(
    [*(math.sqrt(2 / math.pi) * math.exp(-r * r / 2) - r * math.erfc(r / math.sqrt(2)) for r in _RATIOS), 0], np.float32
)


class ExcessDistance:
    """The transition distance beyond chance: 0, no more unlike than chance makes them, to 1, nothing in common.

    X[s, t] = (D[s, t] - E[s, t]) / (1 - E[s, t]), where E is the distance to be expected if the moves of both
    transitions were thrown together and dealt out again at random, as many to each as it had:
    E[s, t] = Σ_{a≠b} E|2B - n_ab| / (m_s + m_t) with n_ab = Δ_s[a,b] + Δ_t[a,b], m the number of moves of each and
    B ~ Hypergeometric(m_s + m_t, n_ab, m_s). It is the correction by a null model that ecology uses for the
    Bray-Curtis dissimilarity (Chase et al., Ecosphere 2, 2011; Stegen et al., ISME Journal 7, 2013). NaN where
    1 - E < 0.05, that is where too few samples moved to tell.

    Parameters
    ----------
    num_classes : int
        K.
    first : int
        The transition to begin with; those before it are left out.
    """

    def __init__(self, num_classes: int, first: int = 0) -> None:
        self.first = first
        self.rows = GrowingTriangle(np.float64)
        self._to_itself = GrowingArray(np.float64)
        self._num_cells = num_classes**2
        self._counts = GrowingArray(np.float32) if num_classes <= SIDE_BY_SIDE else None
        self._table = CellTable(num_classes)

    def append(self, transitions: Transitions, distances: NDArray[np.float64]) -> None:
        """Add the row of the next transition; `distances`, shape (t,), are those to the ones before it."""
        t = len(self.rows)
        moved, newest = transitions.moved[self.first :][: t + 1], transitions.cells(self.first + t)
        if self._counts is None:
            differences = self._looked_up(transitions, newest, moved)
        else:
            differences = self._side_by_side(self._counts, newest, moved)
        total = moved + moved[t]
        expected = np.divide(differences, total, out=np.ones(t + 1), where=total > 0)
        excess = np.full(t + 1, np.nan)
        np.divide(np.append(distances, 0.0) - expected, 1 - expected, out=excess, where=1 - expected >= TOO_ALIKE)
        self._to_itself.extend(excess[t:])
        self.rows.append(excess[:t])

    def square(self) -> NDArray[np.float64]:
        """Return the whole matrix, shape (n, n)."""
        full = self.rows.square()
        np.fill_diagonal(full, self._to_itself.values)
        return full

    def newest(self, size: int) -> NDArray[np.float64]:
        """Return the matrix of the last `size` transitions, or of all where there are fewer."""
        full = self.rows.newest(size)
        np.fill_diagonal(full, self._to_itself.values[-size:])
        return full

    def _side_by_side(self, known: GrowingArray, newest: Cells, moved: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return Σ E|2B - n| of the newest transition and each one up to itself, shape (t + 1,)."""
        t = len(moved) - 1
        row = np.zeros(self._num_cells, np.float32)
        row[newest.cells] = newest.counts
        known.extend(row)
        counts = known.values.reshape(t + 1, -1)
        rows = PART // self._num_cells + 1
        parts = [slice(first, first + rows) for first in range(0, t + 1, rows)]
        return np.concatenate([_Deals(moved[part], moved[t]).side_by_side(counts[part] + row) for part in parts])

    def _looked_up(self, transitions: Transitions, newest: Cells, moved: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the same, where most cells are empty."""
        t = len(moved) - 1
        cells, counts, bounds = transitions.flat
        bounds = bounds[self.first :][: t + 2]
        differences = np.empty(t + 1)
        for first, end in _parts(bounds):
            part = slice(bounds[first], bounds[end])
            of_newest = self._table.look_up(*newest, cells[part])
            which = np.repeat(np.arange(end - first), np.diff(bounds[first : end + 1]))
            deals = _Deals(moved[first:end], moved[t])
            differences[first:end] = deals.listed(counts[part] + of_newest, which)
            differences[first:end] += deals.alike(newest.counts) - deals.listed(of_newest, which)  # what it has alone
        return differences


class RecentExcess:
    """The excess distance among the last transitions of a run, at a cost that does not grow with the run."""

    def __init__(self, num_classes: int) -> None:
        self._num_classes = num_classes
        self._known: ExcessDistance | None = None

    def of_last(
        self, size: int, transitions: Transitions, row: Callable[[int], NDArray[np.float64]]
    ) -> NDArray[np.float64]:
        """Return the matrix of the last `size` transitions, or of all where there are fewer.

        Parameters
        ----------
        size : int
        transitions : Transitions
        row : callable
            From the number of a transition to its distances to those before it.
        """
        end = len(transitions)
        first = max(end - size, 0)
        known, self._known = self._known, None
        if known is None or not first - REACH * size <= known.first <= first:
            known = ExcessDistance(self._num_classes, first)
        for t in range(known.first + len(known.rows), end):
            known.append(transitions, row(t)[known.first :])
        self._known = known  # only now: what is interrupted in the middle is read anew
        return known.newest(size)


def _parts(bounds: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Cut transitions into parts of about `PART` cells."""
    starts = np.unique(np.searchsorted(bounds[:-1], np.arange(bounds[0], bounds[-2] + 1, PART)))
    return zip(starts, np.append(starts[1:], len(bounds) - 1), strict=True)


class _Deals:
    """E|2B - n| where the moves of one transition are thrown together with those of each of R others.

    Exact for n < `EXACT`. Above, 2B - n is taken as normal, with its variance moved to make up for the skewness and for
    n being odd or even, which both count to the first order. Where n is twice the lesser number of moves or more,
    2B - n keeps its sign, and its mean is exact.
    """

    def __init__(self, moved: NDArray[np.int64], moved_now: int) -> None:
        everything = np.maximum(moved + moved_now, EXACT)
        lean = np.abs(moved - moved_now) / everything
        spread = (1 - lean**2) / (everything - 1)
        skew = 2 / 3 * lean**2 / (everything - 2)
        normal = lean, everything * (spread + skew), spread + 2 * skew, 2 * np.minimum(moved, moved_now)
        self._normal = np.stack(normal).astype(np.float32)
        self._exact = _exact(moved, moved_now)

    def listed(self, together: NDArray[np.integer], which: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return the sums, shape (R,), over cells with counts n = `together`, each of the other at `which`."""
        others = self._exact.shape[1]
        tally = np.bincount(np.minimum(together, EXACT) * others + which, minlength=(EXACT + 1) * others)
        sums = (tally.reshape(EXACT + 1, others)[:EXACT] * self._exact).sum(axis=0)
        large = np.flatnonzero(together >= EXACT)
        if len(large):
            sums += np.bincount(which[large], self._large(together[large], which[large]), others)
        return sums

    def alike(self, together: NDArray[np.integer]) -> NDArray[np.float64]:
        """Return the sums, shape (R,), over cells with counts n = `together` with every one of the others."""
        large = together >= EXACT
        others = np.arange(self._exact.shape[1])[:, None]
        tally = np.bincount(together[~large], minlength=EXACT)
        return tally @ self._exact + self._large(together[large], others).sum(axis=1, dtype=np.float64)

    def side_by_side(self, together: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the sums, shape (R,), over the rows of `together`, shape (R, K²), the counts n of all cells."""
        values = self._large(together, np.arange(len(together))[:, None])
        small = np.flatnonzero(together < EXACT)
        values.ravel()[small] = 0
        of_small = self.listed(together.ravel()[small].astype(np.intp), small // together.shape[1])
        return values.sum(axis=1, dtype=np.float64) + of_small

    def _large(self, together: NDArray[Any], which: NDArray[np.intp]) -> NDArray[np.float32]:
        lean, rise, fall, turn = (values[which] for values in self._normal)
        counts = together.astype(np.float32)
        variance = (rise - fall * counts) * counts
        variance += counts - 2 * np.floor(counts / 2) - 0.5  # by a half: up where n is odd, down where it is even
        variance *= counts < turn
        deviation = np.sqrt(np.maximum(variance, TINY))
        mean = lean * counts
        steps = np.minimum(STEPS * mean / deviation, LAST * STEPS).astype(np.intp)
        beyond: NDArray[np.float32] = BEYOND_MEAN.take(steps, mode="clip")
        return mean + deviation * beyond


def _exact(moved: NDArray[np.int64], moved_now: int) -> NDArray[np.float64]:
    """Return E|2B - n| for n = 0 … `EXACT` - 1 and each of the numbers of moves, shape (EXACT, R).

    The moves of a cell are dealt out one after the other, so that S_n = 2B - n is a walk. |S| grows by 1 where S leaves
    0, and drifts towards the transition that has more moves left; the sign of S changes at 0 alone; and P(S = 0) is a
    product. All that is wanted follows from running sums.
    """
    total, drift = (moved + moved_now).astype(np.float64), (moved - moved_now).astype(np.float64)
    pairs = np.arange(EXACT // 2)[:, None]
    left = np.maximum(total - 2 * pairs, 1.0)  # moves that are left after pairs of them, and after one more
    left_then = np.maximum(left - 1, 1.0)
    factors = (moved * moved_now - pairs * (total - pairs)) * (2 * (2 * pairs + 1) / (pairs + 1)) / (left * left_then)
    at_zero = np.ones_like(left)
    np.cumprod(factors[:-1], axis=0, out=at_zero[1:])
    pull = drift / left
    sign = np.zeros((len(pairs) + 1, len(moved)))  # E[sign S] before each pair
    np.cumsum(at_zero * pull, axis=0, out=sign[1:])
    grown = np.zeros((EXACT, len(moved)))  # what E|S| gains with each move, as a share of the moves that are then left
    grown[1::2] = (at_zero + sign[:-1] * pull) / left_then
    grown[2::2] = sign[1:-1] * drift / (left_then * np.maximum(left - 2, 1.0))[:-1]
    counts = np.arange(EXACT)[:, None]
    return np.where(counts < total, np.cumsum(grown, axis=0) * (total - counts), np.abs(drift))
