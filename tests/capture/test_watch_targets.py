"""What is no classifier is refused, not drawn as one: several labels for a sample, and regression."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from training import forwarded, go_through, mlp

import nntf_widget as nntf

GENERATOR = torch.Generator().manual_seed(0)
FLAGS = (torch.rand(600, 10, generator=GENERATOR) < 0.3).float()
LATE_FLAGS = torch.eye(10)[torch.arange(600) % 10]
LATE_FLAGS[590, :3] = 1


def number(digits):
    """Return a number for each sample, between 0 and 1."""
    return digits.tensors[0].mean(1)


@pytest.mark.parametrize(
    ("outputs", "targets", "what"),
    [
        (10, lambda _: FLAGS, "a sample several classes, as for a multi-label model"),
        (10, lambda _: FLAGS.bool(), "a sample several classes"),
        (10, lambda _: LATE_FLAGS, "a sample several classes"),
        (10, lambda _: torch.randn(600, 10, generator=GENERATOR), "are numbers, such as .*, as for a regression"),
        (10, number, "are numbers"),
        (1, number, "are numbers"),
        (1, lambda digits: 100 * number(digits)[:, None], "are numbers"),
        (1, lambda digits: digits.tensors[1], "are numbers, such as 2, 3, 4"),
    ],
    ids=["multi-hot", "flags", "a late one", "vectors", "with a variance", "shares", "a column", "counts"],
)
@pytest.mark.parametrize("exact", [False, True])
def test_is_refused_with_what_to_do(digits, outputs, targets, what, exact):
    loader = DataLoader(TensorDataset(digits.tensors[0], targets(digits)), batch_size=50)
    model = mlp(outputs)
    run = nntf.watch(model, loader, exact=exact)

    def two_passes():
        for _ in range(2):
            go_through(model, loader)

    with pytest.warns(nntf.FingerprintWarning, match=f"{what}.*; expected one class for each sample.* reduce=") as told:
        two_passes()
    assert len(told) == 1
    assert len(run.fingerprint) == 0
    assert repr(run).startswith("<Watch of Sequential, no classifier: ")
    assert type(loader) is DataLoader
    assert not model._forward_hooks


def test_is_refused_within_the_first_steps(digits):
    loader = DataLoader(TensorDataset(digits.tensors[0], FLAGS), batch_size=50)
    model = mlp()
    run = nntf.watch(model, loader)
    batches = iter(loader)
    model(next(batches)[0])
    with pytest.warns(nntf.FingerprintWarning, match="several classes"):
        next(batches)
    assert run.fingerprint.ended == "no classifier"


def test_with_strict_it_is_raised(digits):
    with pytest.raises(ValueError, match="several classes"):
        forwarded(mlp(), TensorDataset(digits.tensors[0], FLAGS))


def test_one_class_of_each_sample_may_be_followed_all_the_same(digits):
    model = mlp()
    run = forwarded(
        model, TensorDataset(digits.tensors[0], FLAGS), num_classes=2, reduce=lambda scores: (scores[:, 3] > 0).long()
    )
    expected = (model(digits.tensors[0])[:, 3] > 0).long()
    assert run.fingerprint.predictions(0).tolist() == expected.tolist()
    assert run.fingerprint.labels is None


@pytest.mark.parametrize(
    "targets",
    [
        lambda y: y,
        lambda y: 2.0 * y - 1,
        lambda y: y.float(),
        lambda y: torch.where(torch.arange(600) % 3 == 0, -100, y),
        lambda y: 0.05 + 0.9 * y,
    ],
    ids=["classes", "signs", "floats", "with ignored ones", "smoothed"],
)
def test_targets_of_two_classes_are_none_of_it(digits, targets):
    x, y = digits.tensors
    model = mlp(outputs=1)
    run = forwarded(model, TensorDataset(x, targets((y > 4).long())))
    assert run.fingerprint.predictions(0).tolist() == (model(x)[:, 0] > 0).long().tolist()


def test_samples_without_a_class_among_one_hot_ones_are_none_of_it(digits):
    x, y = digits.tensors
    one_hot = nn.functional.one_hot(y).float()
    one_hot[::3] = 0
    run = forwarded(mlp(), TensorDataset(x, one_hot))
    right = run.fingerprint.predictions(0) == y.numpy()
    assert run.fingerprint.metrics["accuracy"][0] == pytest.approx(right[np.arange(600) % 3 > 0].mean())
