"""What a run holds: the change log, and what is kept up to date from its moves alone."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nntf_widget.distances import PredictionDistance, TransitionDistance
from nntf_widget.dynamics import Dynamics
from nntf_widget.history import History
from nntf_widget.predictions import ClassIds
from nntf_widget.transitions import Transitions

Distance = Literal["transition", "prediction"]


class Snapshot(NamedTuple):
    """What one update added to the run: the entry of the change log that every consumer reads.

    Attributes
    ----------
    t : int
        The snapshot's number, from 0.
    samples : ndarray of shape (m,)
        The samples that moved, ascending; at t = 0 all of them.
    classes : ndarray of shape (m,)
        Where they moved to.
    all_classes : ndarray of shape (N,)
        The class of every sample, moved or not.
    transition_row : ndarray of shape (max(t - 1, 0),), float64
        The transition distance of the newest transition to all earlier ones.
    prediction_row : ndarray of shape (t,), int32
        The prediction distance of this snapshot to all earlier ones.
    metrics : dict of str to float
    labels : ndarray of shape (N,) or None
        The true classes, in the snapshot that first had them.
    """

    t: int
    samples: NDArray[np.integer[Any]]
    classes: ClassIds
    all_classes: ClassIds
    transition_row: NDArray[np.float64]
    prediction_row: NDArray[np.int32]
    metrics: dict[str, float]
    labels: ClassIds | None


class Record:
    """The change log of a run and the arrays that follow from it, one `append` for each snapshot.

    Parameters
    ----------
    first : ndarray of shape (N,)
        The classes at snapshot 0.
    num_classes : int
        K.
    """

    def __init__(self, first: ClassIds, num_classes: int) -> None:
        self.history = History(first, num_classes)
        self.transitions = Transitions(first, num_classes)
        self.transition_distance = TransitionDistance(num_classes)
        self.prediction_distance = PredictionDistance()
        self.dynamics = Dynamics(self.history, self.transitions)

    def __len__(self) -> int:
        return len(self.history)

    def append(self, classes: ClassIds) -> None:
        """Take in the classes at the next snapshot, shape (N,)."""
        moves = self.history.append(classes)
        newest = self.transitions.append(moves)
        self.transition_distance.append(self.transitions, newest)
        self.prediction_distance.append(self.history, moves)
        self.dynamics.append(moves)

    def thinned(self) -> Record:
        """Return the record of every second snapshot, as if those between had never been."""
        thinned = Record(self.history.snapshot(0), self.transitions.num_classes)
        for t in range(2, len(self), 2):
            thinned.append(self.history.snapshot(t))
        return thinned

    def distance_row(self, of: Distance, index: int) -> NDArray[np.float64]:
        """Return row `index` of a distance left of its diagonal, in [0, 1], shape (index,)."""
        if of == "transition":
            return self.transition_distance.rows.row(index)
        return self.prediction_distance.rows.row(index) / self.history.num_samples

    def distance_of_every(self, of: Distance, step: int) -> NDArray[np.float64]:
        """Return the distance between every `step`-th moment, in [0, 1]."""
        if of == "transition":
            return self.transition_distance.rows.every(step)
        return self.prediction_distance.rows.every(step) / self.history.num_samples
