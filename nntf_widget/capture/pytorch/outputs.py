"""What a model returned for a batch, read as class scores; the batch's labels; both tallied until a snapshot is due."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import nan
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

LABEL_KEYS = ("labels", "label", "targets", "target", "y")
HELD_NUMBERS = 2**20
"""Scores held back before they are reduced to class ids: many small batches in one go, at most 4 MiB of float32."""


class Rows(NamedTuple):
    """Predictions made since the last snapshot, in the order in which they were made.

    Attributes
    ----------
    samples : ndarray of shape (n,)
        The ids of the samples; one may come several times.
    classes : ndarray of shape (n,), int64
        The predicted class; -1 where the scores were not numbers.
    labels : ndarray of shape (n,), int64, or None
        The true class; -1 where the batch had none in 0 … K-1.
    probabilities : ndarray of shape (n,), float32, or None
        Of the true class, NaN where there is none; None where the model gives class ids.
    num_classes : int or None
        K as the scores show it; None where the model gives class ids.
    metrics : dict of str to float
        "loss" and "accuracy" over the rows with a label, where there are any.
    """

    samples: NDArray[Any]
    classes: NDArray[np.int64]
    labels: NDArray[np.int64] | None
    probabilities: NDArray[np.float32] | None
    num_classes: int | None
    metrics: dict[str, float]


class Tally:
    """Predictions of many batches, left on their device until `rows` fetches them.

    A batch costs one copy of its scores and one of its labels; the reduction to class ids and losses waits until
    `HELD_NUMBERS` scores are there. Nothing waits for the device before `rows`.
    """

    def __init__(self, *, logits_seen: bool = False) -> None:
        self.logits_seen = logits_seen
        """Whether some scores cannot be probabilities. From then on, none are taken for probabilities."""
        self._clear()

    def add(self, samples: Any, scores: Tensor, labels: Tensor | None) -> None:
        """Take a batch.

        Parameters
        ----------
        samples : sequence of B sample ids
        scores : tensor of shape (B, K) or (B,)
            Scores of any kind, or a floating-point score for the second of two classes, or integer class ids.
        labels : tensor of shape (B,), optional
        """
        if scores.ndim == 1 and not self.logits_seen:
            self.logits_seen = _is_sum(scores)
        self._samples.append(samples)
        self._scores.append(scores.detach().clone())  # the loop may write into its own
        self._labels.append(None if labels is None else labels.detach().clone())
        self._held += scores.numel()
        if self._held >= HELD_NUMBERS:
            self._reduce()

    def rows(self) -> Rows:
        """Return everything added since the last call; this is where the device is waited for."""
        self._reduce()
        reduced, samples = self._reduced, self._samples
        self._clear()
        self.logits_seen |= bool(torch.stack([part.no_shares for part in reduced]).any())
        read = [part.as_logits if self.logits_seen else part.as_shares for part in reduced]
        classes = _fetched([part.classes for part in read])
        assert classes is not None, "every part has them"
        labels = _fetched([part.labels for part in reduced])
        losses = _fetched([part.losses for part in read])
        return Rows(
            samples=np.concatenate([np.atleast_1d(np.asarray(ids)) for ids in samples]),
            classes=classes,
            labels=labels,
            probabilities=None if losses is None else np.exp(-losses),
            num_classes=reduced[0].num_classes,
            metrics=_metrics(classes, labels, losses),
        )

    def _clear(self) -> None:
        self._samples: list[Any] = []
        self._reduced: list[_Reduced] = []
        self._clear_held()

    def _clear_held(self) -> None:
        self._scores: list[Tensor] = []
        self._labels: list[Tensor | None] = []
        self._held = 0

    def _reduce(self) -> None:
        if not self._scores:
            return
        scores, labels = self._scores, [held for held in self._labels if held is not None]
        self._clear_held()
        self._reduced.append(_reduced(torch.cat(scores), torch.cat(labels) if len(labels) == len(scores) else None))


def scores_of(output: Any, rows: int, reduce: Callable[[Any], Any] | None) -> Tensor | None:
    """Return the class scores in what a model returned for a batch of `rows` samples.

    Parameters
    ----------
    output : tensor, tuple, list, mapping or object with ``logits``
        Of several tensors, the one named "logits", else the first of shape (B, K), else the first with B rows.
    rows : int
        B.
    reduce : callable, optional
        From `output` to scores of shape (B, K) or class ids of shape (B,), used instead of the above.

    Returns
    -------
    tensor of shape (B, K) or (B,), or None
        None where the output is not for B samples.

    Raises
    ------
    ValueError
        An output of more axes.
    """
    tensors = [reduce(output)] if reduce else _tensors(output)
    fitting = [t for t in tensors if isinstance(t, Tensor) and t.ndim and len(t) == rows]
    if not fitting:
        return None
    scores = next((t for t in fitting if t.ndim == 2 and t.shape[1] > 1), fitting[0])
    if scores.ndim == 2 and scores.shape[1] == 1:
        scores = scores[:, 0]
    if scores.ndim > 2 or 0 in scores.shape:
        raise ValueError(
            f"the model gives {tuple(scores.shape)} for a batch of {rows}; expected ({rows}, K) scores; "
            "pass reduce=, a function from the model's output to (B, K) scores or (B,) class ids"
        )
    return scores


def labels_of(batch: Any, rows: int) -> Tensor | None:
    """Return a batch's labels, shape (B,): its second item, or what it has under a key of `LABEL_KEYS`."""
    if isinstance(batch, Mapping):
        labels = next((batch[key] for key in LABEL_KEYS if key in batch), None)
    else:
        labels = batch[1] if isinstance(batch, (tuple, list)) and len(batch) > 1 else None
    if not isinstance(labels, Tensor) or labels.shape not in {(rows,), (rows, 1)}:
        return None
    return labels.reshape(rows)


def shapes_of(output: Any) -> str:
    """Say what a model returned, for an error."""
    if isinstance(output, Tensor):
        return f"shape {tuple(output.shape)}"
    items = output.values() if isinstance(output, Mapping) else output if isinstance(output, (tuple, list)) else []
    return f"a {type(output).__name__} of {[shapes_of(item) for item in items]}"


def _is_sum(scores: Tensor) -> bool:
    """Return whether autograd knows the scores as the sums that a linear layer ends with: no probabilities."""
    node = scores.grad_fn
    while node is not None and node.name().startswith(("Select", "Squeeze", "View", "UnsafeView", "ToCopy")):
        node = node.next_functions[0][0]
    return node is not None and node.name().startswith(("Addmm", "Add", "Mm"))


def _tensors(output: Any) -> list[Any]:
    if isinstance(output, Tensor):
        return [output]
    if isinstance(output, Mapping):
        return [output["logits"]] if "logits" in output else list(output.values())
    if hasattr(output, "logits"):
        return [output.logits]
    return list(output) if isinstance(output, (tuple, list)) else []


class _Reading(NamedTuple):
    """n scores read as logits, or as probabilities.

    Attributes
    ----------
    classes : tensor of shape (n,), int64
        They differ only for a single score, whose threshold is 0 as a logit and 0.5 as a probability.
    losses : tensor of shape (n,), float32, or None
        Minus the logarithm of the true class's probability; NaN where there is no true class.
    """

    classes: Tensor
    losses: Tensor | None


class _Reduced(NamedTuple):
    """Scores of n samples, reduced on their device. Whether they are logits or probabilities is settled later.

    Attributes
    ----------
    as_logits, as_shares : _Reading
    no_shares : tensor of shape (), bool
        Whether they cannot be probabilities.
    labels : tensor of shape (n,), int64, or None
    num_classes : int or None
    """

    as_logits: _Reading
    as_shares: _Reading
    no_shares: Tensor
    labels: Tensor | None
    num_classes: int | None


def _reduced(scores: Tensor, labels: Tensor | None) -> _Reduced:
    if scores.ndim == 1 and not scores.is_floating_point():
        ids = _Reading(scores.long(), None)
        return _Reduced(ids, ids, torch.zeros((), dtype=torch.bool, device=scores.device), _known(labels, None), None)
    single = scores.ndim == 1
    scores = scores if scores.dtype == torch.float64 else scores.float()
    logits = torch.stack([torch.zeros_like(scores), scores], 1) if single else scores
    shares = torch.stack([1 - scores, scores], 1) if single else scores
    if labels is not None and labels.is_floating_point() and not single:
        labels = None  # the targets of something else than classes
    labels = _known(labels, logits.shape[1])
    cross_entropy, likelihood = _losses(logits, shares, labels)
    classes = _top(logits)
    return _Reduced(
        _Reading(classes, cross_entropy),
        _Reading(_top(shares) if single else classes, likelihood),
        (shares < 0).any() | ((shares.sum(1) - 1).abs() > 0.01).any(),
        labels,
        logits.shape[1],
    )


def _top(scores: Tensor) -> Tensor:
    top = scores.max(1)  # the first of equals; NaN where any is
    return torch.where(top.values.isnan(), -1, top.indices)


def _known(labels: Tensor | None, num_classes: int | None) -> Tensor | None:
    """Return labels as int64, -1 where they are no class (an ignored sample, a float between two classes)."""
    if labels is None:
        return None
    ids = labels.long()
    known = (ids >= 0) & (ids == labels)
    if num_classes is not None:
        known &= ids < num_classes
    return torch.where(known, ids, -1)


def _losses(logits: Tensor, shares: Tensor, labels: Tensor | None) -> tuple[Tensor | None, Tensor | None]:
    """Return minus the logarithm of the true class's probability in either reading, shape (n,)."""
    if labels is None:
        return None, None
    labels = labels.to(logits.device, non_blocking=True)
    true = labels.clamp(min=0)[:, None]
    as_logits = -functional.log_softmax(logits, 1).gather(1, true)[:, 0]
    as_shares = -shares.gather(1, true)[:, 0].clamp(min=1e-12).log()
    cross_entropy, likelihood = (torch.where(labels >= 0, loss, nan).float() for loss in (as_logits, as_shares))
    return cross_entropy, likelihood


def _fetched(parts: list[Tensor | None]) -> NDArray[Any] | None:
    """Return the parts as one array on the host; None where a part is missing."""
    there = [part for part in parts if part is not None]
    return torch.cat(there).cpu().numpy() if len(there) == len(parts) else None


def _metrics(
    classes: NDArray[np.int64], labels: NDArray[np.int64] | None, losses: NDArray[np.float32] | None
) -> dict[str, float]:
    labelled = np.zeros(len(classes), bool) if labels is None else labels >= 0
    metrics = {}
    if losses is not None and labelled.any():
        metrics["loss"] = float(losses[labelled].mean(dtype=np.float64))
    if labels is not None and labelled.any():
        metrics["accuracy"] = float(np.mean(classes[labelled] == labels[labelled]))
    return metrics
