"""The training-dynamics map against its formulas over all recorded probabilities."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax

import nntf_widget as nntf


@settings(max_examples=30)
@given(seed=st.integers(0, 10**6), snapshots=st.integers(1, 8), labelled_at=st.integers(0, 7))
def test_the_streamed_map_is_that_of_all_probabilities(seed, snapshots, labelled_at):
    random = np.random.default_rng(seed)
    logits = random.normal(0, 4, (snapshots, 30, 4))
    labels = random.integers(0, 4, 30)
    first = min(labelled_at, snapshots - 1)
    run = nntf.Fingerprint()
    for t, scores in enumerate(logits):
        run.update(scores, labels=labels if t == first else None)
        if t < first:
            continue
        of_truth = softmax(logits[first : t + 1], axis=2)[:, np.arange(30), labels]
        found = run.training_map
        assert np.allclose(found.confidence, of_truth.mean(axis=0), atol=1e-12)
        assert np.allclose(found.variability, of_truth.std(axis=0), atol=1e-9)
        assert np.allclose(found.correctness, (logits[first : t + 1].argmax(axis=2) == labels).mean(axis=0))
        assert found.snapshots == t + 1 - first


@pytest.mark.parametrize("library", [np.asarray, torch.tensor, np.ndarray.tolist])
def test_probabilities_are_taken_as_they_are_and_logits_are_not(library):
    logits = np.random.default_rng(0).normal(0, 3, (50, 3))
    labels = np.arange(50) % 3
    probabilities = softmax(logits, axis=1)
    for scores in (logits, probabilities):
        run = nntf.Fingerprint()
        run.update(library(scores), labels)
        assert np.allclose(run.training_map.confidence, probabilities[np.arange(50), labels], atol=1e-6)


def test_half_precision_on_a_device_will_do():
    run = nntf.Fingerprint()
    run.update(torch.tensor([[3.0, 1.0], [0.0, 2.0]], dtype=torch.bfloat16), labels=[0, 0])
    assert run.training_map.confidence == pytest.approx([0.881, 0.119], abs=1e-3)


def test_many_scores_are_read_in_parts(monkeypatch):
    monkeypatch.setattr("nntf_widget.training_map.CHUNK", 10)
    scores = np.random.default_rng(0).normal(0, 3, (50, 3))
    run = nntf.Fingerprint()
    run.update(scores, labels=np.zeros(50, int))
    assert np.allclose(run.training_map.confidence, softmax(scores, axis=1)[:, 0])


def test_without_scores_or_labels_it_says_what_is_missing():
    run = nntf.Fingerprint(3)
    run.update([0, 1, 2], labels=[0, 1, 2])
    with pytest.raises(ValueError, match=r"needs the true classes and scores \(N, K\) or probabilities \(N,\)"):
        _ = run.training_map


def test_probabilities_of_the_true_classes_do_where_predictions_are_ids():
    random = np.random.default_rng(0)
    shares, classes, labels = random.random((3, 20)), random.integers(0, 4, (3, 20)), random.integers(0, 4, 20)
    run = nntf.Fingerprint(4)
    for ids, of_truth in zip(classes, shares, strict=True):
        run.update(ids, labels, probabilities=of_truth)
    found = run.training_map
    assert np.allclose(found.confidence, shares.mean(axis=0))
    assert np.allclose(found.variability, shares.std(axis=0))
    assert np.allclose(found.correctness, (classes == labels).mean(axis=0))


@pytest.mark.parametrize(
    ("probabilities", "labels", "error", "words"),
    [
        ([0.5, 1.5, 0.5], [0, 1, 2], ValueError, r"probabilities\[1\] is 1.5; expected 0 to 1"),
        ([0.5, 0.5, np.nan], [0, 1, 2], ValueError, r"probabilities\[2\] is nan; expected 0 to 1"),
        (np.ones((3, 3)) / 3, [0, 1, 2], ValueError, r"has shape \(3, 3\); expected \(3,\), one of each sample's"),
        (["a", "b", "c"], [0, 1, 2], TypeError, "expected real numbers"),
        ([0.5, 0.5, 0.5], None, ValueError, "probabilities came without labels"),
    ],
)
def test_probabilities_that_do_not_fit_are_refused_and_nothing_is_recorded(probabilities, labels, error, words):
    run = nntf.Fingerprint(3)
    with pytest.raises(error, match=words):
        run.update([0, 1, 2], labels, probabilities=probabilities)
    assert len(run) == 0
