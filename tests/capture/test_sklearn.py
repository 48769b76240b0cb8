import copy
import inspect
import pickle

import joblib
import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone, is_classifier
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import SGDClassifier, SGDRegressor
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC
from sklearn.utils.metadata_routing import get_routing_for_object

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


def joblib_file(classifier, folder):
    return joblib.load(*joblib.dump(classifier, folder / "classifier.joblib"))


DUPLICATES = {
    "copy": lambda classifier, _: copy.copy(classifier),
    "deepcopy": lambda classifier, _: copy.deepcopy(classifier),
    "clone": lambda classifier, _: clone(classifier),
    "pickle": lambda classifier, _: pickle.loads(pickle.dumps(classifier)),
    "old pickle": lambda classifier, _: pickle.loads(pickle.dumps(classifier, 0)),
    "joblib": joblib_file,
}


def test_watching_changes_nothing_and_detaching_leaves_no_trace():
    plain, watched = SGDClassifier(random_state=0), SGDClassifier(random_state=0)
    with watch(watched, X, Y, strict=True):
        for _ in range(3):
            plain.partial_fit(X, Y, classes=range(10))
            watched.partial_fit(X, Y, classes=range(10))
        assert pickle.dumps(watched) == pickle.dumps(plain)
    assert type(watched) is SGDClassifier
    assert vars(watched).keys() == vars(plain).keys()
    assert np.array_equal(plain.coef_, watched.coef_)


@pytest.mark.parametrize("duplicate", DUPLICATES.values(), ids=DUPLICATES)
def test_copies_clones_and_pickles_are_of_the_original_class_and_nobody_watches_them(duplicate, tmp_path):
    classifier = SGDClassifier(random_state=0)
    run = watch(classifier, X, Y, strict=True)
    classifier.partial_fit(X, Y, classes=range(10))
    other = duplicate(classifier, tmp_path)
    assert type(other) is SGDClassifier
    other.partial_fit(X[::-1], Y[::-1], classes=range(10))
    assert len(run.fingerprint) == 1
    assert classifier.t_ == len(X) + 1  # as many steps as before
    classifier.partial_fit(X, Y)
    assert len(run.fingerprint) == 2


def test_a_watched_classifier_is_to_scikit_learn_what_it_was_before():
    plain, watched = SGDClassifier(alpha=0.01), SGDClassifier(alpha=0.01)
    watch(watched, X, Y, strict=True)
    assert isinstance(watched, SGDClassifier)
    assert is_classifier(watched)
    assert type(watched).__name__ == "SGDClassifier"
    assert (repr(watched), watched.get_params()) == (repr(plain), plain.get_params())
    assert watched._get_doc_link() == plain._get_doc_link()
    assert inspect.signature(watched.fit) == inspect.signature(plain.fit)
    assert str(get_routing_for_object(watched)) == str(get_routing_for_object(plain))
    assert "SGDClassifier" in watched._repr_html_()


def test_a_method_that_is_only_there_under_conditions_stays_so():
    network = MLPClassifier(solver="lbfgs", warm_start=True)
    watch(network, X, Y, strict=True)
    assert not hasattr(network, "partial_fit")
    network.set_params(solver="adam")
    assert hasattr(network, "partial_fit")


@pytest.mark.parametrize("first_out", [0, 1])
def test_two_watches_on_one_classifier_both_record_and_detach_in_any_order(first_out):
    classifier = SGDClassifier(random_state=0)
    before = dict(vars(classifier))
    runs = [watch(classifier, X, Y, strict=True), watch(classifier, X[:900], Y[:900], strict=True)]
    classifier.partial_fit(X, Y, classes=range(10))
    runs.pop(first_out).detach()
    classifier.partial_fit(X, Y)
    assert len(runs[0].fingerprint) == 2
    runs[0].detach()
    runs[0].detach()
    classifier.partial_fit(X, Y)
    assert len(runs[0].fingerprint) == 2
    assert type(classifier) is SGDClassifier
    assert {name: vars(classifier)[name] for name in before} == before
    assert not {"fit", "partial_fit"} & vars(classifier).keys()


def test_the_watching_cell_run_again_ends_the_earlier_watch_quietly(tmp_path):
    classifier = SGDClassifier(random_state=0)
    runs = []
    for _ in range(3):
        runs.append(watch(classifier, X, Y, log=tmp_path / "run.nntf", strict=True))
        classifier.partial_fit(X, Y, classes=range(10))
    assert [len(run.fingerprint) for run in runs] == [1, 2, 3]  # each goes on from the log
    assert repr(runs[0]).startswith("<Watch of SGDClassifier, replaced by a later watch: <Fingerprint snapshots=1")
    assert len(type(classifier)._tap.watches) == 1


def test_a_run_is_kept_as_it_goes_saved_and_written_as_a_page(tmp_path):
    classifier = SGDClassifier(random_state=0)
    run = watch(classifier, X, Y, log=tmp_path / "log.nntf", strict=True)
    for _ in range(2):
        classifier.partial_fit(X, Y, classes=range(10))
    run.save(tmp_path / "saved.nntf")
    run.to_html(tmp_path / "run.html")
    for name in ("log.nntf", "saved.nntf"):
        assert np.array_equal(nntf.load(tmp_path / name).predictions(1), classifier.predict(X))
    assert "<html" in (tmp_path / "run.html").read_text(encoding="utf-8")


def test_the_watch_says_what_it_watches():
    run = watch(SGDClassifier(), X, Y)
    assert repr(run) == "<Watch of SGDClassifier, watching: <Fingerprint snapshots=0 samples=None classes=10>>"
    run.detach()
    assert repr(run) == "<Watch of SGDClassifier, detached: <Fingerprint snapshots=0 samples=None classes=10>>"


@pytest.mark.parametrize("classifier", [SGDClassifier(random_state=0), GaussianNB()])
def test_a_fit_that_starts_anew_ends_the_run_before_it(classifier):
    run = watch(classifier, X, Y)
    classifier.fit(X, Y)
    classifier.partial_fit(X, Y)
    with pytest.warns(nntf.FingerprintWarning, match=r"fit without warm_start=True starts a new .*watch .* again"):
        classifier.fit(X, Y)
    classifier.partial_fit(X, Y)
    classifier.fit(X, Y)
    assert len(run.fingerprint) == 2
    assert len(run.fingerprint.faults) == 1
    assert "detached" in repr(run)
    again = watch(classifier, X, Y, strict=True)
    classifier.fit(X, Y)
    assert len(again.fingerprint) == 1
    with pytest.raises(RuntimeError, match="starts a new training"):
        classifier.fit(X, Y)


def test_a_fault_of_the_capture_does_not_end_the_training():
    classifier = SGDClassifier(random_state=0)
    run = watch(classifier, X[:, :10], Y)  # other features than it learns from
    with pytest.warns(nntf.FingerprintWarning, match="Capture failed: X has 10 features"):
        classifier.partial_fit(X, Y, classes=range(10))
    classifier.partial_fit(X, Y)
    assert len(run.fingerprint.faults) == 1
    run.detach()
    watch(classifier, X[:, :10], Y, strict=True)
    with pytest.raises(ValueError, match="10 features"):
        classifier.partial_fit(X, Y)


def test_errors_of_the_training_itself_pass_through():
    classifier = SGDClassifier()
    watch(classifier, X, Y)
    with pytest.raises(ValueError, match="classes"):
        classifier.partial_fit(X, Y)


def test_what_cannot_be_watched_is_refused():
    with pytest.raises(TypeError, match=r"classifier is a SVC.*expected one with partial_fit"):
        watch(SVC(), X, Y)
    with pytest.raises(TypeError, match="classifier is the class SGDClassifier; expected an object of it"):
        watch(SGDClassifier, X, Y)
    with pytest.raises(TypeError, match="classifier is a SGDRegressor, a regressor; expected a classifier"):
        watch(SGDRegressor(), X, Y)
    with pytest.raises(ValueError, match="y is of numbers that are not whole; expected classes"):
        watch(SGDClassifier(), X, Y / 3)
    with pytest.raises(ValueError, match="every is 0"):
        watch(SGDClassifier(), X, Y, every=0)
    with pytest.raises(ValueError, match="y has 5 labels; expected 1797"):
        watch(SGDClassifier(), X, Y[:5])
    for labels in (np.eye(10)[Y], np.stack([Y, Y], axis=1), csr_array(np.eye(10)[Y])):
        with pytest.raises(ValueError, match=r"y has shape \(1797, \d+\); expected \(1797,\)"):
            watch(SGDClassifier(), X, labels)
