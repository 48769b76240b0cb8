"""The change log together with everything that is kept up to date from it."""

from __future__ import annotations

from nntf_widget.distances import PredictionDistance, TransitionDistance
from nntf_widget.history import History
from nntf_widget.predictions import ClassIds
from nntf_widget.transitions import Transitions


class Snapshots:
    """The snapshots of a run: all parts have the same ones at any time, also after an update that failed.

    Parameters
    ----------
    first : ndarray of shape (N,)
        The classes at snapshot 0.
    num_classes : int
        K.
    metrics : dict of str to float
        Those of snapshot 0.
    labels : ndarray of shape (N,), optional
        The true classes.

    Attributes
    ----------
    metrics : list of dict of str to float
        A dict a snapshot; that of the newest may be replaced.
    labels : ndarray of shape (N,) or None
    labelled_at : int
        The snapshot that first had them.
    """

    def __init__(
        self, first: ClassIds, num_classes: int, metrics: dict[str, float], labels: ClassIds | None = None
    ) -> None:
        self.history = History(first, num_classes)
        self.transitions = Transitions(first, num_classes)
        self.transition_distance = TransitionDistance(num_classes)
        self.prediction_distance = PredictionDistance()
        self.metrics = [metrics]
        self.labels, self.labelled_at = labels, 0

    def __len__(self) -> int:
        return len(self.history)

    def append(self, classes: ClassIds, metrics: dict[str, float], labels: ClassIds | None = None) -> None:
        """Add a snapshot to every part or, where that fails, as when memory runs out, to none.

        The labels are those of `Snapshots`, where they were not known before.
        """
        length, before = len(self), self.history.current
        try:
            moves = self.history.append(classes)
            newest = self.transitions.append(moves)
            self.transition_distance.append(self.transitions, newest)
            self.prediction_distance.append(self.history, moves)
            self.metrics.append(metrics)
            if labels is not None:
                self.labels, self.labelled_at = labels, length
        except BaseException:
            self.history.cut(length, before)
            self.transitions.cut(length - 1)
            self.transition_distance.cut(length - 1)
            self.prediction_distance.rows.cut(length)
            del self.metrics[length:]
            raise
