"""A notebook's cell is run again: the watch of before ends, quietly, and stays readable."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader
from training import go_through, mlp, train

import nntf_widget as nntf
from nntf_widget.capture.pytorch.loader import listeners_of


def listeners(model, loader):
    return len(model._forward_hooks), len(listeners_of(loader))


def test_the_watching_cell_run_again_ends_the_earlier_watch(digits):
    model, loader = mlp(), DataLoader(digits, batch_size=100, shuffle=True)
    runs = []
    for _ in range(10):
        runs.append(nntf.watch(model, loader, strict=True))
        train(model, loader, epochs=1)
    assert listeners(model, loader) == (1, 1)
    assert [len(run.fingerprint) for run in runs] == [1] * 10
    first = runs[0]
    assert repr(first).startswith("<Watch of Sequential, replaced by a later watch: <Fingerprint snapshots=1 ")
    assert first.fingerprint.ended == "replaced by a later watch"
    assert first.fingerprint.faults == []
    assert len(first.fingerprint.predictions(0)) == len(digits)
    assert runs[-1].fingerprint.ended is None


@pytest.mark.parametrize("wrong", [{"every": 0}, {"class_names": ["a", "a"]}, {"fingerprint": 0, "num_classes": 3}])
def test_a_call_that_is_refused_ends_nothing(digits, wrong):
    model, loader = mlp(), DataLoader(digits, batch_size=100, shuffle=True)
    run = nntf.watch(model, loader, strict=True)
    with pytest.raises(ValueError, match=r"expected|more than once"):
        nntf.watch(model, loader, **wrong)
    train(model, loader, epochs=1)
    assert len(run.fingerprint) == 1


def test_the_same_log_goes_on_without_a_word(digits, tmp_path):
    model, loader = mlp(), DataLoader(digits, batch_size=100, shuffle=True)
    first = nntf.watch(model, loader, log=tmp_path / "run.nntf", strict=True)
    batches = iter(loader)  # as an interrupted loop leaves it, whose traceback is kept
    train(model, loader, epochs=1)
    model(next(batches)[0])
    second = nntf.watch(model, loader, log=tmp_path / "run.nntf", strict=True)
    train(model, loader, epochs=1)
    assert len(second.fingerprint) == len(first.fingerprint) + 1
    assert len(nntf.load(tmp_path / "run.nntf")) == len(second.fingerprint)


def test_the_cells_of_the_model_and_of_the_watch_run_again(digits):
    """The model of before is kept somewhere: its watch ends once the new one is called in its place."""
    loader = DataLoader(digits, batch_size=100, shuffle=True)
    old = mlp()
    earlier = nntf.watch(old, loader, strict=True)
    train(old, loader, epochs=2)
    new = mlp()
    later = nntf.watch(new, loader, strict=True)
    train(new, loader, epochs=4)
    assert (len(earlier.fingerprint), len(later.fingerprint)) == (2, 4)
    assert earlier.fingerprint.ended == "replaced by a later watch"
    assert (listeners(old, loader), listeners(new, loader)) == ((0, 1), (1, 1))


def test_a_model_of_before_that_is_gone_is_not_waited_for(digits):
    loader = DataLoader(digits, batch_size=100, shuffle=True)
    earlier = nntf.watch(mlp(), loader, strict=True)
    model = mlp()
    nntf.watch(model, loader, log=None, strict=True)
    assert earlier.fingerprint.ended == "replaced by a later watch"


def test_a_model_wrapped_and_watched_again_takes_the_place_of_the_one_inside(digits):
    model, loader = mlp(), DataLoader(digits, batch_size=100, shuffle=True)
    inside = nntf.watch(model, loader, strict=True)

    class Wrapped(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.body = model[:2]
            self.head = model[2]

        def forward(self, x):
            return self.head(self.body(x))

    wrapped = Wrapped()
    outside = nntf.watch(wrapped, loader, strict=True)
    train(wrapped, loader, epochs=2)
    assert (len(inside.fingerprint), len(outside.fingerprint)) == (0, 2)
    assert inside.fingerprint.ended == "replaced by a later watch"


def test_models_that_take_turns_are_watched_each(digits):
    loader = DataLoader(digits, batch_size=100, shuffle=True)
    models = [mlp(), mlp()]
    runs = [nntf.watch(model, loader, strict=True) for model in models]
    for _ in range(3):
        for model in models:
            train(model, loader, epochs=1)
    assert [len(run.fingerprint) for run in runs] == [3, 3]


def test_a_run_recorded_into_twice_goes_on(digits):
    model, loader = mlp(), DataLoader(digits, batch_size=100, shuffle=True)
    fingerprint = nntf.Fingerprint(10, strict=True)
    for _ in range(2):
        run = nntf.watch(model, loader, fingerprint=fingerprint)
        train(model, loader, epochs=1)
    assert len(run.fingerprint) == 2
    assert fingerprint.ended is None


def test_a_watch_that_nobody_has_any_more_ends(digits):
    model, loader = mlp(), DataLoader(digits, batch_size=100, shuffle=True)
    fingerprint = nntf.watch(model, loader, strict=True).fingerprint
    train(model, loader, epochs=1)
    assert len(fingerprint) == 1
    del fingerprint
    gc.collect()
    assert listeners(model, loader) == (0, 0)
    assert type(loader) is DataLoader


def test_a_watch_that_nobody_keeps_from_the_start_says_so(digits):
    model, loader = mlp(), DataLoader(digits, batch_size=100)
    nntf.watch(model, loader)
    with pytest.warns(nntf.FingerprintWarning, match=r"expected run = nntf.watch\(…\), or log=") as told:
        train(model, loader, epochs=2)
    assert [warning.filename for warning in told] == [train.__code__.co_filename]
    assert listeners(model, loader) == (0, 0)


def test_a_watch_that_keeps_a_log_or_is_shown_goes_on_though_nobody_has_it(digits, tmp_path):
    model, loader = mlp(), DataLoader(digits, batch_size=100, shuffle=True)
    nntf.watch(model, loader, log=tmp_path / "run.nntf", strict=True)
    gc.collect()
    train(model, loader, epochs=2)
    assert len(nntf.load(tmp_path / "run.nntf")) == 2
    shown = nntf.watch(model, loader, strict=True)
    shown._repr_mimebundle_()
    fingerprint = weakref.ref(shown.fingerprint)
    del shown
    gc.collect()
    train(model, loader, epochs=1)
    assert len(fingerprint()) == 1


@pytest.mark.filterwarnings("default")
def test_the_same_mistake_made_twice_is_told_twice_at_the_user_s_line(digits):
    for _ in range(2):
        model, loader = mlp(), DataLoader(digits, batch_size=100)
        run = nntf.watch(mlp(), loader)
        with pytest.warns(nntf.FingerprintWarning, match="it was not called") as told:
            train(model, loader, epochs=4)
        assert [warning.filename for warning in told] == [train.__code__.co_filename]
        assert len(run.fingerprint.faults) == 1


def test_labels_that_change_are_told_apart_from_what_costs_snapshots(digits):
    x, y = digits.tensors

    class Mixed(torch.utils.data.Dataset):
        calls = 0

        def __len__(self):
            return len(x)

        def __getitem__(self, index):
            self.calls += 1
            return x[index], (y[index] + (self.calls - 1) // len(x)) % 10  # another in each epoch

    model, loader = mlp(), DataLoader(Mixed(), batch_size=100)
    run = nntf.watch(model, loader)
    with pytest.warns(nntf.FingerprintWarning, match="Reading the labels failed.*the first counts"):
        train(model, loader, epochs=3)
    assert run.incomplete == []
    assert np.array_equal(run.fingerprint.labels, y)
    with pytest.warns(nntf.FingerprintWarning, match="Capture failed.*NaN"):
        go_through(lambda x: model(x * np.nan), loader)
