"""What a caller hands over as predictions or labels, checked and turned into class ids."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_CLASSES = 2**16

ClassIds = NDArray[np.unsignedinteger[Any]]


def class_dtype(num_classes: int) -> np.dtype[Any]:
    """Return the smallest unsigned type that holds every class id: uint8 or uint16."""
    return np.dtype(np.uint8 if num_classes <= 256 else np.uint16)


def width(predictions: Any) -> int | None:
    """Return the number of columns of scores with shape (N, K), or None for class ids."""
    shape = getattr(predictions, "shape", None) or np.shape(predictions)
    return int(shape[1]) if len(shape) == 2 else None


def class_ids(predictions: Any, num_classes: int) -> ClassIds:
    """Return the predicted class of every sample.

    Parameters
    ----------
    predictions : array of shape (N,) or (N, K)
        Class ids of any integer type, or scores, logits or probabilities whose largest column is the class (the
        first of equals). NumPy arrays, torch tensors and whatever has ``__array__`` or DLPack, on any device; the
        largest column is found where the scores are, so that only N ids travel.
    num_classes : int
        K.

    Returns
    -------
    ndarray of shape (N,), uint8 or uint16

    Raises
    ------
    TypeError
        Class ids that are not integers, or scores that are not real numbers.
    ValueError
        No sample, another number of axes or columns, NaN among the scores, an id outside 0 … K-1.
    """
    known = hasattr(predictions, "argmax") and hasattr(predictions, "ndim")
    array = predictions if known else _on_host(predictions, "predictions")
    if array.ndim == 2:
        array = _largest_column(array, num_classes)
    return _checked_ids(_on_host(array, "predictions"), num_classes, "predictions", f" or (N, {num_classes}) scores")


def label_ids(labels: Any, num_classes: int) -> ClassIds:
    """Return the true class of every sample, from an array of shape (N,) of any integer type; see `class_ids`."""
    return _checked_ids(_on_host(labels, "labels"), num_classes, "labels", "")


def _checked_ids(ids: NDArray[Any], num_classes: int, argument: str, or_else: str) -> ClassIds:
    """Return class ids as they are kept; what else was welcome is said in errors."""
    if ids.ndim != 1:
        raise ValueError(f"{argument} has shape {tuple(ids.shape)}; expected (N,) class ids{or_else}")
    if ids.size == 0:
        raise ValueError(f"{argument} is empty; expected one class for each sample")
    if ids.dtype.kind not in "iu":
        raise TypeError(
            f"{argument} of shape {ids.shape} has dtype {ids.dtype}; expected integers, as (N,) class ids{or_else}"
        )
    low, high = int(ids.min()) if ids.dtype.kind == "i" else 0, int(ids.max())
    if low < 0 or high >= num_classes:
        wrong = low if low < 0 else high
        where = int(np.flatnonzero(ids == wrong)[0])
        raise ValueError(f"{argument}[{where}] is class {wrong}; expected 0 to {num_classes - 1}")
    return ids.astype(class_dtype(num_classes))


def _largest_column(scores: Any, num_classes: int) -> Any:
    """Return the index of the largest of every row's scores, as an array of the scores' own library."""
    if 0 in scores.shape:
        raise ValueError(f"predictions has shape {tuple(scores.shape)}; expected one row for each sample")
    if scores.shape[1] != num_classes:
        raise ValueError(
            f"predictions has shape {tuple(scores.shape)}; expected (N, {num_classes}), one column for each class"
        )
    if isinstance(scores, np.ndarray) and not _is_real(scores.dtype):
        raise TypeError(f"predictions has dtype {scores.dtype}; expected real numbers as scores")
    not_a_number = scores != scores  # noqa: PLR0124 - NaN alone differs from itself, in every array library
    if bool(not_a_number.any()):
        rows = int(not_a_number.any(1).sum())
        raise ValueError(f"predictions has NaN scores for {rows} of {scores.shape[0]} samples; expected numbers")
    return scores.argmax(1)


def _is_real(dtype: np.dtype[Any]) -> bool:
    """Return whether an array of this type holds real numbers."""
    # Of kind V are the short floats that others add to NumPy, such as bfloat16; true void types cast to no number.
    return dtype.kind in "fiu" or (dtype.kind == "V" and np.can_cast(dtype, np.float32))


def _on_host(values: Any, argument: str) -> NDArray[Any]:
    """Return `values` as a NumPy array, copied from its device where it lies on one."""
    try:
        if hasattr(values, "detach") and hasattr(values, "cpu"):  # a torch tensor
            return np.asarray(values.detach().cpu())
        if hasattr(values, "__array__") or not hasattr(values, "__dlpack__"):
            return np.asarray(values)
        return np.from_dlpack(values)
    except (TypeError, ValueError, BufferError, RuntimeError) as error:
        raise TypeError(f"{argument} is a {type(values).__name__} that gives no array: {error}") from error
