"""Recurrence quantification of a distance in bands: how the picture of a training repeats itself.

A band marks the cells whose distance lies in it. Its vertical lines are stretches in which the training stays as far
from one moment (laminarity), its diagonal lines stretches in which two parts of the training run alike (entropy of
their lengths). A new moment makes lines longer and adds a column; so the lengths of all lines are kept, and the rest is
read off them.

Marwan, Romano, Thiel, Kurths: Recurrence plots for the analysis of complex systems. Physics Reports 438, 2007.
Ferreira et al.: Neural network training fingerprint. Journal of Visualization 25, 2022.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

Convention = Literal["paper", "standard"]

MOST_CELLS = 2**20  # in all bands, that are looked at together


class Band(NamedTuple):
    """The recurrence measures of one band, NaN where there is nothing to measure.

    Attributes
    ----------
    band : float
        The lowest distance in the band.
    upper : float
        The highest.
    cells : int
        Cells in the band, the main diagonal aside.
    recurrence_rate : float
        Share of the cells in the band.
    determinism : float
        Share of those on diagonal lines of `l_min` or more.
    mean_diagonal, longest_diagonal : float
        Length of these lines.
    entropy : float
        Entropy of their lengths, in nats.
    laminarity : float
        Share of the cells on vertical lines of `v_min` or more.
    trapping_time, longest_vertical : float
        Mean and longest length of these lines.
    """

    band: float
    upper: float
    cells: int
    recurrence_rate: float
    determinism: float
    mean_diagonal: float
    longest_diagonal: float
    entropy: float
    laminarity: float
    trapping_time: float
    longest_vertical: float

    @property
    def has_diagonal_alone(self) -> bool:
        """Whether nothing but the main diagonal is measured, which any run has: its paper's entropy is ln(n)/n."""
        return self.cells == 0 and self.longest_diagonal > 0


class RecurrenceTable(Sequence[Band]):
    """The measures of all bands: a sequence of `Band`, each column also an array; ``pandas.DataFrame(table)`` works."""

    def __init__(self, rows: list[Band]) -> None:
        self._rows = rows

    @overload
    def __getitem__(self, index: int) -> Band: ...
    @overload
    def __getitem__(self, index: slice) -> list[Band]: ...
    def __getitem__(self, index: int | slice) -> Band | list[Band]:
        """Return a band's measures."""
        return self._rows[index]

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Band]:
        return iter(self._rows)

    def __getattr__(self, name: str) -> NDArray[np.float64]:
        """Return a column, as an array over the bands."""
        if name not in Band._fields:
            raise AttributeError(f"a table has no column {name!r}; expected one of {Band._fields}")
        return np.array([getattr(row, name) for row in self._rows])

    def __repr__(self) -> str:
        """Return the table as lines of text."""
        head = f"{'band':>11}  {'laminarity':>10}  {'entropy':>8}  {'recurrence':>10}  {'determinism':>11}"
        lines = [
            f"{row.band:5.2f}-{row.upper:5.2f}  {row.laminarity:10.4f}  {row.entropy:8.4f}  "
            f"{row.recurrence_rate:10.4f}  {row.determinism:11.4f}"
            + ("  nothing but the main diagonal: theiler=1 leaves it out" if row.has_diagonal_alone else "")
            for row in self._rows
        ]
        return "\n".join([head, *lines])

    @property
    def best_laminarity(self) -> Band | None:
        """The first band of the highest laminarity; None where no band has cells."""
        return self._rows[int(np.nanargmax(self.laminarity))] if np.nansum(self.laminarity) > 0 else None

    @property
    def best_entropy(self) -> Band | None:
        """The first band of the lowest entropy above 0; None where none is above 0."""
        entropy = np.where(self.entropy > 0, self.entropy, np.inf)
        return self._rows[int(np.argmin(entropy))] if np.isfinite(entropy).any() else None


class Recurrence:
    """The lines of every band of a growing symmetric matrix with a zero diagonal.

    Parameters
    ----------
    lower, upper : ndarray of shape (B,)
        The bands' edges, both ends included.
    theiler : int
        Leave out the diagonals nearer than this to the main one, which 1 leaves out alone. It bears on diagonal lines
        and the recurrence rate.
    """

    def __init__(self, lower: NDArray[np.float64], upper: NDArray[np.float64], theiler: int = 0) -> None:
        self.lower, self.upper, self.theiler = lower, upper, theiler
        self.size = 0
        self._vertical = _Lines(len(lower))
        self._diagonal = _Lines(len(lower))  # on one side of the main one
        self._holds_zero = (lower <= 0) & (upper >= 0)

    def extend(self, rows: Sequence[NDArray[np.float64]]) -> None:
        """Add the matrix's next rows, each of its values left of the diagonal; a row costs O(B · its length)."""
        while rows:
            together = max(1, MOST_CELLS // (len(self.lower) * (self.size + len(rows))))
            self._extend(rows[:together])
            rows = rows[together:]

    def _extend(self, rows: Sequence[NDArray[np.float64]]) -> None:
        before, steps = self.size, len(rows)
        size = before + steps
        whole = np.zeros((steps, size))
        for index, row in enumerate(rows):
            whole[index, : before + index] = row
        below = np.tri(steps, k=-1, dtype=bool)
        whole[:, before:].T[below] = whole[:, before:][below]  # the rows' own columns, above the diagonal
        inside = (whole >= self.lower[:, None, None]) & (whole <= self.upper[:, None, None])
        band, step, column = np.nonzero(inside)
        known = column < before
        self._vertical.extend(band[known], column[known], step[known], range(before), steps)
        self._vertical.extend(band, before + step, column, range(before, size), size)  # a row is a column too
        distance = before + step - column
        below = distance >= max(self.theiler, 1)
        places = range(max(self.theiler, 1) - 1, size - 1)  # place d - 1 is the diagonal at distance d
        self._diagonal.extend(band[below], distance[below] - 1, step[below], places, steps)
        self.size = size

    def measures(self, l_min: int, v_min: int, convention: Convention) -> RecurrenceTable:
        """Return the measures of all bands so far."""
        vertical, diagonal = self._vertical.lengths.astype(float), 2.0 * self._diagonal.lengths
        off_diagonal = self._vertical.lengths @ np.arange(vertical.shape[1]) - self.size * self._holds_zero
        if self.theiler == 0 and self.size:
            diagonal = _wide(diagonal, self.size + 1)
            diagonal[self._holds_zero, self.size] += 1
        cells = self.size**2 - _near_cells(self.size, self.theiler)
        if convention == "paper" and self.size:
            vertical = self._whole_columns_shortened(vertical)
        rows = [
            _band((float(low), float(high), int(off)), columns, diagonals, cells, l_min, v_min, convention)
            for low, high, off, columns, diagonals in zip(
                self.lower, self.upper, off_diagonal, vertical, diagonal, strict=True
            )
        ]
        return RecurrenceTable(rows)

    def _whole_columns_shortened(self, vertical: NDArray[np.float64]) -> NDArray[np.float64]:
        """Count a line that fills its column as one cell shorter, as the authors' program does."""
        vertical = _wide(vertical, self.size + 1).copy()
        vertical[:, self.size - 1] += vertical[:, self.size]
        vertical[:, self.size] = 0
        return vertical


class RecurrenceHistory:
    """The best bands of a growing transition distance, moment by moment, in the paper's convention with l_min = 2."""

    def __init__(self) -> None:
        self._lines = Recurrence(*bands(0.05))
        self._best: list[tuple[float, float, float, float]] = []

    def append(self, row: NDArray[np.float64]) -> None:
        """Add the matrix's next row, and what is best then."""
        self._lines.extend([row])
        table = self._lines.measures(2, 2, "paper")
        laminarity, entropy = table.best_laminarity, table.best_entropy
        missing = float("nan")
        self._best.append(
            (
                laminarity.band if laminarity else missing,
                laminarity.laminarity if laminarity else missing,
                entropy.band if entropy else missing,
                entropy.entropy if entropy else missing,
            )
        )

    def __len__(self) -> int:
        return len(self._best)

    def __repr__(self) -> str:
        """Return how much there is, in a line."""
        return f"<RecurrenceHistory of {len(self)} transitions>"

    @property
    def laminarity_band(self) -> NDArray[np.float64]:
        """The lowest distance of the band with the highest laminarity, shape (T-1,), NaN where there was none."""
        return self._column(0)

    @property
    def laminarity(self) -> NDArray[np.float64]:
        """The highest laminarity, shape (T-1,)."""
        return self._column(1)

    @property
    def entropy_band(self) -> NDArray[np.float64]:
        """The lowest distance of the band with the lowest entropy above 0, shape (T-1,)."""
        return self._column(2)

    @property
    def entropy(self) -> NDArray[np.float64]:
        """The lowest entropy above 0, in nats, shape (T-1,)."""
        return self._column(3)

    def _column(self, index: int) -> NDArray[np.float64]:
        return np.array([best[index] for best in self._best])


class _Lines:
    """Lengths of lines that run along places, in several bands at once.

    Attributes
    ----------
    lengths : ndarray of shape (bands, longest + 1)
        The number of lines of every length; entry 0 means nothing.
    """

    def __init__(self, bands: int) -> None:
        self._bands = bands
        self._counts = np.zeros((bands, 64), np.int64)
        self._open = np.zeros((bands, 64), np.int32)  # the line that ends at each place's last cell

    @property
    def lengths(self) -> NDArray[np.int64]:
        return self._counts

    def extend(
        self, band: NDArray[np.intp], place: NDArray[np.intp], step: NDArray[np.intp], places: range, steps: int
    ) -> None:
        """Add so many steps to some places: the cells at each of them that lines run through; new places begin here."""
        self._open = _wide(self._open, places.stop)
        width = self._open.shape[1]
        cells = (band * width + place) * (steps + 1) + step  # a place's last cell and the next one's first are apart
        cells.sort()
        begins = np.flatnonzero(np.diff(cells, prepend=-2) != 1)
        added = np.diff(begins, append=len(cells))
        line, start = np.divmod(cells[begins], steps + 1)
        band, place = np.divmod(line, width)
        before = np.where(start == 0, self._open[band, place], 0)
        self._count(band, before + added, 1)
        self._count(band, before, -1)
        self._open[:, places.start : places.stop] = 0
        last = start + added == steps
        self._open[band[last], place[last]] = (before + added)[last]

    def _count(self, band: NDArray[np.intp], length: NDArray[Any], by: int) -> None:
        if not len(band):
            return
        self._counts = _wide(self._counts, int(length.max()) + 1)
        np.add.at(self._counts.reshape(-1), band * self._counts.shape[1] + length, by)


def bands(width: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the edges of bands of one width that cover 0 to 1: a = round(width · b, 2) and a + width.

    Raises
    ------
    ValueError
        `width` is not in 0.01 … 1.
    """
    if not 0.01 <= width <= 1:
        raise ValueError(f"width is {width}; expected 0.01 to 1")
    lower = np.array([round(width * band, 2) for band in range(round(1 / width))])
    return lower, lower + width


def between(edges: Sequence[float]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the edges of the bands between successive values.

    Raises
    ------
    ValueError
        Fewer than two values, or values that do not rise.
    """
    values = np.asarray(edges, float)
    if values.ndim != 1 or len(values) < 2 or not (np.diff(values) > 0).all():
        raise ValueError(f"edges is {edges!r}; expected two or more rising numbers")
    return values[:-1], values[1:]


def _band(  # noqa: PLR0913, PLR0917 - a band is all of these
    which: tuple[float, float, int],
    vertical: NDArray[np.float64],
    diagonal: NDArray[np.float64],
    cells: int,
    l_min: int,
    v_min: int,
    convention: Convention,
) -> Band:
    """Read the measures off the numbers of lines of every length."""
    across, along = _Histogram(vertical, v_min), _Histogram(diagonal, l_min)
    return Band(
        *which,
        recurrence_rate=_share(along.cells, cells),
        determinism=_share(along.cells_on_long, along.cells),
        mean_diagonal=_share(along.cells_on_long, along.long.sum()),
        longest_diagonal=along.longest,
        entropy=along.paper_entropy() if convention == "paper" else along.entropy(),
        laminarity=across.laminarity(empty=0.0 if convention == "paper" else np.nan),
        trapping_time=_share(across.cells_on_long, across.long.sum()),
        longest_vertical=across.longest,
    )


class _Histogram:
    """Numbers of lines by their length, those of `shortest` or more set apart."""

    def __init__(self, numbers: NDArray[np.float64], shortest: int) -> None:
        lengths = np.arange(len(numbers))
        self.cells = float(lengths[1:] @ numbers[1:])
        self.long = numbers[shortest:]
        self.long_lengths = lengths[shortest:]
        self.cells_on_long = float(self.long_lengths @ self.long)
        self.longest = float(np.max(np.flatnonzero(numbers[1:]) + 1, initial=0))

    def laminarity(self, empty: float) -> float:
        return self.cells_on_long / self.cells if self.cells else empty

    def entropy(self) -> float:
        """-Σ P ln P over the shares of the lengths among the long lines."""
        total = self.long.sum()
        if not total:
            return 0.0
        share = self.long[self.long > 0] / total
        return float(-(share @ np.log(share))) + 0.0

    def paper_entropy(self) -> float:
        """Return the same as the authors' program has it: P over the cells of the long lines, and ln(P + 1e-8)."""
        if not self.cells_on_long:
            return 0.0
        share = self.long[self.long > 0] / self.cells_on_long
        return float(-(share @ np.log(share + 1e-8)))


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole else float("nan")


def _near_cells(size: int, theiler: int) -> int:
    """Return how many cells lie nearer than `theiler` to the main diagonal."""
    return sum((size - d) * (2 if d else 1) for d in range(min(theiler, size)))


def _wide(array: NDArray[Any], width: int) -> NDArray[Any]:
    """Return the array with room for `width` columns, doubled when it is used up."""
    if width <= array.shape[1]:
        return array
    room = np.zeros((array.shape[0], max(width, 2 * array.shape[1])), array.dtype)
    room[:, : array.shape[1]] = array
    return room
