"""The model of a run: what goes in, what is kept up to date, what is refused."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import numpy as np
import obvious
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import nntf_widget as nntf
from nntf_widget.transitions import Transitions


def run_of(predictions, num_classes):
    fingerprint = nntf.Fingerprint(num_classes)
    for classes in predictions:
        fingerprint.update(classes)
    return fingerprint


def wandering(seed, num_classes, num_samples, snapshots):
    """Predictions of which a changing share moves, now and then none."""
    random = np.random.default_rng(seed)
    predictions = [random.integers(0, num_classes, num_samples)]
    for _ in range(snapshots - 1):
        moved = random.random(num_samples) < random.choice([0, 0.05, 0.5, 1])
        predictions.append(np.where(moved, random.integers(0, num_classes, num_samples), predictions[-1]))
    return predictions


@given(
    seed=st.integers(0, 10**6),
    num_classes=st.sampled_from([2, 3, 10, 256, 257]),
    num_samples=st.integers(1, 400),
    snapshots=st.integers(1, 12),
)
def test_every_array_is_at_every_step_what_the_formulas_give(seed, num_classes, num_samples, snapshots):
    predictions = wandering(seed, num_classes, num_samples, snapshots)
    fingerprint = nntf.Fingerprint(num_classes)
    for t, classes in enumerate(predictions, start=1):
        fingerprint.update(classes)
        matrices = obvious.transitions(predictions[:t], num_classes)
        assert np.array_equal(fingerprint.transitions, matrices)
        assert np.array_equal(fingerprint.prediction_distance, obvious.prediction_distance(predictions[:t]))
        assert np.allclose(fingerprint.transition_distance, obvious.transition_distance(matrices), rtol=0, atol=1e-12)
    assert all(np.array_equal(fingerprint.predictions(t), classes) for t, classes in enumerate(predictions))


@pytest.mark.parametrize("num_classes", [4, 300])
def test_a_long_run_is_what_the_formulas_give(num_classes):
    predictions = wandering(7, num_classes, 5_000, 150)  # beyond a block of the history, and a chunk of its samples
    fingerprint = run_of(predictions, num_classes)
    assert np.array_equal(fingerprint.prediction_distance, obvious.prediction_distance(predictions))
    assert np.array_equal(fingerprint.predictions(-1), predictions[-1])
    assert np.array_equal(fingerprint.predictions(63), predictions[63])


def test_the_sparse_matrices_are_the_dense_ones():
    fingerprint = run_of(wandering(1, 5, 200, 6), 5)
    assert all(
        np.array_equal(sparse.toarray(), dense)
        for sparse, dense in zip(fingerprint.transitions_sparse, fingerprint.transitions, strict=True)
    )


def test_matrices_that_would_not_fit_are_refused_and_the_sparse_ones_given():
    fingerprint = run_of([[0, 1], [1, 0]], 65_536)
    with pytest.raises(MemoryError, match=r"\(1, 65536, 65536\) would take 16.0 GiB.*transitions_sparse"):
        _ = fingerprint.transitions
    assert fingerprint.transitions_sparse[0].sum() == 2


def test_the_distance_of_a_class_is_over_its_row_and_column():
    predictions = wandering(3, 4, 300, 8)
    fingerprint = nntf.Fingerprint(4, ["cat", "dog", "frog", "cow"])
    for classes in predictions:
        fingerprint.update(classes)
    expected = obvious.class_transition_distance(obvious.transitions(predictions, 4), 2)
    assert np.allclose(fingerprint.class_transition_distance(2), expected, rtol=0, atol=1e-12)
    assert np.array_equal(fingerprint.class_transition_distance("frog"), fingerprint.class_transition_distance(2))
    for wrong in ("bird", 4, -1):
        with pytest.raises(ValueError, match="class_ is"):
            fingerprint.class_transition_distance(wrong)


def test_before_the_first_snapshot_all_is_empty():
    fingerprint = nntf.Fingerprint(3)
    assert len(fingerprint) == 0
    assert fingerprint.transitions.shape == (0, 3, 3)
    assert fingerprint.transition_distance.shape == fingerprint.prediction_distance.shape == (0, 0)
    assert fingerprint.class_counts.shape == (0, 3)
    assert fingerprint.metrics == {}
    fingerprint.update([0, 1, 2])
    assert fingerprint.transitions.shape == (0, 3, 3)
    assert fingerprint.prediction_distance.tolist() == [[0]]


class OnlyDlpack:
    """An array of some other library."""

    def __init__(self, values):
        self.values = np.asarray(values)

    def __dlpack__(self, **options):
        return self.values.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.values.__dlpack_device__()


IDS = [2, 0, 1, 2]
SCORES = np.array([[0.1, 0.2, 0.7], [0.9, 0.05, 0.05], [0.2, 0.5, 0.3], [0.0, 0.1, 0.9]])


@pytest.mark.parametrize(
    "predictions",
    [
        IDS,
        *(np.array(IDS, dtype) for dtype in ("u1", "i2", "u4", "i8", ">i4")),
        pd.Series(IDS),
        torch.tensor(IDS),
        torch.tensor(IDS, dtype=torch.uint8),
        OnlyDlpack(IDS),
        SCORES,
        SCORES.astype("f4") * 100,
        (SCORES * 100).astype(int),
        SCORES.tolist(),
        OnlyDlpack(SCORES),
        pd.DataFrame(SCORES),
        torch.tensor(SCORES, requires_grad=True),
        torch.tensor(SCORES).bfloat16(),
        torch.tensor(SCORES).half(),
    ],
    ids=lambda given: f"{type(given).__name__}-{getattr(given, 'dtype', '')}",
)
def test_predictions_may_be_ids_or_scores_of_any_library(predictions):
    fingerprint = nntf.Fingerprint(3)
    fingerprint.update(predictions)
    assert fingerprint.predictions(0).tolist() == IDS


@pytest.mark.parametrize("name", ["bfloat16", "float8_e4m3fn", "float8_e5m2"])
def test_scores_may_be_of_the_short_types_that_numpy_itself_lacks(name):
    short = getattr(pytest.importorskip("ml_dtypes"), name)
    fingerprint = nntf.Fingerprint(3)
    fingerprint.update(SCORES.astype(short))
    assert fingerprint.predictions(0).tolist() == IDS
    with pytest.raises(ValueError, match="NaN scores for 2 of 4"):
        fingerprint.update(np.where(SCORES == 0.9, np.nan, SCORES).astype(short))


def test_the_number_of_classes_comes_with_the_names_or_with_the_first_scores():
    assert nntf.Fingerprint(class_names=["cat", "dog"]).num_classes == 2
    fingerprint = nntf.Fingerprint()
    with pytest.raises(ValueError, match="num_classes is not known"):
        fingerprint.update(IDS)
    fingerprint.update(SCORES)
    assert (fingerprint.num_classes, fingerprint.class_names) == (3, ["0", "1", "2"])


def test_metrics_may_come_after_their_snapshot():
    fingerprint = nntf.Fingerprint(3)
    with pytest.raises(ValueError, match="metrics belong to a snapshot, and there is none yet"):
        fingerprint.add_metrics({"val_loss": 0.5})
    fingerprint.update(IDS, metrics={"loss": 0.5})
    told = []
    fingerprint.subscribe(lambda: told.append(fingerprint.metrics_at(len(fingerprint) - 1)))
    fingerprint.add_metrics({"val_loss": 0.6})
    fingerprint.add_metrics({"val_loss": torch.tensor(0.7)})
    with pytest.raises(TypeError, match=r"metrics\['val_loss'\] is 'low'"):
        fingerprint.add_metrics({"val_loss": "low"})
    assert told == [{"loss": 0.5, "val_loss": 0.6}, {"loss": 0.5, "val_loss": pytest.approx(0.7)}]
    with pytest.raises(IndexError, match="t is 1; expected a snapshot from 0 to 0"):
        fingerprint.metrics_at(1)


def test_metrics_may_come_and_go_and_need_not_be_finite():
    fingerprint = nntf.Fingerprint(3)
    fingerprint.update(IDS, metrics={"loss": torch.tensor(0.5)})
    fingerprint.update(IDS)
    fingerprint.update(IDS, metrics={"loss": float("inf"), "accuracy": np.float32(0.25)})
    assert np.array_equal(fingerprint.metrics["loss"], [0.5, np.nan, np.inf], equal_nan=True)
    assert np.array_equal(fingerprint.metrics["accuracy"], [np.nan, np.nan, 0.25], equal_nan=True)


def good():
    fingerprint = nntf.Fingerprint(3)
    fingerprint.update(IDS, labels=IDS, metrics={"loss": 1.0})
    fingerprint.update([2, 0, 0, 2])
    return fingerprint


@pytest.mark.parametrize(
    ("error", "message", "given"),
    [
        (
            ValueError,
            r"predictions has 3 samples, and the snapshots before had 4; expected the same",
            {"predictions": [0, 1, 2]},
        ),
        (ValueError, r"predictions\[1\] is class 3; expected 0 to 2", {"predictions": [0, 3, 1, 2]}),
        (ValueError, r"predictions\[2\] is class -1; expected 0 to 2", {"predictions": [0, 2, -1, 2]}),
        (ValueError, r"predictions is empty", {"predictions": np.array([], int)}),
        (ValueError, r"predictions has shape \(0, 3\)", {"predictions": np.zeros((0, 3))}),
        (ValueError, r"predictions has shape \(4, 3, 2\); expected", {"predictions": np.zeros((4, 3, 2))}),
        (ValueError, r"predictions has shape \(\); expected", {"predictions": np.array(1)}),
        (ValueError, r"predictions has shape \(4, 5\); expected \(N, 3\)", {"predictions": np.zeros((4, 5))}),
        (ValueError, r"NaN scores for 2 of 4", {"predictions": np.where(SCORES == 0.9, np.nan, SCORES)}),
        (TypeError, r"predictions .* has dtype float64; expected integer", {"predictions": [0.0, 1.0, 2.0, 0.0]}),
        (TypeError, r"predictions .* has dtype bool", {"predictions": [True, False, True, True]}),
        (TypeError, r"predictions has dtype <U1; expected real numbers", {"predictions": [["a"] * 3] * 4}),
        (TypeError, r"predictions has dtype \|V4; expected real", {"predictions": np.zeros((4, 3), "V4")}),
        (
            TypeError,
            r"predictions has dtype \[\('a'.*; expected real",
            {"predictions": np.zeros((4, 3), [("a", "f4")])},
        ),
        (ValueError, r"predictions has shape \(\); expected", {"predictions": None}),
        (TypeError, r"labels .* has dtype float64; expected integers, as \(N,\) class ids$", {"labels": [0.5] * 4}),
        (ValueError, r"labels has shape \(4, 1, 1\); expected \(N,\) class ids$", {"labels": np.zeros((4, 1, 1))}),
        (ValueError, r"labels has 3 samples; expected 4", {"labels": [0, 1, 2]}),
        (ValueError, r"labels\[0\] is class 7", {"labels": [7, 1, 2, 0]}),
        (ValueError, r"labels differ from those of the snapshots before for 2 of 4", {"labels": [0, 0, 1, 0]}),
        (ValueError, r"labels has shape \(4, 3\); expected \(N,\) class ids$", {"labels": SCORES}),
        (TypeError, r"metrics is a list", {"metrics": [1]}),
        (TypeError, r"metrics has the name 3", {"metrics": {3: 1.0}}),
        (TypeError, r"metrics\['loss'\] is 'low'; expected a number", {"metrics": {"loss": "low"}}),
    ],
)
def test_bad_input_is_refused_and_nothing_is_lost(error, message, given):
    fingerprint, untouched = good(), good()
    with pytest.raises(error, match=message):
        fingerprint.update(**{"predictions": IDS, **given})
    for each in (fingerprint, untouched):
        each.update([1, 0, 0, 2])
    assert np.array_equal(fingerprint.transition_distance, untouched.transition_distance)
    assert np.array_equal(fingerprint.prediction_distance, untouched.prediction_distance)
    assert np.array_equal(fingerprint.labels, untouched.labels)
    assert fingerprint.metrics["loss"].tolist()[0] == 1.0
    assert len(fingerprint) == 3


@pytest.mark.parametrize(
    ("error", "message", "arguments"),
    [
        (ValueError, "num_classes is 1; expected 2 to 65536", {"num_classes": 1}),
        (ValueError, "num_classes is 70000", {"num_classes": 70_000}),
        (TypeError, "num_classes is 3.0; expected an int", {"num_classes": 3.0}),
        (TypeError, "num_classes is True", {"num_classes": True}),
        (
            ValueError,
            "class_names has 2 names; expected num_classes = 3",
            {"num_classes": 3, "class_names": ["a", "b"]},
        ),
        (ValueError, r"class_names has \['a'\] more than once", {"class_names": ["a", "b", "a"]}),
        (TypeError, "class_names is 'ab'", {"class_names": "ab"}),
        (TypeError, r"class_names is \[1, 2\]", {"class_names": [1, 2]}),
        (ValueError, "unit is 'batch'; expected one of 'epoch', 'snapshot'", {"unit": "batch"}),
    ],
)
def test_a_run_that_cannot_be_is_refused(error, message, arguments):
    with pytest.raises(error, match=message):
        nntf.Fingerprint(**arguments)


def test_names_for_too_few_classes_are_named():
    fingerprint = nntf.Fingerprint(class_names=["cat", "dog"])
    with pytest.raises(ValueError, match="class_names has 2 names; expected 3, as many as a sample has scores"):
        fingerprint.update(SCORES)
    assert len(fingerprint) == 0
    with pytest.raises(ValueError, match="class_names has 3 names; expected num_classes = 2"):
        nntf.Fingerprint(2).class_names = ["cat", "dog", "cow"]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("every is 0"), "Capture failed: every is 0. The"),
        (nntf.RunLogError("the disk is full."), "Capture failed: the disk is full. The"),
        (KeyError("logits"), "Capture failed: KeyError: 'logits'. The"),
        (ValueError(), "Capture failed: ValueError. The"),
    ],
)
def test_a_fault_is_told_in_words_and_its_kind_where_these_are_few(error, said):
    with pytest.warns(nntf.FingerprintWarning, match=said):
        nntf.Fingerprint(3).report("Capture", error)


def test_a_fault_of_who_follows_is_reported_once_and_the_update_stands():
    fingerprint = nntf.Fingerprint(3)
    fingerprint.subscribe(lambda: 1 / 0)
    with pytest.warns(nntf.FingerprintWarning, match="Display failed: ZeroDivisionError"):
        fingerprint.update(IDS)
    fingerprint.update(IDS)  # in silence: a second warning would be an error here
    assert (len(fingerprint), len(fingerprint.faults)) == (2, 1)


def test_a_strict_run_raises_what_fails():
    fingerprint = nntf.Fingerprint(3, strict=True)
    fingerprint.subscribe(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        fingerprint.update(IDS)


def test_who_follows_is_told_of_each_update_until_it_ends():
    fingerprint, seen = nntf.Fingerprint(3), []
    end = fingerprint.subscribe(lambda: seen.append(len(fingerprint)))
    fingerprint.update(IDS)
    fingerprint.update(IDS)
    end()
    fingerprint.update(IDS)
    assert seen == [1, 2]


def test_an_interrupt_waits_until_the_snapshot_is_recorded_as_a_whole(monkeypatch):
    fingerprint = good()
    append = Transitions.append

    def interrupted(self, moves):
        os.kill(os.getpid(), signal.SIGINT)
        return append(self, moves)

    monkeypatch.setattr(Transitions, "append", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fingerprint.update([1, 0, 0, 2])
    monkeypatch.undo()
    fingerprint.update([0, 0, 0, 2])
    assert fingerprint.transition_distance.shape == (3, 3)
    assert fingerprint.prediction_distance[2].tolist() == [2, 1, 0, 1]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_the_log_tells_what_moved_and_where_to():
    fingerprint = nntf.Fingerprint(3)
    fingerprint.update([2, 0, 1, 2], metrics={"loss": 1.0})
    fingerprint.update([2, 1, 1, 0], labels=[2, 2, 1, 0])
    first, second = fingerprint.snapshot(0), fingerprint.snapshot(1)
    assert (first.samples.tolist(), first.classes.tolist()) == ([0, 1, 2, 3], [2, 0, 1, 2])
    assert (second.samples.tolist(), second.classes.tolist()) == ([1, 3], [1, 0])
    assert (first.labels, second.labels.tolist()) == (None, [2, 2, 1, 0])
    with pytest.raises(IndexError, match="t is 2; expected a snapshot from 0 to 1"):
        fingerprint.snapshot(2)


def test_importing_the_package_imports_no_framework_and_no_widget():
    heavy = "{'torch', 'ipywidgets', 'bqplot', 'scipy', 'sklearn', 'keras', 'IPython'}"
    code = (
        f"import sys, nntf_widget; nntf_widget.Fingerprint(2).update([0, 1]); print(sorted({heavy} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_confusion_is_true_by_predicted_at_every_snapshot():
    random = np.random.default_rng(0)
    labels = random.integers(0, 4, 300)
    predictions = random.integers(0, 4, (5, 300))
    run = nntf.Fingerprint(num_classes=5)
    for t, classes in enumerate(predictions):
        run.update(classes, labels=labels if t == 2 else None)
    for t in (0, 2, 4, -1):
        expected = np.zeros((5, 5), np.int64)
        np.add.at(expected, (labels, predictions[t]), 1)
        assert np.array_equal(run.confusion(t), expected)
    assert run.confusion(0).dtype == np.int64


def test_a_confusion_that_cannot_be_says_what_is_missing():
    run = nntf.Fingerprint(num_classes=3)
    with pytest.raises(IndexError, match="t is 0; there is no snapshot yet"):
        run.confusion(0)
    run.update([0, 1, 2])
    with pytest.raises(ValueError, match="confusion needs the true classes; expected labels= in an update"):
        run.confusion(0)
    with pytest.raises(IndexError, match="t is 1; expected a snapshot from 0 to 0"):
        run.confusion(1)
