"""The change log: which samples moved at each snapshot, and where to.

The log is held so that it can be read both ways: along the snapshots (what moved at t) and along the samples (where
has this sample been). Each block keeps the classes of 32 bytes' worth of snapshots, a line a sample, filled ahead with
the class that a sample has now; a snapshot then writes only the samples that moved, and the past of those samples is
read line by line. One byte per sample and snapshot up to 256 classes, two above.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nntf_widget.predictions import ClassIds, class_dtype

LINE_BYTES = 32
GROUP = 127  # so many differences of -1, 0 or 1 add up within a byte
CHUNK = GROUP * 16  # samples looked up at a time, so that the working set stays in the processor's cache


class Moves(NamedTuple):
    """The samples that changed class between two snapshots, in ascending order."""

    samples: NDArray[np.intp]
    origins: ClassIds
    targets: ClassIds


class History:
    """The predicted class of every sample at every snapshot.

    Parameters
    ----------
    first : ndarray of shape (N,)
        The classes at snapshot 0.
    num_classes : int
        K.
    """

    def __init__(self, first: ClassIds, num_classes: int) -> None:
        dtype = class_dtype(num_classes)
        self._current = first.astype(dtype)
        self._columns = LINE_BYTES // dtype.itemsize
        self._blocks = [self._filled_ahead(self._current)]
        self._length = 1

    def __len__(self) -> int:
        return self._length

    @property
    def num_samples(self) -> int:
        """N."""
        return len(self._current)

    @property
    def current(self) -> ClassIds:
        """The classes at the last snapshot, shape (N,); not to be written to."""
        return self._current

    @property
    def nbytes(self) -> int:
        """The memory held, in bytes."""
        return self._current.nbytes + sum(block.nbytes for block in self._blocks)

    def append(self, classes: ClassIds) -> Moves:
        """Record the next snapshot and return what moved; `classes` has shape (N,)."""
        moves = moves_between(self._current, classes)
        column = self._length % self._columns
        if column == 0:
            self._blocks.append(self._filled_ahead(classes))
        else:
            ends = _line_ends(self._blocks[-1], column)
            ends[moves.samples] = np.repeat(moves.targets, self._columns - column).view(ends.dtype)
        self._current = classes
        self._length += 1
        return moves

    def cut(self, length: int, current: ClassIds) -> None:
        """Take back what came after `length` snapshots, and any half of it; the last of them had classes `current`."""
        self._current, self._length = current, length
        blocks = -(-length // self._columns)
        del self._blocks[blocks:]
        self._blocks[-1][:, length - (blocks - 1) * self._columns :] = current[:, None]

    def snapshot(self, t: int) -> ClassIds:
        """Return the classes at snapshot t, shape (N,)."""
        block, column = divmod(t, self._columns)
        return self._blocks[block][:, column].copy()

    def before(self, t: int, samples: NDArray[np.integer], count: int) -> ClassIds:
        """Return the classes of some samples at the `count` snapshots before t, shape (len(samples), count)."""
        parts = []
        first = t - count
        while first < t:
            block, column = divmod(first, self._columns)
            stop = min(self._columns, column + t - first)
            parts.append(self._blocks[block].take(samples, axis=0)[:, column:stop])
            first += stop - column
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)

    def moves(self, t: int) -> Moves:
        """Return what moved between snapshots t-1 and t, for t = 1 … T-1."""
        return moves_between(self.snapshot(t - 1), self.snapshot(t))

    def of_samples(self, samples: NDArray[np.integer]) -> ClassIds:
        """Return the classes of some samples at all snapshots, shape (len(samples), T)."""
        return np.concatenate([block[samples] for block in self._blocks], axis=1)[:, : self._length]

    def away(self, moves: Moves) -> NDArray[np.int64]:
        """Return for each snapshot how many moved samples left the class of then, less those that came back to it."""
        counts = np.zeros((len(self._blocks), self._columns), np.int64)
        for start in range(0, len(moves.samples), CHUNK):
            part = slice(start, start + CHUNK)
            samples = moves.samples[part]
            left, returned = self._filled_ahead(moves.origins[part]), self._filled_ahead(moves.targets[part])
            for block, known in enumerate(self._blocks):
                lines = known.take(samples, axis=0)
                counts[block] += _added_rows((lines == left).view(np.int8) - (lines == returned).view(np.int8))
        return counts.ravel()[: self._length]

    def _filled_ahead(self, classes: ClassIds) -> ClassIds:
        return np.repeat(classes, self._columns).reshape(-1, self._columns)


def moves_between(before: ClassIds, after: ClassIds) -> Moves:
    """Return what moved between two snapshots, each the classes of all samples."""
    samples = np.flatnonzero(before != after)
    return Moves(samples, before.take(samples), after.take(samples))


def _line_ends(block: ClassIds, column: int) -> NDArray[np.void]:
    """Return each line's end from a column on as one value, which is written at once."""
    width, size = block.strides[0], block.itemsize
    return np.ndarray(len(block), f"V{width - column * size}", block, column * size, (width,))


def _added_rows(differences: NDArray[np.int8]) -> NDArray[np.int64]:
    """Return differences.sum(axis=0), each -1, 0 or 1, adding bytes as bytes in groups too small to overflow."""
    groups = -(-len(differences) // GROUP)
    whole = groups * (len(differences) // groups)
    stacked = differences[:whole].reshape(-1, groups, differences.shape[1])
    sums: NDArray[np.int64] = stacked.sum(axis=0, dtype=np.int8).sum(axis=0, dtype=np.int64)
    sums += differences[whole:].sum(axis=0, dtype=np.int64)
    return sums
