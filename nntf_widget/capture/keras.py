"""Capture from Keras 3, on any of its backends: a callback for ``model.fit``."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from nntf_widget.capture.news import OnVerdict, tell_news
from nntf_widget.capture.recording import NO_CLASSIFIER, Recording
from nntf_widget.checks import checked_length
from nntf_widget.fingerprint import Fingerprint
from nntf_widget.predictions import MAX_CLASSES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from numpy.typing import NDArray


OF_NUMBERS = frozenset(
    {
        "mean_squared_error",
        "mean_absolute_error",
        "mean_absolute_percentage_error",
        "mean_squared_logarithmic_error",
        "huber",
        "log_cosh",
        "poisson",
    }
)
"""Losses whose targets are numbers, unless the model is known to classify."""

OF_EACH_OUTPUT = frozenset({"binary_crossentropy", "binary_focal_crossentropy"})
"""Losses that take each output for a yes or no of its own."""


class FingerprintCallback(Recording, keras.callbacks.Callback):
    """Take a snapshot after each epoch of ``model.fit``.

    Keras hands no predictions of the training batches to its callbacks, so the model predicts `x` once more after the
    epoch, in inference mode, as the paper does.

    Parameters
    ----------
    x : array of shape (N, …), or list, tuple or dict of such
        The samples whose predictions are followed; an array for each input of the model.
    y : array of shape (N,), (N, 1) or (N, K), optional
        Their true class ids, whole numbers of any real type; or one-hot rows, or shares of which one is above a half.
        Without it, a model trained with a loss of numbers, or of each of several outputs on its own, is taken for a
        regression or a multi-label model, and refused at the first epoch's end.
    class_names : sequence of str, optional
    batch_size : int
        Of the prediction.
    every : int
        Take a snapshot after so many epochs. With other than 1, the views do not call it an epoch.
    log : str or path, optional
        Where to keep the run on disk as it goes, as for `Fingerprint`.
    strict : bool
        Raise faults of the capture instead of reporting them. For tests.
    on_verdict : callable, optional
        Called with each new `nntf_widget.verdicts.Verdict`, once, as to stop, log or send. Where there is none, and no
        notebook, it is a line of `logging`.

    Attributes
    ----------
    fingerprint : Fingerprint
        The run so far, with the epoch's logs as metrics. A model with a single output has two classes: the second where
        a probability exceeds 0.5, a logit 0. Which of them it is the loss says by its ``from_logits``; with another
        loss they are probabilities until one lies outside [0, 1].

    Raises
    ------
    TypeError
        `x` is no array, such as a loader or a data set; `y` is not of numbers; `every` or `batch_size` is no int.
    ValueError
        `x` is empty or differs from `y` in length, a row of `y` is not of one class, `every` or `batch_size` is
        less than 1.

    Examples
    --------
    ``model.fit(x, y, epochs=10, callbacks=[run := FingerprintCallback(x, y)])``, where the last line of an earlier
    cell is ``run``, if it is to be watched live.
    """

    def __init__(  # noqa: PLR0913 - all but the samples have defaults
        self,
        x: Any,
        y: Any = None,
        *,
        class_names: Sequence[str] | None = None,
        batch_size: int = 128,
        every: int = 1,
        log: str | PathLike[str] | None = None,
        strict: bool = False,
        on_verdict: OnVerdict | None = None,
    ) -> None:
        super().__init__()
        self._every = checked_length(every, "every", 1)
        self._batch_size = checked_length(batch_size, "batch_size", 1)
        self._x, self._num_samples = x, _num_samples(x)
        self._labels = None if y is None else _class_ids(y, self._num_samples)
        self._logits_seen = False
        unit = "epoch" if every == 1 else "snapshot"
        self.fingerprint = Fingerprint(class_names=class_names, unit=unit, log=log, strict=strict)
        tell_news(self.fingerprint, on_verdict)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Predict, and record what came out."""
        if self._is_detached or (epoch + 1) % self._every:
            return
        with self.fingerprint.reporting("Capture"):
            starts = range(0, self._num_samples, self._batch_size)
            scores = np.concatenate([self._predict(slice(start, start + self._batch_size)) for start in starts])
            if scores.shape[1:] == (1,):
                scores = scores[:, 0]
            self._check_targets(scores)
            if scores.ndim == 1 and scores.dtype.kind not in "biu":  # else the model gives class ids
                scores = self._beside_cut(scores)
            self.fingerprint.update(scores, labels=self._labels, metrics=logs)

    def detach(self) -> None:
        """Take no more snapshots; the fingerprint keeps what it has."""
        self._is_detached = True

    def _predict(self, rows: slice) -> NDArray[Any]:
        batch = keras.tree.map_structure(lambda array: array[rows], self._x)
        # Not model.predict: its loader draws random numbers, which would change what the training draws.
        outputs = keras.tree.flatten(self.model.predict_on_batch(batch))
        if len(outputs) != 1:
            raise ValueError(f"the model gives {len(outputs)} outputs; expected one, the scores of the classes")
        return np.asarray(outputs[0])

    def _check_targets(self, scores: NDArray[Any]) -> None:
        """Raise, and take no more snapshots, where the training shows that the scores are not of classes."""
        loss, is_single = _name(_loss(self.model.loss)), scores.ndim == 1 and scores.dtype.kind not in "biu"
        if self._labels is not None:
            if not is_single or self._labels.max() <= 1:
                return
            error = f"y goes up to {self._labels.max()}, but the model gives one number for each sample"
        elif loss in OF_NUMBERS or (loss in OF_EACH_OUTPUT and not is_single):
            error = f"the model is trained with {loss} and no y= says that it is a classifier"
        else:
            return
        self.detach()
        self.fingerprint.ended = NO_CLASSIFIER
        raise ValueError(
            f"{error}; expected a classifier, of one class for each sample, and no regression or multi-label model"
        )

    def _beside_cut(self, scores: NDArray[Any]) -> NDArray[Any]:
        """Return scores of the second of two classes, shape (N,), beside what they must exceed, as shape (N, 2)."""
        from_logits = _from_logits(_loss(self.model.loss))
        if from_logits is None:
            self._logits_seen |= bool(((scores < 0) | (scores > 1)).any())
            from_logits = self._logits_seen
        return np.stack([np.full_like(scores, 0 if from_logits else 0.5), scores], axis=1)


def _num_samples(x: Any) -> int:
    """Return N, which every array in `x` has."""
    arrays = keras.tree.flatten(x)
    strange = [type(array).__name__ for array in arrays if not getattr(array, "shape", ())]
    if strange or not arrays:
        kind = type(x).__name__ if not arrays or arrays[0] is x else f"{type(x).__name__} of {strange[0]}"
        raise TypeError(
            f"x is a {kind}; expected an array of shape (N, …), or a list, tuple or dict of such for several inputs"
        )
    lengths = {int(array.shape[0]) for array in arrays}
    if len(lengths) > 1:
        raise ValueError(f"x has arrays of {' and '.join(map(str, sorted(lengths)))} samples; expected as many in each")
    if lengths == {0}:
        raise ValueError("x has no samples; expected at least one")
    return lengths.pop()


def _class_ids(y: Any, num_samples: int) -> NDArray[np.intp]:
    """Return the true class of every sample, shape (N,)."""
    labels = keras.ops.convert_to_numpy(y) if keras.ops.is_tensor(y) else np.asarray(y)
    if not np.can_cast(labels.dtype, np.float64):
        raise TypeError(
            f"y is a {type(y).__name__} of dtype {labels.dtype}; expected class ids, or a row of shares for each sample"
        )
    if labels.ndim not in {1, 2} or 0 in labels.shape[1:]:
        raise ValueError(
            f"y has shape {labels.shape}; expected ({num_samples},) class ids, or ({num_samples}, K) shares"
        )
    if len(labels) != num_samples:
        raise ValueError(f"y has {len(labels)} labels; expected {num_samples}, as many as x has samples")
    if labels.ndim == 2 and labels.shape[1] > 1:
        one_class = (labels.max(1) > 0.5) & (labels.min(1) >= 0) & (labels.sum(1) < 1.01)
        classes, expected = labels.argmax(1), "one class: a one-hot row, or shares of which one is above a half"
    else:
        labels = labels.reshape(-1)
        one_class = (labels >= 0) & (labels < MAX_CLASSES) & (labels == np.floor(labels))
        classes, expected = np.where(one_class, labels, 0).astype(int), "a class id, a whole number from 0"
    if not one_class.all():
        first = int(one_class.argmin())
        raise ValueError(f"y[{first}] is {labels[first].tolist()}; expected {expected}")
    return classes


def _loss(compiled: Any) -> Any:
    """Return the one loss that a model was compiled with; None of several, or of none."""
    losses = keras.tree.flatten(compiled)
    return keras.losses.get(losses[0]) if len(losses) == 1 else None


def _name(loss: Any) -> str | None:
    """Return what Keras calls a loss."""
    return getattr(getattr(loss, "fn", loss), "__name__", None)


def _from_logits(loss: Any) -> bool | None:
    """Return whether a loss takes logits; None where it does not say, or there is none."""
    if loss is None:
        return None
    if hasattr(loss, "from_logits"):
        return bool(loss.from_logits)
    says = inspect.signature(loss).parameters.get("from_logits")  # of a function, by its default
    return None if says is None else bool(says.default)
