"""Arrays that grow at their end, at a constant cost for each value."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


class GrowingArray:
    """A one-dimensional array with room to spare, doubled when it is used up."""

    def __init__(self, dtype: DTypeLike) -> None:
        self._room = np.zeros(64, dtype)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def values(self) -> NDArray[Any]:
        """All values so far; a view that the next `extend` may leave behind."""
        return self._room[: self._size]

    def extend(self, values: NDArray[Any]) -> None:
        """Put `values` at the end."""
        size = self._size + len(values)
        if size > len(self._room):
            room = np.zeros(max(size, 2 * len(self._room)), self._room.dtype)
            room[: self._size] = self.values
            self._room = room
        self._room[self._size : size] = values
        self._size = size

    def cut(self, size: int) -> None:
        """Leave only the first `size` values."""
        self._size = size


class GrowingTriangle:
    """A symmetric matrix with a zero diagonal that grows by a row and a column; the part below the diagonal is held."""

    def __init__(self, dtype: DTypeLike) -> None:
        self._below = GrowingArray(dtype)
        self._rows = 0

    def __len__(self) -> int:
        return self._rows

    def append(self, row: NDArray[Any]) -> None:
        """Add row n: its n values left of the diagonal."""
        self._below.extend(row)
        self._rows += 1

    def cut(self, rows: int) -> None:
        """Leave only the first `rows` rows."""
        self._below.cut(rows * (rows - 1) // 2)
        self._rows = rows

    def row(self, index: int) -> NDArray[Any]:
        """Return the `index` values left of the diagonal in row `index`."""
        start = index * (index - 1) // 2
        return self._below.values[start : start + index].copy()

    def square(self) -> NDArray[Any]:
        """Return the whole matrix, shape (n, n)."""
        full = np.zeros((self._rows, self._rows), self._below.values.dtype)
        full[np.tri(self._rows, k=-1, dtype=bool)] = self._below.values
        return full + full.T

    def newest(self, size: int) -> NDArray[Any]:
        """Return the matrix of the last `size` rows and columns, or of all where there are fewer."""
        first = max(self._rows - size, 0)
        full = np.zeros((self._rows - first,) * 2, self._below.values.dtype)
        for index in range(first, self._rows):
            full[index - first, : index - first] = self.row(index)[first:]
        return full + full.T
