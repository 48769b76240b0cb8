"""A batch's labels are found wherever they are; what may be something else is asked for, and never guessed."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset
from training import Numbered, forwarded, go_through, mlp

import nntf_widget as nntf

LENGTH = torch.randint(1, 10, (600,), generator=torch.Generator().manual_seed(0))


class Named(Dataset):
    """Samples as mappings."""

    def __init__(self, **columns):
        self.columns = columns

    def __len__(self):
        return 600

    def __getitem__(self, index):
        return {name: column[index] for name, column in self.columns.items()}


class ByName(nn.Module):
    """A model that is called with a whole batch by name."""

    def __init__(self):
        super().__init__()
        self.inner = mlp()

    def forward(self, *, pixels, scale=1.0, **_):
        return {"logits": self.inner(pixels) * scale}


def seen(dataset, **options):
    """Return the watch after a pass over samples that are mappings."""
    model, loader = ByName(), DataLoader(dataset, 50, shuffle=True)
    with nntf.watch(model, loader, **{"strict": True, **options}) as run:
        for batch in loader:
            model(**batch)
    return run


def has_labels(run, digits):
    np.testing.assert_array_equal(run.fingerprint.labels, digits.tensors[1])
    assert set(run.fingerprint.metrics) == {"loss", "accuracy"}
    return True


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("key", ["labels", "label", "label_ids", "targets", "target", "y", "category"])
def test_labels_in_a_mapping(digits, key, exact):
    x, y = digits.tensors
    dataset = Named(**{"pixels": x, "length": LENGTH} if key != "category" else {"pixels": x}, **{key: y})
    assert has_labels(seen(dataset, exact=exact), digits)


INDEX = torch.arange(600)


@pytest.mark.parametrize(
    "parts",
    [
        lambda x, y: (x, y),
        lambda x, y: (y, x),
        lambda x, y: (x, INDEX, y),
        lambda x, y: (INDEX, x, y),
        lambda x, y: (x, y.int()[:, None]),
        lambda x, y: (x, nn.functional.one_hot(y)),
        lambda x, y: (x, nn.functional.one_hot(y).float() * 0.9 + 0.01),
        lambda x, y: (x, torch.rand(600), y),
        lambda x, y: (x, y > 4, y),
    ],
    ids=["x y", "y x", "x index y", "index x y", "a column", "one-hot", "smoothed", "x weight y", "x mask y"],
)
def test_labels_in_a_tuple(digits, parts):
    x, y = digits.tensors
    dataset = TensorDataset(*parts(x, y))
    at = next(place for place, part in enumerate(dataset.tensors) if part is x)
    model, loader = mlp(), DataLoader(dataset, 50, shuffle=True)
    with nntf.watch(model, loader, strict=True) as run:
        for batch in loader:
            model(batch[at])
    assert has_labels(run, digits)


def test_a_part_that_may_be_the_labels_as_well_is_asked_about(digits):
    x, y = digits.tensors
    with pytest.warns(
        nntf.FingerprintWarning, match=r"several parts of a batch may be its labels: item 1, item 2; pass labels="
    ):
        run = forwarded(mlp(), TensorDataset(x, LENGTH, y), strict=False)
    assert run.fingerprint.labels is None
    assert len(run.fingerprint) == 1
    assert run.incomplete == []
    with pytest.warns(nntf.FingerprintWarning, match="may be its labels: 'length', 'category'; pass"):
        seen(Named(pixels=x, length=LENGTH, category=y), strict=False)


@pytest.mark.parametrize("labels", [2, -1, lambda batch: batch[2], lambda batch: batch[2].tolist()])
def test_labels_at_a_place_that_is_said(digits, labels):
    x, y = digits.tensors
    assert has_labels(forwarded(mlp(), TensorDataset(x, LENGTH, y), labels=labels), digits)


def test_labels_under_a_key_that_is_said(digits):
    x, y = digits.tensors
    assert has_labels(seen(Named(pixels=x, length=LENGTH, kind=y), labels="kind"), digits)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ("category", "labels is 'category', which a batch does not have; it has the keys 'pixels', 'kind'"),
        (
            lambda batch: batch["pixels"][:7],
            r"labels gives shape \(7, 64\) for a batch of 50; expected \(50,\) classes",
        ),
    ],
)
def test_a_place_where_there_are_none_is_said(digits, labels, message):
    x, y = digits.tensors
    with pytest.warns(nntf.FingerprintWarning, match=message):
        run = seen(Named(pixels=x, kind=y), labels=labels, strict=False)
    assert run.fingerprint.labels is None
    assert len(run.fingerprint) == 1


def test_what_is_no_place_is_refused(digits):
    with pytest.raises(TypeError, match=r"labels is 1\.5; expected a key, a position or a function of the batch"):
        nntf.watch(mlp(), DataLoader(digits), labels=1.5)


@pytest.mark.parametrize("shuffle", [False, True])
def test_sample_ids_are_no_labels(digits, shuffle):
    x, _ = digits.tensors
    loader = DataLoader(TensorDataset(x, torch.arange(600)), 5, shuffle=shuffle)
    model = mlp()
    with nntf.watch(model, loader, strict=True) as run:
        for x, _ in loader:
            model(x)
    assert run.fingerprint.labels is None
    assert run.fingerprint.metrics == {}


def test_labels_that_begin_like_the_sample_ids_are_labels(digits):
    model, loader = mlp(), DataLoader(Numbered(digits), 20)
    assert digits.tensors[1][:10].tolist() == list(range(10))
    with nntf.watch(model, loader, strict=True) as run:
        for x, *_ in loader:
            model(x)
    assert has_labels(run, digits)


def test_the_numbers_that_samples_have_in_what_a_subset_is_of_are_no_labels(digits):
    part, _ = torch.utils.data.random_split(TensorDataset(*digits.tensors, INDEX), [500, 100])
    run = forwarded(mlp(), torch.utils.data.Subset(part, range(100, 300)))
    expected = [int(digits.tensors[1][part.indices[place]]) for place in range(100, 300)]
    assert run.fingerprint.labels.tolist() == expected


def test_without_labels_there_are_predictions_alone(digits):
    run = forwarded(mlp(), TensorDataset(digits.tensors[0]))
    assert len(run.fingerprint) == 1
    assert run.fingerprint.labels is None
    assert run.fingerprint.metrics == {}


def test_samples_without_a_class_count_in_no_metric(digits):
    x, y = digits.tensors
    model = mlp()
    some = torch.where(torch.arange(600) % 3 == 0, -100, y)
    run = forwarded(model, TensorDataset(x, some))
    labelled = some >= 0
    loss = nn.functional.cross_entropy(model(x)[labelled], y[labelled]).item()
    assert run.fingerprint.metrics["loss"][0] == pytest.approx(loss, rel=1e-5)
    assert run.fingerprint.labels is None


def test_of_shares_the_class_is_the_one_above_a_half(digits):
    x, y = digits.tensors
    one_hot = nn.functional.one_hot(y).float()
    mixed = 0.7 * one_hot + 0.3 * one_hot.roll(1, 0)
    assert has_labels(forwarded(mlp(), TensorDataset(x, mixed)), digits)
    even = torch.where(torch.arange(600)[:, None] == 9, 0.1, mixed)
    assert forwarded(mlp(), TensorDataset(x, even)).fingerprint.labels is None


def test_a_label_out_of_range_is_said(digits):
    x, y = digits.tensors
    model = mlp()
    beyond = torch.where(torch.arange(600) == 17, 10, y)
    with pytest.warns(nntf.FingerprintWarning, match="the label of sample 17 is 10; expected 0 to 9"):
        run = forwarded(model, TensorDataset(x, beyond), strict=False)
    assert run.fingerprint.labels is None
    right = (model(x).argmax(1) == y)[torch.arange(600) != 17].float().mean().item()
    assert run.fingerprint.metrics["accuracy"][0] == pytest.approx(right)


def test_a_label_that_changes_is_said_and_the_first_counts(digits):
    x, y = (part.clone() for part in digits.tensors)
    model, loader = mlp(), DataLoader(TensorDataset(x, y), 50)
    run = nntf.watch(model, loader)
    go_through(model, loader)
    y[3] = 8
    with pytest.warns(nntf.FingerprintWarning, match="the label of sample 3 was 3 and is now 8; the first counts"):
        go_through(model, loader)
    assert has_labels(run, digits)


def test_labels_that_the_loop_shifts_in_place_before_the_call_are_the_shifted_ones(digits):
    x, y = digits.tensors
    model, loader = mlp(), DataLoader(TensorDataset(x, y + 1), 50)
    with nntf.watch(model, loader, strict=True) as run:
        for batch, labels in loader:
            labels -= 1  # noqa: PLW2901 - as loops do
            model(batch)
            labels += 5  # noqa: PLW2901
    assert has_labels(run, digits)


def test_whole_numbers_are_labels_of_whatever_type(digits):
    x, y = digits.tensors
    assert has_labels(forwarded(mlp(), TensorDataset(x, y.double())), digits)


def test_rows_of_another_width_than_the_scores_are_no_labels(digits):
    x, y = digits.tensors
    run = forwarded(mlp(), TensorDataset(x, y[:, None].expand(-1, 2).clone()))
    assert run.fingerprint.labels is None
    assert run.fingerprint.metrics == {}
    assert len(run.fingerprint) == 1
