"""The results of the method's authors' own program on the same predictions."""

from __future__ import annotations

import numpy as np
import pytest
from reference import SHARED

import nntf_widget as nntf

RUNS = sorted(path.stem for path in (SHARED / "reference").glob("*.npz"))


@pytest.fixture(params=RUNS or ["none"])
def reference(request, shared):
    with np.load(shared / "reference" / f"{request.param}.npz", allow_pickle=False) as arrays:
        return dict(arrays)


@pytest.fixture
def run(reference):
    fingerprint = nntf.Fingerprint(int(reference["num_classes"]))
    for predictions in reference["predictions"]:
        fingerprint.update(predictions)
    return fingerprint


def test_the_transition_matrices_are_the_same(reference, run):
    if reference["transitions"].size == 0:
        pytest.skip("the reference leaves the matrices of many classes out")
    assert np.array_equal(run.transitions, reference["transitions"])


def test_the_transition_distance_is_the_same(reference, run):
    assert run.transition_distance.shape == reference["transition_distance"].shape
    assert np.abs(run.transition_distance - reference["transition_distance"]).max() <= 1e-12


def test_the_prediction_distance_is_the_same(reference, run):
    assert np.array_equal(run.prediction_distance, reference["prediction_distance"])
