"""What is known of every sample, whether or not it came lately."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nntf_widget.capture.pytorch.outputs import Rows

NOT_YET = -1


class Known:
    """The last known class of every sample, and its first known label.

    Parameters
    ----------
    samples : ndarray of shape (N,)
        Their ids, ascending.
    report, report_labels : callable
        Take an error about some rows, or about some labels; the others count.

    Attributes
    ----------
    classes : ndarray of shape (N,), int64
        `NOT_YET` where there is none.
    """

    def __init__(
        self,
        samples: NDArray[Any],
        report: Callable[[Exception], None],
        report_labels: Callable[[Exception], None],
    ) -> None:
        self._samples, self._report, self._report_labels = samples, report, report_labels
        self.classes = np.full(len(samples), NOT_YET)
        self._labels = np.full(len(samples), NOT_YET)

    @property
    def unpredicted(self) -> NDArray[Any]:
        """The ids of the samples that have no class yet."""
        return self._samples[self.classes == NOT_YET]

    @property
    def labels(self) -> NDArray[np.int64] | None:
        """The true class of every sample, shape (N,); None as long as one has none."""
        return None if (self._labels == NOT_YET).any() else self._labels

    def take(self, rows: Rows, num_classes: int | None) -> int:
        """Take in what was predicted; return how many samples it is of. Of several rows of a sample the last counts."""
        place, known = self._places(rows.samples)
        if not known.all():
            stranger = rows.samples[~known][0].item()
            self._report(ValueError(f"sample {stranger!r} is not among the {len(self._samples)} known ones"))
        predicted = known & (rows.classes >= 0)
        if (rows.classes < 0).any():
            self._report(
                ValueError(f"the scores of {int((rows.classes < 0).sum())} samples have NaN; expected numbers")
            )
        self.classes[place[predicted]] = rows.classes[predicted]
        if rows.labels is not None:
            self._take_labels(rows.samples, rows.labels, place, known & (rows.labels >= 0), num_classes)
        seen = np.zeros(len(self._samples), bool)
        seen[place[predicted]] = True
        return int(np.count_nonzero(seen))

    def _take_labels(
        self,
        samples: NDArray[Any],
        labels: NDArray[np.int64],
        place: NDArray[np.int64],
        given: NDArray[np.bool_],
        num_classes: int | None,
    ) -> None:
        """Take in the labels of the samples at these places, where they are given; of several the first counts."""
        last = np.inf if num_classes is None else num_classes - 1
        beyond = given & (labels > last)
        if beyond.any():
            where = beyond.argmax()
            sample, label = samples[where].item(), labels[where]
            self._report_labels(ValueError(f"the label of sample {sample!r} is {label}; expected 0 to {last}"))
        new = given & ~beyond & (self._labels[place] == NOT_YET)
        self._labels[place[new]] = labels[new]
        other = given & ~beyond & (self._labels[place] != labels)
        if other.any():
            where = other.argmax()
            sample, before, now = samples[where].item(), self._labels[place[where]], labels[where]
            text = f"the label of sample {sample!r} was {before} and is now {now}; the first counts"
            self._report_labels(ValueError(text))

    def _places(self, ids: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return where among the samples the ids are, and whether they are there at all."""
        last = len(self._samples) - 1
        if ids.dtype.kind == "i" and self._samples[0] == 0 and self._samples[last] == last:  # 0 … N-1: no search
            return ids.clip(0, last), (ids >= 0) & (ids <= last)
        place = np.searchsorted(self._samples, ids).clip(max=last)
        return place, self._samples[place] == ids
