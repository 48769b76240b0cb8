"""Whether a batch's targets are one class for each sample; else there is no classifier to take a fingerprint of."""

from __future__ import annotations

from torch import Tensor


class NotClassesError(ValueError):
    """The training has targets that are not one class for each sample.

    Parameters
    ----------
    what : str
        What they are.
    """

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what}; expected one class for each sample, which is what a fingerprint follows. If something else in a "
            "batch is the labels, pass labels=; to follow one class of each sample all the same, pass reduce=, from "
            "the model's output to (B, K) scores or, with num_classes=, to (B,) class ids"
        )


MULTI_LABEL = "the labels give a sample several classes, as for a multi-label model"


def check_targets(targets: Tensor, scores: Tensor) -> None:
    """Raise where the targets of a batch show that the scores are not of classes.

    Parameters
    ----------
    targets : tensor of shape (B,) or (B, K)
    scores : tensor of shape (B, K) or (B,)
        As many columns as the targets, where these have several.

    Raises
    ------
    NotClassesError
        A row of several targets is neither one class, nor shares that add up to 1, nor empty; a single target is no
        whole number, or more than 1 beside a single score. Shares of the second of two classes lie in [0, 1]; more
        than two different ones are numbers.
    """
    targets = targets.detach().double().cpu()
    if targets.ndim == 2 and targets.shape[1] > 1:
        sums = targets.sum(1)
        odd = (targets < 0).any(1) | (((sums - 1).abs() > 0.01) & (sums != 0))
        if odd.any():
            are_flags = bool(((targets == 0) | (targets == 1)).all())
            raise NotClassesError(MULTI_LABEL if are_flags else _numbers(targets[odd][0]))
        return
    targets = targets.flatten()
    targets = targets[~targets.isnan()]
    shares = targets[targets != targets.round()]
    if scores.ndim == 1 and scores.is_floating_point():
        outside = targets[(targets > 1) | ((targets < 0) & (targets != targets.round()))]
        if not len(outside) and len(set(shares.tolist())) <= 2:
            return
        shares = outside if len(outside) else shares
    if len(shares):
        raise NotClassesError(_numbers(shares))


def _numbers(targets: Tensor) -> str:
    some = ", ".join(f"{number:.4g}" for number in sorted(set(targets.tolist()))[:3])
    return f"the targets are numbers, such as {some}, as for a regression"
