"""Which part of a batch is its labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Subset

from nntf_widget.capture.pytorch.nesting import leaves_of

Where = str | int | Callable[[Any], Any]
NAMES = frozenset({"labels", "label", "label_ids", "targets", "target", "y"})
INTEGERS = frozenset({torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64})


class Labels:
    """Reads the labels of one batch after another.

    Without `where`, the first batch shows where they are: under one of `NAMES`, else as the one tensor of a class for
    each sample (of integers; or, behind the first item, of shares that add up to 1, of single numbers, or of whatever
    rows). What equals the sample ids, or those in the dataset that a subset is of, is none, where there is another.

    Parameters
    ----------
    where : str, int or callable, optional
        A key of the batch, a position in it, or a function of it.
    dataset : Dataset
        What the sample ids are of.

    Raises
    ------
    TypeError
        `where` is of another type.
    """

    def __init__(self, where: Where | None, dataset: Any) -> None:
        if where is not None and (isinstance(where, bool) or not (isinstance(where, (str, int)) or callable(where))):
            raise TypeError(f"labels is {where!r}; expected a key, a position or a function of the batch")
        self._where, self._dataset = where, dataset
        self._path: tuple[Any, ...] | None = None
        self._is_sought = where is None

    def of(self, batch: Any, ids: Any) -> Tensor | None:
        """Return the labels of a batch.

        Parameters
        ----------
        batch : any nesting of mappings, tuples and lists
        ids : sequence of B sample ids

        Returns
        -------
        tensor of shape (B,) or (B, K), or None
            Classes, or shares of the classes; None where there are none.

        Raises
        ------
        ValueError
            Several tensors may be the labels: said once, then there are none. Or what `where` gives are no labels.
        """
        if self._where is not None:
            return self._given(batch, len(ids))
        if self._is_sought:
            self._is_sought = False
            self._path = self._found(batch, ids)
        if self._path is None:
            return None
        labels = batch
        for key in self._path:
            labels = labels[key]
        return labels if _fits(labels, len(ids)) else None

    def forget(self) -> None:
        """Learn that what was found are no labels: there are none."""
        self._path = None

    def _given(self, batch: Any, rows: int) -> Tensor:
        try:
            labels = self._where(batch) if callable(self._where) else batch[self._where]
        except (LookupError, TypeError) as error:
            raise ValueError(
                f"labels is {self._where!r}, which a batch does not have; it has {_parts(batch)}"
            ) from error
        labels = torch.as_tensor(labels)
        if not _fits(labels, rows):
            raise ValueError(
                f"labels gives shape {tuple(labels.shape)} for a batch of {rows}; "
                f"expected ({rows},) classes, or ({rows}, K) shares of the classes"
            )
        return labels

    def _found(self, batch: Any, ids: Any) -> tuple[Any, ...] | None:
        """Return the way to the labels in a batch."""
        leaves = [(path, leaf) for path, leaf in leaves_of(batch) if path and _fits(leaf, len(ids))]
        behind = [(path, leaf) for path, leaf in leaves if isinstance(path[0], int) and path[0] > 0]
        integers = [(path, leaf) for path, leaf in leaves if leaf.numel() == len(leaf) and leaf.dtype in INTEGERS]
        for candidates in (
            [(path, leaf) for path, leaf in leaves if path[-1] in NAMES],
            [(path, leaf) for path, leaf in integers if path != (0,)],
            integers,
            [(path, leaf) for path, leaf in behind if leaf.numel() > len(leaf) and _are_shares(leaf)],
            [(path, leaf) for path, leaf in behind if leaf.numel() == len(leaf)],
        ):
            others = [path for path, leaf in candidates if not self._are_ids(leaf, ids)]
            paths = others or [path for path, _ in candidates]
            if len(paths) > 1:
                raise ValueError(
                    f"several parts of a batch may be its labels: {', '.join(map(_name, paths))}; "
                    "pass labels=, a key, a position or a function of the batch"
                )
            if paths:
                return paths[0]
        wide = [path for path, leaf in behind if leaf.numel() > len(leaf)]
        return wide[0] if len(wide) == 1 else None

    def _are_ids(self, leaf: Tensor, ids: Any) -> bool:
        values, dataset, ids = leaf.flatten().tolist(), self._dataset, list(ids)
        while values != ids and isinstance(dataset, Subset):
            indices, dataset = dataset.indices, dataset.dataset
            ids = [int(indices[index]) for index in ids]
        return leaf.dtype in INTEGERS and values == ids


def _fits(labels: Any, rows: int) -> bool:
    return isinstance(labels, Tensor) and labels.ndim in {1, 2} and len(labels) == rows


def _are_shares(leaf: Tensor) -> bool:
    shares = leaf.detach().double()
    return bool((shares >= 0).all() and ((shares.sum(1) - 1).abs() < 0.01).all())


def _name(path: tuple[Any, ...]) -> str:
    return ", ".join(f"item {key}" if isinstance(key, int) else repr(key) for key in path)


def _parts(batch: Any) -> str:
    """Say what a batch has, for an error."""
    if isinstance(batch, Mapping):
        return f"the keys {', '.join(map(repr, batch))}"
    return f"{len(batch)} items" if isinstance(batch, (tuple, list)) else f"no parts: it is a {type(batch).__name__}"
