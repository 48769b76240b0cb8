"""A loop may take batches before it uses them, or skip some: each prediction belongs to its own batch all the same."""

from __future__ import annotations

import weakref
from itertools import islice

import numpy as np
import pytest
import torch
from loops import Numbered, mlp, snapshots
from torch.utils.data import DataLoader

import nntf_widget as nntf


def groups_of_4(loader):
    """As Hugging Face's Trainer accumulates gradients."""
    batches = iter(loader)
    while group := list(islice(batches, 4)):
        yield from group


def one_ahead(loader):
    """As one prefetches, or learns which batch is the last."""
    batches = iter(loader)
    ready = next(batches)
    for following in batches:
        yield ready
        ready = following
    yield ready


def every_second(loader):
    for number, batch in enumerate(loader):
        if number % 2 == 0:
            yield batch


def on_the_device_ahead(loader):
    """As one copies to a GPU while the batch before is trained on: what came from the loader is gone."""
    return one_ahead([x.clone(), y.clone(), index.clone()] for x, y, index in loader)


def trained(digits, loop, move, **options):
    """Train by `loop`, whose batches `move` brings to the device; return the watch and what was predicted when."""
    model, loader = mlp(), DataLoader(Numbered(digits), batch_size=45, shuffle=True)  # 14 batches, the last smaller
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    truth = np.full((3, 600), -1)
    with nntf.watch(model, loader, **options) as run:
        for epoch in range(3):
            for x, y, index in loop(loader):
                scores = model(move(x))
                truth[epoch, index] = scores.argmax(1)
                torch.nn.functional.cross_entropy(scores, y).backward()
                optimizer.step()
                optimizer.zero_grad()
    return run, truth


@pytest.mark.parametrize("move", [lambda x: x, torch.clone], ids=["as it came", "moved"])
@pytest.mark.parametrize("loop", [groups_of_4, one_ahead])
def test_batches_taken_ahead_are_told_apart(digits, loop, move):
    run, truth = trained(digits, loop, move, strict=True)
    np.testing.assert_array_equal(snapshots(run), truth)
    np.testing.assert_array_equal(run.fingerprint.labels, digits.tensors[1])
    assert run.unseen == [0, 0, 0]


@pytest.mark.parametrize("loop", [groups_of_4, one_ahead])
def test_with_exact_too_each_pass_is_a_snapshot(digits, loop):
    run, _ = trained(digits, loop, torch.clone, exact=True, strict=True)
    assert len(run.fingerprint) == 3
    assert run.fingerprint.metrics["accuracy"][2] > run.fingerprint.metrics["accuracy"][0]


@pytest.mark.parametrize("move", [lambda x: x, torch.clone], ids=["as it came", "moved"])
def test_batches_skipped_are_unseen(digits, move):
    run, truth = trained(digits, every_second, move, strict=True)
    seen = truth >= 0
    assert run.unseen == np.count_nonzero(~seen, axis=1).tolist()
    np.testing.assert_array_equal(snapshots(run)[seen], truth[seen])


def test_batches_taken_ahead_that_nothing_tells_apart_are_refused(digits):
    with pytest.warns(nntf.FingerprintWarning, match="took 2 batches and called the model with none of them as it c"):
        run, _ = trained(digits, on_the_device_ahead, lambda x: x)
    assert len(run.fingerprint) == 0


def test_what_the_loop_skips_is_not_kept(digits):
    model, loader = mlp(), DataLoader(digits, batch_size=50)
    taken = []
    with nntf.watch(model, loader, strict=True) as run:
        for x, _ in loader:
            taken.append(weakref.ref(x))
            if len(taken) == 12:
                model(x)
                assert [batch() is None for batch in taken] == [True] * 11 + [False]
    assert run.fingerprint.num_samples is not None
