"""What metrics measure, and of which split of the data, told by their names."""

from __future__ import annotations

from collections.abc import Iterable

SPLITS = {  # of the data, by how the names of their metrics begin
    "train_": "train",
    "training_": "train",
    "val_": "val",
    "valid_": "val",
    "validation_": "val",
    "eval_": "eval",
    "test_": "test",
}


def measures_of(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return what the metrics of these names measure; for each measure its metrics, and the split that each is of.

    Examples
    --------
    >>> measures_of(["loss", "val_loss", "accuracy"])
    {'loss': {'loss': '', 'val_loss': 'val'}, 'accuracy': {'accuracy': ''}}
    """
    measures: dict[str, dict[str, str]] = {}
    for name in names:
        prefix = next((prefix for prefix in SPLITS if name.startswith(prefix)), "")
        measures.setdefault(name.removeprefix(prefix), {})[name] = SPLITS.get(prefix, "")
    return measures
