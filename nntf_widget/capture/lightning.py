"""Capture from Lightning: a callback for ``Trainer(callbacks=[…])``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lightning.pytorch import Callback

from nntf_widget.capture.pytorch import Watch, watch
from nntf_widget.fingerprint import Fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lightning.pytorch import LightningModule, Trainer
    from torch import nn


class FingerprintCallback(Callback):
    """Watch the training that a Lightning trainer runs: each pass over its training loader becomes a snapshot.

    Parameters
    ----------
    module : callable, optional
        From the LightningModule to the module that it calls on a batch: ``lambda lit: lit.net`` where the training step
        says ``self.net(x)``. By default the LightningModule itself, for ``self(x)``.
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
        module: Callable[[LightningModule], nn.Module] | None = None,
        *,
        class_names: Sequence[str] | None = None,
        log: str | None = None,
        strict: bool = False,
        **options: Any,
    ) -> None:
        super().__init__()
        self._module, self._options = module, options
        self._watch: Watch | None = None
        self.fingerprint = Fingerprint(class_names=class_names, log=log, strict=strict)

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Watch the training loader as soon as the trainer has made it ready, which is before it is iterated."""
        strategy: Any = trainer.strategy
        process = strategy.process_dataloader

        def processed(loader: Any) -> Any:
            ready = process(loader)
            if trainer.training and self._watch is None:
                self._begin(pl_module, ready)
            return ready

        strategy.process_dataloader = processed

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:  # noqa: ARG002 - Lightning names them
        """Leave strategy, loader and model as they were."""
        vars(trainer.strategy).pop("process_dataloader", None)
        if self._watch is not None:
            self._watch.detach()
            self._watch = None

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:  # noqa: ARG002
        """Do the same where the training ends early."""
        self.on_train_end(trainer, pl_module)

    def _begin(self, pl_module: LightningModule, loader: Any) -> None:
        try:
            module = self._module(pl_module) if self._module else pl_module
            self._watch = watch(module, loader, fingerprint=self.fingerprint, **self._options)
        except Exception as error:  # noqa: BLE001 - no fault of ours may end somebody's training
            self.fingerprint.report("Capture", error)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.fingerprint._repr_mimebundle_(**options)
