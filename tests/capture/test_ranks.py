"""Distributed trainings, started as people start them: torchrun with two and three ranks, and the gloo backend."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nntf_widget as nntf
from nntf_widget.capture.pytorch.outputs import Rows
from nntf_widget.capture.pytorch.ranks import _packed, _unpacked

HERE = Path(__file__).parent
EPOCHS, SAMPLES = 4, 1001


class Results:
    """What every rank wrote, by the name of the training."""

    def __init__(self, folder, ranks):
        self.folder, self.ranks = folder, ranks

    def __getitem__(self, name):
        parts = []
        for rank in range(self.ranks):
            with np.load(self.folder / f"{name}-{rank}.npz") as arrays:
                parts.append(dict(arrays))
        return parts

    def single(self, name):
        """The run of one process that is given the predictions of all ranks, of several the highest rank's."""
        run = nntf.Fingerprint(10)
        known = np.full(SAMPLES, -1)
        for epoch in range(EPOCHS):
            for part in self[name]:
                seen = part["seen"][epoch]
                known = np.where(seen >= 0, seen, known)
            run.update(known)
        return run


@pytest.fixture(scope="module", params=[2, 3])
def results(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(f"ranks{request.param}")
    command = [sys.executable, "-m", "torch.distributed.run", f"--nproc-per-node={request.param}", "--standalone"]
    done = subprocess.run(
        [*command, HERE / "ranks_worker.py", folder], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return Results(folder, request.param)


def test_rank_0_has_the_fingerprint_of_one_process_with_all_predictions(results):
    single, first = results.single("watched"), results["watched"][0]
    assert np.array_equal(first["transitions"], single.transitions)
    assert np.array_equal(first["snapshots"], [single.predictions(t) for t in range(EPOCHS)])
    assert first["unseen"].tolist() == [0] * EPOCHS
    right = (first["snapshots"] == first["labels"]).mean(axis=1)
    assert first["accuracy"] == pytest.approx(right)
    assert first["loss"][-1] < first["loss"][0]


def test_the_log_is_rank_0s(results):
    first = results["watched"][0]
    run = nntf.load(results.folder / "run.nntf")
    assert np.array_equal(run.transitions, first["transitions"])


def test_the_other_ranks_have_no_fingerprint(results):
    assert [len(part["snapshots"]) for part in results["watched"][1:]] == [0] * (results.ranks - 1)


@pytest.mark.parametrize("name", ["watched", "exact", "failing", "leaving", "send", "gather"])
def test_what_is_learned_is_bit_for_bit_what_it_is_unwatched(results, name):
    for plain, watched in zip(results["plain"], results[name], strict=True):
        assert np.array_equal(plain["weights"], watched["weights"])
        assert np.array_equal(plain["random"], watched["random"])


def test_the_exact_passes_are_shared_out_and_see_every_sample(results):
    exact, weights = results["exact"][0], results["plain"][0]["weights"]
    assert exact["snapshots"].shape == (EPOCHS, SAMPLES)
    assert exact["accuracy"][-1] > results["watched"][0]["accuracy"][-1]  # dropout is off
    assert np.array_equal(exact["weights"], weights)


def test_samples_that_no_shard_had_are_predicted_once_by_rank_0_alone(results):
    parts = results["drop_last"]
    first = parts[0]
    seen = np.any([part["seen"][0] >= 0 for part in parts], axis=0)
    assert 0 < np.count_nonzero(~seen) == first["unseen"][0]
    assert first["snapshots"].shape == (EPOCHS, SAMPLES)
    assert first["incomplete"].tolist() == []


def test_a_rank_whose_capture_fails_costs_that_epoch_its_share(results):
    first = results["failing"][0]
    assert len(first["snapshots"]) == EPOCHS
    assert first["incomplete"].tolist() == [1]
    assert "rank 1: OSError: no more room" in first["faults"][0]


@pytest.mark.parametrize(("num_classes", "expected"), [(10, 3.3), (1000, 5.5)])
def test_a_shard_costs_a_few_bytes_a_sample(num_classes, expected):
    random = np.random.default_rng(0)
    samples = random.permutation(50_000)[:25_000]
    classes, labels = random.integers(0, num_classes, (2, 25_000))
    shares = random.random(25_000, np.float32)
    sent = _packed(Rows(samples, classes, labels, shares, num_classes, {"loss": 0.5, "accuracy": 0.9}), None)
    rows, fault = _unpacked(sent)
    print(f"\n{len(sent) / 25_000:.2f} bytes a sample where nothing agrees but by chance")
    assert len(sent) / 25_000 < expected
    assert fault is None
    order = np.argsort(samples)
    assert np.array_equal(rows.samples, samples[order])
    assert np.array_equal(rows.classes, classes[order])
    assert np.array_equal(rows.labels, labels[order])
    assert np.allclose(rows.probabilities, shares[order], atol=5e-4)
    assert rows[4:] == (num_classes, {"loss": 0.5, "accuracy": 0.9})


def test_ids_that_are_texts_and_a_capture_that_failed_are_sent_too():
    rows, _ = _unpacked(_packed(Rows(np.array(["b", "a", "b"]), np.array([300, 1, -1]), None, None, None, {}), None))
    assert rows.samples.tolist() == ["a", "b"]
    assert rows.classes.tolist() == [1, -1]
    assert rows.labels is None
    assert _unpacked(_packed(None, "OSError: no")) == (None, "OSError: no")


def test_a_rank_that_sends_nothing_is_not_waited_for_long(results):
    first = results["leaving"][0]
    assert len(first["snapshots"]) == EPOCHS
    assert first["incomplete"].tolist() == [2, 3]
    assert f"nothing came from rank 1 of {results.ranks}" in first["faults"][0]
    seen_by_others = np.any([part["seen"][2] >= 0 for part in results["leaving"][::2]], axis=0)
    assert np.array_equal(first["snapshots"][2][~seen_by_others], first["snapshots"][1][~seen_by_others])
    assert first["unseen"][2] == np.count_nonzero(~seen_by_others)


@pytest.mark.parametrize(
    ("failed", "snapshots", "told"),
    [("send", EPOCHS, "nothing came from rank 1"), ("gather", EPOCHS - 1, "on purpose")],
)
def test_a_fault_in_the_bringing_together_costs_that_epoch(results, failed, snapshots, told):
    first = results[failed][0]
    assert told in first["faults"][0]
    assert len(first["snapshots"]) == snapshots
    assert first["incomplete"][0] == 1
    assert 3 not in first["incomplete"]  # 2 may be: what kept a rank from sending arrives with its next rows


TORCHRUN = ["-m", "torch.distributed.run", "--nproc-per-node=2", "--standalone"]


@pytest.mark.parametrize(("framework", "launcher"), [("lightning", []), ("trainer", TORCHRUN)])
def test_the_frameworks_own_ranks_are_brought_together_too(tmp_path, framework, launcher):
    pytest.importorskip({"lightning": "lightning", "trainer": "transformers"}[framework])
    command = [sys.executable, *launcher, HERE / "frameworks_worker.py", framework, tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    first, second = Results(tmp_path, 2)[framework]
    known = np.full(301, -1)
    for snapshot, *shards in zip(first["snapshots"], first["seen"], second["seen"], strict=True):
        for sample, class_ in np.concatenate(shards):
            known[sample] = class_
        assert np.array_equal(snapshot, known)
    assert len(second["snapshots"]) == 0
    assert len(nntf.load(tmp_path / "run.nntf")) == 3
