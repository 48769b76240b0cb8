"""What a model returned for a batch, read as class scores; the batch's labels; both tallied until a snapshot is due."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

HELD_NUMBERS = 2**20
"""Scores held back before they are reduced to class ids: many small batches in one go, at most 4 MiB of float32."""

SEVERAL = -2
"""The label of a sample that has several classes."""


class Rows(NamedTuple):
    """Predictions made since the last snapshot, in the order in which they were made.

    Attributes
    ----------
    samples : ndarray of shape (n,)
        The ids of the samples; one may come several times.
    classes : ndarray of shape (n,), int64
        The predicted class; -1 where the scores were not numbers.
    labels : ndarray of shape (n,), int64, or None
        The true class; -1 where the batch had none, `SEVERAL` where more than one. It may be K or more, which is an
        error of the data.
    num_classes : int or None
        K as the scores show it; None where the model gives class ids.
    metrics : dict of str to float
        "loss" and "accuracy" over the rows with a label, where there are any.
    """

    samples: NDArray[Any]
    classes: NDArray[np.int64]
    labels: NDArray[np.int64] | None
    num_classes: int | None
    metrics: dict[str, float]


class Tally:
    """Predictions of many batches, left on their device until `rows` fetches them.

    The reduction to class ids and to a sum of losses waits until `HELD_NUMBERS` scores are there. Nothing waits for the
    device before `rows`.
    """

    def __init__(self, *, logits_seen: bool = False) -> None:
        self.logits_seen = logits_seen
        """Whether some scores cannot be probabilities. From then on, none are taken for probabilities."""
        self._clear()

    def copy_of(self, scores: Tensor) -> Tensor:
        """Return a copy of scores as the model gave them, to be added later: the loop may write into its own."""
        if scores.ndim == 1 and not self.logits_seen:
            self.logits_seen = _is_sum(scores)
        return scores.detach().clone()

    def add(self, samples: Any, scores: Tensor, labels: Tensor | None) -> None:
        """Take a batch, whose tensors are kept.

        Parameters
        ----------
        samples : sequence of B sample ids
        scores : tensor of shape (B, K) or (B,)
            Scores of any kind, or a floating-point score for the second of two classes, or integer class ids.
        labels : tensor of shape (B,) or (B, K), optional
            Classes, or shares of the classes, of which one above a half counts as the class.
        """
        self._samples.append(samples)
        self._scores.append(scores)
        self._labels.append(labels)
        self._held += scores.numel()
        if self._held >= HELD_NUMBERS:
            self._reduce()

    def absorb(self, other: Tally) -> None:
        """Take over everything that was added to another tally, which is empty then."""
        self._reduce()
        other._reduce()
        self._samples += other._samples
        self._reduced += other._reduced
        other._clear()

    def rows(self) -> Rows:
        """Return everything added since the last call; this is where the device is waited for."""
        self._reduce()
        reduced, samples = self._reduced, self._samples
        self._clear()
        sums = torch.stack([part.sums for part in reduced]).double().cpu().numpy()
        self.logits_seen |= bool(sums[:, 3].any())
        classes = torch.cat([part.as_logits if self.logits_seen else part.as_shares for part in reduced]).cpu().numpy()
        labels = [part.labels for part in reduced if part.labels is not None]
        truth = torch.cat(labels).cpu().numpy() if len(labels) == len(reduced) else None
        ids, num_classes = np.concatenate([np.atleast_1d(np.asarray(ids)) for ids in samples]), reduced[0].num_classes
        if truth is not None and np.array_equal(truth, ids) and truth.max() >= (num_classes or 0):
            return Rows(ids, classes, None, num_classes, {})  # what the loader hands out are the samples' numbers
        loss = sums[:, 0 if self.logits_seen else 1].sum()
        return Rows(ids, classes, truth, num_classes, _metrics(classes, truth, num_classes, loss, sums[:, 2].sum()))

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
        truth = torch.cat(labels) if len(labels) == len(scores) else None
        self._reduced.append(_reduced(torch.cat(scores), truth, logits_seen=self.logits_seen))


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
    if reduce is None and isinstance(output, Tensor) and output.ndim == 2 and output.shape[1] > 1:
        return output if len(output) == rows else None
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


class _Reduced(NamedTuple):
    """Scores of n samples, reduced on their device. Whether they are logits or probabilities is settled later.

    Attributes
    ----------
    as_logits, as_shares : tensors of shape (n,), int64
        The class; they differ only for a single score, whose threshold is 0 as a logit and 0.5 as a probability.
    sums : tensor of shape (4,), float32
        Losses as logits, losses as probabilities (meaningless once logits were seen), number of labelled rows, whether
        these cannot be probabilities.
    labels : tensor of shape (n,), int64, or None
    num_classes : int or None
    """

    as_logits: Tensor
    as_shares: Tensor
    sums: Tensor
    labels: Tensor | None
    num_classes: int | None


def _reduced(scores: Tensor, labels: Tensor | None, *, logits_seen: bool) -> _Reduced:
    if scores.ndim == 1 and not scores.is_floating_point():
        ids = scores.long()
        return _Reduced(ids, ids, torch.zeros(4, device=scores.device), _known(labels, None), None)
    single = scores.ndim == 1
    scores = scores if scores.dtype == torch.float64 else scores.float()
    logits = torch.stack([torch.zeros_like(scores), scores], 1) if single else scores
    shares = torch.stack([1 - scores, scores], 1) if single else scores
    num_classes = logits.shape[1]
    labels = _known(labels, num_classes)
    as_logits = _top(logits)
    return _Reduced(
        as_logits,
        _top(shares) if single else as_logits,
        _sums(logits, None if logits_seen else shares, labels),
        labels,
        num_classes,
    )


def _top(scores: Tensor) -> Tensor:
    top = scores.max(1)  # the first of equals; NaN where any is
    return torch.where(top.values.isnan(), -1, top.indices)


def _known(labels: Tensor | None, num_classes: int | None) -> Tensor | None:
    """Return labels as int64, -1 where they are no class (an ignored sample, shares between classes) or `SEVERAL`."""
    if labels is None:
        return None
    if labels.ndim == 2 and labels.shape[1] > 1:
        if labels.shape[1] != num_classes:
            return None
        above = (labels > 0.5).sum(1)
        is_one = (above == 1) & (labels.sum(1) < 1.01)
        return torch.where(is_one, labels.max(1).indices, torch.where(above > 1, SEVERAL, -1))
    labels = labels.reshape(-1)
    ids = labels.long()
    return torch.where((ids >= 0) & (ids == labels), ids, -1)


def _sums(logits: Tensor, shares: Tensor | None, labels: Tensor | None) -> Tensor:
    nothing = torch.zeros((), device=logits.device)
    no_shares = nothing + 1
    if shares is not None:
        no_shares = ((shares < 0).any() | ((shares.sum(1) - 1).abs() > 0.01).any()).float()
    if labels is None:
        return torch.stack([nothing, nothing, nothing, no_shares])
    labels = labels.to(logits.device, non_blocking=True)
    labelled = (labels >= 0) & (labels < logits.shape[1])
    true = labels.where(labelled, 0)[:, None]
    losses = [logits.logsumexp(1) - logits.gather(1, true)[:, 0]]
    if shares is not None:
        losses.append(-shares.gather(1, true)[:, 0].clamp(min=1e-12).log())
    sums = [torch.where(labelled, loss, 0).sum().float() for loss in losses]
    return torch.stack([sums[0], sums[-1], labelled.sum().float(), no_shares])


def _metrics(
    classes: NDArray[np.int64],
    labels: NDArray[np.int64] | None,
    num_classes: int | None,
    loss_sum: float,
    labelled: float,
) -> dict[str, float]:
    metrics = {}
    if labelled:
        metrics["loss"] = float(loss_sum / labelled)
    if labels is not None:
        known = (labels >= 0) & (labels < (num_classes or np.inf))
        if known.any():
            metrics["accuracy"] = float(np.mean(classes[known] == labels[known]))
    return metrics
