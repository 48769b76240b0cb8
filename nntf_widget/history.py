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
GROUP = 127  # so many differences of one can be added up in a signed byte
CHUNK_BYTES = 2**19  # looked up at a time, so that the working set stays in the processor's cache


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
        self._blocks = [self._filled_ahead()]
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
        samples = np.flatnonzero(classes != self._current)
        moves = Moves(samples, self._current[samples], classes[samples])
        self._current = classes
        column = self._length % self._columns
        if column == 0:
            self._blocks.append(self._filled_ahead())
        else:
            self._blocks[-1][samples, column:] = moves.targets[:, None]
        self._length += 1
        return moves

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
        before, after = self.snapshot(t - 1), self.snapshot(t)
        samples = np.flatnonzero(before != after)
        return Moves(samples, before[samples], after[samples])

    def of_samples(self, samples: NDArray[np.integer]) -> ClassIds:
        """Return the classes of some samples at all snapshots, shape (len(samples), T)."""
        return np.concatenate([block[samples] for block in self._blocks], axis=1)[:, : self._length]

    def balance(self, moves: Moves) -> NDArray[np.int64]:
        """Return for each snapshot how many samples of `moves` were at their origin, less those at their target.

        So many more samples differ from that snapshot after the moves than before; shape (T,).
        """
        chunk = max(GROUP, CHUNK_BYTES // (LINE_BYTES * len(self._blocks)))
        counts = np.zeros((len(self._blocks), self._columns), np.int64)
        for start in range(0, len(moves.samples), chunk):
            part = slice(start, start + chunk)
            samples, origins, targets = moves.samples[part], moves.origins[part], moves.targets[part]
            lines = np.empty((len(self._blocks), len(samples), self._columns), self._current.dtype)
            for block, looked_up in zip(self._blocks, lines, strict=True):
                block.take(samples, axis=0, out=looked_up, mode="clip")  # the mode in which `out` is written directly
            balance = (lines == self._repeated(origins)).view(np.int8)
            balance -= (lines == self._repeated(targets)).view(np.int8)
            counts += _column_sums(balance)
        return counts.ravel()[: self._length]

    def _filled_ahead(self) -> ClassIds:
        return self._repeated(self._current)

    def _repeated(self, classes: ClassIds) -> ClassIds:
        """Return a line for each class that has it in every column."""
        return np.repeat(classes, self._columns).reshape(-1, self._columns)


def _column_sums(values: NDArray[np.int8]) -> NDArray[np.int64]:
    """Return values.sum(axis=1) of -1, 0 and 1, adding bytes as bytes in groups too small to overflow."""
    blocks, lines, columns = values.shape
    groups = -(-lines // GROUP)
    whole = lines - lines % groups
    stacked = values[:, :whole].reshape(blocks, -1, groups * columns)
    sums = stacked.sum(axis=1, dtype=np.int8).reshape(blocks, groups, columns).sum(axis=1, dtype=np.int64)
    return sums + values[:, whole:].sum(axis=1, dtype=np.int64)
