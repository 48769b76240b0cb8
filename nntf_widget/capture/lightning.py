"""Capture from Lightning: a callback for ``Trainer(callbacks=[…])``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lightning.pytorch import Callback

from nntf_widget.capture.news import OnVerdict, tell_news
from nntf_widget.capture.pytorch.capture import Capture
from nntf_widget.capture.pytorch.parts import PartSeeker
from nntf_widget.capture.recording import Recording
from nntf_widget.fingerprint import Fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from os import PathLike

    from lightning.pytorch import LightningModule, Trainer
    from torch import nn


class FingerprintCallback(Recording, Callback):
    """Watch the training that a Lightning trainer runs: each pass over its training loader becomes a snapshot.

    The module that makes the predictions is found in the first training step: the LightningModule itself, for
    ``self(x)``, or the one trainable part of it that the step calls, for ``self.net(x)``. Where it calls several that
    may be meant, a fault names them, and `module` says which.

    What the LightningModule logs for the epoch, ``self.log("val_loss", …)`` in training and validation, is drawn with
    the learning curves.

    Parameters
    ----------
    module : callable, optional
        From the LightningModule to the module that makes the predictions: ``lambda lit: lit.net``.
    class_names : sequence of str, optional
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
        module: Callable[[LightningModule], nn.Module] | None = None,
        *,
        class_names: Sequence[str] | None = None,
        log: str | PathLike[str] | None = None,
        strict: bool = False,
        on_verdict: OnVerdict | None = None,
        **options: Any,
    ) -> None:
        super().__init__()
        self._module, self._options = module, options
        self._capture: Capture | None = None
        self._seeker: PartSeeker | None = None
        self._logged: dict[str, Any] | None = None
        self.fingerprint = Fingerprint(class_names=class_names, log=log, strict=strict)
        tell_news(self.fingerprint, on_verdict)

    def detach(self) -> None:
        """Take no more snapshots; the fingerprint keeps what it has. An epoch under way becomes the last."""
        self._is_detached = True
        self._let_go()

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Watch the training loader as soon as the trainer has made it ready, which is before it is iterated."""
        strategy: Any = trainer.strategy
        process = strategy.process_dataloader

        def processed(loader: Any) -> Any:
            ready = process(loader)
            if trainer.training and self._capture is None and not self._is_detached:
                with self.fingerprint.reporting("Capture"):
                    self._begin(pl_module, ready)
            return ready

        strategy.process_dataloader = processed

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:  # noqa: ARG002 - Lightning's
        """Add what the LightningModule logged in its own hook at the end of the epoch before."""
        self._add_logged_since(trainer)

    def on_train_batch_start(self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int) -> None:  # noqa: ARG002
        """Look at what the training step calls, as long as that is not known."""
        if self._seeker is not None:
            with self.fingerprint.reporting("Capture"):
                self._seeker.step_begins()

    def on_train_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,  # noqa: ARG002
        outputs: Any,  # noqa: ARG002
        batch: Any,  # noqa: ARG002
        batch_idx: int,  # noqa: ARG002
    ) -> None:
        """Take the snapshot right after the epoch's last step, before a validation."""
        if self._capture is None:
            return
        if self._seeker is not None:
            self._seek(self._seeker, self._capture)
        if trainer.is_last_batch:
            self._capture.end_passes(complete=True)

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:  # noqa: ARG002
        """Add what was logged in the validation."""
        if not trainer.sanity_checking:
            self._add_logged(trainer)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:  # noqa: ARG002
        """Add what was logged for the epoch in the training steps."""
        self._add_logged(trainer)
        self._logged = dict(trainer.callback_metrics)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:  # noqa: ARG002
        """Leave strategy, loader and model as they were."""
        self._add_logged_since(trainer)
        self._end(trainer)

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:  # noqa: ARG002
        """Do the same where the training ends early."""
        self._end(trainer)

    def _begin(self, pl_module: LightningModule, loader: Any) -> None:
        if getattr(pl_module, "_compiler_ctx", None) is not None:
            raise LookupError(
                f"{type(pl_module).__name__} is compiled as a whole, where no call can be seen; expected a compiled "
                "part, as self.net = torch.compile(self.net)"
            )
        module = self._module(pl_module) if self._module else pl_module
        capture = Capture(module, loader, **self._options)
        capture.attach(self.fingerprint)
        self._capture, self._logged = capture, None
        self._seeker = None if self._module else PartSeeker(capture, module)

    def _seek(self, seeker: PartSeeker, capture: Capture) -> None:
        with self.fingerprint.reporting("Capture"):
            names = seeker.step_ends()
            if names:
                self._seeker = None
            if len(names) > 1:
                capture.detach()
                raise LookupError(
                    f"the training step calls {', '.join(names)}, and each returns what may be the scores; expected "
                    f"module=, from the LightningModule to the one that is meant, as lambda lit: lit.{names[-1]}"
                )

    def _end(self, trainer: Trainer) -> None:
        vars(trainer.strategy).pop("process_dataloader", None)
        self._let_go()

    def _let_go(self) -> None:
        if self._seeker is not None:
            self._seeker.close()
        if self._capture is not None:
            self._capture.detach()
        self._capture = self._seeker = None

    def _add_logged(self, trainer: Trainer) -> None:
        """Add the values for the epoch, not for the step, of the loop that is ending."""
        with self.fingerprint.reporting("Reading what was logged"):
            results: Any = trainer._results  # noqa: SLF001 - `callback_metrics` also has what other loops left
            self._add(results.metrics(on_step=False)["callback"])

    def _add_logged_since(self, trainer: Trainer) -> None:
        """Add what was logged after our own hook at the end of the epoch."""
        with self.fingerprint.reporting("Reading what was logged"):
            before, self._logged = self._logged, None
            if before is not None:
                now = trainer.callback_metrics
                self._add({name: value for name, value in now.items() if value is not before.get(name)})

    def _add(self, metrics: dict[str, Any]) -> None:
        def is_again(name: str) -> bool:  # as "loss_epoch" is "loss" where a value for the step is logged too
            return name.endswith("_epoch") and metrics.get(name.removesuffix("_epoch")) is metrics[name]

        if self._capture is not None:
            self._capture.add_metrics({name: value for name, value in metrics.items() if not is_again(name)})
