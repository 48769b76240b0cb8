"""Capture from Hugging Face's Trainer: a callback for ``Trainer(callbacks=[…])``."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any

from transformers import TrainerCallback

from nntf_widget.capture.news import OnVerdict, tell_news
from nntf_widget.capture.pytorch.capture import Capture
from nntf_widget.capture.recording import Recording
from nntf_widget.fingerprint import Fingerprint

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

OF_THE_MACHINE = (
    "_runtime",
    "_samples_per_second",
    "_steps_per_second",
    "_model_preparation_time",
    "_jit_compilation_time",
)
"""How the names end of what the Trainer itself adds to an evaluation, which says nothing of the model."""


class FingerprintCallback(Recording, TrainerCallback):
    """Watch the training that a Trainer runs: each epoch becomes a snapshot.

    Evaluations during the training, ``eval_loss`` and what ``compute_metrics`` returns, are drawn with the learning
    curves.

    Parameters
    ----------
    class_names : sequence of str, optional
        By default those of ``model.config.id2label``, if it has been given names.
    log : str or path, optional
        Where to keep the run on disk as it goes.
    strict : bool
        Raise faults of the capture instead of reporting them. For tests.
    on_verdict : callable, optional
        Called with each new `nntf_widget.verdicts.Verdict`, once, as to stop, log or send. Where there is none, and no
        notebook, it is a line of `logging`.
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
        log: str | PathLike[str] | None = None,
        strict: bool = False,
        on_verdict: OnVerdict | None = None,
        **options: Any,
    ) -> None:
        self._options = options
        self._capture: Capture | None = None
        self._names_wanted = class_names is None
        self.fingerprint = Fingerprint(class_names=class_names, log=log, strict=strict)
        tell_news(self.fingerprint, on_verdict)

    def detach(self) -> None:
        """Take no more snapshots; the fingerprint keeps what it has. An epoch under way becomes the last."""
        self._is_detached = True
        self._end()

    def on_train_begin(self, args: Any, state: Any, control: Any, **others: Any) -> None:  # noqa: ARG002
        """Begin to watch the trainer's loader and model."""
        self._end()  # a training that was interrupted does not tell
        if self._is_detached:
            return
        with self.fingerprint.reporting("Capture"):
            model = others["model"]
            capture = Capture(model, others["train_dataloader"], **self._options)
            capture.attach(self.fingerprint)
            self._capture = capture
        if self._names_wanted:
            with self.fingerprint.reporting("Reading the class names"):
                self._name_classes(model)

    def on_epoch_end(self, args: Any, state: Any, control: Any, **others: Any) -> None:  # noqa: ARG002
        """Take the snapshot before an evaluation."""
        if self._capture is not None:
            self._capture.end_passes(complete=True)

    def on_evaluate(self, args: Any, state: Any, control: Any, **others: Any) -> None:  # noqa: ARG002
        """Add what the evaluation found."""
        if self._capture is None or state.global_step == 0:
            return
        with self.fingerprint.reporting("Reading the metrics"):
            found = {
                name: value
                for name, value in others["metrics"].items()
                if isinstance(value, Real) and name != "epoch" and not name.endswith(OF_THE_MACHINE)
            }
            self._capture.add_metrics(found)

    def on_train_end(self, args: Any, state: Any, control: Any, **others: Any) -> None:  # noqa: ARG002
        """Leave loader and model as they were."""
        self._end()

    def _end(self) -> None:
        if self._capture is not None:
            self._capture.detach()
            self._capture = None

    def _name_classes(self, model: Any) -> None:
        names = getattr(getattr(model, "config", None), "id2label", None) or {}
        in_order = [names[number] for number in sorted(names)]
        if in_order != [f"LABEL_{number}" for number in range(len(names))]:  # as they are where nobody gave any
            self.fingerprint.class_names = in_order
