"""Verdicts on constructed runs, where the truth is known, and on real trainings at eight learning rates."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch.nn import functional

import nntf_widget as nntf

NAMES = ["ant", "bee", "cat", "dog"]


def run_of(predictions, labels=None, num_classes=4, **metrics):
    run = nntf.Fingerprint(num_classes, NAMES if num_classes == 4 else None)
    for t, classes in enumerate(predictions):
        run.update(classes, labels=labels, metrics={name: values[t] for name, values in metrics.items()})
    return run


def names(run, **thresholds):
    return [verdict.name for verdict in run.verdicts(**thresholds)]


def moving(rates, num_samples=2000, num_classes=4, seed=0):
    """Yield predictions of which a share moves anywhere in each transition."""
    random = np.random.default_rng(seed)
    classes = random.integers(0, num_classes, num_samples)
    yield classes.copy()
    for rate in rates:
        moved = np.flatnonzero(random.random(num_samples) < rate)
        classes[moved] = (classes[moved] + random.integers(1, num_classes, len(moved))) % num_classes
        yield classes.copy()


def test_a_swap_back_and_forth_oscillates_between_the_classes_that_swap():
    random = np.random.default_rng(0)
    here = random.integers(0, 3, 1000)
    there = np.where(random.random(1000) < 0.2, np.array([1, 0, 3])[here], here)
    verdict = run_of([here, there] * 7).verdicts()[0]
    assert verdict.name == "oscillating"
    assert (verdict.numbers["return_rate"], verdict.numbers["period"]) == (1, 2)
    assert verdict.epochs == (3, 13)
    assert verdict.classes == ["ant", "bee", "cat", "dog"]
    assert verdict.sentence == (
        "The moves are alike every 2 epochs; 100% of the moves go straight back, most between ant and bee."
    )


def test_a_long_name_is_cut_in_the_middle_of_a_sentence():
    run = nntf.Fingerprint(class_names=["an ant " + "that is small " * 50 + "and red", "bee"])
    still = np.arange(100) % 2
    for classes in [still, np.where(np.arange(100) < 40, 1 - still, still)] * 6:
        run.update(classes)
    verdict = run.verdicts()[0]
    assert verdict.sentence.endswith("most between an ant that is small…hat is small and red and bee.")
    assert verdict.classes == run.class_names


@pytest.mark.parametrize("period", [2, 3, 4])
def test_flows_that_come_again_have_their_period(period):
    """Different samples each time, so that hardly one goes straight back, but the same flows every few epochs."""
    random = np.random.default_rng(1)
    flows = [(a, (a + 1) % 4) for a in range(period)]
    classes, predictions = random.integers(0, 4, 4000), []
    for t in range(21):
        predictions.append(classes.copy())
        source, target = flows[t % period]
        moved = random.permutation(np.flatnonzero(classes == source))[:60]
        classes[moved] = target
    verdict = run_of(predictions).verdicts()[0]
    assert (verdict.name, verdict.numbers["period"]) == ("oscillating", period)
    assert f"The moves are alike every {period} epochs" in verdict.sentence
    assert verdict.numbers[f"excess_at_lag_{period}"] < verdict.numbers["excess_at_lag_1"] - 0.5


def test_decisions_that_waver_by_chance_do_not_oscillate():
    """Pairs of classes tip to and fro by chance: an epoch is unlike the next, but no more like the one after that."""
    told = []
    for seed in range(20):
        tipped = np.random.default_rng(seed).integers(0, 2, (22, 50))
        run = run_of(np.repeat(2 * np.arange(50) + tipped, 20, axis=1), num_classes=100)
        assert run.excess_lag_profile[1] > run.excess_lag_profile[2:6].max() + 0.1
        told += names(run)
    assert told.count("oscillating") <= 1  # it may happen by chance


def test_noise_around_a_state_that_stays_is_a_plateau():
    for seed in range(10):
        random = np.random.default_rng(seed)
        labels = random.integers(0, 4, 1000)
        noisy = [np.where(random.random(1000) < 0.1, random.integers(0, 4, 1000), labels) for _ in range(20)]
        run = run_of(noisy, labels)
        assert names(run) == ["plateau"]
        assert re.search(r"1\d\.\d% of the samples move in each epoch, 1\d\.\d% before", run.verdicts()[0].sentence)


def test_nothing_but_noise_diverges_for_more_than_half_moves_each_time():
    for seed in range(5):
        assert names(run_of(np.random.default_rng(seed).integers(0, 4, (20, 1000)))) == ["diverging"]


def test_moves_at_random_are_a_plateau():
    for seed in range(10):
        assert names(run_of(moving([0.1] * 20, seed=seed))) == ["plateau"]


def test_a_run_that_freezes_has_converged_since_then():
    run = run_of(moving([0.3, 0.2, 0.2, 0.1, 0.1] + [0] * 11))
    verdict = run.verdicts()[0]
    assert (verdict.name, verdict.epochs) == ("converged", (5, 16))
    assert verdict.sentence == "Since epoch 5 hardly a sample moves, 0.0% in each."
    assert run.verdicts().missing[0] == "labels: whether what it decides is right"


def test_what_has_frozen_in_the_wrong_place_is_a_plateau():
    labels = np.arange(1000) % 4
    wrong = np.where(np.arange(1000) < 20, labels, (labels + 1) % 4)
    verdict = run_of([(labels + 2) % 4] + [wrong] * 15, labels).verdicts()[0]
    assert verdict.name == "plateau"
    assert "with 2% right, where always naming one class has 25%" in verdict.sentence


def test_ever_fewer_moves_converge():
    verdict = run_of(moving(0.4 * 0.85 ** np.arange(12))).verdicts()[0]
    assert verdict.name == "converging"
    assert verdict.numbers["change_rate"] < verdict.numbers["change_rate_before"]
    assert verdict.sentence.endswith("before: ever fewer.")


def test_a_slow_steady_drift_has_not_converged():
    predictions = np.zeros((20, 1000), int)
    for t in range(20):
        predictions[t, : 8 * t] = 1  # another 0.8 % go over in each epoch, and none comes back
    run = run_of(predictions)
    assert names(run) == ["plateau"]
    assert run.verdicts()[0].classes == ["ant", "bee"]


def test_a_drift_that_learns_converges():
    labels = np.ones(1000, int)
    labels[::3] = 0
    predictions = np.zeros((20, 1000), int)
    for t in range(20):
        predictions[t, : 30 * t] = labels[: 30 * t]
    run = run_of(predictions, labels)
    assert names(run) == ["converging"]
    assert run.verdicts()[0].sentence.startswith("Accuracy rises, from ")


def test_more_and_more_moves_diverge():
    assert names(run_of(moving(0.02 * 1.3 ** np.arange(12)))) == ["diverging"]


def test_losing_what_was_learned_diverges_and_names_the_classes():
    labels = np.arange(1000) % 4
    confused = np.where(labels == 2, 3, labels)
    verdict = run_of([labels] * 6 + [confused] * 6, labels).verdicts()[0]
    assert (verdict.name, verdict.classes) == ("diverging", ["cat"])
    assert verdict.sentence == "Accuracy has fallen from 100% at its best to 75%."


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_diverges(wrong):
    run = run_of(moving([0.2] * 11), loss=[1.0] * 11 + [wrong])
    assert names(run)[0] == "diverging"
    assert run.verdicts()[0].sentence == "loss is no finite number any more."


def test_a_loss_that_is_not_there_yet_says_nothing():
    *before, newest = moving([0.2] * 12)
    run = run_of(before, loss=[1.0] * 12)
    run.update(newest)
    assert names(run) == ["plateau"]


def test_nearly_all_samples_in_one_class_each_time_another_have_collapsed():
    labels = np.arange(1000) % 4
    random = np.random.default_rng(0)
    flipping = [np.where(random.random(1000) < 0.02, labels, t % 3) for t in range(12)]
    for truth in (labels, None):
        verdict = run_of([labels, *flipping], truth).verdicts()[0]
        assert (verdict.name, verdict.epochs) == ("collapsed", (8, 12))
        assert verdict.sentence == (
            "99% of the samples are in one class, and not each time in the same: cat, bee, ant."
        )


def test_nearly_all_samples_in_one_class_for_good_have_collapsed_where_labels_say_so():
    labels, one = np.arange(1000) % 4, np.full(1000, 2)
    run = run_of([labels] + [one] * 12, labels)
    assert (names(run), run.verdicts()[0].classes) == (["collapsed"], ["cat"])
    assert names(run_of([labels] + [one] * 12)) == ["converged"]
    mostly = np.where(np.arange(1000) < 30, 1, 2)  # of such data it would be right
    assert names(run_of([labels] + [mostly] * 12, mostly)) == ["converged"]
    assert names(run_of([one] * 12, labels)) == ["plateau"]  # never left where it began


def test_validation_that_becomes_worse_while_the_training_goes_on_is_overfitting():
    falling = np.linspace(1, 0.1, 24)
    turning = np.where(np.arange(24) < 12, falling, 0.5 + 0.05 * (np.arange(24) - 11))
    still = [np.arange(1000) % 4] * 24
    run = run_of(still, still[0], loss=falling, val_loss=turning)
    assert names(run) == ["converged", "overfitting"]
    verdict = run.verdicts()[1]
    assert abs(verdict.epochs[0] - 11) <= 3
    assert re.match(r"val_loss was best about epoch \d+, 0\.\d+, and is 1\.1 now", verdict.sentence)
    assert names(run_of(still, still[0], accuracy=1 - falling, val_accuracy=1 - turning)) == [
        "converged",
        "overfitting",
    ]
    assert names(run_of(still, still[0], loss=falling, val_loss=falling)) == ["converged"]
    assert names(run_of(still, still[0], loss=turning, val_loss=turning)) == ["converged"]  # that is something else
    assert names(run_of(still, still[0], loss=falling, val_loss=turning / 2 + 0.5), worse=1) == ["converged"]


def test_without_validation_it_says_so():
    still = [np.arange(1000) % 4] * 12
    missing = ["a metric of both training and validation, as loss and val_loss: whether it overfits"]
    assert run_of(still, still[0]).verdicts().missing == missing
    assert run_of(still, still[0], val_loss=np.ones(12)).verdicts().missing == missing
    assert run_of(still, still[0], loss=np.ones(12), val_loss=np.ones(12)).verdicts().missing == []


def test_thin_evidence_gives_no_verdict_and_says_what_is_missing():
    run = run_of(moving([0.1] * 5))
    assert len(run.verdicts()) == 0
    assert run.verdicts().missing == ["10 transitions between epochs; there are 5"]
    assert names(run, window=2) == ["plateau"]
    frozen = run_of([np.zeros(100, int)] * 12)
    assert len(frozen.verdicts()) == 0
    assert "only they tell" in frozen.verdicts().missing[0]
    assert nntf.Fingerprint(3).verdicts().missing == ["10 transitions between epochs; there are 0"]
    assert repr(nntf.Fingerprint(3).verdicts()) == "missing: 10 transitions between epochs; there are 0"


def test_a_few_moves_more_or_fewer_are_chance():
    assert names(run_of(moving([0.02] * 5 + [0.015] * 5, num_samples=500))) == ["plateau"]
    assert names(run_of(moving([0.02] * 5 + [0.015] * 5, num_samples=50_000))) == ["converging"]


def test_thresholds_are_checked():
    run = run_of(moving([0.1] * 12))
    for argument in ("still", "falling", "returning", "alternating", "gain", "drop", "whole", "worse"):
        with pytest.raises(ValueError, match=f"{argument} is 2; expected 0 to 1"):
            run.verdicts(**{argument: 2})
    with pytest.raises(ValueError, match=r"rising is 0.5; expected 1 or more"):
        run.verdicts(rising=0.5)
    with pytest.raises(TypeError, match="rising is 'steep'; expected a number"):
        run.verdicts(rising="steep")
    with pytest.raises(ValueError, match="window is 1; expected 2 or more"):
        run.verdicts(window=1)
    with pytest.raises(TypeError, match="verdicts has no threshold 'windows'; expected some of window, still, falling"):
        run.verdicts(windows=3)
    with pytest.raises(TypeError, match="still is 'a lot'; expected a number"):
        run.verdicts(still="a lot")


def test_classes_that_exchange_samples_are_ranked_by_the_lesser_of_both_ways():
    run = run_of([[0, 0, 1, 2, 3, 3], [1, 1, 0, 2, 3, 3], [0, 1, 0, 3, 2, 3], [0, 1, 1, 3, 2, 2]])
    assert run.exchanges() == [(0, 1, 2), (2, 3, 1)]
    assert run.exchanges(first=1) == [(0, 1, 1), (2, 3, 1)]
    assert run.exchanges(first=2) == run.exchanges(first=3) == []
    assert nntf.Fingerprint(3).exchanges() == []
    for first in (4, -1):
        with pytest.raises(IndexError, match=f"first is {first}; expected a snapshot from 0 to 3"):
            run.exchanges(first)


def trained(learning_rate, seed):
    """Train a small network on scikit-learn's digits."""
    x, y = load_digits(return_X_y=True)
    x, y = torch.tensor(x / 16, dtype=torch.float32), torch.tensor(y)
    torch.manual_seed(seed)
    network = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10))
    optimizer = torch.optim.SGD(network.parameters(), lr=learning_rate, momentum=0.9)
    run = nntf.Fingerprint(10)
    for _ in range(35):
        for part in torch.randperm(len(x)).split(64):
            optimizer.zero_grad()
            functional.cross_entropy(network(x[part]), y[part]).backward()
            optimizer.step()
        with torch.no_grad():
            scores = network(x)
        run.update(scores, y, {"loss": functional.cross_entropy(scores, y)})
    return run


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("learning_rate", "expected"),
    [
        (1e-6, {"plateau"}),  # far too low
        (1e-4, {"plateau", "converging"}),
        (1e-3, {"converging"}),
        (1e-2, {"converging", "converged", "plateau", "oscillating"}),  # all learned, a few still on the border
        (1e-1, {"converged"}),
        (1, {"diverging", "plateau", "converging", "oscillating"}),  # of which something is left
        (3, {"collapsed", "diverging"}),
        (10, {"collapsed"}),  # far too high
    ],
)
def test_a_real_training_at_each_learning_rate(learning_rate, expected, seed):
    verdicts = trained(learning_rate, seed).verdicts()
    print(f"lr {learning_rate:g}, seed {seed}:", verdicts)
    assert verdicts[0].name in expected


def test_a_real_training_whose_steps_undo_one_another_oscillates():
    """Plain gradient descent with steps a little too large: the checkerboard of even and odd epochs."""
    x, y = load_digits(return_X_y=True)
    x, y = torch.tensor(x / 16, dtype=torch.float32), torch.tensor(y)
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10))
    optimizer = torch.optim.SGD(network.parameters(), lr=1.0)
    run = nntf.Fingerprint(10)
    for _ in range(40):
        optimizer.zero_grad()
        functional.cross_entropy(network(x), y).backward()
        optimizer.step()
        with torch.no_grad():
            run.update(network(x), y)
    verdict = next(verdict for verdict in run.verdicts() if verdict.name == "oscillating")
    assert verdict.numbers["period"] == 2
    assert "The moves are alike every 2 epochs" in verdict.sentence
