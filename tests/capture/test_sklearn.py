import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import SGDClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC

import nntf_widget as nntf
from nntf_widget.capture.sklearn import watch

X, Y = load_digits(return_X_y=True)
NAMES = np.array(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])


def test_each_partial_fit_becomes_a_snapshot_of_what_the_classifier_predicts():
    classifier = SGDClassifier(random_state=0)
    run = watch(classifier, X, Y, strict=True)
    for t in range(4):
        classifier.partial_fit(X, Y, classes=range(10))
        assert np.array_equal(run.fingerprint.predictions(t), classifier.predict(X))
    assert np.array_equal(run.fingerprint.labels, Y)
    assert run.fingerprint.metrics["accuracy"][-1] == pytest.approx(classifier.score(X, Y))


def test_the_run_is_kept_in_a_log(tmp_path):
    classifier = SGDClassifier(random_state=0)
    run = watch(classifier, X, NAMES[Y], log=tmp_path / "run.nntf", strict=True)
    for _ in range(2):
        classifier.partial_fit(X, NAMES[Y], classes=np.sort(NAMES))
    stored = nntf.load(tmp_path / "run.nntf")
    assert stored.class_names == sorted(NAMES)
    assert np.array_equal(stored.prediction_distance, run.fingerprint.prediction_distance)


def test_each_fit_of_a_warm_start_becomes_a_snapshot():
    forest = RandomForestClassifier(n_estimators=0, warm_start=True, max_depth=4, random_state=0)
    run = watch(forest, X, Y, strict=True)
    for _ in range(3):
        forest.n_estimators += 2
        forest.fit(X, Y)
    assert len(run.fingerprint) == 3


def test_a_fit_that_calls_partial_fit_is_one_snapshot_and_its_loss_is_kept():
    network = MLPClassifier(hidden_layer_sizes=(16,), random_state=0)
    run = watch(network, X, NAMES[Y], every=2, strict=True)
    for _ in range(4):
        network.partial_fit(X, NAMES[Y], classes=np.sort(NAMES))
    assert len(run.fingerprint) == 2
    assert run.fingerprint.class_names == sorted(NAMES)
    assert run.fingerprint.metrics["loss"][-1] == pytest.approx(network.loss_)


def test_watching_changes_nothing_and_detaching_leaves_no_trace():
    plain, watched = SGDClassifier(random_state=0), SGDClassifier(random_state=0)
    before = dict(vars(watched))
    with watch(watched, X, Y, strict=True):
        for _ in range(3):
            plain.partial_fit(X, Y, classes=range(10))
            watched.partial_fit(X, Y, classes=range(10))
    assert np.array_equal(plain.coef_, watched.coef_)
    assert {name: value for name, value in vars(watched).items() if name in before} == before
    assert "partial_fit" not in vars(watched)
    assert "partial_fit" not in vars(clone(watched))


def test_a_fault_of_the_capture_does_not_end_the_training():
    classifier = SGDClassifier(random_state=0)
    run = watch(classifier, X[:, :10], Y)  # other features than it learns from
    with pytest.warns(nntf.FingerprintWarning, match="Capture failed: ValueError"):
        classifier.partial_fit(X, Y, classes=range(10))
    classifier.partial_fit(X, Y)
    assert len(run.fingerprint.faults) == 1


def test_errors_of_the_training_itself_pass_through():
    classifier = SGDClassifier()
    watch(classifier, X, Y)
    with pytest.raises(ValueError, match="classes"):
        classifier.partial_fit(X, Y)


def test_what_cannot_be_watched_is_refused():
    with pytest.raises(TypeError, match=r"classifier is a SVC.*expected one with partial_fit"):
        watch(SVC(), X, Y)
    with pytest.raises(ValueError, match="every is 0"):
        watch(SGDClassifier(), X, Y, every=0)
    with pytest.raises(ValueError, match="y has 5 labels; expected 1797"):
        watch(SGDClassifier(), X, Y[:5])
