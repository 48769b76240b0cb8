"""A training that goes past the watched loader is told, once it shows; a validation loader may wait for its turn."""

from __future__ import annotations

import random
import warnings

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from torch import nn
from torch.utils.data import DataLoader, Dataset, Subset
from training import convnet, go_through, mlp, train

import nntf_widget as nntf

PAST_IT = "Sequential was called .* times in training, and the watched loader was not gone through"


@pytest.mark.parametrize("shuffle", [True, False])
def test_a_loop_over_another_loader_is_told_within_two_epochs(digits, shuffle):
    model, loader = mlp(), DataLoader(digits, batch_size=100, shuffle=shuffle)
    run = nntf.watch(model, loader)
    with pytest.warns(nntf.FingerprintWarning, match=PAST_IT) as told:
        train(model, DataLoader(digits, batch_size=100, shuffle=shuffle), epochs=2)
    assert told[0].filename == train.__code__.co_filename
    assert len(run.fingerprint) == 0
    assert "Watch the very loader" in run.fingerprint.faults[0]


def test_the_rest_of_a_training_over_a_loader_made_anew_is_told(digits):
    model, loader = mlp(), DataLoader(digits, batch_size=100, shuffle=True)
    run = nntf.watch(model, loader)
    train(model, loader, epochs=3)
    loader = DataLoader(digits, batch_size=100, shuffle=True)  # as where its cell is run again
    with pytest.warns(nntf.FingerprintWarning, match=PAST_IT):
        train(model, loader, epochs=2)
    assert len(run.fingerprint) == 3
    assert run.incomplete == []


@pytest.mark.parametrize("shuffle", [True, False])
def test_what_accelerate_prepares_after_watch_is_told_and_watched_instead_it_is_followed(digits, shuffle):
    model, loader = mlp(), DataLoader(digits, batch_size=100, shuffle=shuffle)
    run = nntf.watch(model, loader)
    accelerator = Accelerator(cpu=True)
    model, loader, optimizer = accelerator.prepare(model, loader, torch.optim.SGD(model.parameters(), lr=0.1))

    def train_two_epochs():
        for _ in range(2):
            for x, y in loader:
                optimizer.zero_grad()
                accelerator.backward(nn.functional.cross_entropy(model(x), y))
                optimizer.step()

    with pytest.warns(nntf.FingerprintWarning, match=f"{PAST_IT}.* what prepare returned"):
        train_two_epochs()
    assert len(run.fingerprint) == 0
    run = nntf.watch(model, loader, strict=True)
    train_two_epochs()
    assert len(run.fingerprint) == 2


@pytest.mark.parametrize("shuffle", [True, False])
def test_a_validation_loader_waits_for_its_turn(digits, shuffle):
    held_out = DataLoader(Subset(digits, range(100)), batch_size=50, shuffle=shuffle)
    loader, model = DataLoader(Subset(digits, range(100, 600)), batch_size=50, shuffle=not shuffle), mlp()
    run = nntf.watch(model, held_out)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for _ in range(3):
            train(model, loader, epochs=1)
            model.eval()
            go_through(model, held_out)
            model.train()
    assert len(told) == shuffle  # one that shuffles is taken for a training's, until it has its turn
    assert len(run.fingerprint) == 3
    assert run.fingerprint.faults == []


class Noisy(Dataset):
    """A dataset that draws from every generator there is."""

    def __init__(self, dataset):
        self.dataset = dataset

    def __len__(self):
        return len(self.dataset)

    def __getitem__(self, index):
        x, y = self.dataset[index]
        return x + torch.rand(()) + np.random.random() + random.random(), y  # noqa: NPY002 - as datasets do


def test_a_look_at_the_watched_loader_s_first_sample_disturbs_no_training(digits):
    def trained(*, watched):
        torch.manual_seed(0)
        np.random.seed(0)  # noqa: NPY002
        random.seed(0)
        model, held_out = convnet(), DataLoader(Noisy(digits), batch_size=100)
        run = nntf.watch(model, held_out, strict=True) if watched else None
        train(model, DataLoader(Noisy(digits), batch_size=50, shuffle=True), epochs=2)
        assert run is None or run.fingerprint.faults == []
        return [*model.state_dict().values(), torch.get_rng_state()], random.getstate(), np.random.random()  # noqa: NPY002

    plain, watched = trained(watched=False), trained(watched=True)
    assert all(torch.equal(a, b) for a, b in zip(plain[0], watched[0], strict=True))
    assert plain[1:] == watched[1:]


def test_calls_that_train_nothing_are_no_training(digits):
    model, loader = mlp(), DataLoader(digits, batch_size=100, shuffle=True)
    run = nntf.watch(model, loader, strict=True)
    for _ in range(5):  # in training mode, as where eval() was forgotten
        go_through(model, DataLoader(digits, batch_size=100))
    train(model, loader, epochs=1)
    assert len(run.fingerprint) == 1
