"""What the samples of a run look like: pictures, texts, or a function that gives either."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

LONGEST_SIDE = 64  # pixels; what is larger is shrunk to it
CHANNELS = (1, 3, 4)

Content: TypeAlias = "str | NDArray[np.uint8]"
"""A text, or a picture of shape (height, width, 1 or 3)."""


class Samples:
    """Pictures or texts, one a sample, in the order of the predictions.

    Parameters
    ----------
    given : array, sequence or callable
        An array of pictures, shape (N, H, W), (N, H, W, C) or (N, C, H, W) with 1, 3 or 4 channels; a sequence of
        pictures of any sizes, or of N str; or a function from a sample's place, an int, to a picture or a str.

    Raises
    ------
    TypeError
        Something else.

    Examples
    --------
    >>> Samples(["a text", "another"]).at(1)
    'another'
    >>> Samples(lambda place: np.full((8, 8), place / 10)).at(5).shape
    (8, 8, 1)
    """

    def __init__(self, given: Any) -> None:
        self._function: Callable[[int], Any] | None = given if callable(given) else None
        self._items: Sequence[Any] | NDArray[Any] = () if callable(given) else _items(given)

    def __len__(self) -> int:
        """N; 0 for a function, which does not tell."""
        return len(self._items)

    @property
    def is_function(self) -> bool:
        """Whether each sample has to be asked for."""
        return self._function is not None

    def at(self, place: int) -> Content:
        """Return the text, or the picture in 8 bits a channel and at most 64 pixels a side, of one sample.

        Raises
        ------
        TypeError, ValueError
            The item is neither.
        """
        item = self._function(place) if self._function else self._items[place]
        return str(item) if isinstance(item, str) else picture(item)


def picture(image: Any) -> NDArray[np.uint8]:
    """Return an image as (height, width, 1 or 3) bytes, its longer side 64 pixels or less.

    Parameters
    ----------
    image : array of shape (H, W), (H, W, C) or (C, H, W)
        Integers from 0 to 255, booleans, or floats from 0 to 1. The values of other images are stretched from the
        lowest to the highest. A fourth channel (opacity) is left out; pixels that are not numbers are black.

    Raises
    ------
    TypeError, ValueError
        Not numbers, or another shape.
    """
    array = np.asarray(image.detach().cpu() if hasattr(image, "detach") else image)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"a sample is a {type(image).__name__} of {array.dtype}; expected a str or an array of numbers")
    if array.ndim == 3 and array.shape[2] not in CHANNELS and array.shape[0] in CHANNELS:
        array = np.moveaxis(array, 0, 2)
    if array.ndim == 2:
        array = array[:, :, None]
    if array.ndim != 3 or array.shape[2] not in CHANNELS or array.size == 0:
        raise ValueError(f"a sample has shape {np.shape(image)}; expected (H, W), (H, W, C) or (C, H, W), C 1, 3 or 4")
    return _in_bytes(_shrunk(array[:, :, : min(array.shape[2], 3)]))


def _shrunk(array: NDArray[Any]) -> NDArray[Any]:
    """Return the means of square blocks, so that the longer side has 64 pixels or less."""
    height, width, channels = array.shape
    block = -(-max(height, width) // LONGEST_SIDE)
    if block == 1:
        return array
    high, wide = max(height // block, 1), max(width // block, 1)
    cropped = array[: high * block, : wide * block]
    blocks = cropped.reshape(high, cropped.shape[0] // high, wide, cropped.shape[1] // wide, channels)
    means = blocks.mean(axis=(1, 3))
    return means if array.dtype.kind == "f" else means.round().astype(int)


def _in_bytes(array: NDArray[Any]) -> NDArray[np.uint8]:
    if array.dtype.kind == "b":
        return array.astype(np.uint8) * np.uint8(255)
    values = np.nan_to_num(array.astype(float), posinf=0, neginf=0)
    low, high = values.min(), values.max()
    top = 1 if array.dtype.kind == "f" else 255
    if low < 0 or high > top:
        values, top = values - low, high - low
    return np.asarray((values * (255 / top)).round(), np.uint8)


def _items(given: Any) -> Sequence[Any] | NDArray[Any]:
    if isinstance(given, (str, bytes)) or not hasattr(given, "__getitem__") or not hasattr(given, "__len__"):
        raise TypeError(
            f"samples is a {type(given).__name__}; expected an array of pictures, a sequence of str or pictures, "
            "or a function from a sample's place to either"
        )
    if hasattr(given, "detach"):
        return np.asarray(given.detach().cpu())
    return given if isinstance(given, (np.ndarray, list, tuple)) else list(given)
