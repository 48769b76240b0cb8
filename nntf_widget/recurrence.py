"""Recurrence quantification of a distance in bands: how the picture of a training repeats itself.

A band marks the cells whose distance lies in it. Its vertical lines are stretches in which the training stays as far
from one moment (laminarity), its diagonal lines stretches in which two parts of the training run alike (entropy of
their lengths). A new moment makes lines longer and adds a column; so the lengths of all lines are kept, and the rest is
read off them.

Marwan, Romano, Thiel, Kurths: Recurrence plots for the analysis of complex systems. Physics Reports 438, 2007.
Ferreira et al.: Neural network training fingerprint. Journal of Visualization 25, 2022.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from nntf_widget.checks import checked_share

Convention = Literal["paper", "standard"]


class Band(NamedTuple):
    """The recurrence measures of one band, NaN where there is nothing to measure.

    Attributes
    ----------
    band : float
        The lowest distance in the band.
    upper : float
        The highest.
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
    recurrence_rate: float
    determinism: float
    mean_diagonal: float
    longest_diagonal: float
    entropy: float
    laminarity: float
    trapping_time: float
    longest_vertical: float


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
        self._size = 0
        self._lines = _Lines(2 * len(lower))  # the columns of every band, then the diagonals of one side of every band
        self._holds_zero = (lower <= 0) & (upper >= 0)

    def __len__(self) -> int:
        return self._size

    def append(self, row: NDArray[np.float64]) -> None:
        """Add the matrix's next row, its n values left of the diagonal; the cost is O(B · n)."""
        bands, size = len(self.lower), len(self)
        cells = np.zeros((2 * bands, size + 1), bool)
        columns, diagonals = cells[:bands], cells[bands:, :size]
        np.logical_and(row >= self.lower[:, None], row <= self.upper[:, None], out=columns[:, :size])
        columns[:, size] = self._holds_zero
        # Seen from the new row, diagonals follow each other from the nearest to the main one, and the farthest begins.
        first = max(self.theiler - 1, 0)
        diagonals[:, first:] = columns[:, :size][:, ::-1][:, first:]
        self._lines.grow(cells[:, :size], columns)
        self._size += 1

    def measures(self, l_min: int, v_min: int, convention: Convention) -> RecurrenceTable:
        """Return the measures of all bands so far."""
        size = len(self)
        vertical, diagonal = np.split(self._lines.lengths(), 2)
        diagonal = 2 * diagonal
        if self.theiler == 0:
            diagonal = _wide(diagonal, size + 1)
            diagonal[self._holds_zero, size] += 1
        if convention == "paper" and 0 < size < vertical.shape[1]:  # a line that fills its column counts one less
            vertical[:, size - 1] += vertical[:, size]
            vertical[:, size] = 0
        across, along = _Histograms(vertical, v_min), _Histograms(diagonal, l_min)
        cells = size**2 - sum((size - d) * (2 if d else 1) for d in range(min(self.theiler, size)))
        laminarity = _ratio(across.cells_on_long, across.cells)
        columns = {
            "band": self.lower,
            "upper": self.upper,
            "recurrence_rate": _ratio(along.cells, np.full(len(self.lower), cells)),
            "determinism": _ratio(along.cells_on_long, along.cells),
            "mean_diagonal": _ratio(along.cells_on_long, along.long),
            "longest_diagonal": along.longest,
            "entropy": along.entropy(along.cells_on_long, 1e-8) if convention == "paper" else along.entropy(along.long),
            "laminarity": np.nan_to_num(laminarity) if convention == "paper" else laminarity,
            "trapping_time": _ratio(across.cells_on_long, across.long),
            "longest_vertical": across.longest,
        }
        rows = np.array([columns[name] for name in Band._fields]).T.tolist()
        return RecurrenceTable([Band(*row) for row in rows])


class RecurrenceHistory:
    """The best bands of a growing transition distance, moment by moment, in the paper's convention with l_min = 2."""

    def __init__(self) -> None:
        self._lines = Recurrence(*bands(0.05))
        self._best: list[tuple[float, float, float, float]] = []

    def append(self, row: NDArray[np.float64]) -> None:
        """Add the matrix's next row, and what is best then."""
        self._lines.append(row)
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
    """Lines that run along places, in several bands at once: the number that ended, by length, and the others."""

    def __init__(self, bands: int) -> None:
        self._ended = np.zeros((bands, 64), np.int64)
        self._open = np.zeros((bands, 0), np.int32)  # the line that reaches each place's last cell

    def lengths(self) -> NDArray[np.int64]:
        """Return the number of lines of every length so far, shape (bands, longest + 1); entry 0 means nothing."""
        band, place = np.nonzero(self._open)
        return _counted(self._ended.copy(), band, self._open[band, place])

    def grow(self, inside: NDArray[np.bool_], newest: NDArray[np.bool_]) -> None:
        """Add a cell to every place, and a place with all its cells at once.

        Parameters
        ----------
        inside : ndarray of shape (bands, places)
            The places' next cells.
        newest : ndarray of shape (fewer bands, cells)
            The cells of the new place in the first bands; in the others it is empty yet.
        """
        bands, places = inside.shape
        lines = np.zeros((bands, places + 1), np.int32)
        np.multiply(self._open + 1, inside, out=lines[:, :-1])
        broken = np.flatnonzero(self._open > lines[:, :-1])
        band, lengths, reaching = _runs(newest)
        lines[band[reaching], -1] = lengths[reaching]
        self._ended = _counted(
            self._ended,
            np.concatenate([broken // max(places, 1), band[~reaching]]),
            np.concatenate([self._open.ravel()[broken], lengths[~reaching]]),
        )
        self._open = lines


def _runs(cells: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
    """Return the row and the length of each run of true cells along the rows, and if it reaches its row's end."""
    rows, width = cells.shape
    apart = np.zeros((rows, width + 2), bool)  # so that no run goes on in the next row
    apart[:, 1:-1] = cells
    flat = apart.ravel()
    starts, ends = np.flatnonzero(flat[1:] != flat[:-1]).reshape(-1, 2).T
    return starts // (width + 2), ends - starts, ends % (width + 2) == width


def _counted(numbers: NDArray[np.int64], band: NDArray[np.intp], lengths: NDArray[Any]) -> NDArray[np.int64]:
    """Return the numbers of lines of every length, shape (bands, longest + 1), with more lines counted in."""
    numbers = _wide(numbers, int(lengths.max(initial=0)) + 1)
    np.add.at(numbers.reshape(-1), band * numbers.shape[1] + lengths, 1)
    return numbers


def bands(width: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the edges of bands of one width that cover 0 to 1: a = width · b, cleared of its rounding, and a + width.

    Raises
    ------
    ValueError
        `width` is not in 0.01 … 1.
    """
    checked_share(width, "width", 0.01)
    lower = np.array([round(width * band, 10) for band in range(math.ceil(1 / width - 1e-9))])
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


class _Histograms:
    """Numbers of lines by their length, shape (bands, longest + 1), those of `shortest` or more set apart."""

    def __init__(self, numbers: NDArray[np.int64], shortest: int) -> None:
        lengths = np.arange(numbers.shape[1])
        self._long = numbers[:, shortest:]
        self.cells = numbers @ lengths
        self.long = self._long.sum(axis=1)
        self.cells_on_long = self._long @ lengths[shortest:]
        self.longest = (lengths * (numbers > 0)).max(axis=1)

    def entropy(self, whole: NDArray[np.int64], epsilon: float = 0.0) -> NDArray[np.float64]:
        """Return -Σ P ln(P + epsilon) over the lengths of the long lines, P their numbers as shares of `whole`."""
        share = self._long / np.maximum(whole, 1)[:, None]
        logarithm = np.log(share + epsilon, out=np.zeros_like(share), where=share > 0)
        return 0.0 - (share * logarithm).sum(axis=1)


def _ratio(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)


def _wide(array: NDArray[Any], width: int) -> NDArray[Any]:
    """Return the array with room for `width` columns, doubled when it is used up."""
    if width <= array.shape[1]:
        return array
    room = np.zeros((array.shape[0], max(width, 2 * array.shape[1])), array.dtype)
    room[:, : array.shape[1]] = array
    return room
