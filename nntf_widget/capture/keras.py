"""Capture from Keras 3, on any of its backends: a callback for ``model.fit``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from nntf_widget.fingerprint import Fingerprint

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

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
    log : str or path, optional
        Where to keep the run on disk as it goes, as for `nntf_widget.Fingerprint`.
    strict : bool
        Raise faults of the capture instead of reporting them. For tests.

    Attributes
    ----------
    fingerprint : Fingerprint
        The run so far, with the epoch's logs as metrics. A model with a single sigmoid output has two classes.

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
    ) -> None:
        super().__init__()
        if every < 1:
            raise ValueError(f"every is {every}; expected 1 or more")
        self._x, self._batch_size, self._every = x, batch_size, every
        labels = None if y is None else keras.ops.convert_to_numpy(y)
        self._labels = labels.argmax(1) if labels is not None and labels.ndim == 2 and labels.shape[1] > 1 else labels
        self.fingerprint = Fingerprint(class_names=class_names, log=log, strict=strict)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Predict, and record what came out."""
        if (epoch + 1) % self._every:
            return
        with self.fingerprint.capturing():
            batches = range(0, len(self._x), self._batch_size)
            scores = np.concatenate([self._predict(self._x[start : start + self._batch_size]) for start in batches])
            if scores.ndim == 2 and scores.shape[1] == 1:
                scores = np.hstack([1 - scores, scores])
            labels = None if self._labels is None else self._labels.reshape(len(scores)).astype(int)
            self.fingerprint.update(scores, labels=labels, metrics=logs)

    def _predict(self, batch: Any) -> NDArray[Any]:
        # Not model.predict: its loader draws random numbers, which would change what the training draws.
        return np.asarray(self.model.predict_on_batch(batch))

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.fingerprint._repr_mimebundle_(**options)
