import numpy as np
import pytest
from packets import read, read_log

import nntf_widget as nntf
from nntf_widget.widget.wire import encode


def run_of(num_classes, num_samples=500, snapshots=6, share=0.02):
    random = np.random.default_rng(0)
    run = nntf.Fingerprint(num_classes)
    truth = [random.integers(0, num_classes, num_samples)]
    for t in range(snapshots):
        run.update(truth[t], labels=truth[0] if t >= 2 else None, metrics={"loss": 1 / (t + 1)})
        moved = random.random(num_samples) < share
        truth.append(np.where(moved, random.integers(0, num_classes, num_samples), truth[t]))
    return run, truth[:-1]


@pytest.mark.parametrize("num_classes", [2, 256, 257])
def test_the_packets_replay_the_run(num_classes):
    run, truth = run_of(num_classes)
    classes = np.zeros(run.num_samples, int)
    for t, expected in enumerate(truth):
        packet, rest = read(encode(run.snapshot(t), run.num_samples, num_classes))
        assert (packet["t"], packet["shape"], rest) == (t, (run.num_samples, num_classes), b"")
        classes[packet["samples"]] = packet["classes"]
        assert np.array_equal(classes, expected)
        assert np.array_equal(packet["prediction_row"], run.prediction_distance[t, :t])
        assert np.allclose(packet["transition_row"], run.transition_distance[t - 1, : max(t - 1, 0)] if t else [])
        assert packet["metrics"] == {"loss": 1 / (t + 1)}


def test_labels_travel_once_with_the_snapshot_that_first_had_them():
    run, truth = run_of(10)
    labels = [read(encode(run.snapshot(t), run.num_samples, 10))[0]["labels"] for t in range(len(run))]
    assert [value is not None for value in labels] == [False, False, True, False, False, False]
    assert np.array_equal(labels[2], truth[0])


@pytest.mark.parametrize(("share", "dense"), [(0.01, False), (0.9, True)])
def test_moves_travel_in_the_shorter_of_two_forms(share, dense):
    run, _ = run_of(10, num_samples=10_000, snapshots=2, share=share)
    packet = encode(run.snapshot(1), 10_000, 10)
    assert bool(packet[6] & 1) == dense
    assert len(packet) <= 36 + 8 + 10_000 + 24


def test_numbers_that_json_has_no_word_for_are_null():
    run = nntf.Fingerprint(2)
    run.update([0, 1], metrics={"loss": float("nan"), "größe": float("inf"), "accuracy": 0.5})
    assert read_log(encode(run.snapshot(0), 2, 2))[0]["metrics"] == {"loss": None, "größe": None, "accuracy": 0.5}
