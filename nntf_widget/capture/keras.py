"""Capture from Keras 3, on any of its backends: a callback for ``model.fit``."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from nntf_widget.fingerprint import Fingerprint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class FingerprintCallback(keras.callbacks.Callback):
    """Take a snapshot after each epoch of ``model.fit``.

    Keras hands no predictions of the training batches to its callbacks, so the model predicts `x` once more after the
    epoch, in inference mode, as the paper does.

    Parameters
    ----------
    x : array of shape (N, …)
        The samples whose predictions are followed.
    y : array of shape (N,) or (N, K), optional
        Their true class ids, or one-hot rows.
    class_names : sequence of str, optional
    batch_size : int
        Of the prediction.
    every : int
        Take a snapshot after so many epochs.
    strict : bool
        Raise faults of the capture instead of reporting them. For tests.

    Attributes
    ----------
    fingerprint : Fingerprint
        The run so far, with the epoch's logs as metrics. A model with a single output has two classes: the second where
        a probability exceeds 0.5, a logit 0. Which of them it is the loss says by its ``from_logits``; with another
        loss they are probabilities until one lies outside [0, 1].

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
        strict: bool = False,
    ) -> None:
        super().__init__()
        if every < 1:
            raise ValueError(f"every is {every}; expected 1 or more")
        self._x, self._batch_size, self._every = x, batch_size, every
        self._logits_seen = False
        labels = None if y is None else keras.ops.convert_to_numpy(y)
        self._labels = labels.argmax(1) if labels is not None and labels.ndim == 2 and labels.shape[1] > 1 else labels
        self.fingerprint = Fingerprint(class_names=class_names, strict=strict)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Predict, and record what came out."""
        if (epoch + 1) % self._every:
            return
        try:
            batches = range(0, len(self._x), self._batch_size)
            scores = np.concatenate([self._predict(self._x[start : start + self._batch_size]) for start in batches])
            if scores.ndim == 1 or scores.shape[1:] == (1,):
                scores = self._beside_cut(scores.reshape(-1))
            labels = None if self._labels is None else self._labels.reshape(len(scores)).astype(int)
            self.fingerprint.update(scores, labels=labels, metrics=logs)
        except Exception as error:  # noqa: BLE001 - no fault of ours may end somebody's training
            self.fingerprint.report("Capture", error)

    def _predict(self, batch: Any) -> NDArray[Any]:
        # Not model.predict: its loader draws random numbers, which would change what the training draws.
        outputs = keras.tree.flatten(self.model.predict_on_batch(batch))
        if len(outputs) != 1:
            raise ValueError(f"the model gives {len(outputs)} outputs; expected one, the scores of the classes")
        return np.asarray(outputs[0])

    def _beside_cut(self, scores: NDArray[Any]) -> NDArray[Any]:
        """Return scores of the second of two classes, shape (N,), beside what they must exceed, as shape (N, 2)."""
        from_logits = _from_logits(self.model.loss)
        if from_logits is None:
            self._logits_seen |= bool(((scores < 0) | (scores > 1)).any())
            from_logits = self._logits_seen
        return np.stack([np.full_like(scores, 0 if from_logits else 0.5), scores], axis=1)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.fingerprint._repr_mimebundle_(**options)


def _from_logits(loss: Any) -> bool | None:
    """Return whether a compiled loss takes logits; None where it does not say, or is not one."""
    losses = keras.tree.flatten(loss)
    if len(losses) != 1 or losses[0] is None:
        return None
    loss = keras.losses.get(losses[0])
    if hasattr(loss, "from_logits"):
        return bool(loss.from_logits)
    says = inspect.signature(loss).parameters.get("from_logits")  # of a function, by its default
    return None if says is None else bool(says.default)
