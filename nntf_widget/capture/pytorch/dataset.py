"""What a loader's dataset tells: which samples there are, and what their classes are called."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import DataLoader, IterableDataset, SubsetRandomSampler


def check_loader(loader: Any, *, exact: bool, index: Any) -> None:
    """Raise where `watch` cannot tell the loader's samples apart.

    Raises
    ------
    TypeError, ValueError
        No DataLoader; or one whose samples have no index, or whose batches come in no known order.
    """
    if not isinstance(loader, DataLoader):
        raise TypeError(f"loader is a {type(loader).__name__}; expected a torch.utils.data.DataLoader")
    if exact and (index is not None or isinstance(loader.dataset, IterableDataset)):
        raise ValueError("exact=True needs a dataset with indices; expected no IterableDataset and no index=")
    if loader.num_workers and not getattr(loader, "in_order", True) and not exact and index is None:
        raise ValueError(
            "loader has in_order=False, so its batches come in no known order; "
            "expected in_order=True, exact=True, or index= from a batch to its sample ids"
        )


def sample_ids(loader: DataLoader[Any]) -> NDArray[np.int64]:
    """Return the dataset indices that the loader draws from, ascending, shape (N,).

    All of the dataset's, but where a `SubsetRandomSampler` picks some of them for good.
    """
    if isinstance(loader.dataset, IterableDataset):
        raise ValueError(  # noqa: TRY004 - the type is right, an argument is missing
            "loader has an IterableDataset, whose samples have no index; "
            "expected index=, a function from a batch to the ids of its samples"
        )
    if isinstance(loader.sampler, SubsetRandomSampler):
        return np.unique(np.asarray(loader.sampler.indices, np.int64))
    return np.arange(len(loader.dataset))  # type: ignore[arg-type]  # a map-style one has a length


def dataset_classes(dataset: Any, num_classes: int | None) -> list[str] | None:
    """Return the class names that a dataset, or the one that a subset is of, carries; None unless they fit."""
    while not hasattr(dataset, "classes") and hasattr(dataset, "dataset"):
        dataset = dataset.dataset
    names = getattr(dataset, "classes", None)
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        return None
    fits = len(names) == len(set(names)) >= 2 and num_classes in {None, len(names)}
    return list(names) if fits else None
