"""On a GPU the batches come from the host: they are told apart by their numbers, and no step waits for the device."""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader
from training import Numbered, mlp, snapshots

import nntf_widget as nntf

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")


@contextmanager
def _no_waiting():
    torch.cuda.set_sync_debug_mode("error")
    try:
        yield
    finally:
        torch.cuda.set_sync_debug_mode("default")


def augmented(x):
    return x + 0.1 * torch.randn_like(x)


def noise(x):
    return torch.randn_like(x)


def one_at_a_time(batches):
    yield from batches


def one_ahead(batches):
    due = next(batches)
    for following in batches:
        yield due
        due = following
    yield due


@pytest.mark.parametrize("order", [one_at_a_time, one_ahead])
@pytest.mark.parametrize(
    ("before", "change"),
    [(None, None), (noise, None), (None, augmented)],
    ids=["alone", "after another forward pass", "augmented"],
)
def test_snapshots_are_what_the_loop_saw_and_no_step_waits(digits, order, before, change):
    model = mlp().cuda()
    loader = DataLoader(Numbered(digits), 20, shuffle=True, pin_memory=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    predicted = torch.full((600,), -1, device="cuda")
    is_known = change is None or order is one_at_a_time

    def step(x, y, index):
        if before is not None:
            model(before(x))
        scores = model(x if change is None else change(x))
        predicted[index] = scores.argmax(1)
        nn.functional.cross_entropy(scores, y).backward()
        optimizer.step()
        optimizer.zero_grad()

    def epoch():
        moved = ([part.cuda(non_blocking=True) for part in batch] for batch in loader)
        for number, batch in enumerate(order(moved)):
            if 1 < number < 27:  # a pass begins with a look at the order of the samples, and ends with the snapshot
                with _no_waiting():
                    step(*batch)
            else:
                step(*batch)

    run = nntf.watch(model, loader, strict=is_known)
    if not is_known:
        with pytest.warns(nntf.FingerprintWarning, match="the model was called with none as it came"):
            epoch()
        return
    truth = []
    for _ in range(3):
        epoch()
        truth.append(predicted.cpu().numpy().copy())
    np.testing.assert_array_equal(snapshots(run), truth)
    np.testing.assert_array_equal(run.fingerprint.labels, digits.tensors[1])


def test_taking_a_batch_does_not_wait_either(digits):
    model = mlp().cuda()
    loader = DataLoader(digits, 20, pin_memory=True)
    with nntf.watch(model, loader, strict=True) as run:
        batches = iter(loader)
        for number in range(30):
            with _no_waiting() if number > 2 else torch.enable_grad():
                x, y = next(batches)
                x, y = x.cuda(non_blocking=True), y.cuda(non_blocking=True)
                model(noise(x))
                nn.functional.cross_entropy(model(x), y).backward()
        assert next(batches, None) is None
    assert run.unseen == [0]
