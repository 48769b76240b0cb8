"""Never in the way: whatever fails on our side, the training is the training without us."""

from __future__ import annotations

import copy
import pickle
import random
import threading
import warnings

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset
from training import convnet, go_through, mlp, snapshots, train

import nntf_widget as nntf
from nntf_widget.capture.pytorch import capture, labels, outputs, replay

OURS = [
    (capture.Capture, "batch_begins"),
    (capture.Capture, "pass_ends"),
    (capture.Capture, "_forwarded"),
    (capture.Capture, "_record"),
    (capture.Capture, "_update"),
    (capture, "scores_of"),
    (labels.Labels, "of"),
    (capture, "Call"),
    (capture, "batches_of"),
    (capture, "undisturbed"),
    (outputs.Tally, "add"),
    (outputs.Tally, "rows"),
    (outputs, "_reduced"),
    (replay.Call, "run"),
    (nntf.Fingerprint, "update"),
]
CALLED_ONCE = {"Call", "batches_of", "undisturbed", "run"}


class OnceInAWhile:
    """Fails at the first or the third call, and every tenth from there."""

    def __init__(self, really, first=3):
        self.really, self.first, self.calls, self.failed = really, first, 0, 0

    def __get__(self, instance, owner):
        return self if instance is None else lambda *args, **keys: self(instance, *args, **keys)

    def __call__(self, *args, **keys):
        self.calls += 1
        if self.calls % 10 == self.first:
            self.failed += 1
            raise ZeroDivisionError("on purpose")
        return self.really(*args, **keys)


def trained(digits, *, watched, exact=False, strict=False):
    torch.manual_seed(0)
    model, loader = convnet(), DataLoader(digits, batch_size=100, shuffle=True, drop_last=not exact)
    run = nntf.watch(model, loader, exact=exact, strict=strict) if watched else None
    train(model, loader, epochs=6)
    if run:
        run.detach()
    assert type(loader) is DataLoader
    return run, [*model.state_dict().values(), torch.get_rng_state()]


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize(("owner", "name"), OURS, ids=[name for _, name in OURS])
def test_a_fault_in_any_part_of_the_capture_costs_the_training_nothing(digits, monkeypatch, owner, name, exact):
    digits = torch.utils.data.Subset(digits, range(550))  # a last batch that is dropped
    fault = OnceInAWhile(getattr(owner, name), first=1 if name in CALLED_ONCE else 3)
    monkeypatch.setattr(owner, name, fault)
    with pytest.warns(
        nntf.FingerprintWarning, match="(Capture|Reading the labels) failed: .*The training goes on"
    ) as warned:
        run, results = trained(digits, watched=True, exact=exact)
    assert fault.failed
    assert len(warned) == 1
    assert len(run.fingerprint.faults) == 1
    monkeypatch.undo()
    _, unwatched = trained(digits, watched=False, exact=exact)
    assert all(torch.equal(a, b) for a, b in zip(results, unwatched, strict=True))
    assert len(run.unseen) == len(run.fingerprint)


def test_with_strict_a_fault_is_raised(digits, monkeypatch):
    monkeypatch.setattr(outputs.Tally, "add", OnceInAWhile(outputs.Tally.add))
    with pytest.raises(ZeroDivisionError, match="on purpose"):
        trained(digits, watched=True, strict=True)


def test_a_batch_lost_to_a_fault_keeps_its_classes_and_marks_the_snapshot(digits, monkeypatch):
    model, loader = mlp(), DataLoader(digits, batch_size=50)
    run = nntf.watch(model, loader)
    train(model, loader, epochs=2)
    fault = OnceInAWhile(outputs.Tally.add)
    monkeypatch.setattr(outputs.Tally, "add", fault)
    with pytest.warns(nntf.FingerprintWarning, match="on purpose"):
        train(model, loader, epochs=1)
    monkeypatch.undo()
    train(model, loader, epochs=1)
    assert fault.failed == 1
    assert run.unseen == [0, 0, 50, 0]
    assert run.incomplete == [2]
    third_batch = slice(100, 150)
    before, after = snapshots(run)[1:3]
    np.testing.assert_array_equal(after[third_batch], before[third_batch])


def test_the_loop_s_own_exceptions_pass_through(digits):
    class Broken(Dataset):
        def __len__(self):
            return 100

        def __getitem__(self, index):
            if index == 70:
                raise OSError("unreadable")
            return digits[index]

    class Failing(nn.Identity):
        def forward(self, x):
            raise ArithmeticError(f"of shape {tuple(x.shape)}")

    model, loader = mlp(), DataLoader(Broken(), batch_size=50)
    with nntf.watch(model, loader), pytest.warns(nntf.FingerprintWarning), pytest.raises(OSError, match="unreadable"):
        train(model, loader)  # the samples not seen are unreadable to the capture too
    model, loader = Failing(), DataLoader(digits, batch_size=50)
    with nntf.watch(model, loader, strict=True), pytest.raises(ArithmeticError, match=r"of shape \(50, 64\)"):
        go_through(model, loader)


def test_scores_that_are_not_numbers_are_no_predictions(digits):
    x, y = digits.tensors
    model, loader = mlp(), DataLoader(TensorDataset(x.clone(), y), batch_size=50)
    run = nntf.watch(model, loader)
    train(model, loader, epochs=1)
    loader.dataset.tensors[0][:7] = torch.nan
    with pytest.warns(nntf.FingerprintWarning, match="the scores of 7 samples have NaN"):
        go_through(model, loader)
    assert run.unseen == [0, 7]
    assert np.isnan(run.fingerprint.metrics["loss"][1])


def test_an_input_that_the_loop_computes_cannot_be_computed_again_until_forward_says_how(digits):
    model, loader = mlp(), DataLoader(digits, batch_size=256, shuffle=True, drop_last=True)

    def epochs(count):
        for _ in range(count):
            go_through(lambda x: model(x * 2), loader)

    run = nntf.watch(model, loader)
    with pytest.warns(nntf.FingerprintWarning, match="calls the model with an input that is not the batch's own.*forw"):
        epochs(8)
    run.detach()
    assert run.incomplete == [0]
    assert 0 < len(run.fingerprint) < 8  # as soon as every sample has come once
    truth = model(digits.tensors[0] * 2).argmax(1)
    np.testing.assert_array_equal(run.fingerprint.predictions(-1), truth)
    options = {"forward": lambda model, batch: model(batch[0] * 2), "exact": True, "strict": True}
    with nntf.watch(model, loader, **options) as run:
        epochs(1)
    np.testing.assert_array_equal(run.fingerprint.predictions(0), truth)


def test_an_input_that_the_loop_reshapes_or_casts_is_reshaped_and_cast_again(digits):
    x, y = digits.tensors
    images = TensorDataset(x.reshape(-1, 8, 8).double(), y)
    model, loader = mlp(), DataLoader(images, batch_size=100)
    with nntf.watch(model, loader, exact=True, strict=True) as run:
        go_through(lambda batch: model(batch.flatten(1).float()), loader)
    np.testing.assert_array_equal(run.fingerprint.predictions(0), model(x).argmax(1))


def test_a_tensor_from_elsewhere_is_named(digits):
    class Scaled(nn.Linear):
        def forward(self, x, scale):
            return super().forward(x) * scale

    model, loader = Scaled(64, 10), DataLoader(digits, batch_size=100)
    _run = nntf.watch(model, loader, exact=True)
    with pytest.warns(nntf.FingerprintWarning, match=r"a tensor of shape \(10,\) that is not in the batch"):
        go_through(lambda x: model(x, torch.ones(10)), loader)


@pytest.mark.parametrize("num_workers", [0, 1])
def test_exact_leaves_every_random_state_alone(digits, num_workers):
    class Augmented(Dataset):
        def __len__(self):
            return 100

        def __getitem__(self, index):
            x, y = digits[index]
            return x + torch.randn(64) + random.random() + np.random.normal(), y  # noqa: NPY002 - what data sets do

    def states(*, exact):
        torch.manual_seed(0)
        np.random.seed(0)  # noqa: NPY002
        random.seed(0)
        loader = DataLoader(Augmented(), batch_size=25, num_workers=num_workers, generator=torch.Generator())
        model = convnet()
        with nntf.watch(model, loader, exact=exact, strict=True) as run:
            train(model, loader, epochs=1)
        assert len(run.fingerprint) == 1
        numpy_state = np.random.get_state()[1].tolist()  # noqa: NPY002
        return [torch.get_rng_state().tolist(), numpy_state, random.getstate()[1]]

    assert states(exact=True) == states(exact=False)


def test_exact_gives_every_module_its_mode_back(digits):
    model, loader = convnet(), DataLoader(digits, batch_size=100)
    model[2].eval()
    modes = [module.training for module in model.modules()]
    with nntf.watch(model, loader, exact=True, strict=True):
        train(model, loader, epochs=1)
    assert [module.training for module in model.modules()] == modes
    assert False in modes
    assert True in modes


def test_a_model_that_is_never_called_is_said(digits):
    model, loader = mlp(), DataLoader(digits, batch_size=100)
    run = nntf.watch(model, loader)
    other = nn.Sequential(nn.Linear(64, 10))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # two passes may be for the mean and the deviation of the data
        train(other, loader, epochs=2)
    with pytest.warns(nntf.FingerprintWarning, match="of the watched Sequential .*: it was not called"):
        train(other, loader, epochs=1)
    assert len(run.fingerprint) == 0


def test_a_model_that_learns_without_being_called_is_said_at_once(digits):
    model, loader = mlp(), DataLoader(digits, batch_size=100)
    _run = nntf.watch(model, loader)
    with pytest.warns(nntf.FingerprintWarning, match="of the watched Sequential .*: it was not called"):
        train(nn.Sequential(*model), loader, epochs=1)


def test_a_model_called_with_parts_of_the_batch_is_said(digits):
    model, loader = mlp(), DataLoader(digits, batch_size=100)
    _run = nntf.watch(model, loader)
    with pytest.warns(nntf.FingerprintWarning, match=r"it returned shape \(50, 10\) for a batch of 100"):
        go_through(lambda x: model(x[:50]), loader)


def test_scores_that_do_not_match_num_classes_are_said(digits):
    model, loader = mlp(outputs=12), DataLoader(digits, batch_size=100)
    _run = nntf.watch(model, loader, num_classes=10)
    with pytest.warns(nntf.FingerprintWarning, match="num_classes is 10; expected 12, as many as a sample has scores"):
        train(model, loader, epochs=1)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, copy.copy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copy_of_a_watched_model_is_not_watched(digits, duplicate):
    model, loader = mlp(), DataLoader(digits, batch_size=100)
    with nntf.watch(model, loader, strict=True) as run:
        twin = duplicate(model)
        for x, _ in loader:
            assert torch.equal(twin(x), model(x))
        train(model, loader, epochs=1)
    assert run.unseen == [0, 0]


def test_training_in_a_thread_is_watched(digits):
    model, loader = mlp(), DataLoader(digits, batch_size=100, shuffle=True)
    with nntf.watch(model, loader, strict=True) as run:
        thread = threading.Thread(target=train, args=(model, loader, 3))
        thread.start()
        while thread.is_alive():
            len(run.fingerprint), run.fingerprint.transition_distance.sum()
        thread.join()
    assert len(run.fingerprint) == 3
