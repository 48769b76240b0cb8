"""The tensors in a nesting of mappings, tuples and lists, as loaders and models use them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from torch import Tensor, nn


def leaves_of(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Tensor]]:
    """Yield the tensors in `value`, in order, each with the keys and indices that lead to it."""
    if isinstance(value, Tensor):
        yield path, value
    elif isinstance(value, (tuple, list)):
        for index, item in enumerate(value):
            yield from leaves_of(item, (*path, index))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves_of(item, (*path, key))


def tensors_of(value: Any) -> list[Tensor]:
    """Return the tensors in `value`, in order."""
    return [leaf for _, leaf in leaves_of(value)]


def is_equal(own: Tensor, other: Tensor) -> Tensor:
    """Return whether `other` is `own` moved, cast or reshaped: a bool on the device of `other`, computed there."""
    moved = own.detach().to(other.device, other.dtype, non_blocking=True).reshape(other.shape)
    other = other.detach()
    return ((moved == other) | (moved != moved)).all()  # noqa: PLR0124 - NaN alone differs from itself


def version_of(tensor: Tensor) -> int:
    """Return a number that grows when the tensor is written to; 0 for one made in inference mode, which has none."""
    return 0 if tensor.is_inference() else tensor._version  # noqa: SLF001 - there is no other way to see it


def version_of_model(model: nn.Module | None) -> int:
    """Return a number that grows when an optimizer, or anything else, writes into the model's parameters."""
    return sum(map(version_of, model.parameters())) if model is not None else 0
