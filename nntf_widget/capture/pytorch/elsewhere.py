"""The training that goes on outside of the passes over the watched loader."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any
from weakref import ref

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset, SequentialSampler

from nntf_widget.capture.pytorch.nesting import is_equal, tensors_of, version_of_model
from nntf_widget.capture.pytorch.replay import batches_of, undisturbed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Elsewhere:
    """Counts the training calls of the model since the last pass, and tells when they show that another loader is used.

    A loader that shuffles is one to train on, and is passed over once an epoch: two epochs' worth of calls without it
    show another one. A loader in a fixed order may be for a validation that comes later, or not after each epoch: what
    shows another one is that its own first sample comes after an epoch's worth of calls, which are compared with it
    there and then, or that the loader is gone.

    Parameters
    ----------
    loader : DataLoader
    samples : ndarray of shape (N,), or None
        The dataset indices that it draws from, where it has such.
    """

    def __init__(self, loader: DataLoader[Any], samples: NDArray[np.int64] | None) -> None:
        self.calls = 0
        self._loader = ref(loader)
        self._first = None if samples is None else samples[:1]
        self._is_shuffled = _is_shuffled(loader)
        self._is_told = False
        try:
            self._epoch: float = len(loader)
        except TypeError:  # of an IterableDataset
            self._epoch = math.inf
        self._version = 0
        self._first_sample: Tensor | None = None

    def pass_begins(self) -> bool:
        """Learn that the watched loader is passed over; return whether `add` told otherwise: then it tells no more."""
        was_told, self._is_told = self._is_told, False
        self.calls = 0
        if was_told:
            self._epoch = math.inf
        return was_told

    def add(self, model: nn.Module, inputs: list[Tensor]) -> bool:
        """Take in a training call; return whether it shows, now, that the loop goes through another loader."""
        self.calls += 1
        if self.calls == 1:
            self._version = version_of_model(model)
        is_shown = self._is_due(model, inputs) and version_of_model(model) != self._version
        self._is_told |= is_shown
        return is_shown

    def _is_due(self, model: nn.Module, inputs: list[Tensor]) -> bool:
        if self._is_shuffled:
            return self.calls == 2 * self._epoch
        loader = self._loader()
        if loader is None:  # nobody has it any more
            return self.calls == self._epoch + 1
        if self._first is None or not self._epoch < self.calls <= 2 * self._epoch:
            return False
        if self._first_sample is None:
            with undisturbed(model):
                parts = tensors_of([batch for _, batch in batches_of(loader, self._first, 1)])
            self._first_sample = max(parts, key=Tensor.numel, default=torch.empty(0))  # the labels are smaller
        return any(_begins_with(tensor, self._first_sample) for tensor in inputs)


def _is_shuffled(loader: DataLoader[Any]) -> bool:
    """Return whether the loader may go through its samples in another order each time."""
    sampler = loader.sampler if loader.batch_sampler is None else getattr(loader.batch_sampler, "sampler", None)
    return not isinstance(sampler, SequentialSampler) and not isinstance(loader.dataset, IterableDataset)


def _begins_with(tensor: Tensor, sample: Tensor) -> bool:
    first = tensor[:1]
    return first.numel() == sample.numel() > 0 and bool(is_equal(sample, first))
