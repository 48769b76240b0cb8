"""Predictions outside of the loop: the model called as the loop calls it, and left as if it had not been."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import reduce
from operator import getitem
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader

from nntf_widget.capture.pytorch.nesting import is_equal, leaves_of, tensors_of


class Call:
    """How the loop calls the model with a batch, learned from one call.

    Every tensor among the arguments must be a tensor of the batch, maybe moved to another device, cast or reshaped;
    everything else is passed as it was. Autocast is as it was in the loop.

    Parameters
    ----------
    batch : any nesting of mappings, tuples and lists
    args, kwargs
        What the model was called with.
    is_changed : bool
        Whether the loop has written into the batch before.

    Raises
    ------
    ValueError
        From `run`: an argument that does not come from the batch, or was computed from it.
    """

    def __init__(self, batch: Any, args: tuple[Any, ...], kwargs: dict[str, Any], *, is_changed: bool) -> None:
        self._plan = _plan((args, kwargs), batch, list(leaves_of(batch)))
        self._is_changed = is_changed
        tensors = tensors_of((args, kwargs))
        self._device = tensors[0].device if tensors else torch.device("cpu")
        self._autocast = torch.is_autocast_enabled(self._device.type)
        self._autocast_dtype = torch.get_autocast_dtype(self._device.type)
        self.batch_size = len(tensors[0]) if tensors and tensors[0].ndim else 1

    def run(self, model: nn.Module, batch: Any) -> Any:
        """Call the model with another batch."""
        if self._is_changed:
            raise _unknown_call("a batch that it has written into")
        args, kwargs = _filled(self._plan, batch)
        kind = self._device.type
        # Without the cache: what is cast here, under no_grad, must not be found by the loop.
        with torch.autocast(kind, self._autocast_dtype, enabled=self._autocast, cache_enabled=False):
            return model(*args, **kwargs)


def batches_of(loader: DataLoader[Any], samples: NDArray[np.int64], batch_size: int) -> Iterator[tuple[Any, Any]]:
    """Yield the ids and the batch, made as `loader` makes its own, of one `batch_size` of samples after another."""
    indices = [samples[start : start + batch_size].tolist() for start in range(0, len(samples), batch_size)]
    whole: dict[str, Any] = {"sampler": indices, "batch_size": None}  # where the dataset itself makes the batches
    workers = min(loader.num_workers, len(indices) - 1)
    extra: DataLoader[Any] = DataLoader(
        loader.dataset,
        **(whole if loader.batch_sampler is None else {"batch_sampler": indices}),
        num_workers=workers,
        collate_fn=loader.collate_fn,
        timeout=loader.timeout if workers else 0,
        worker_init_fn=loader.worker_init_fn,
        multiprocessing_context=loader.multiprocessing_context if workers else None,
        generator=torch.Generator(),  # its own, so that the loop's is not drawn from
    )
    yield from zip(indices, extra, strict=True)


@contextmanager
def undisturbed(model: nn.Module) -> Iterator[None]:
    """Hold the model in evaluation mode without gradients; afterwards every mode and random state is as before."""
    modes = [(module, module.training) for module in model.modules()]
    devices = {parameter.device for parameter in model.parameters() if parameter.device.type != "cpu"}
    kind = next(iter(devices)).type if devices else "cuda"
    numpy_state, python_state = np.random.get_state(), random.getstate()  # noqa: NPY002 - the one a data set may use
    with (
        torch.random.fork_rng([device.index or 0 for device in devices], device_type=kind),
        torch.no_grad(),
        torch.compiler.set_stance("force_eager"),  # compiled anew for this, the loop would have a compilation less
    ):
        try:
            for module, _ in modes:
                module.training = False  # not eval(), which a model may have made its own
            yield
        finally:
            for module, training in modes:
                module.training = training
            np.random.set_state(numpy_state)  # noqa: NPY002
            random.setstate(python_state)


class _Source(NamedTuple):
    """Where in the batch an argument comes from, and what was done to it on the way."""

    path: tuple[Any, ...]
    shape: tuple[int, ...]
    dtype: torch.dtype
    device: torch.device
    unchanged: Tensor  # one bool on the device, read when first needed

    def of(self, batch: Any) -> Tensor:
        if not self.unchanged:
            raise _unknown_call(f"an input that is not the batch's own {list(self.path)}")
        item = reduce(getitem, self.path, batch)
        return item.to(self.device, self.dtype).reshape(len(item), *self.shape)


class _Missing(NamedTuple):
    """A tensor argument that the batch does not have."""

    shape: tuple[int, ...]


class _Batch:
    """The whole batch as an argument."""


def _plan(value: Any, batch: Any, leaves: list[tuple[tuple[Any, ...], Tensor]]) -> Any:
    if isinstance(value, Tensor):
        return _source(value, leaves)
    if value is batch:
        return _Batch()
    if isinstance(value, dict):
        return {key: _plan(item, batch, leaves) for key, item in value.items()}
    if type(value) in {tuple, list}:
        return type(value)(_plan(item, batch, leaves) for item in value)
    return value


def _source(arg: Tensor, leaves: list[tuple[tuple[Any, ...], Tensor]]) -> _Source | _Missing:
    same = [(path, leaf) for path, leaf in leaves if leaf is arg]
    alike = [
        (path, leaf)
        for path, leaf in leaves
        if arg.ndim and leaf.ndim and len(leaf) == len(arg) and leaf.numel() == arg.numel()
    ]
    if not same and not alike:
        return _Missing(tuple(arg.shape))
    path, leaf = (same or alike)[0]
    return _Source(path, tuple(arg.shape[1:]), arg.dtype, arg.device, is_equal(leaf, arg))


def _filled(plan: Any, batch: Any) -> Any:
    if isinstance(plan, _Source):
        return plan.of(batch)
    if isinstance(plan, _Missing):
        raise _unknown_call(f"a tensor of shape {plan.shape} that is not in the batch")
    if isinstance(plan, _Batch):
        return batch
    if isinstance(plan, dict):
        return {key: _filled(item, batch) for key, item in plan.items()}
    if type(plan) in {tuple, list}:
        return type(plan)(_filled(item, batch) for item in plan)
    return plan


def _unknown_call(what: str) -> ValueError:
    return ValueError(
        f"the loop calls the model with {what}, so its call cannot be made again for other samples; "
        "pass forward=, a function from the model and a batch to the model's output"
    )


Forward = Callable[[nn.Module, Any], Any]
