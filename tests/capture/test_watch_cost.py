"""What a watch costs, counted in tensor operations: a clock would tell of the machine."""

from __future__ import annotations

from collections import Counter

import pytest
import torch
from loops import convnet
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.data import DataLoader, TensorDataset

import nntf_widget as nntf


class Operations(TorchDispatchMode):
    """Counts the operations that reach the device."""

    def __init__(self):
        super().__init__()
        self.counts = Counter()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.counts[function.overloadpacket] += 1
        return function(*args, **(kwargs or {}))


def operations(digits, batches, *, watched):
    """The operations of one pass over that many batches, its end among them."""
    torch.manual_seed(0)
    x, y = digits.tensors
    model = convnet()
    loader = DataLoader(TensorDataset(x[: 20 * batches], y[: 20 * batches]), batch_size=20, shuffle=True)
    run = nntf.watch(model, loader, strict=True) if watched else None
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with Operations() as all_:
        for inputs, labels in loader:
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(inputs), labels).backward()
            optimizer.step()
    assert run is None or len(run.fingerprint) == 1
    return all_.counts


def added(digits, batches):
    return operations(digits, batches, watched=True) - operations(digits, batches, watched=False)


def test_a_batch_costs_a_handful_of_small_operations(digits):
    few, many = added(digits, 5), added(digits, 45)
    a_batch = (many.total() - few.total()) / 40
    print(f"\n{a_batch:.1f} operations a batch, {few.total() - 5 * a_batch:.0f} a snapshot: {many}")
    assert a_batch <= 6
    assert few.total() - 5 * a_batch <= 80


@pytest.mark.parametrize("batches", [5, 45])
def test_the_model_runs_no_more_often_than_the_training_runs_it(digits, batches):
    counts = added(digits, batches)
    assert not {str(name) for name in counts} & {"aten.convolution", "aten.addmm", "aten.native_dropout"}


def test_what_is_brought_to_the_host_does_not_depend_on_the_batches(digits):
    """On a GPU, each copy and each number read would wait for all the work before it."""
    few, many = added(digits, 5), added(digits, 45)
    for waits in (torch.ops.aten._to_copy, torch.ops.aten._local_scalar_dense):
        assert many[waits] == few[waits] <= 5
