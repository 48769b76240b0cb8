"""Class transitions between snapshots: how many samples went from class a to class b.

Counted from the moves alone and held sparse: a cell is the pair (a, b), a != b, numbered a·K + b. What stays (the
diagonal) follows from the class counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nntf_widget.growing import GrowingArray
from nntf_widget.history import Moves
from nntf_widget.predictions import ClassIds

if TYPE_CHECKING:
    from scipy.sparse import csr_array

DENSE_LIMIT = 2**32  # bytes
TABLE_CLASSES = 4096  # up to so many, a table of all pairs of classes takes 64 MiB or less


class Cells(NamedTuple):
    """The moves of one transition, counted by pair of classes, cells ascending."""

    cells: NDArray[np.integer]
    counts: NDArray[np.integer]


class Transitions:
    """The transition matrices of a run.

    Parameters
    ----------
    first : ndarray of shape (N,)
        The classes at snapshot 0.
    num_classes : int
        K.
    """

    def __init__(self, first: ClassIds, num_classes: int) -> None:
        self.num_classes = num_classes
        self._cells = GrowingArray(np.uint32)
        self._counts = GrowingArray(np.int32)
        self._bounds = GrowingArray(np.int64)
        self._bounds.extend(np.zeros(1, np.int64))
        self._moved = GrowingArray(np.int64)
        self._class_counts = [np.bincount(first, minlength=num_classes).astype(np.int32)]

    def __len__(self) -> int:
        return len(self._moved)

    @property
    def moved(self) -> NDArray[np.int64]:
        """The number of samples that moved in each transition, shape (T-1,)."""
        return self._moved.values

    @property
    def class_counts(self) -> NDArray[np.int32]:
        """The number of samples in each class at each snapshot, shape (T, K)."""
        return np.stack(self._class_counts)

    @property
    def flat(self) -> tuple[NDArray[np.uint32], NDArray[np.int32], NDArray[np.int64]]:
        """The cells and counts of all transitions end to end, and where each transition begins (T values)."""
        return self._cells.values, self._counts.values, self._bounds.values

    def append(self, moves: Moves) -> Cells:
        """Count the moves of the next transition and return them by cell."""
        counted = count_cells(moves, self.num_classes)
        self._cells.extend(counted.cells)
        self._counts.extend(counted.counts)
        self._bounds.extend(np.array([len(self._cells)]))
        self._moved.extend(np.array([len(moves.samples)]))
        origins, targets = np.divmod(counted.cells, self.num_classes)
        gains, losses = (np.bincount(ends, counted.counts, self.num_classes) for ends in (targets, origins))
        self._class_counts.append((self._class_counts[-1] + gains - losses).astype(np.int32))
        return counted

    def cut(self, length: int) -> None:
        """Take back what came after `length` transitions, and any half of it."""
        end = int(self._bounds.values[length])
        self._cells.cut(end)
        self._counts.cut(end)
        self._bounds.cut(length + 1)
        self._moved.cut(length)
        del self._class_counts[length + 1 :]

    def cells(self, t: int) -> Cells:
        """Return the counted moves of the transition from snapshot t to t+1."""
        start, stop = self._bounds.values[t : t + 2]
        return Cells(self._cells.values[start:stop].astype(np.int64), self._counts.values[start:stop].astype(np.int64))

    def exchanged(self, first: int) -> Cells:
        """Return how many samples two classes a < b exchanged from transition `first` on, the most first.

        That is min(Δ[a, b], Δ[b, a]) over the sum of these transitions; the cells are a·K + b.
        """
        start = self._bounds.values[first]
        cells, places = np.unique(self._cells.values[start:].astype(np.int64), return_inverse=True)
        counts = np.bincount(places, self._counts.values[start:], len(cells)).astype(np.int64)
        origins, targets = np.divmod(cells, self.num_classes)
        back = CellTable(self.num_classes).look_up(cells, counts, targets * self.num_classes + origins)
        both = np.where(origins < targets, np.minimum(counts, back), 0)
        order = np.argsort(-both, kind="stable")[: np.count_nonzero(both)]
        return Cells(cells[order], both[order])

    def sparse(self, t: int) -> csr_array[np.int64]:
        """Return the transition matrix from snapshot t to t+1 with its diagonal, sparse, shape (K, K), int64."""
        from scipy.sparse import coo_array  # here, because few runs ask for it and its import takes long

        size = self.num_classes
        cells, counts = self.cells(t)
        origins, targets = np.divmod(cells, size)
        stayed = self._class_counts[t] - np.bincount(origins, counts, minlength=size).astype(np.int64)
        kept = np.flatnonzero(stayed)
        rows, columns = np.append(origins, kept), np.append(targets, kept)
        values = np.append(counts, stayed[kept]).astype(np.int64)
        return coo_array((values, (rows, columns)), shape=(size, size)).tocsr()

    def dense(self) -> NDArray[np.int32]:
        """Return all transition matrices, shape (T-1, K, K).

        Raises
        ------
        MemoryError
            They would take more than 4 GiB.
        """
        size = self.num_classes
        needed = len(self) * size * size * np.dtype(np.int32).itemsize
        if needed > DENSE_LIMIT:
            raise MemoryError(
                f"transitions of shape ({len(self)}, {size}, {size}) would take {needed / 2**30:.1f} GiB, more than "
                f"{DENSE_LIMIT / 2**30:.0f} GiB; use transitions_sparse"
            )
        flat = np.zeros((len(self), size * size), np.int32)
        for t, matrix in enumerate(flat):
            cells, counts = self.cells(t)
            matrix[cells] = counts
        matrices = flat.reshape(len(self), size, size)
        diagonal = np.arange(size)
        if len(self):
            matrices[:, diagonal, diagonal] = self.class_counts[:-1] - matrices.sum(axis=2)
        return matrices


class CellTable:
    """Finds many cells among those of one transition at once.

    Parameters
    ----------
    num_classes : int
        K. For very many classes a table of all cells would not fit, and each is searched for.
    """

    def __init__(self, num_classes: int) -> None:
        self._table = np.zeros(num_classes**2, np.int32) if num_classes <= TABLE_CLASSES else None

    def look_up(
        self, cells: NDArray[np.integer], values: NDArray[np.integer], wanted: NDArray[np.integer]
    ) -> NDArray[np.integer]:
        """Return the value of each of the `wanted` cells, 0 where it is none of `cells`, which ascend."""
        if len(cells) == 0:
            return np.zeros(len(wanted), np.int32)
        if self._table is None:
            place = np.minimum(np.searchsorted(cells, wanted), len(cells) - 1)
            return np.where(cells[place] == wanted, values[place], 0)
        self._table[cells] = values
        found = self._table.take(wanted)
        self._table[cells] = 0
        return found

    def clear(self) -> None:
        """Forget what a look-up that was broken off has left."""
        if self._table is not None:
            self._table.fill(0)


def count_cells(moves: Moves, num_classes: int) -> Cells:
    """Count moves by pair of classes."""
    cells = moves.origins.astype(np.int64) * num_classes + moves.targets
    if num_classes**2 > 4 * len(cells):  # fewer moves than cells: sorting them beats counting every cell
        return Cells(*np.unique(cells, return_counts=True))
    counts = np.bincount(cells, minlength=num_classes**2)
    occupied = np.flatnonzero(counts)
    return Cells(occupied, counts[occupied])
