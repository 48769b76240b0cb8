"""Checks of what callers say about a run: the number of classes, their names, metrics, parameters of a measure."""

from __future__ import annotations

import os
import reprlib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nntf_widget.predictions import MAX_CLASSES

MAX_NAME = 1024  # characters: beyond, a table of names would take more than the names
MAX_METRICS = 4096


def checked_count(num_classes: Any) -> int:
    """Return K, an int of 2 or more."""
    if isinstance(num_classes, bool) or not isinstance(num_classes, (int, np.integer)):
        raise TypeError(f"num_classes is {num_classes!r}; expected an int")
    if not 2 <= num_classes <= MAX_CLASSES:
        raise ValueError(f"num_classes is {num_classes}; expected 2 to {MAX_CLASSES}")
    return int(num_classes)


def checked_names(class_names: Any) -> list[str]:
    """Return the names, all of them str and different."""
    if isinstance(class_names, str) or not all(isinstance(name, str) for name in class_names):
        raise TypeError(f"class_names is {reprlib.repr(class_names)}; expected a sequence of str")
    names = list(class_names)
    _check_lengths(names, "class_names")
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        raise ValueError(f"class_names has {reprlib.repr(twice)} more than once; expected different names")
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
        except (TypeError, ValueError) as error:
            raise TypeError(f"metrics[{name!r}] is {value!r}; expected a number") from error
    _check_lengths(numbers, "metrics")
    return numbers


def _check_lengths(names: Iterable[str], argument: str) -> None:
    """Raise ValueError where a name is too long to be one."""
    longest = max(names, key=len, default="")
    if len(longest) > MAX_NAME:
        raise ValueError(
            f"{argument} has a name of {len(longest)} characters, {longest[:20]!r}…; expected up to {MAX_NAME}"
        )


def checked_choice(value: Any, choices: tuple[str, ...], argument: str) -> str:
    """Return `value`, which is one of `choices`."""
    if value not in choices:
        raise ValueError(f"{argument} is {value!r}; expected one of {', '.join(map(repr, choices))}")
    return str(value)


def checked_path(path: Any, argument: str = "path") -> Path:
    """Return a path, whose ``~`` is the user's folder, as in a shell; that of a user who is not known stays."""
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"{argument} is {path!r}; expected a str or a path")
    if "\0" in str(path):
        raise ValueError(f"{argument} is {str(path)!r}; expected a path, which has no NUL character")
    return Path(os.path.expanduser(path))  # noqa: PTH111 - Path's own raises where the user is not known


def checked_length(value: Any, argument: str, least: int) -> int:
    """Return `value`, a whole number of `least` or more."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{argument} is {value!r}; expected an int")
    if value < least:
        raise ValueError(f"{argument} is {value}; expected {least} or more")
    return int(value)


def checked_share(value: Any, argument: str) -> float:
    """Return `value`, a number from 0 to 1."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
        raise TypeError(f"{argument} is {value!r}; expected a number")
    if not 0 <= value <= 1:
        raise ValueError(f"{argument} is {value}; expected 0 to 1")
    return float(value)
