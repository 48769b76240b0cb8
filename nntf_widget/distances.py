"""How alike two moments of a training are, kept up to date as the log grows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nntf_widget.growing import GrowingTriangle
from nntf_widget.history import History, Moves
from nntf_widget.transitions import Cells, CellTable, Transitions


class TransitionDistance:
    """The fingerprint: how unlike the class transitions of two moments are, 0 (alike) to 1 (nothing in common).

    D[s, t] = Σ_{a≠b} |Δ_s[a,b] - Δ_t[a,b]| / Σ_{a≠b} (Δ_s[a,b] + Δ_t[a,b]), and 0 where nothing moved at either: the
    Bray-Curtis dissimilarity of the moves (Ferreira et al., Journal of Visualization 25, 2022). Because
    |a - b| = a + b - 2 min(a, b), a new row needs only the cells that two transitions share.
    """

    def __init__(self, num_classes: int) -> None:
        self.rows = GrowingTriangle(np.float64)
        self._table = CellTable(num_classes)

    def append(self, transitions: Transitions, newest: Cells) -> None:
        """Add the row of the newest transition, which is the last of `transitions`."""
        moved = transitions.moved
        if moved[-1] == 0:
            self.rows.append((moved[:-1] > 0).astype(np.float64))
            return
        cells, counts, bounds = transitions.flat
        shared = np.minimum(self._table.look_up(*newest, cells[: bounds[-2]]), counts[: bounds[-2]])

        overlap = np.zeros(len(moved) - 1, np.int64)
        occupied = moved[:-1] > 0
        if occupied.any():
            overlap[occupied] = np.add.reduceat(shared, bounds[:-2][occupied], dtype=np.int64)
        total = moved[:-1] + moved[-1]
        self.rows.append((total - 2 * overlap) / total)

    def cut(self, length: int) -> None:
        """Take back what came after `length` transitions, and any half of it."""
        self.rows.cut(length)
        self._table.clear()


class PredictionDistance:
    """The number of samples whose predicted class differs between two snapshots (Hamming distance).

    H[t, s] = H[t-1, s] + (moved samples that left the class they had at s) - (moved samples that came back to it).
    """

    def __init__(self) -> None:
        self.rows = GrowingTriangle(np.int32)
        self.rows.append(np.zeros(0, np.int32))

    def append(self, history: History, moves: Moves) -> None:
        """Add the row of the last snapshot of `history`, which `moves` led to."""
        before = len(history) - 1
        self.rows.append(np.append(self.rows.row(before - 1), 0) + history.away(moves)[:before])


def class_transition_distance(transitions: Transitions, class_: int) -> NDArray[np.float64]:
    """Return the transition distance over only the cells in the row and the column of one class.

    Parameters
    ----------
    transitions : Transitions
    class_ : int
        The class whose arrivals and departures are compared.

    Returns
    -------
    ndarray of shape (T-1, T-1), float64
    """
    cells, counts, bounds = transitions.flat
    size = transitions.num_classes
    origins, targets = np.divmod(cells, size)
    of_class = (origins == class_) | (targets == class_)
    at = np.repeat(np.arange(len(transitions)), np.diff(bounds))[of_class]
    partner = np.where(origins == class_, targets, origins + np.uint32(size))[of_class]
    profile = np.zeros((len(transitions), 2 * size), np.int64)  # departures to, arrivals from every class
    profile[at, partner] = counts[of_class]
    total = profile.sum(axis=1)
    distance = np.zeros((len(profile), len(profile)))
    for t, row in enumerate(profile):
        denominator = total + total[t]
        difference = np.abs(profile - row).sum(axis=1)
        np.divide(difference, denominator, out=distance[t], where=denominator > 0)
    return distance
