"""Every forward pass is of the batch whose tensors it got, in whatever way a loop goes about it; else it is said."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from training import Numbered, mlp, snapshots, train, train_recording

import nntf_widget as nntf

UNLABELLED = torch.rand(600, 64)


def as_is(x):
    return x


MOVES = pytest.mark.parametrize("move", [as_is, torch.clone], ids=["own", "moved"])
"""A clone is to the capture what a copy on another device is: another tensor with the same numbers."""


class Loop:
    """A training whose steps are recorded: what was predicted for every sample, -1 for those without."""

    def __init__(self, digits, batch_size=50, model=None, **options):
        self.model = model or mlp()
        self.loader = DataLoader(Numbered(digits), batch_size, shuffle=True, **options)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.1)
        self.truth = np.full(len(digits), -1)

    def step(self, x, y, index):
        scores = self.model(x)
        self.truth[index.numpy()] = scores.argmax(1).numpy()
        self.optimizer.zero_grad()
        nn.functional.cross_entropy(scores, y).backward()
        self.optimizer.step()


def watched(loop, epoch, **options):
    """Return the run of two epochs, each snapshot of which is what the loop saw."""
    with nntf.watch(loop.model, loop.loader, strict=True, **options) as run:
        truths = []
        for _ in range(2):
            epoch()
            truths.append(loop.truth.copy())
    np.testing.assert_array_equal(snapshots(run), truths)
    assert run.unseen == [0, 0]
    assert run.incomplete == []
    return run


@pytest.mark.parametrize("ahead", [2, 4, 5, 12])
def test_batches_taken_ahead_to_accumulate_gradients(digits, ahead):
    loop = Loop(digits)

    def epoch():
        batches = iter(loop.loader)
        while group := list(itertools.islice(batches, ahead)):
            for batch in group:
                loop.step(*batch)

    run = watched(loop, epoch)
    np.testing.assert_array_equal(run.fingerprint.labels, digits.tensors[1])


@MOVES
@pytest.mark.parametrize("exact", [False, True])
def test_a_prefetcher_that_is_one_ahead(digits, move, exact):
    def ahead(loader):
        batches = ([move(part) for part in batch] for batch in loader)
        due = next(batches)
        for following in batches:
            yield due
            due = following
        yield due

    loop = Loop(digits)
    if not exact:
        watched(loop, lambda: [loop.step(*batch) for batch in ahead(loop.loader)])
        return
    with nntf.watch(loop.model, loop.loader, exact=True, strict=True) as run:
        for batch in ahead(loop.loader):
            before = loop.model(digits.tensors[0]).argmax(1)
            loop.step(*batch)
    np.testing.assert_array_equal(run.fingerprint.predictions(0), before)


def test_a_loader_that_is_read_whole_before_the_training(digits):
    loop = Loop(digits)
    watched(loop, lambda: [loop.step(*batch) for batch in list(loop.loader)])


@MOVES
@pytest.mark.parametrize("other_size", [50, 37])
def test_two_loaders_zipped(digits, move, other_size):
    loop = Loop(digits)
    other = DataLoader(TensorDataset(UNLABELLED), other_size)

    def epoch():
        for (x, y, index), (xu,) in zip(loop.loader, other, strict=False):
            loop.model(move(xu))
            loop.step(move(x), y, index)

    watched(loop, epoch)


@MOVES
@pytest.mark.parametrize("place", ["before", "after", "both"])
def test_a_forward_pass_on_other_data_of_the_same_shape(digits, move, place):
    loop = Loop(digits)

    def epoch():
        for x, y, index in loop.loader:
            if place != "after":
                loop.model(torch.randn(len(x), 64))
            loop.step(move(x), y, index)
            if place != "before":
                loop.model(torch.randn(len(x), 64))

    watched(loop, epoch)


@MOVES
def test_of_two_views_of_a_batch_the_last_counts(digits, move):
    x, y = digits.tensors
    loop = Loop(TensorDataset(x, y))
    loop.loader = DataLoader(TensorDataset(x + 0.1, y, torch.arange(600), x), 50, shuffle=True)

    def epoch():
        for first, y, index, second in loop.loader:
            loop.model(move(first))
            loop.step(move(second), y, index)

    watched(loop, epoch)


@MOVES
def test_a_second_forward_pass_of_the_same_input_counts(digits, move):
    loop = Loop(digits)

    def epoch():
        for x, y, index in loop.loader:
            x = move(x)  # noqa: PLW2901 - as loops do
            loop.step(x, y, index)
            loop.step(x, y, index)

    watched(loop, epoch)


def test_a_batch_that_the_loop_changes_is_taken_where_there_is_one_forward_pass_of_it(digits):
    loop = Loop(digits)
    watched(loop, lambda: [loop.step(x + 0.1 * torch.randn_like(x), y, index) for x, y, index in loop.loader])


@pytest.mark.parametrize("every", [1, 4])
def test_an_evaluation_in_between_does_not_hide_the_one_forward_pass_of_a_changed_batch(digits, every):
    loop = Loop(digits)

    def evaluate():
        loop.model.eval()
        with torch.no_grad():
            for start in range(0, 600, 50):
                loop.model(UNLABELLED[start : start + 50])
        loop.model.train()

    def epoch():
        for step, (x, y, index) in enumerate(loop.loader):
            if step % every == 0:
                evaluate()
            loop.step(x.flip(1), y, index)

    if every > 1:  # the batches between the evaluations show that the loop trains on them
        watched(loop, epoch)
        return
    run = nntf.watch(loop.model, loop.loader)
    with pytest.warns(nntf.FingerprintWarning, match="for 12 batches, the model was called with none as it came"):
        epoch()
    assert len(run.fingerprint) == 0


def test_exact_with_forward_needs_no_matching(digits):
    loop = Loop(digits)

    def epoch():
        for x, y, index in loop.loader:
            loop.model(x + torch.randn_like(x))
            order = x.sum(1).argsort()
            loop.step(x[order] + 0.1, y[order], index[order])

    options = {"exact": True, "forward": lambda model, batch: model(batch[0])}
    with nntf.watch(loop.model, loop.loader, strict=True, **options) as run:
        for t in range(2):
            epoch()
            np.testing.assert_array_equal(run.fingerprint.predictions(t), loop.model(digits.tensors[0]).argmax(1))


def test_a_changed_batch_with_two_forward_passes_is_refused(digits):
    loop = Loop(digits)
    run = nntf.watch(loop.model, loop.loader)

    def epoch():
        for x, y, index in loop.loader:
            loop.model(x + torch.randn_like(x))
            loop.step(x + torch.randn_like(x), y, index)

    with pytest.warns(nntf.FingerprintWarning, match="for 12 batches, the model was called with none as it came.*exac"):
        epoch()
    assert len(run.fingerprint) == 0


def test_batches_whose_samples_the_loop_puts_in_another_order_are_refused(digits):
    loop = Loop(digits)
    run = nntf.watch(loop.model, loop.loader)

    def epoch():
        for x, y, index in loop.loader:
            order = x.sum(1).argsort()
            loop.step(x[order], y[order], index[order])

    with pytest.warns(nntf.FingerprintWarning, match="for 12 batches, the loop puts their samples in another order"):
        epoch()
    assert len(run.fingerprint) == 0


@MOVES
def test_batches_that_are_skipped_are_unseen(digits, move):
    loop = Loop(digits)
    with nntf.watch(loop.model, loop.loader, strict=True) as run:
        train(loop.model, loop.loader, epochs=1)
        before = run.fingerprint.predictions(0)
        for step, (x, y, index) in enumerate(loop.loader):
            if step % 3 != 1:
                loop.step(move(x), y, index)
    expected = np.where(loop.truth < 0, before, loop.truth)
    np.testing.assert_array_equal(run.fingerprint.predictions(1), expected)
    assert run.unseen == [0, 200]


def test_a_loop_that_keeps_something_made_of_several_batches_is_refused(digits):
    loop = Loop(digits)
    run = nntf.watch(loop.model, loop.loader)

    def epoch():
        batches = iter(loop.loader)
        while group := [(x * 2, y, index) for x, y, index in itertools.islice(batches, 4)]:
            for batch in group:
                loop.step(*batch)

    with pytest.warns(nntf.FingerprintWarning, match="the model was called with none as it came"):
        epoch()
    assert len(run.fingerprint) == 0


class WithState(nn.Module):
    """A model with an input that no loader hands out."""

    def __init__(self):
        super().__init__()
        self.inner = mlp()

    def forward(self, x, state):
        return self.inner(x + state)


@MOVES
def test_an_input_of_the_loop_s_own_beside_the_batch(digits, move):
    loop = Loop(digits, model=WithState())

    def epoch():
        for x, y, index in loop.loader:
            zeros = torch.zeros(len(x), 64)
            loop.model(torch.randn(len(x), 64), zeros)
            scores = loop.model(move(x), zeros)
            loop.truth[index.numpy()] = scores.argmax(1).numpy()
            loop.optimizer.zero_grad()
            nn.functional.cross_entropy(scores, y).backward()
            loop.optimizer.step()

    watched(loop, epoch)


class Conditional(nn.Module):
    """A discriminator: of an input, and of the class that it is said to have."""

    def __init__(self):
        super().__init__()
        self.inner = mlp()

    def forward(self, x, y):
        return self.inner(x) + nn.functional.one_hot(y, 10)


@MOVES
@pytest.mark.parametrize("real_first", [True, False])
def test_labels_beside_another_input_are_not_the_batch(digits, move, real_first):
    loop = Loop(digits, model=Conditional())

    def epoch():
        for x, y, index in loop.loader:
            inputs = [move(x), torch.randn(len(x), 64)]
            scores = [loop.model(one, move(y)) for one in (inputs if real_first else inputs[::-1])]
            loop.truth[index.numpy()] = scores[0 if real_first else 1].argmax(1).numpy()
            loop.optimizer.zero_grad()
            sum(nn.functional.cross_entropy(one, y) for one in scores).backward()
            loop.optimizer.step()

    watched(loop, epoch)


@pytest.mark.parametrize("exact", [False, True])
def test_a_batch_that_the_loop_writes_into_is_known_and_not_predicted_again_as_it_came(digits, exact):
    loop = Loop(digits)

    def epoch():
        for x, y, index in loop.loader:
            loop.step(x.mul_(2), y, index)

    if not exact:
        watched(loop, epoch)
        return
    run = nntf.watch(loop.model, loop.loader, exact=True)
    with pytest.warns(nntf.FingerprintWarning, match="a batch that it has written into.*forward="):
        epoch()
    assert len(run.fingerprint) == 0


def test_batches_that_share_one_memory_are_told_apart(digits):
    x, y = digits.tensors

    class Slices(torch.utils.data.Dataset):
        def __len__(self):
            return 12

        def __getitem__(self, number):
            rows = slice(50 * number, 50 * number + 50)
            return x[rows], y[rows], torch.arange(600)[rows]

    loop = Loop(digits)
    loop.loader = DataLoader(Slices(), batch_size=None, shuffle=True)

    def epoch():
        batches = iter(loop.loader)
        while group := list(itertools.islice(batches, 3)):
            for batch in group:
                loop.step(*batch)

    watched_by_index(loop, epoch)


def watched_by_index(loop, epoch):
    with nntf.watch(loop.model, loop.loader, index=lambda batch: batch[2], strict=True) as run:
        epoch()
    np.testing.assert_array_equal(run.fingerprint.predictions(0), loop.truth)


def test_forward_says_how_to_predict_and_not_whose_a_prediction_is(digits):
    loop = Loop(digits, drop_last=True, batch_size=256)

    def epoch():
        batches = list(loop.loader)
        for x, y, index in batches:
            loop.model(torch.randn(256, 64))
            loop.step(x, y, index)

    with nntf.watch(loop.model, loop.loader, forward=lambda model, batch: model(batch[0]), strict=True) as run:
        epoch()
    seen = loop.truth >= 0
    np.testing.assert_array_equal(run.fingerprint.predictions(0)[seen], loop.truth[seen])


class Numbers(nn.Module):
    """Predicts, for every sample of a batch, the number of the call."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        return nn.functional.one_hot(torch.full((len(x),), self.calls), 200).float() + self.weight


OF_THE_BATCH = ["batch", "copy", "changed"]
CALLS = st.lists(st.sampled_from([*OF_THE_BATCH, "noise", "evaluation"]), max_size=3).filter(
    lambda calls: not calls or set(calls) & set(OF_THE_BATCH)
)


@given(
    st.lists(st.tuples(st.integers(1, 3), CALLS), min_size=1, max_size=4),
    st.booleans(),
    st.integers(0, 2**16),
)
def test_no_prediction_is_of_another_batch_and_what_is_missing_is_said(groups, keeps, seed):
    """Groups of batches taken ahead, each skipped or called with in some way, among other calls."""
    torch.manual_seed(seed)
    count = sum(ahead for ahead, _ in groups)
    data = TensorDataset(torch.randn(4 * count, 3), torch.zeros(4 * count).long(), torch.arange(4 * count))
    model, loader = Numbers(), DataLoader(data, 4, shuffle=True)
    right: dict[int, set[int]] = {index: set() for index in range(4 * count)}
    run = nntf.watch(model, loader, num_classes=200, forward=lambda model, batch: model(batch[0]) * 0)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        batches = iter(loader)
        for ahead, calls in groups:
            group = list(itertools.islice(batches, ahead))
            if not keeps:
                group = [(x.clone(), y, index.clone()) for x, y, index in group]
            for x, _, index in group:
                for call in calls:
                    if call == "evaluation":
                        with torch.no_grad():
                            model(torch.randn(4, 3))
                        continue
                    model({"batch": x, "copy": x.clone(), "changed": x + 1, "noise": torch.randn(4, 3)}[call])
                    if call != "noise":
                        for sample in index.tolist():
                            right[sample].add(model.calls)
        next(batches, None)
        run.detach()
    for t in range(len(run.fingerprint)):
        for sample, number in enumerate(run.fingerprint.predictions(t).tolist()):
            assert number in right[sample] or (number == 0 and (warned or not right[sample]))  # 0: by `forward`
    assert warned or len(run.fingerprint) or not any(right.values())


@pytest.mark.parametrize("mode", ["evaluation mode", "no gradient", "both"])
def test_an_evaluation_over_the_training_loader_adds_no_snapshot(digits, mode):
    def check_accuracy(loader, model):
        model.train(mode == "no gradient")
        with torch.set_grad_enabled(mode == "evaluation mode"):
            right = sum(int((model(x).argmax(1) == y).sum()) for x, y, _ in loader)
        model.train()
        return right / len(loader.dataset)

    model, loader = mlp(), DataLoader(Numbered(digits), 50, shuffle=True)
    for every in (1, 2):
        with nntf.watch(model, loader, every=every, strict=True) as run:
            check_accuracy(loader, model)
            truth = []
            for _ in range(4):
                truth.append(train_recording(model, loader, epochs=1)[0])
                check_accuracy(loader, model)
        np.testing.assert_array_equal(snapshots(run), truth[every - 1 :: every])
        assert run.incomplete == []


@MOVES
@pytest.mark.parametrize("place", ["before the step", "after the step"])
def test_an_evaluation_over_the_training_loader_within_a_pass_over_it(digits, place, move):
    loop = Loop(digits)

    def check_accuracy():
        loop.model.eval()
        with torch.no_grad():
            right = sum(int((loop.model(move(x)).argmax(1) == y).sum()) for x, y, _ in loop.loader)
        next(iter(loop.loader))
        loop.model.train()
        return right / 600

    def epoch():
        for number, (x, y, index) in enumerate(loop.loader):
            x = move(x)  # noqa: PLW2901 - as loops do
            if number % 5 == 0 and place == "before the step":
                check_accuracy()
            loop.step(x, y, index)
            if number % 5 == 0 and place == "after the step":
                check_accuracy()

    watched(loop, epoch)


@MOVES
def test_a_second_iterator_that_stays_open_takes_no_prediction(digits, move):
    loop = Loop(digits)
    others = []

    def epoch():
        for x, y, index in loop.loader:
            others.append(iter(loop.loader))
            next(others[-1])
            loop.step(move(x), y, index)

    watched(loop, epoch)


def test_two_trainings_that_take_turns_are_refused(digits):
    loop = Loop(digits)
    run = nntf.watch(loop.model, loop.loader)

    def epoch():
        for batch, other in zip(loop.loader, loop.loader, strict=True):
            loop.step(*batch)
            loop.step(*other)

    with pytest.warns(nntf.FingerprintWarning, match="two trainings over the loader take turns"):
        epoch()
    assert run.incomplete[0] == 0


def test_snapshots_after_steps_count_no_step_of_an_evaluation(digits):
    model, loader = mlp(), DataLoader(digits, 50, shuffle=True)
    with nntf.watch(model, loader, every="12 steps", strict=True) as run:
        for _ in range(3):
            train(model, loader, epochs=1)
            with torch.no_grad():
                for x, _ in loader:
                    model(x)
    assert len(run.fingerprint) == 3


def test_a_model_that_is_trained_in_evaluation_mode_is_trained(digits):
    model, loader = mlp().eval(), DataLoader(Numbered(digits), 50, shuffle=True)
    with nntf.watch(model, loader, strict=True) as run:
        truth = train_recording(model, loader)
    np.testing.assert_array_equal(snapshots(run), truth)


def test_evaluations_of_a_loader_that_is_never_trained_on_are_snapshots_where_the_model_has_changed(digits):
    model = mlp()
    training, validation = DataLoader(digits, 50, shuffle=True), DataLoader(digits, 100)

    def evaluate():
        with torch.inference_mode():
            for x, _ in validation:
                model(x)

    with nntf.watch(model, validation, strict=True) as run:
        for _ in range(2):
            evaluate()
        for _ in range(2):
            train(model, training, epochs=1)
            evaluate()
            evaluate()
        for parameter in model.parameters():
            parameter.data.copy_(torch.randn_like(parameter))
        model.load_state_dict({name: value.clone() for name, value in model.state_dict().items()})
        evaluate()
    assert len(run.fingerprint) == 3
    assert run.fingerprint.labels.tolist() == digits.tensors[1].tolist()


def test_a_pass_without_a_forward_pass_is_no_fault(digits):
    model, loader = mlp(), DataLoader(digits, 50, shuffle=True)
    with nntf.watch(model, loader, strict=True) as run:
        mean = torch.cat([x for x, _ in loader]).mean(0)
        assert mean.shape == (64,)
        deviation = sum(((x - mean) ** 2).sum(0) for x, _ in loader)
        assert deviation.shape == (64,)
        train(model, loader, epochs=2)
    assert len(run.fingerprint) == 2
