"""Capture from scikit-learn: a snapshot whenever a classifier has learned a little more."""

from __future__ import annotations

from functools import wraps
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.multiclass import unique_labels

from nntf_widget.fingerprint import Fingerprint

if TYPE_CHECKING:
    from typing_extensions import Self

LEARNING = ("partial_fit", "fit")


class Watch:
    """A classifier that is being watched.

    Attributes
    ----------
    fingerprint : Fingerprint
        The run so far; the samples are those of `X`, in its order.
    """

    def __init__(self, classifier: Any, X: Any, y: Any, every: int, **options: Any) -> None:  # noqa: N803
        self._classifier, self._samples, self._every = classifier, X, every
        self._classes = unique_labels(y)
        self._labels = np.searchsorted(self._classes, y)
        self._calls, self._depth = 0, 0
        self.fingerprint = Fingerprint(class_names=[str(name) for name in self._classes], **options)
        self._methods = [name for name in LEARNING if hasattr(classifier, name)]
        for name in self._methods:
            setattr(classifier, name, self._watched(getattr(classifier, name)))

    def detach(self) -> None:
        """Leave the classifier as it was; the fingerprint keeps what it has."""
        for name in self._methods:
            self._classifier.__dict__.pop(name, None)
        self._methods = []

    def __enter__(self) -> Self:
        """Return the watch itself; leaving the block detaches it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Detach."""
        self.detach()

    def __repr__(self) -> str:
        """Return the run's size in a line."""
        return f"<Watch {type(self._classifier).__name__} {self.fingerprint!r}>"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.fingerprint._repr_mimebundle_(**options)

    def _watched(self, learn: Any) -> Any:
        @wraps(learn)
        def watched(*args: Any, **keywords: Any) -> Any:
            self._depth += 1  # the first call of one method may be made by the other
            try:
                result = learn(*args, **keywords)
            finally:
                self._depth -= 1
            if self._depth == 0:
                self._learned()
            return result

        return watched

    def _learned(self) -> None:
        self._calls += 1
        if self._calls % self._every:
            return
        with self.fingerprint.capturing():
            predicted = self._class_ids(self._classifier.predict(self._samples))
            self.fingerprint.update(predicted, labels=self._labels, metrics=self._metrics(predicted))

    def _class_ids(self, names: NDArray[Any]) -> NDArray[np.intp]:
        unknown = ~np.isin(names, self._classes)
        if unknown.any():
            raise ValueError(f"the classifier predicted {names[unknown][0]!r}; expected one of the classes in y")
        return np.searchsorted(self._classes, names)

    def _metrics(self, predicted: NDArray[np.intp]) -> dict[str, float]:
        metrics = {"accuracy": float((predicted == self._labels).mean())}
        loss = getattr(self._classifier, "loss_", None)
        return metrics if loss is None else {"loss": float(loss), **metrics}


def watch(  # noqa: PLR0913 - all but the data have defaults
    classifier: Any,
    X: Any,  # noqa: N803
    y: Any,
    *,
    every: int = 1,
    log: str | PathLike[str] | None = None,
    strict: bool = False,
) -> Watch:
    """Watch a classifier that learns in steps: by ``partial_fit``, or by ``fit`` with ``warm_start``.

    After each call the classifier predicts all of `X`, which becomes a snapshot.

    Parameters
    ----------
    classifier : estimator
        With ``predict``, and ``partial_fit`` or ``fit``.
    X : array of shape (N, features)
        The samples whose predictions are followed.
    y : array of shape (N,)
        Their true classes, of any type; all classes must be among them.
    every : int
        Take a snapshot after so many calls.
    log : str or path, optional
        Where to keep the run on disk as it goes, as for `nntf_widget.Fingerprint`.
    strict : bool
        Raise faults of the capture instead of reporting them. For tests.

    Returns
    -------
    Watch
        Displays as the widget; ``.fingerprint`` has the arrays, ``.detach()`` ends it.

    Raises
    ------
    TypeError
        `classifier` cannot learn in steps.
    ValueError
        `every` is less than 1, or `X` and `y` differ in length.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.linear_model import SGDClassifier
    >>> from nntf_widget.capture.sklearn import watch
    >>> X, y = load_digits(return_X_y=True)
    >>> classifier = SGDClassifier(random_state=0)
    >>> run = watch(classifier, X, y)
    >>> for epoch in range(3):
    ...     _ = classifier.partial_fit(X, y, classes=range(10))
    >>> len(run.fingerprint)
    3
    """
    can_learn = hasattr(classifier, "partial_fit") or getattr(classifier, "warm_start", False)
    if not can_learn or not hasattr(classifier, "predict"):
        raise TypeError(
            f"classifier is a {type(classifier).__name__}, which learns all at once; expected one with partial_fit, "
            "or with warm_start=True"
        )
    if every < 1:
        raise ValueError(f"every is {every}; expected 1 or more")
    if len(y) != np.shape(X)[0]:
        raise ValueError(f"y has {len(y)} labels; expected {np.shape(X)[0]}, as many as X has samples")
    return Watch(classifier, X, y, every, log=log, strict=strict)
