from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader
from training import Numbered, convnet, mlp, snapshots, train, train_recording

import nntf_widget as nntf


def test_each_pass_over_a_shuffled_loader_is_a_snapshot_of_what_the_batches_were_predicted_as(digits):
    model, loader = mlp(), DataLoader(Numbered(digits), batch_size=32, shuffle=True)
    with nntf.watch(model, loader, strict=True) as run:
        truth = train_recording(model, loader)
    np.testing.assert_array_equal(snapshots(run), truth)
    np.testing.assert_array_equal(run.fingerprint.labels, digits.tensors[1])
    assert run.unseen == [0, 0, 0]
    assert run.fingerprint.num_classes == 10
    assert run.fingerprint.unit == "epoch"


def test_loss_and_accuracy_are_those_of_the_forward_passes(digits):
    model, loader = mlp(), DataLoader(digits, batch_size=32, shuffle=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with nntf.watch(model, loader, strict=True) as run:
        losses, right = [], 0
        for x, y in loader:
            scores = model(x)
            loss = nn.functional.cross_entropy(scores, y)
            losses += [loss.item()] * len(x)
            right += int((scores.argmax(1) == y).sum())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    assert run.fingerprint.metrics["loss"][0] == pytest.approx(np.mean(losses), rel=1e-5)
    assert run.fingerprint.metrics["accuracy"][0] == pytest.approx(right / 600)


def test_exact_predicts_the_whole_dataset_in_evaluation_mode_after_each_pass(digits):
    model, loader = convnet(), DataLoader(digits, batch_size=32, shuffle=True, drop_last=True)
    x, y = digits.tensors
    with nntf.watch(model, loader, exact=True, strict=True) as run:
        for epoch in range(3):
            train(model, loader, epochs=1)
            model.eval()
            with torch.no_grad():
                scores = model(x)
            model.train()
            np.testing.assert_array_equal(run.fingerprint.predictions(epoch), scores.argmax(1))
            loss = nn.functional.cross_entropy(scores, y).item()
            assert run.fingerprint.metrics["loss"][epoch] == pytest.approx(loss, rel=1e-5)
    assert run.unseen == [0, 0, 0]


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("drop_last", [False, True])
def test_a_watched_training_is_bit_for_bit_the_training_without(digits, exact, drop_last):
    def weights(*, watched):
        torch.manual_seed(0)
        model = convnet()
        loader = DataLoader(digits, batch_size=32, shuffle=True, drop_last=drop_last)
        run = nntf.watch(model, loader, exact=exact, strict=True) if watched else None
        train(model, loader)
        assert run is None or len(run.fingerprint) == 3
        return [*model.state_dict().values(), torch.get_rng_state()]

    for with_watch, without in zip(weights(watched=True), weights(watched=False), strict=True):
        assert torch.equal(with_watch, without)


def test_forward_passes_on_other_data_are_not_looked_at(digits):
    model = mlp()
    loader = DataLoader(Numbered(digits), batch_size=32, shuffle=True)
    with nntf.watch(model, loader, strict=True) as run:
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        truth = np.zeros(600)
        for x, y, index in loader:
            scores = model(x)
            truth[index.numpy()] = scores.argmax(1).numpy()
            nn.functional.cross_entropy(scores, y).backward()
            optimizer.step()
            model(torch.zeros(32, 64))
        model(torch.zeros(32, 64))
    np.testing.assert_array_equal(run.fingerprint.predictions(0), truth)


def test_detach_leaves_model_and_loader_as_they_were(digits):
    model, loader = mlp(), DataLoader(digits, batch_size=32, shuffle=True)
    before, names = dict(vars(loader)), set(vars(model))
    run = nntf.watch(model, loader, strict=True)
    assert type(loader) is not DataLoader
    assert isinstance(loader, DataLoader)
    train(model, loader, epochs=1)
    run.detach()
    run.detach()
    assert type(loader) is DataLoader
    assert vars(loader) == before
    assert set(vars(model)) == names
    assert not model._forward_hooks
    assert not model._forward_hooks_with_kwargs
    train(model, loader, epochs=1)
    assert len(run.fingerprint) == 1


@pytest.mark.parametrize("first_out", [0, 1])
def test_two_models_in_one_loop_are_watched_each_and_detached_in_any_order(digits, first_out):
    models, loader = [mlp(), convnet()], DataLoader(digits, batch_size=32, shuffle=True)
    runs = [nntf.watch(model, loader, strict=True) for model in models]

    def train_both():
        for x, y in loader:
            for model in models:
                nn.functional.cross_entropy(model(x), y).backward()

    train_both()
    runs[first_out].detach()
    train_both()
    assert [len(run.fingerprint) for run in runs] == ([1, 2] if first_out == 0 else [2, 1])
    runs[1 - first_out].detach()
    assert type(loader) is DataLoader
    assert not any(model._forward_hooks for model in models)


def test_training_and_validation_loader_have_a_fingerprint_each(digits):
    model = mlp()
    parts = torch.utils.data.random_split(digits, [400, 200])
    loaders = [DataLoader(part, batch_size=32, shuffle=True) for part in parts]
    runs = [nntf.watch(model, loader, strict=True) for loader in loaders]
    for _ in range(2):
        train(model, loaders[0], epochs=1)
        with torch.no_grad():
            for x, _ in loaders[1]:
                model(x)
    assert [(len(run.fingerprint), run.fingerprint.num_samples) for run in runs] == [(2, 400), (2, 200)]
    x = torch.stack([x for x, _ in parts[1]])
    np.testing.assert_array_equal(runs[1].fingerprint.predictions(1), model(x).argmax(1))


def test_the_repr_says_what_is_watched(digits):
    run = nntf.watch(mlp(), DataLoader(digits))
    assert repr(run) == "<Watch of Sequential, watching: <Fingerprint snapshots=0 samples=None classes=None>>"
    run.detach()
    assert repr(run).startswith("<Watch of Sequential, detached: <Fingerprint")


def test_displays_as_the_widget(digits):
    run = nntf.watch(mlp(), DataLoader(digits))
    assert "application/vnd.jupyter.widget-view+json" in run._repr_mimebundle_()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"model": torch.sin}, "model is a builtin_function_or_method; expected a torch.nn.Module"),
        ({"loader": [1, 2]}, "loader is a list; expected a torch.utils.data.DataLoader"),
        ({"every": 0}, "every is 0; expected 1 or more passes"),
        ({"every": "often"}, "every is 'often'; expected 1 or more"),
        ({"every": 2.0}, r"every is 2.0; expected a number of passes"),
        ({"num_classes": 1}, "num_classes is 1; expected 2"),
        ({"class_names": ["a", "a"]}, "more than once"),
        ({"exact": True, "index": lambda batch: batch[2]}, "exact=True needs a dataset with indices"),
    ],
)
def test_bad_arguments_are_named_and_nothing_is_left_behind(digits, arguments, message):
    model, loader = mlp(), DataLoader(digits)
    with pytest.raises((TypeError, ValueError), match=message):
        nntf.watch(**{"model": model, "loader": loader, **arguments})
    assert type(loader) is DataLoader
    assert not model._forward_hooks
