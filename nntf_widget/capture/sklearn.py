"""Capture from scikit-learn: a snapshot whenever a classifier has learned a little more.

The calls of ``partial_fit`` and ``fit`` stay as they are: the classifier becomes an instance of a subclass made for it,
which tells when such a call has ended. Nothing is added to the object itself, so that what is copied, cloned or pickled
of it is a classifier of the original class that nobody watches.
"""

from __future__ import annotations

from functools import wraps
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin
from sklearn.utils.multiclass import type_of_target, unique_labels

from nntf_widget.capture.news import OnVerdict, check_on_verdict, tell_news
from nntf_widget.capture.recording import REPLACED, Recording
from nntf_widget.fingerprint import Fingerprint

LEARNING = ("partial_fit", "fit")


class Watch(Recording):
    """A classifier that is being watched; what `watch` returns. The samples are those of `X`, in its order."""

    def __init__(  # noqa: PLR0913 - as `watch`
        self,
        classifier: Any,
        X: Any,  # noqa: N803
        y: Any,
        *,
        every: int,
        log: str | PathLike[str] | None,
        strict: bool,
        on_verdict: OnVerdict | None,
    ) -> None:
        check_on_verdict(on_verdict)
        self._classifier, self._samples, self._every = classifier, X, every
        self._classes = unique_labels(y)
        self._labels = np.searchsorted(self._classes, y)
        self._calls = 0
        for earlier in _watches(classifier):
            if earlier._samples is X:  # noqa: SLF001 - of this class
                earlier._give_way()  # noqa: SLF001
        names = [str(name) for name in self._classes]
        self.fingerprint = Fingerprint(class_names=names, unit="snapshot", log=log, strict=strict)
        tell_news(self.fingerprint, on_verdict)
        self._tap = _tap(classifier)
        self._tap.watches.append(self)

    def detach(self) -> None:
        """Leave the classifier as it was; the fingerprint keeps what it has."""
        if self._is_attached:
            self._tap.remove(self)

    @property
    def _is_attached(self) -> bool:
        return self in self._tap.watches

    @property
    def _model_name(self) -> str:
        return type(self._classifier).__name__

    def _give_way(self) -> None:
        self.detach()
        self.fingerprint.ended = REPLACED

    def _learned(self, method: str) -> None:
        starts_anew = method == "fit" and not getattr(self._classifier, "warm_start", False)
        if starts_anew and len(self.fingerprint):
            self.detach()
            error = RuntimeError(
                "fit without warm_start=True starts a new training, and this run ends before it; "
                "watch the classifier again for a new run"
            )
            self.fingerprint.report("Capture of a fit", error)
            return
        self._calls += 1
        if self._calls % self._every:
            return
        with self.fingerprint.reporting("Capture"):
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


def watch(  # noqa: PLR0913 - three have defaults
    classifier: Any,
    X: Any,  # noqa: N803
    y: Any,
    *,
    every: int = 1,
    log: str | PathLike[str] | None = None,
    strict: bool = False,
    on_verdict: OnVerdict | None = None,
) -> Watch:
    """Watch a classifier that learns in steps: by ``partial_fit``, or by ``fit`` with ``warm_start``.

    After each call the classifier predicts all of `X`, which becomes a snapshot; whether that is an epoch is for the
    caller to know, so the views do not call it one.

    A ``fit`` without ``warm_start`` forgets what was learned before. It may be the first snapshot of a run, from which
    ``partial_fit`` goes on. Later it is the beginning of another training: it is reported, the run ends before it, and
    the watch detaches. Watch again for a run of its own.

    A classifier may be watched on several `X`. Watched again on the same one, as where a notebook's cell is run again,
    the earlier watch ends; it stays readable.

    Copies, clones and pickles of the classifier are of its original class, and are not watched.

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
        Where to keep the run on disk as it goes, as for `Fingerprint`.
    strict : bool
        Raise faults of the capture instead of reporting them. For tests.
    on_verdict : callable, optional
        Called with each new `nntf_widget.verdicts.Verdict`, once, as to stop, log or send. Where there is none, and no
        notebook, it is a line of `logging`.

    Returns
    -------
    Watch
        Displays as the widget; ``.fingerprint`` has the arrays, ``.detach()`` ends it.

    Raises
    ------
    TypeError
        `classifier` is a class or a regressor, or cannot learn in steps.
    ValueError
        `every` is less than 1, `y` is of numbers or has more than one class for a sample, or `X` and `y` differ in
        length.

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
    if isinstance(classifier, type):
        raise TypeError(f"classifier is the class {classifier.__name__}; expected an object of it")
    if isinstance(classifier, RegressorMixin):
        raise TypeError(f"classifier is a {type(classifier).__name__}, a regressor; expected a classifier")
    can_learn = hasattr(classifier, "partial_fit") or getattr(classifier, "warm_start", False)
    if not can_learn or not hasattr(classifier, "predict"):
        raise TypeError(
            f"classifier is a {type(classifier).__name__}, which learns all at once; expected one with partial_fit, "
            "or with warm_start=True"
        )
    if every < 1:
        raise ValueError(f"every is {every}; expected 1 or more")
    if np.ndim(y) != 1:
        raise ValueError(f"y has shape {np.shape(y)}; expected ({np.shape(X)[0]},), one class for each sample")
    if len(y) != np.shape(X)[0]:
        raise ValueError(f"y has {len(y)} labels; expected {np.shape(X)[0]}, as many as X has samples")
    if type_of_target(y) == "continuous":
        raise ValueError("y is of numbers that are not whole; expected classes")
    return Watch(classifier, X, y, every=every, log=log, strict=strict, on_verdict=on_verdict)


class _Tap:
    """The one subclass that a classifier gets, however many watch; with the last one gone, it is as it was."""

    def __init__(self, classifier: Any) -> None:
        self.classifier = classifier
        self._original = type(classifier)
        self.watches: list[Watch] = []
        self._depth = 0
        _become(classifier, _tapped(self, self._original))

    def remove(self, watch: Watch) -> None:
        """Tell `watch` no more of what the classifier learned."""
        self.watches.remove(watch)
        if not self.watches:
            _become(self.classifier, self._original)

    def told(self, name: str, learn: Any) -> Any:
        """Return the method `learn` as one that tells the watches."""

        @wraps(learn)
        def told(*args: Any, **keywords: Any) -> Any:
            self._depth += 1  # one method may call the other: the outermost call counts
            try:
                result = learn(*args, **keywords)
            finally:
                self._depth -= 1
            if self._depth == 0:
                for watch in tuple(self.watches):
                    watch._learned(name)  # noqa: SLF001 - a part of the watch
            return result

        return told


def _tap(classifier: Any) -> _Tap:
    """Return the classifier's tap, put in place if this is the first."""
    return _present(classifier) or _Tap(classifier)


def _watches(classifier: Any) -> tuple[Watch, ...]:
    """Return who watches a classifier."""
    present = _present(classifier)
    return () if present is None else tuple(present.watches)


def _present(classifier: Any) -> _Tap | None:
    present: _Tap | None = getattr(type(classifier), "_tap", None)
    return present if present is not None and present.classifier is classifier else None


def _become(classifier: Any, kind: type) -> None:
    """Set the classifier's class; by object's own way, since a tapped one claims to be of its original class."""
    vars(object)["__class__"].__set__(classifier, kind)


def _tapped(the: _Tap, original: Any) -> type:
    class Tapped(original):
        _tap = the

        @property  # type: ignore[misc]  # nobody sets it
        def __class__(self) -> Any:
            """The class that clones are made of."""
            return original

        def __getattribute__(self, name: str) -> Any:
            # Not methods of this class: scikit-learn reads the signatures, and whether there are any, from those of
            # the original.
            value = super().__getattribute__(name)
            return the.told(name, value) if name in LEARNING and self is the.classifier else value

        def __reduce_ex__(self, protocol: Any) -> Any:
            """Copy and pickle as an instance of the original class."""
            make, arguments, *state = super().__reduce_ex__(protocol)
            return (make, tuple(original if argument is Tapped else argument for argument in arguments), *state)

    Tapped.__name__, Tapped.__qualname__ = original.__name__, original.__qualname__
    Tapped.__module__, Tapped.__doc__ = original.__module__, original.__doc__
    return Tapped
