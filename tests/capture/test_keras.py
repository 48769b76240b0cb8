import functools

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader

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


class Gives:
    """A model that gives what it was told to."""

    loss = None

    def __init__(self, outputs):
        self.outputs = outputs

    def predict_on_batch(self, _):
        return self.outputs


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


LOGITS = keras.losses.BinaryCrossentropy(from_logits=True)


@pytest.mark.parametrize(
    ("loss", "cut"),
    [
        (LOGITS, 0),
        ([LOGITS], 0),
        ({"score": LOGITS}, 0),
        (functools.partial(keras.losses.binary_crossentropy, from_logits=True), 0),
        (keras.losses.BinaryCrossentropy(), 0.5),
        ("binary_crossentropy", 0.5),
        ("mse", 0.5),  # says nothing, and all the scores below may be probabilities
    ],
)
@pytest.mark.parametrize("shape", [(4, 1), (4,)])
def test_a_single_output_is_cut_where_the_loss_says(loss, cut, shape):
    scores = np.array([0.2, 0.5, 0.7, 0.0], "float32")
    run = FingerprintCallback(scores, [0, 1, 1, 0], strict=True)
    given = keras.Input(())
    model = keras.Model(given, {"score": keras.layers.Reshape(shape[1:], name="score")(given)})
    model.compile("sgd", loss)
    run.set_model(model)
    run.on_epoch_end(0)
    assert np.array_equal(run.fingerprint.predictions(0), scores > cut)


def test_scores_that_cannot_be_probabilities_are_logits_from_then_on():
    run = FingerprintCallback(np.arange(4), strict=True)
    for scores in ([0.2, 0.7, 0.0, 1.0], [0.2, 0.7, 0.0, 1.1], [0.2, 0.7, 0.0, 1.0]):
        run.set_model(Gives(np.array(scores)))
        run.on_epoch_end(0)
    assert [run.fingerprint.predictions(t).tolist() for t in range(3)] == [[0, 1, 0, 1], [1, 1, 0, 1], [1, 1, 0, 1]]


@pytest.mark.parametrize(
    ("outputs", "loss", "y", "said"),
    [
        (1, "mse", None, "the model is trained with mean_squared_error and no y= says"),
        (3, keras.losses.Huber(), None, "the model is trained with huber and no y= says"),
        (10, "binary_crossentropy", None, "the model is trained with binary_crossentropy and no y= says"),
        (1, "mae", Y, "y goes up to 9, but the model gives one number for each sample"),
    ],
)
def test_what_is_no_classifier_is_refused(outputs, loss, y, said):
    run, model = FingerprintCallback(X, y), network(outputs, "linear", loss)
    with pytest.warns(nntf.FingerprintWarning, match=f"{said}.*; expected a classifier, of one class") as told:
        model.fit(X, np.zeros((len(X), outputs)), epochs=2, verbose=0, callbacks=[run])
    assert [warning.category for warning in told].count(nntf.FingerprintWarning) == 1
    assert len(run.fingerprint) == 0
    assert run.fingerprint.ended == "no classifier"


@pytest.mark.parametrize(
    ("outputs", "loss", "y"),
    [(10, "mse", Y), (10, "binary_crossentropy", Y), (1, "binary_crossentropy", None), (1, "mse", Y % 2)],
)
def test_a_classifier_may_be_trained_with_any_loss(outputs, loss, y):
    run, model = FingerprintCallback(X, y, strict=True), network(outputs, "sigmoid", loss)
    model.fit(X, np.zeros((len(X), outputs)), verbose=0, callbacks=[run])
    assert len(run.fingerprint) == 1


def test_a_training_with_logits_is_read_as_the_model_was_trained():
    run = FingerprintCallback(X, Y % 2, strict=True)
    model = network(1, None, LOGITS)
    model.fit(X, Y % 2, epochs=2, verbose=0, callbacks=[run])
    assert np.array_equal(run.fingerprint.predictions(-1), model.predict(X, verbose=0).ravel() > 0)


@pytest.mark.parametrize("scores", [[0.2, np.nan, 0.7], [[0.2], [np.nan], [0.7]]])
def test_a_score_that_is_no_number_is_no_class(scores):
    run = FingerprintCallback(np.arange(3))
    run.set_model(Gives(np.array(scores)))
    with pytest.warns(nntf.FingerprintWarning, match="NaN scores for 1 of 3 samples"):
        run.on_epoch_end(0)
    assert len(run.fingerprint) == 0


def test_a_model_may_give_class_ids():
    run = FingerprintCallback(np.arange(4), class_names=["cat", "cow", "dog"], strict=True)
    run.set_model(Gives(np.array([0, 2, 1, 2])))
    run.on_epoch_end(0)
    assert run.fingerprint.predictions(0).tolist() == [0, 2, 1, 2]


def test_several_outputs_are_refused():
    run = FingerprintCallback(np.arange(3))
    run.set_model(Gives({"a": np.zeros((3, 2)), "b": np.zeros((3, 5))}))
    with pytest.warns(nntf.FingerprintWarning, match="the model gives 2 outputs; expected one"):
        run.on_epoch_end(0)


@pytest.mark.parametrize(("outputs", "activation"), [(10, "softmax"), (1, "sigmoid")])
def test_a_model_may_compute_in_bfloat16(outputs, activation):
    pytest.importorskip("ml_dtypes")
    layers = [keras.layers.Input((64,)), keras.layers.Dense(outputs, activation, dtype="mixed_bfloat16")]
    model, run = keras.Sequential(layers), FingerprintCallback(X, strict=True)
    model.compile("sgd", "sparse_categorical_crossentropy" if outputs > 1 else "binary_crossentropy")
    model.fit(X, Y if outputs > 1 else Y % 2, epochs=2, verbose=0, callbacks=[run])
    scores = model.predict(X, verbose=0).astype("float32")
    assert np.array_equal(run.fingerprint.predictions(-1), scores.argmax(1) if outputs > 1 else scores.ravel() > 0.5)


ONE_HOT = np.eye(3)[[0, 2, 1, 2]]
TWO_ONES = np.maximum(ONE_HOT, np.eye(3)[[0, 0, 1, 2]])


@pytest.mark.parametrize(
    "y",
    [
        [0, 2, 1, 2],
        np.array([0.0, 2.0, 1.0, 2.0]),
        np.array([[0], [2], [1], [2]]),
        keras.ops.convert_to_tensor([0, 2, 1, 2]),
        ONE_HOT,
        ONE_HOT.astype(bool),
        0.7 * ONE_HOT + 0.1,
    ],
)
def test_labels_may_be_class_ids_a_column_of_them_or_rows_of_shares(y):
    run = FingerprintCallback(np.arange(4), y, strict=True)
    run.set_model(Gives(np.eye(4, 3)))
    run.on_epoch_end(0)
    assert run.fingerprint.labels.tolist() == [0, 2, 1, 2]


@pytest.mark.parametrize(
    ("error", "message", "given"),
    [
        (ValueError, r"y has 3 labels; expected 4, as many as x has samples", {"y": [0, 2, 1]}),
        (ValueError, r"y has 5 labels; expected 4", {"y": [0, 2, 1, 2, 0]}),
        (TypeError, r"y is a list of dtype <U4; expected class ids", {"y": ["bird", "cow", "dog", "cow"]}),
        (TypeError, r"y is a generator of dtype object; expected class ids", {"y": (i for i in range(4))}),
        (ValueError, r"y\[1\] is 0.5; expected a class id", {"y": [0, 0.5, 1, 2]}),
        (ValueError, r"y\[1\] is nan; expected a class id", {"y": [0, np.nan, 1, 2]}),
        (ValueError, r"y\[0\] is -1; expected a class id", {"y": [-1, 1, 1, -1]}),
        (ValueError, r"y\[1\] is \[1.0, 0.0, 1.0\]; expected one class", {"y": TWO_ONES}),
        (ValueError, r"y\[0\] is \[0.4, .*; expected one class", {"y": np.full((4, 3), 0.4)}),
        (ValueError, r"y has shape \(4, 2, 2\); expected \(4,\)", {"y": np.zeros((4, 2, 2))}),
        (TypeError, r"x is a list of int; expected an array", {"x": [1, 2, 3, 4]}),
        (TypeError, r"x is a generator; expected an array", {"x": (i for i in range(4))}),
        (TypeError, r"x is a DataLoader; expected an array", {"x": DataLoader(torch.arange(4))}),
        (TypeError, r"x is a PyDataset; expected an array", {"x": keras.utils.PyDataset()}),
        (TypeError, r"x is a NoneType; expected an array", {"x": None}),
        (ValueError, r"x has no samples; expected at least one", {"x": np.zeros((0, 3)), "y": None}),
        (ValueError, r"x has arrays of 3 and 4 samples; expected as many in each", {"x": [np.zeros(4), np.zeros(3)]}),
        (ValueError, "every is 0; expected 1 or more", {"every": 0}),
        (TypeError, "every is 1.5; expected an int", {"every": 1.5}),
        (ValueError, "batch_size is 0; expected 1 or more", {"batch_size": 0}),
        (TypeError, "batch_size is None; expected an int", {"batch_size": None}),
    ],
)
def test_what_cannot_be_followed_is_refused_at_once(error, message, given):
    with pytest.raises(error, match=message):
        FingerprintCallback(**{"x": np.zeros((4, 3)), "y": [0, 2, 1, 2], **given})


@pytest.mark.parametrize("kind", [list, tuple, dict])
def test_a_model_may_have_several_inputs(kind):
    left, right = keras.Input((32,), name="left"), keras.Input((32,), name="right")
    scores = keras.layers.Dense(10, "softmax")(keras.layers.concatenate([left, right]))
    inputs, halves = [left, right], [X[:, :32], X[:, 32:]]
    if kind is dict:
        inputs, halves = {"left": left, "right": right}, {"left": X[:, :32], "right": X[:, 32:]}
    model, run = keras.Model(inputs, scores), FingerprintCallback(kind(halves), Y, strict=True)
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(halves, Y, verbose=0, callbacks=[run])
    assert np.array_equal(run.fingerprint.predictions(-1), model.predict(halves, verbose=0).argmax(1))


def test_a_fault_of_the_capture_does_not_end_the_training():
    run = FingerprintCallback(X[:, :10], Y)
    with pytest.warns(nntf.FingerprintWarning, match="Capture failed"):
        history = network().fit(X, Y, epochs=2, verbose=0, callbacks=[run])
    assert len(history.history["loss"]) == 2
    assert len(run.fingerprint.faults) == 1


def test_the_run_is_logged_saved_and_written_as_a_page(tmp_path):
    run = FingerprintCallback(X, Y, log=tmp_path / "log.nntf", strict=True)
    network().fit(X, Y, epochs=2, verbose=0, callbacks=[run])
    run.save(tmp_path / "saved.nntf")
    run.to_html(tmp_path / "page.html")
    for name in ("log.nntf", "saved.nntf"):
        kept = nntf.load(tmp_path / name)
        assert np.array_equal(kept.prediction_distance, run.fingerprint.prediction_distance)
    assert (tmp_path / "page.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_after_it_was_detached_no_snapshot_is_taken():
    model, run = network(), FingerprintCallback(X, Y, strict=True)
    model.fit(X, Y, epochs=2, verbose=0, callbacks=[run])
    run.detach()
    run.detach()
    model.fit(X, Y, verbose=0, callbacks=[run])
    assert repr(run) == "<FingerprintCallback, detached: <Fingerprint snapshots=2 samples=1797 classes=10>>"


def test_snapshots_of_every_other_epoch_are_not_called_epochs():
    assert FingerprintCallback(X, Y).fingerprint.unit == "epoch"
    assert FingerprintCallback(X, Y, every=2).fingerprint.unit == "snapshot"
