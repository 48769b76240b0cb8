"""Whatever way a loader draws its samples, each is known by its index in the dataset."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref

import numpy as np
import pytest
import torch
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    IterableDataset,
    RandomSampler,
    Sampler,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
)
from training import Numbered, forwarded, go_through, mlp, snapshots, train, train_recording

import nntf_widget as nntf


class EvenThenOdd(Sampler):
    """Yields tensors instead of ints, in an order of its own."""

    def __init__(self, count):
        self.count = count

    def __iter__(self):
        return iter(torch.cat([torch.arange(0, self.count, 2), torch.arange(1, self.count, 2)]))

    def __len__(self):
        return self.count


def pairs_of_batches(dataset):
    """A batch sampler of two sizes of batches."""
    order = torch.randperm(len(dataset)).tolist()
    return [order[:20], *(order[start : start + 58] for start in range(20, len(order), 58))]


@pytest.mark.parametrize(
    "options",
    [
        {"batch_size": 50, "shuffle": True, "num_workers": 2},
        {"batch_size": 50, "shuffle": True, "num_workers": 2, "persistent_workers": True, "prefetch_factor": 4},
        {"batch_size": 50, "sampler": "even then odd"},
        {"batch_sampler": "of two sizes"},
        {"batch_sampler": "random"},
        {"sampler": "whole batches", "batch_size": None},
    ],
    ids=lambda options: ", ".join(f"{name}={value}" for name, value in options.items()),
)
def test_snapshots_are_what_the_loop_saw(digits, options):
    samplers = {
        "even then odd": EvenThenOdd(600),
        "of two sizes": pairs_of_batches(digits),
        "random": BatchSampler(RandomSampler(digits), 64, drop_last=False),
        "whole batches": BatchSampler(RandomSampler(digits), 64, drop_last=False),
    }
    options = {name: samplers.get(value, value) for name, value in options.items()}
    dataset = TensorDataset(*digits.tensors, torch.arange(600)) if options.get("batch_size", 1) is None else None
    loader = DataLoader(dataset or Numbered(digits), **options)
    model = mlp()
    with nntf.watch(model, loader, strict=True) as run:
        truth = train_recording(model, loader)
    np.testing.assert_array_equal(snapshots(run), truth)
    assert run.unseen == [0, 0, 0]
    assert len(loader) == len(list(loader))


def test_persistent_workers_that_run_already_are_followed_and_given_back(digits):
    loader = DataLoader(Numbered(digits), 50, shuffle=True, num_workers=1, persistent_workers=True)
    model = mlp()
    train(model, loader, epochs=1)
    with nntf.watch(model, loader, strict=True) as run:
        truth = train_recording(model, loader)
    np.testing.assert_array_equal(snapshots(run), truth)
    assert loader._iterator._index_sampler is loader.batch_sampler
    train(model, loader, epochs=1)


@pytest.mark.parametrize("exact", [False, True])
def test_workers_and_batches_are_the_same_with_and_without_watch(digits, exact):
    def weights(*, watched):
        torch.manual_seed(0)
        model = mlp()
        loader = DataLoader(digits, 50, shuffle=True, num_workers=2, drop_last=True)
        run = nntf.watch(model, loader, strict=True, exact=exact) if watched else None
        train(model, loader, epochs=2)
        assert run is None or len(run.fingerprint) == 2
        return model.state_dict().values()

    assert all(torch.equal(a, b) for a, b in zip(weights(watched=True), weights(watched=False), strict=True))


def test_a_dropped_last_batch_keeps_its_classes_and_is_counted(digits):
    model, loader = mlp(), DataLoader(Numbered(digits), batch_size=256, shuffle=True, drop_last=True)
    with nntf.watch(model, loader, strict=True) as run:
        truth = train_recording(model, loader, epochs=1)
        with torch.no_grad():
            after_first = model(digits.tensors[0]).argmax(1).numpy()
        truth = np.concatenate([truth, train_recording(model, loader, epochs=2)])
    assert run.unseen == [88, 88, 88]
    expected = np.where(truth[0] < 0, after_first, truth[0])  # with no class yet, it is asked for once
    for snapshot, seen in zip(snapshots(run), truth, strict=True):
        expected = np.where(seen < 0, expected, seen)
        np.testing.assert_array_equal(snapshot, expected)
    np.testing.assert_array_equal(run.fingerprint.labels, digits.tensors[1])


def test_of_a_sample_drawn_several_times_the_last_prediction_counts(digits):
    weights = torch.where(digits.tensors[1] < 5, 1.0, 4.0)
    model, loader = mlp(), DataLoader(Numbered(digits), 50, sampler=WeightedRandomSampler(weights, 600))
    with nntf.watch(model, loader, strict=True) as run:
        truth = train_recording(model, loader)
    for snapshot, seen, unseen in zip(snapshots(run), truth, run.unseen, strict=True):
        np.testing.assert_array_equal(snapshot[seen >= 0], seen[seen >= 0])
        assert unseen == np.count_nonzero(seen < 0) > 100


def test_a_subset_sampler_s_samples_are_the_subset(digits):
    picked = torch.arange(599, 99, -2)
    model, loader = mlp(), DataLoader(Numbered(digits), 50, sampler=SubsetRandomSampler(picked))
    with nntf.watch(model, loader, strict=True) as run:
        truth = train_recording(model, loader)
    np.testing.assert_array_equal(run.samples, np.arange(101, 600, 2))
    np.testing.assert_array_equal(snapshots(run), truth[:, run.samples])
    np.testing.assert_array_equal(run.fingerprint.labels, digits.tensors[1][run.samples])


def test_a_loop_left_early_is_a_snapshot_of_what_it_saw(digits):
    model, loader = mlp(), DataLoader(Numbered(digits), batch_size=50, shuffle=True)
    with nntf.watch(model, loader, strict=True) as run:
        train(model, loader, epochs=1)
        before = run.fingerprint.predictions(0)
        for step, (x, _, index) in enumerate(loader):
            expected = before.copy()
            before[index.numpy()] = expected[index.numpy()] = model(x).argmax(1).numpy()
            if step == 2:
                break
        np.testing.assert_array_equal(run.fingerprint.predictions(1), expected)
        assert run.unseen == [0, 450]


def test_a_pass_that_an_exception_ends_is_a_snapshot_too(digits):
    def interrupted():
        for x, _ in loader:
            model(x)
            raise KeyError("the loop's own")

    model, loader = mlp(), DataLoader(digits, batch_size=50)
    with nntf.watch(model, loader, strict=True) as run:
        train(model, loader, epochs=1)
        with pytest.raises(KeyError, match="the loop's own"):
            interrupted()
        train(model, loader, epochs=1)
    assert run.unseen == [0, 550, 0]


def test_a_pass_that_is_not_finished_ends_where_the_next_begins(digits):
    model, loader = mlp(), DataLoader(digits, batch_size=50)
    with nntf.watch(model, loader, strict=True) as run:
        train(model, loader, epochs=1)
        unfinished = iter(loader)
        model(next(unfinished)[0])
        train(model, loader, epochs=1)
        model(next(unfinished)[0])  # no longer looked at
    assert run.unseen == [0, 550, 0]


def test_a_look_at_the_first_batch_is_no_pass(digits):
    model, loader = mlp(), DataLoader(digits, batch_size=50)
    with nntf.watch(model, loader, exact=True, strict=True) as run:
        x, _ = next(iter(loader))
        model(x)
        iter(loader)
    assert len(run.fingerprint) == 0


def test_detach_within_a_pass_records_it(digits):
    model, loader = mlp(), DataLoader(digits, batch_size=50)
    run = nntf.watch(model, loader, strict=True)
    for step, (x, _) in enumerate(loader):
        model(x)
        if step == 3:
            run.detach()
    assert run.unseen == [400]
    assert step == 11


class Stream(IterableDataset):
    """Digits in an order that changes, with no index and no length."""

    def __init__(self, digits):
        self.digits = digits

    def __iter__(self):
        for index in torch.randperm(600).tolist():
            x, y = self.digits[index]
            yield {"x": x, "target": y, "name": f"digit {index}"}


def test_an_iterable_dataset_is_followed_by_the_ids_in_its_batches(digits):
    model, loader = mlp(), DataLoader(Stream(digits), batch_size=50)
    truth = [{}, {}]
    with nntf.watch(model, loader, index=lambda batch: batch["name"], strict=True) as run:
        for seen in truth:
            for batch in loader:
                seen.update(zip(batch["name"], model(batch["x"]).argmax(1).tolist(), strict=True))
    for snapshot, seen in zip(snapshots(run), truth, strict=True):
        assert dict(zip(run.samples.tolist(), snapshot.tolist(), strict=True)) == seen
    numbers = [int(name.split()[1]) for name in run.samples]
    np.testing.assert_array_equal(run.fingerprint.labels, digits.tensors[1][numbers])


def test_an_iterable_dataset_without_index_is_refused(digits):
    with pytest.raises(ValueError, match="IterableDataset, whose samples have no index; expected index="):
        nntf.watch(mlp(), DataLoader(Stream(digits)))


def test_ids_that_were_not_in_the_first_pass_are_reported_and_left_out(digits):
    model, loader = mlp(), DataLoader(TensorDataset(digits.tensors[0]), batch_size=50)
    offset = 0
    run = nntf.watch(model, loader, index=lambda batch: offset + torch.arange(len(batch[0])))
    go_through(model, loader)
    offset = 25
    with pytest.warns(nntf.FingerprintWarning, match="sample 50 is not among the 50 known ones"):
        go_through(model, loader)
    assert run.unseen == [0, 25]
    assert run.incomplete == [1]


def test_batches_in_no_known_order_are_refused_unless_the_order_does_not_matter(digits):
    loader = DataLoader(digits, batch_size=50, num_workers=2, in_order=False)
    with pytest.raises(ValueError, match="in_order=False, so its batches come in no known order"):
        nntf.watch(mlp(), loader)
    model = mlp()
    with nntf.watch(model, loader, exact=True, strict=True) as run:
        train(model, loader, epochs=1)
    with torch.no_grad():
        np.testing.assert_array_equal(run.fingerprint.predictions(0), model(digits.tensors[0]).argmax(1))


def test_names_come_from_the_dataset_also_through_a_subset(digits):
    dataset = copy.copy(digits)
    dataset.classes = list("abcdefghij")
    part, _ = torch.utils.data.random_split(dataset, [500, 100])
    assert forwarded(mlp(), part).fingerprint.class_names == dataset.classes
    assert forwarded(mlp(), part, num_classes=10).fingerprint.class_names == dataset.classes
    by_ids = forwarded(mlp(), part, reduce=lambda scores: scores.argmax(1))
    assert by_ids.fingerprint.class_names == dataset.classes
    assert forwarded(mlp(), part, class_names=list("0123456789")).fingerprint.class_names == list("0123456789")


@pytest.mark.parametrize("classes", [[("a", "b")] * 10, list("abcdefghijk"), ["same"] * 10, 10])
def test_names_of_the_dataset_that_do_not_fit_are_none(digits, classes):
    dataset = copy.copy(digits)
    dataset.classes = classes
    assert forwarded(mlp(), dataset).fingerprint.class_names == list("0123456789")


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda loader: pickle.loads(pickle.dumps(loader))])
def test_a_copy_of_a_watched_loader_is_a_plain_one(digits, duplicate):
    model, loader = mlp(), DataLoader(digits, batch_size=50)
    with nntf.watch(model, loader, strict=True) as run:
        twin = duplicate(loader)
        assert type(twin) is DataLoader
        train(model, twin, epochs=1)
        go_through(model.eval(), type(loader)(digits, batch_size=60))
    assert len(run.fingerprint) == 0


@pytest.mark.parametrize(("every", "expected"), [(2, 2), (3, 1), ("6 steps", 10), ("1 step", 60), ("100 steps", 0)])
def test_every_so_many_passes_or_steps(digits, every, expected):
    model, loader = mlp(), DataLoader(digits, batch_size=50, shuffle=True)
    with nntf.watch(model, loader, every=every, strict=True) as run:
        train(model, loader, epochs=5)
    assert len(run.fingerprint) == expected
    assert run.fingerprint.unit == "snapshot"


def test_a_snapshot_after_some_steps_has_the_model_s_present_view_of_the_samples_not_seen_yet(digits):
    model, loader = mlp(), DataLoader(Numbered(digits), batch_size=50, shuffle=True)
    seen = np.full(600, -1)
    with nntf.watch(model, loader, every="4 steps", strict=True) as run:
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for step, (x, y, index) in enumerate(loader):
            if step == 4:
                with torch.no_grad():
                    first = np.where(seen < 0, model(digits.tensors[0]).argmax(1).numpy(), seen)
            scores = model(x)
            seen[index.numpy()] = scores.argmax(1).numpy()
            torch.nn.functional.cross_entropy(scores, y).backward()
            optimizer.step()
    np.testing.assert_array_equal(run.fingerprint.predictions(0), first)
    np.testing.assert_array_equal(run.fingerprint.predictions(2), seen)
    assert run.unseen == [400, 400, 400]


def test_model_and_loader_go_with_their_last_reference_however_long_the_run_is_kept(digits):
    model, loader = mlp(), DataLoader(digits, batch_size=50, num_workers=1, persistent_workers=True)
    run = nntf.watch(model, loader, strict=True)
    train(model, loader, epochs=1)
    gone = [weakref.ref(model), weakref.ref(loader), weakref.ref(loader._iterator)]
    gc.disable()  # in a cycle, persistent workers would be left waiting
    try:
        del model, loader
        assert [reference() for reference in gone] == [None, None, None]
    finally:
        gc.enable()
    run.detach()
    assert len(run.fingerprint) == 1
