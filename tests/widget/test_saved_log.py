"""What a notebook saves of a run: whole or thinned, never more than it may take."""

from __future__ import annotations

import base64

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from packets import read_log

import nntf_widget as nntf
from nntf_widget.widget.saved_log import SavedLog, encoded_log

STATE = "application/vnd.jupyter.widget-state+json"


def run_of(snapshots, num_samples=1000, num_classes=10, share=0.3):
    random = np.random.default_rng(0)
    run = nntf.Fingerprint(num_classes)
    labels = classes = random.integers(0, num_classes, num_samples)
    for t in range(snapshots):
        moved = random.random(num_samples) < share
        classes = np.where(moved, random.integers(0, num_classes, num_samples), classes)
        run.update(classes, labels=labels, metrics={"loss": 1 / (t + 1)})
    return run


def base64_of(model):
    """The log in the state of a widget, as notebooks hold bytes."""
    (buffer,) = (buffer for buffer in model["buffers"] if buffer["path"] == ["log"])
    return base64.b64decode(buffer["data"])


def test_a_small_run_is_saved_whole():
    run = run_of(10)
    assert SavedLog(run, 2**20).encoded() == encoded_log(run)


@pytest.mark.parametrize(("limit", "every"), [(60_000, 1), (40_000, 2), (20_000, 4), (6_000, 16), (1_500, 0), (0, 0)])
def test_a_larger_run_is_saved_with_as_many_snapshots_as_fit(limit, every):
    run = run_of(40)
    log = SavedLog(run, limit).encoded()
    assert len(log) <= limit
    packets = read_log(log)
    assert len(packets) == (-(-40 // every) if every else 0)
    classes = np.zeros(1000, int)
    for index, packet in enumerate(packets):
        classes[packet["samples"]] = packet["classes"]
        assert np.array_equal(classes, run.predictions(index * every))
        assert (packet["t"], packet["every"]) == (index, every)
        assert packet["metrics"] == {"loss": 1 / (index * every + 1)}
        assert np.array_equal(packet["prediction_row"], run.prediction_distance[index * every, : index * every : every])
    assert [packet["labels"] is not None for packet in packets] == [index == 0 for index in range(len(packets))]


def test_a_run_that_goes_on_is_encoded_anew_and_one_that_does_not_is_not():
    run = run_of(3)
    saved = SavedLog(run, 2**20)
    first = saved.encoded()
    assert saved.encoded() is first
    run.update(np.zeros(1000, int))
    assert len(read_log(saved.encoded())) == 4


@pytest.mark.parametrize(
    ("share", "num_classes", "bytes_each"), [(0.01, 10, 0.06), (0.1, 10, 0.5), (0.9, 10, 1), (0.9, 1000, 2)]
)
def test_a_sample_and_snapshot_take_the_bytes_that_are_told(share, num_classes, bytes_each):
    run = run_of(50, 20_000, num_classes, share)
    size = 20_000 * (3 if num_classes > 256 else 2)  # the first classes and the labels
    size += 49 * 20_000 * bytes_each + sum(36 + 8 * t + 28 for t in range(50))
    assert len(encoded_log(run)) <= size * 1.02


def test_the_limit_is_checked():
    with pytest.raises(ValueError, match="saved_log_limit is -1; expected 0 or more"):
        nntf.FingerprintWidget(nntf.Fingerprint(2), saved_log_limit=-1)


@pytest.mark.parametrize(("limit", "every"), [(2**22, 1), (30_000, 4)])
def test_the_saved_notebook_holds_the_last_state_within_the_limit(limit, every):
    cells = [
        "import numpy as np, nntf_widget as nntf",
        "run = nntf.Fingerprint(3, strict=True)\nrandom = np.random.default_rng(0)",
        f"nntf.FingerprintWidget(run, saved_log_limit={limit})",
        "for _ in range(24): run.update(random.integers(0, 3, 3000))",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=120).execute()
    (log,) = (
        base64_of(model) for model in notebook.metadata.widgets[STATE].state.values() if "facts" in model["state"]
    )
    assert len(log) <= limit
    packets = read_log(log)
    assert (len(packets), packets[-1]["every"]) == (24 // every, every)
