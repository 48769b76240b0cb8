import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional

import nntf_widget as nntf

transformers = pytest.importorskip("transformers")

from nntf_widget.capture.hugging_face import FingerprintCallback  # noqa: E402 - where transformers is

X, Y = load_digits(return_X_y=True)
X = torch.tensor(X / 16, dtype=torch.float32)[:300]
Y = torch.tensor(Y)[:300]


class Digits(nn.Module):
    """A model as the Trainer calls it: named inputs, a loss and logits back."""

    def __init__(self, id2label=None):
        super().__init__()
        self.config = transformers.PretrainedConfig(num_labels=10, id2label=id2label)
        self.net = nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 10))
        self.seen = {}

    def forward(self, pixels, labels):
        logits = self.net(pixels)
        if self.training:
            for sample, class_ in zip(pixels, logits.argmax(1), strict=True):
                self.seen[sample.numpy().tobytes()] = int(class_)
        return transformers.modeling_outputs.SequenceClassifierOutput(
            loss=functional.cross_entropy(logits, labels), logits=logits
        )


class Regresses(nn.Module):
    """A model for numbers, whatever they mean."""

    def __init__(self, outputs):
        super().__init__()
        self.net = nn.Linear(64, outputs)

    def forward(self, pixels, labels):
        logits = self.net(pixels)
        return {"loss": functional.mse_loss(logits, labels), "logits": logits}


def trainer_of(folder, *callbacks, id2label=None, compute_metrics=None, make=Digits, labels=Y, **options):
    transformers.set_seed(0)
    model = make(id2label)
    arguments = transformers.TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=3,
        per_device_train_batch_size=32,
        learning_rate=0.01,
        report_to=[],
        save_strategy="no",
        logging_strategy="no",
        disable_tqdm=True,
        use_cpu=True,
        **options,
    )
    samples = [{"pixels": x, "labels": y} for x, y in zip(X, labels, strict=True)]
    return transformers.Trainer(
        model,
        arguments,
        train_dataset=samples,
        eval_dataset=samples[:100],
        compute_metrics=compute_metrics,
        callbacks=list(callbacks),
    )


def trained(folder, *callbacks, **options):
    trainer = trainer_of(folder, *callbacks, **options)
    trainer.train()
    return trainer.model


def test_each_epoch_becomes_a_snapshot_of_what_the_training_saw(tmp_path):
    run = FingerprintCallback(strict=True)
    model = trained(tmp_path, run)
    assert len(run.fingerprint) == 3
    assert run.fingerprint.predictions(-1).tolist() == [model.seen[x.numpy().tobytes()] for x in X]
    assert np.array_equal(run.fingerprint.labels, Y)
    assert set(run.fingerprint.metrics) == {"loss", "accuracy"}


def test_labels_says_where_they_are(tmp_path):
    run = FingerprintCallback(labels=lambda batch: 9 - batch["labels"], strict=True)
    trained(tmp_path, run)
    assert np.array_equal(run.fingerprint.labels, 9 - Y)


@pytest.mark.parametrize("steps", [2, 4])
def test_batches_taken_ahead_to_accumulate_gradients_are_told_apart(tmp_path, steps):
    run = FingerprintCallback(strict=True)
    model = trained(tmp_path, run, gradient_accumulation_steps=steps)
    assert len(run.fingerprint) == 3
    assert run.fingerprint.predictions(-1).tolist() == [model.seen[x.numpy().tobytes()] for x in X]


@pytest.mark.parametrize("when", [{"eval_strategy": "epoch"}, {"eval_strategy": "steps", "eval_steps": 5}])
def test_what_an_evaluation_finds_is_drawn_with_its_epoch(tmp_path, when):
    found = []

    def compute_metrics(predictions):
        found.append(float((predictions.predictions.argmax(1) == predictions.label_ids).mean()))
        return {"accuracy": found[-1], "by_class": [0.5] * 10, "mean_time": 2.0}

    run = FingerprintCallback(strict=True)
    trained(tmp_path, run, compute_metrics=compute_metrics, eval_on_start=True, **when)
    assert len(run.fingerprint) == 3
    assert set(run.fingerprint.metrics) == {"loss", "accuracy", "eval_loss", "eval_accuracy", "eval_mean_time"}
    of_each_epoch = found[1:] if when["eval_strategy"] == "epoch" else found[2::2]  # after 5 and 10 of its 10 steps
    assert run.fingerprint.metrics["eval_accuracy"].tolist() == of_each_epoch


def test_the_classes_have_the_names_of_the_models_config(tmp_path):
    names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "<b>nine</b>"]
    run = FingerprintCallback(strict=True)
    trained(tmp_path, run, id2label=dict(enumerate(names)))
    assert run.fingerprint.class_names == names
    own = FingerprintCallback(class_names=list("abcdefghij"), strict=True)
    trained(tmp_path, own, id2label=dict(enumerate(names)))
    assert own.fingerprint.class_names == list("abcdefghij")
    nameless = FingerprintCallback(strict=True)
    trained(tmp_path, nameless)
    assert nameless.fingerprint.class_names == list("0123456789")


def test_a_training_that_was_interrupted_is_not_listened_to_beside_the_next(tmp_path):
    run = FingerprintCallback(strict=True)

    class Interrupts(transformers.TrainerCallback):
        is_wanted = True

        def on_step_end(self, *_, **__):
            if self.is_wanted:
                self.is_wanted = False
                raise KeyboardInterrupt

    trainer = trainer_of(tmp_path, run, Interrupts())
    with pytest.raises(KeyboardInterrupt):
        trainer.train()
    trainer.train()
    assert not trainer.model._forward_hooks
    assert run.fingerprint.predictions(-1).tolist() == [trainer.model.seen[x.numpy().tobytes()] for x in X]


def test_names_that_do_not_fit_cost_no_snapshot(tmp_path):
    run = FingerprintCallback()
    with pytest.warns(nntf.FingerprintWarning, match="Reading the class names failed.*more than once"):
        trained(tmp_path, run, id2label=dict.fromkeys(range(10), "same"))
    assert len(run.fingerprint) == 3


@pytest.mark.parametrize(
    ("outputs", "targets", "said"),
    [
        (1, X.mean(1, keepdim=True), "numbers, such as .*, as for a regression"),
        (10, (X[:, :10] > 0.3).float(), "multi-label"),
    ],
)
def test_what_is_no_classifier_is_refused(tmp_path, outputs, targets, said):
    run = FingerprintCallback()
    with pytest.warns(nntf.FingerprintWarning, match=said):
        trained(tmp_path, run, make=lambda _: Regresses(outputs), labels=targets)
    assert len(run.fingerprint) == 0
    assert run.fingerprint.ended == "no classifier"


def test_watching_does_not_change_what_is_learned(tmp_path):
    plain, watched = trained(tmp_path), trained(tmp_path, FingerprintCallback(strict=True))
    assert all(torch.equal(a, b) for a, b in zip(plain.parameters(), watched.parameters(), strict=True))


def test_a_fault_of_the_capture_does_not_end_the_training(tmp_path):
    run = FingerprintCallback(every=0)
    with pytest.warns(nntf.FingerprintWarning, match="Capture failed: every is 0"):
        model = trained(tmp_path, run)
    assert len(model.seen) == len(X)


def test_after_it_was_detached_no_snapshot_is_taken(tmp_path):
    run = FingerprintCallback(strict=True)

    class Detaches(transformers.TrainerCallback):
        def on_step_begin(self, _, state, *__, **___):
            if state.global_step == 12:  # in the second epoch of 10 steps
                run.detach()

    model = trained(tmp_path, run, Detaches())
    assert len(run.fingerprint) == 2
    assert not model._forward_hooks
    trained(tmp_path, run)
    assert len(run.fingerprint) == 2
