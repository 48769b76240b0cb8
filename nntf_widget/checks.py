"""Checks of what callers say about a run: the number of classes, their names, metrics, parameters of a measure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from nntf_widget.predictions import MAX_CLASSES


def checked_count(num_classes: Any) -> int:
    """Return K, an int of 2 or more."""
    count = _whole(num_classes, "num_classes")
    if not 2 <= count <= MAX_CLASSES:
        raise ValueError(f"num_classes is {count}; expected 2 to {MAX_CLASSES}")
    return count


def checked_names(class_names: Any) -> list[str]:
    """Return the names, all of them str and different."""
    names = list(class_names) if isinstance(class_names, Iterable) else [class_names]
    if isinstance(class_names, str) or not all(isinstance(name, str) for name in names):
        raise TypeError(f"class_names is {class_names!r}; expected a sequence of str")
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        raise ValueError(f"class_names has {twice} more than once; expected different names")
    return names


def checked_metrics(metrics: Any) -> dict[str, float]:
    """Return the metrics as floats by name."""
    if metrics is None:
        return {}
    if not isinstance(metrics, Mapping):
        raise TypeError(f"metrics is a {type(metrics).__name__}; expected a mapping of str to number")
    numbers = {}
    for name, value in metrics.items():
        if not isinstance(name, str):
            raise TypeError(f"metrics has the name {name!r}; expected str")
        try:
            numbers[name] = float(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise TypeError(f"metrics[{name!r}] is {value!r}; expected a number") from error
    return numbers


def checked_choice(value: Any, choices: tuple[str, ...], argument: str) -> str:
    """Return `value`, which is one of `choices`."""
    if value not in choices:
        raise ValueError(f"{argument} is {value!r}; expected one of {', '.join(map(repr, choices))}")
    return str(value)


def checked_length(value: Any, argument: str, least: int) -> int:
    """Return `value`, a whole number of `least` or more."""
    number = _whole(value, argument)
    if number < least:
        raise ValueError(f"{argument} is {number}; expected {least} or more")
    return number


def checked_index(value: Any, argument: str, size: int) -> int:
    """Return `value`, a whole number from 0 to below `size`."""
    number = _whole(value, argument)
    if not 0 <= number < size:
        raise IndexError(f"{argument} is {number}; expected " + (f"0 to {size - 1}" if size else "a snapshot first"))
    return number


def checked_share(value: Any, argument: str, least: float = 0.0) -> float:
    """Return `value`, a number from `least` to 1."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise TypeError(f"{argument} is {value!r}; expected a number")
    if not least <= value <= 1:
        raise ValueError(f"{argument} is {value}; expected {least:g} to 1")
    return float(value)


def _whole(value: Any, argument: str) -> int:
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{argument} is {value!r}; expected an int")
    return int(value)
