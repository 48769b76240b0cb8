import os

os.environ.setdefault("KERAS_BACKEND", "torch")

import numpy as np
import pytest
from sklearn.datasets import load_digits

import nntf_widget as nntf

keras = pytest.importorskip("keras")

from nntf_widget.capture.keras import FingerprintCallback  # noqa: E402 - where Keras is

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # in Keras itself

X, Y = load_digits(return_X_y=True)
X = (X / 16).astype("float32")


def network(outputs=10, activation="softmax", loss="sparse_categorical_crossentropy"):
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(16, "relu"), keras.layers.Dropout(0.5), keras.layers.Dense(outputs, activation)]
    model = keras.Sequential([keras.layers.Input((64,)), *layers])
    model.compile(keras.optimizers.SGD(0.1), loss, metrics=["accuracy"])
    return model


def test_each_epoch_becomes_a_snapshot_of_what_the_model_predicts():
    model, run = network(), FingerprintCallback(X, Y, strict=True)
    history = model.fit(X, Y, epochs=3, verbose=0, validation_data=(X[:100], Y[:100]), callbacks=[run])
    assert np.array_equal(run.fingerprint.predictions(-1), model.predict(X, verbose=0).argmax(1))
    assert np.array_equal(run.fingerprint.labels, Y)
    assert {name: list(values) for name, values in run.fingerprint.metrics.items()} == history.history


def test_watching_does_not_change_what_is_learned():
    plain, watched = network(), None
    plain.fit(X, Y, epochs=2, verbose=0)
    watched = network()
    watched.fit(X, Y, epochs=2, verbose=0, callbacks=[FingerprintCallback(X, Y, strict=True)])
    assert all(np.array_equal(a, b) for a, b in zip(plain.get_weights(), watched.get_weights(), strict=True))


def test_a_single_sigmoid_output_has_two_classes_and_one_hot_labels_are_understood():
    run = FingerprintCallback(X, Y % 2, every=2, strict=True)
    model = network(1, "sigmoid", "binary_crossentropy")
    model.fit(X, Y % 2, epochs=4, verbose=0, callbacks=[run])
    assert (len(run.fingerprint), run.fingerprint.num_classes) == (2, 2)
    assert np.array_equal(run.fingerprint.predictions(-1), model.predict(X, verbose=0).ravel() > 0.5)
    one_hot = FingerprintCallback(X, keras.utils.to_categorical(Y), strict=True)
    network(loss="categorical_crossentropy").fit(X, keras.utils.to_categorical(Y), verbose=0, callbacks=[one_hot])
    assert np.array_equal(one_hot.fingerprint.labels, Y)


def test_the_run_is_kept_in_a_log(tmp_path):
    run = FingerprintCallback(X, Y, log=tmp_path / "run.nntf", strict=True)
    network().fit(X, Y, epochs=2, verbose=0, callbacks=[run])
    stored = nntf.load(tmp_path / "run.nntf")
    assert np.array_equal(stored.prediction_distance, run.fingerprint.prediction_distance)


def test_a_fault_of_the_capture_does_not_end_the_training():
    run = FingerprintCallback(X[:, :10], Y)
    with pytest.warns(nntf.FingerprintWarning, match="Capture failed"):
        history = network().fit(X, Y, epochs=2, verbose=0, callbacks=[run])
    assert len(history.history["loss"]) == 2
    assert len(run.fingerprint.faults) == 1
