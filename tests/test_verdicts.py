"""Verdicts on constructed runs, where the truth is known, and on real trainings of a small network."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch.nn import functional

import nntf_widget as nntf


def run_of(predictions, labels=None, losses=None, num_classes=4):
    run = nntf.Fingerprint(num_classes, ["ant", "bee", "cat", "dog"] if num_classes == 4 else None)
    for t, classes in enumerate(predictions):
        run.update(classes, labels=labels, metrics={"loss": losses[t]} if losses else None)
    return run


def kinds(run, **thresholds):
    return [verdict.kind for verdict in run.verdicts(**thresholds)]


def moving(rates, num_samples=2000, num_classes=4, seed=0):
    """Predictions of which a share moves anywhere at each transition."""
    random = np.random.default_rng(seed)
    classes = random.integers(0, num_classes, num_samples)
    yield classes.copy()
    for rate in rates:
        moved = np.flatnonzero(random.random(num_samples) < rate)
        classes[moved] = (classes[moved] + random.integers(1, num_classes, len(moved))) % num_classes
        yield classes.copy()


def test_a_swap_back_and_forth_oscillates_between_the_classes_that_swap():
    random = np.random.default_rng(0)
    here = random.integers(0, 4, 1000)
    there = np.where(random.random(1000) < 0.2, np.array([1, 0, 3, 2])[here], here)
    run = run_of([here, there] * 6)
    verdict = run.verdicts()[0]
    assert verdict.kind == "oscillating"
    assert verdict.numbers["return_rate"] == 1
    assert verdict.epochs == (3, 11)
    assert set(verdict.classes) == {"ant", "bee", "cat", "dog"}
    assert "100% of the moves go straight back" in verdict.sentence


@pytest.mark.parametrize("period", [2, 3, 4])
def test_flows_that_come_again_have_their_period(period):
    """Different samples each time, so that hardly one goes straight back, but the same flows every few epochs."""
    random = np.random.default_rng(1)
    flows = [(a, (a + 1) % 4) for a in range(period)]
    classes, predictions = random.integers(0, 4, 4000), []
    for t in range(14):
        predictions.append(classes.copy())
        source, target = flows[t % period]
        moved = random.permutation(np.flatnonzero(classes == source))[:60]
        classes[moved] = target
    verdict = run_of(predictions).verdicts()[0]
    assert (verdict.kind, verdict.numbers["period"]) == ("oscillating", period)


def test_decisions_that_waver_have_no_period():
    """Pairs of classes tip to and fro by chance: an epoch is unlike the next, but no more like the one after that."""
    told = []
    for seed in range(20):
        tipped = np.random.default_rng(seed).integers(0, 2, (14, 50))
        run = run_of(np.repeat(2 * np.arange(50) + tipped, 20, axis=1), num_classes=100)
        assert run.lag_profile[1] > run.lag_profile[2:6].max() + 0.1
        told += kinds(run, returning=1.0)
    assert told.count("oscillating") <= 2  # such a thing may happen by chance


def test_a_run_that_freezes_has_converged_since_then():
    run = run_of(moving([0.3, 0.2, 0.2, 0.1, 0.1] + [0] * 10))
    verdict = run.verdicts()[0]
    assert (verdict.kind, verdict.epochs) == ("converged", (5, 15))
    assert "Since epoch 5 hardly a sample changes class" in verdict.sentence
    assert run.verdicts().missing == ["labels: whether what it decides is right"]


def test_ever_fewer_moves_converge():
    run = run_of(moving(0.4 * 0.85 ** np.arange(12)))
    verdict = run.verdicts()[0]
    assert verdict.kind == "converging"
    assert verdict.numbers["change_rate"] < verdict.numbers["change_rate_before"]
    assert "ever fewer" in verdict.sentence


def test_a_slow_steady_drift_is_a_plateau():
    predictions = np.zeros((20, 1000), int)
    for t in range(20):
        predictions[t, : 30 * t] = 1  # another 3 % go over in each epoch, and none comes back
    run = run_of(predictions)
    assert kinds(run) == ["plateau"]
    assert run.verdicts()[0].classes == ["ant", "bee"]


def test_a_drift_that_learns_converges():
    labels = np.ones(1000, int)
    labels[::3] = 0
    predictions = np.zeros((20, 1000), int)
    for t in range(20):
        predictions[t, : 30 * t] = labels[: 30 * t]
    assert kinds(run_of(predictions, labels)) == ["converging"]


def test_more_and_more_moves_diverge():
    assert kinds(run_of(moving(0.02 * 1.3 ** np.arange(12)))) == ["diverging"]


def test_losing_what_was_learned_diverges_and_names_the_classes():
    labels = np.arange(1000) % 4
    confused = np.where(labels == 2, 3, labels)
    run = run_of([labels] * 6 + [confused] * 6, labels)
    verdict = run.verdicts(rising=1e9)[0]
    assert (verdict.kind, verdict.classes) == ("diverging", ["cat"])
    assert verdict.sentence == "Accuracy has fallen from 100% at its best to 75%."


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_diverges(wrong):
    run = run_of(moving([0.2] * 11), losses=[1.0] * 11 + [wrong])
    assert kinds(run)[0] == "diverging"
    assert "loss is no finite number any more" in run.verdicts()[0].sentence


def test_moves_at_random_are_no_oscillation():
    for seed in range(10):
        assert kinds(run_of(moving([0.1] * 12, seed=seed))) == ["plateau"]


def test_thin_evidence_gives_no_verdict_and_says_what_is_missing():
    run = run_of(moving([0.1] * 5))
    assert len(run.verdicts()) == 0
    assert run.verdicts().missing == ["8 transitions between snapshots; there are 5"]
    assert kinds(run, window=2) == ["plateau"]
    frozen = run_of([np.zeros(100, int)] * 12)
    assert len(frozen.verdicts()) == 0
    assert "only they tell" in frozen.verdicts().missing[0]
    assert nntf.Fingerprint(3).verdicts().missing == ["8 transitions between snapshots; there are 0"]


def test_thresholds_are_checked():
    run = run_of(moving([0.1] * 12))
    for argument in ("still", "falling", "returning", "alternating", "gain", "drop"):
        with pytest.raises(ValueError, match=f"{argument} is 2; expected 0 to 1"):
            run.verdicts(**{argument: 2})
    with pytest.raises(ValueError, match=r"rising is 0.5; expected 1 or more"):
        run.verdicts(rising=0.5)
    with pytest.raises(ValueError, match="window is 1; expected 2 or more"):
        run.verdicts(window=1)


def test_epochs_are_those_of_the_training_where_not_all_are_recorded():
    run = nntf.Fingerprint(4, every=2)
    for classes in moving([0.3] * 6 + [0] * 30):
        run.update(classes)
    assert run.verdicts()[0].epochs == (6, 36)


def trained(learning_rate, epochs=30, batch=64, momentum=0.9):
    """A real training on scikit-learn's digits."""
    x, y = load_digits(return_X_y=True)
    x, y = torch.tensor(x / 16, dtype=torch.float32), torch.tensor(y)
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10))
    optimizer = torch.optim.SGD(network.parameters(), lr=learning_rate, momentum=momentum)
    run = nntf.Fingerprint(10)
    for _ in range(epochs):
        for part in torch.randperm(len(x)).split(batch):
            optimizer.zero_grad()
            functional.cross_entropy(network(x[part]), y[part]).backward()
            optimizer.step()
        with torch.no_grad():
            scores = network(x)
        run.update(scores, y, {"loss": functional.cross_entropy(scores, y)})
    return run


def test_a_real_training_at_a_sane_learning_rate_converges():
    run = trained(0.05)
    assert kinds(run) == ["converged"]
    assert run.verdicts()[0].numbers["accuracy"] > 0.95
    early = nntf.Fingerprint(10)
    for t in range(11):
        early.update(run.predictions(t), run.labels)
    assert kinds(early)[0] == "converging"


def test_a_real_training_whose_steps_undo_one_another_oscillates():
    """Plain gradient descent with steps a little too large: the checkerboard of even and odd epochs."""
    run = trained(1.0, batch=1797, momentum=0)
    profile = run.lag_profile
    assert profile[2] < min(profile[1], profile[3]) - 0.1
    assert profile[4] < min(profile[3], profile[5]) - 0.05
    verdict = next(verdict for verdict in run.verdicts() if verdict.kind == "oscillating")
    assert (verdict.numbers["period"], verdict.numbers["return_rate"] > 0.6) == (2, True)
    assert "Every second epoch makes the same moves, which those between undo, most between" in verdict.sentence


@pytest.mark.parametrize("learning_rate", [1.0, 5.0])
def test_a_real_training_at_far_too_high_a_learning_rate_diverges(learning_rate):
    assert kinds(trained(learning_rate))[0] == "diverging"


def test_a_real_training_at_far_too_low_a_learning_rate_is_a_plateau():
    verdict = trained(1e-6).verdicts()[0]
    assert verdict.kind == "plateau"
    assert "only 10% right, where always naming one class has 10%" in verdict.sentence
