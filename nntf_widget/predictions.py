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


def class_ids(values: Any, num_classes: int, argument: str = "predictions") -> ClassIds:
    """Return the class of every sample.

    Parameters
    ----------
    values : array of shape (N,) or (N, K)
        Class ids of any integer type, or scores, logits or probabilities whose largest column is the class (the
        first of equals). NumPy arrays, torch tensors and whatever has ``__array__`` or DLPack, on any device; the
        largest column is found where the scores are, so that only N ids travel.
    num_classes : int
        K.
    argument : str
        The name that errors give to ``values``.

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
    array = values if hasattr(values, "argmax") and hasattr(values, "ndim") else _on_host(values, argument)
    if array.ndim == 2:
        array = _largest_column(array, num_classes, argument)
    ids = _on_host(array, argument)
    if ids.ndim != 1:
        expected = f"expected (N,) class ids or (N, {num_classes}) scores"
        raise ValueError(f"{argument} has shape {tuple(ids.shape)}; {expected}")
    if ids.size == 0:
        raise ValueError(f"{argument} is empty; expected one class for each sample")
    if ids.dtype.kind not in "iu":
        raise TypeError(
            f"{argument} of shape {ids.shape} has dtype {ids.dtype}; expected integer class ids, "
            f"or scores of shape (N, {num_classes})"
        )
    low, high = int(ids.min()), int(ids.max())
    if low < 0 or high >= num_classes:
        wrong = low if low < 0 else high
        where = int(np.flatnonzero(ids == wrong)[0])
        raise ValueError(f"{argument}[{where}] is class {wrong}; expected 0 to {num_classes - 1}")
    return ids.astype(class_dtype(num_classes))


def _largest_column(scores: Any, num_classes: int, argument: str) -> Any:
    """Return the index of the largest of every row's scores, as an array of the scores' own library."""
    if 0 in scores.shape:
        raise ValueError(f"{argument} has shape {tuple(scores.shape)}; expected one row for each sample")
    if scores.shape[1] != num_classes:
        raise ValueError(
            f"{argument} has shape {tuple(scores.shape)}; expected (N, {num_classes}), one column for each class"
        )
    if isinstance(scores, np.ndarray) and not _is_real(scores.dtype):
        raise TypeError(f"{argument} has dtype {scores.dtype}; expected real numbers as scores")
    not_a_number = scores != scores  # noqa: PLR0124 - NaN alone differs from itself, in every array library
    if bool(not_a_number.any()):
        rows = int(not_a_number.any(1).sum())
        raise ValueError(f"{argument} has NaN scores for {rows} of {scores.shape[0]} samples; expected numbers")
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
