"""Capture from Hugging Face's Trainer: a callback for ``Trainer(callbacks=[…])``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transformers import TrainerCallback

from nntf_widget.capture.pytorch import Watch, watch
from nntf_widget.fingerprint import Fingerprint

if TYPE_CHECKING:
    from collections.abc import Sequence


class FingerprintCallback(TrainerCallback):
    """Watch the training that a Trainer runs: each epoch becomes a snapshot.

    Parameters
    ----------
    class_names : sequence of str, optional
    log : str or path, optional
        Where to keep the run on disk as it goes.
    strict : bool
        Raise faults of the capture instead of reporting them. For tests.
    **options
        Further options of `nntf_widget.watch`: ``exact``, ``every``, ``reduce``, ``index``, ``labels``, ``forward``.

    Attributes
    ----------
    fingerprint : Fingerprint
        The run so far. Displays as the widget, as does the callback.
    """

    def __init__(
        self,
        *,
        class_names: Sequence[str] | None = None,
        log: str | None = None,
        strict: bool = False,
        **options: Any,
    ) -> None:
        self._options = options
        self._watch: Watch | None = None
        self.fingerprint = Fingerprint(class_names=class_names, log=log, strict=strict)

    def on_train_begin(self, args: Any, state: Any, control: Any, **others: Any) -> None:  # noqa: ARG002
        """Begin to watch the trainer's loader and model."""
        try:
            model, loader = others["model"], others["train_dataloader"]
            self._watch = watch(model, loader, fingerprint=self.fingerprint, **self._options)
        except Exception as error:  # noqa: BLE001 - no fault of ours may end somebody's training
            self.fingerprint.report("Capture", error)

    def on_train_end(self, args: Any, state: Any, control: Any, **others: Any) -> None:  # noqa: ARG002
        """Leave loader and model as they were."""
        if self._watch is not None:
            self._watch.detach()

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.fingerprint._repr_mimebundle_(**options)
