"""Whatever a model returns for a batch, its class scores are found in it, or it is said what is missing."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from training import forwarded, go_through, mlp, snapshots, train

import nntf_widget as nntf


class Named(NamedTuple):
    logits: torch.Tensor
    aux: torch.Tensor


@dataclass
class Output:
    loss: torch.Tensor
    logits: torch.Tensor


class Wrapped(nn.Module):
    """An MLP that returns its scores in some packing."""

    def __init__(self, pack, outputs=10):
        super().__init__()
        self.inner, self.pack = mlp(outputs), pack

    def forward(self, x):
        return self.pack(self.inner(x))


@pytest.mark.parametrize(
    "pack",
    [
        lambda s: (s, torch.zeros(len(s), 7)),
        lambda s: [torch.tensor(0.1), torch.zeros(len(s)), s],
        lambda s: {"hidden": torch.zeros(len(s), 4, 5), "scores": s},
        lambda s: OrderedDict(loss=torch.tensor(0.1), features=torch.zeros(len(s), 3), logits=s),
        lambda s: Output(torch.tensor(0.1), s),
        lambda s: Named(s, torch.zeros(len(s), 3)),
        lambda s: s.bfloat16(),
        lambda s: s.half(),
        lambda s: s.double(),
    ],
    ids=["tuple", "list", "mapping", "ModelOutput", "dataclass", "namedtuple", "bfloat16", "float16", "float64"],
)
def test_scores_are_found(digits, pack):
    model = Wrapped(pack)
    run = forwarded(model, digits)
    scores = model.inner(digits.tensors[0])
    close = pack(scores) if isinstance(pack(scores), torch.Tensor) else scores
    np.testing.assert_array_equal(run.fingerprint.predictions(0), close.float().argmax(1))
    assert run.fingerprint.num_classes == 10
    loss = nn.functional.cross_entropy(close.float(), digits.tensors[1]).item()
    assert run.fingerprint.metrics["loss"][0] == pytest.approx(loss, rel=1e-4)


def test_losses_of_probabilities_and_log_probabilities_are_those_of_the_logits(digits):
    losses = [
        forwarded(Wrapped(pack), digits).fingerprint.metrics["loss"][0]
        for pack in (lambda s: s, lambda s: s.softmax(1), lambda s: s.log_softmax(1))
    ]
    assert losses[1:] == pytest.approx([losses[0]] * 2, rel=1e-5)


@pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
@pytest.mark.parametrize("sigmoid", [False, True])
@pytest.mark.parametrize("as_float", [False, True])
def test_a_single_score_is_for_the_second_of_two_classes(digits, shape, sigmoid, as_float):
    x, y = digits.tensors
    odd = (y % 2).float().reshape(shape) if as_float else y % 2
    model = Wrapped(lambda s: (s.sigmoid() if sigmoid else s).reshape(shape), outputs=1)
    model.inner[-1].bias.data -= 0.15
    run = forwarded(model, TensorDataset(x, odd))
    logits = model.inner(x)[:, 0]
    assert 50 < int((logits > 0).sum()) < 550
    np.testing.assert_array_equal(run.fingerprint.predictions(0), logits > 0)
    np.testing.assert_array_equal(run.fingerprint.labels, y % 2)
    loss = nn.functional.binary_cross_entropy_with_logits(logits, (y % 2).float()).item()
    assert run.fingerprint.metrics["loss"][0] == pytest.approx(loss, rel=1e-5)
    assert run.fingerprint.metrics["accuracy"][0] == pytest.approx(((logits > 0) == (y % 2)).float().mean().item())


def test_single_scores_that_a_linear_layer_ends_with_are_logits_wherever_they_lie(digits):
    model, loader = mlp(outputs=1), DataLoader(TensorDataset(digits.tensors[0]), batch_size=50)
    model[-1].bias.data += 0.2
    with nntf.watch(model, loader, strict=True) as run:
        for (x,) in loader:
            scores = model(x)
            assert ((scores > 0) & (scores < 1)).all()
    assert run.fingerprint.class_counts.tolist() == [[0, 600]]


def test_once_a_logit_was_seen_single_scores_stay_logits(digits):
    offsets = iter([-3.0] * 12 + [0.25] * 12)
    inputs = TensorDataset(digits.tensors[0])
    run = forwarded(Wrapped(lambda s: s * 0 + next(offsets), outputs=1), inputs, epochs=2)
    assert run.fingerprint.class_counts.tolist() == [[600, 0], [0, 600]]


def test_outputs_of_more_axes_are_refused_until_reduce_says_how(digits):
    model = Wrapped(lambda s: s[:, :, None, None].expand(-1, -1, 4, 4))
    with pytest.warns(nntf.FingerprintWarning, match=r"gives \(50, 10, 4, 4\) for a batch of 50.*pass reduce="):
        run = forwarded(model, digits, strict=False)
    assert len(run.fingerprint) == 0
    by_scores = forwarded(model, digits, reduce=lambda output: output.mean((2, 3)))
    by_ids = forwarded(model, digits, reduce=lambda output: output[:, :, 0, 0].argmax(1), num_classes=10)
    np.testing.assert_array_equal(snapshots(by_scores), snapshots(by_ids))
    assert by_ids.fingerprint.metrics["accuracy"] == by_scores.fingerprint.metrics["accuracy"]
    assert "loss" not in by_ids.fingerprint.metrics


def test_rows_that_are_no_samples_are_refused_until_reduce_says_how(digits):
    model = Wrapped(lambda s: s.repeat_interleave(2, 0))  # as for two views of each sample
    with pytest.warns(nntf.FingerprintWarning, match=r"returned shape \(100, 10\) for a batch of 50; .* Pass reduce="):
        forwarded(model, digits, strict=False)
    run = forwarded(model, digits, reduce=lambda output: output[::2])
    np.testing.assert_array_equal(run.fingerprint.predictions(0), model.inner(digits.tensors[0]).argmax(1))


def test_a_dataset_that_makes_the_batches_itself_needs_their_ids(digits):
    x, y = digits.tensors
    batches = [(x[start : start + 50], y[start : start + 50], torch.arange(start, start + 50)) for start in (50, 0)]
    model, loader = mlp(), DataLoader(batches, batch_size=None)
    with nntf.watch(model, loader) as run, pytest.warns(nntf.FingerprintWarning, match="for a batch of 1;.* index="):
        go_through(model, loader)
    assert len(run.fingerprint) == 0
    with nntf.watch(model, loader, index=lambda batch: batch[2].tolist(), strict=True) as run:
        go_through(model, loader)
    np.testing.assert_array_equal(run.fingerprint.predictions(0), model(x[:100]).argmax(1))
    np.testing.assert_array_equal(run.fingerprint.labels, y[:100])


def test_class_names_for_too_few_of_the_scores_are_named(digits):
    with pytest.warns(nntf.FingerprintWarning, match="class_names has 2 names; expected 10, as many as a sample has"):
        run = forwarded(mlp(), digits, class_names=["even", "odd"], strict=False)
    assert len(run.fingerprint) == 0


def test_mixed_precision_and_gradient_accumulation(digits):
    model, loader = mlp(), DataLoader(digits, batch_size=60, shuffle=False)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    truth = []
    with nntf.watch(model, loader, strict=True) as run:
        for step, (x, y) in enumerate(loader):
            with torch.autocast("cpu", torch.bfloat16):
                scores = model(x)
                loss = nn.functional.cross_entropy(scores, y) / 2
            assert scores.dtype == torch.bfloat16
            truth.append(scores.argmax(1))
            loss.backward()
            if step % 2:
                optimizer.step()
                optimizer.zero_grad()
    np.testing.assert_array_equal(run.fingerprint.predictions(0), torch.cat(truth))


def test_exact_runs_under_the_loop_s_autocast_without_touching_its_casts(digits):
    def weights(*, watched):
        model, loader = Wrapped(lambda s: s + 2**12), DataLoader(digits, batch_size=60)  # too coarse for bfloat16
        run = nntf.watch(model, loader, exact=True, every="3 steps", strict=True) if watched else None
        with torch.autocast("cpu", torch.bfloat16):  # over all of it: the casts of the weights would be kept
            train(model, loader, epochs=2)
        if run:
            assert (run.fingerprint.predictions(5) == 0).all()
        return model.state_dict().values()

    assert all(torch.equal(a, b) for a, b in zip(weights(watched=True), weights(watched=False), strict=True))


@pytest.fixture
def _nothing_compiled():
    torch.compiler.reset()


@pytest.mark.usefixtures("_nothing_compiled")
@pytest.mark.parametrize("how", ["torch.compile", "in place", "inside"])
@pytest.mark.parametrize("exact", [False, True])
def test_compiled_models(digits, how, exact):
    compiled = []

    def backend(graph, _inputs):
        compiled.append(graph)
        return graph.forward

    model = Wrapped(lambda s: s)
    called = model if how == "in place" else torch.compile(model, backend=backend, fullgraph=True)
    if how == "in place":
        model.compile(backend=backend, fullgraph=True)
    run = forwarded(model if how == "inside" else called, digits, epochs=2, called=called, exact=exact)
    assert len(run.fingerprint) == 2
    assert len(compiled) == 1
    np.testing.assert_array_equal(run.fingerprint.predictions(1), model.inner(digits.tensors[0]).argmax(1))
    assert called.training


@pytest.mark.usefixtures("_nothing_compiled")
def test_a_hook_that_a_compiler_traces_away_fails_nothing_and_is_said(digits):
    model = mlp()  # torch's own containers are traced with their hooks
    compiled = torch.compile(model, backend="eager", fullgraph=True)
    loader = DataLoader(digits, batch_size=50, shuffle=True)
    run = nntf.watch(model, loader)
    with pytest.warns(nntf.FingerprintWarning, match="Watch the very object that the loop calls"):
        train(compiled, loader, epochs=1)
    assert len(run.fingerprint) == 0
