import logging

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import nntf_widget as nntf

lightning = pytest.importorskip("lightning.pytorch")

from nntf_widget.capture.lightning import FingerprintCallback  # noqa: E402 - where Lightning is

logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:lightning", "ignore::DeprecationWarning")

X, Y = load_digits(return_X_y=True)
X = torch.tensor(X / 16, dtype=torch.float32)[:300]
Y = torch.tensor(Y)[:300]


class Digits(lightning.LightningModule):
    """Calls itself on a batch."""

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 10))
        self.criterion = nn.CrossEntropyLoss()
        self.seen = {}

    def forward(self, x):
        return self.net(x)

    def scores(self, x):
        return self(x)

    def training_step(self, batch, _index):
        x, y = batch
        scores = self.scores(x)
        for sample, class_ in zip(x, scores.argmax(1), strict=True):
            self.seen[sample.numpy().tobytes()] = int(class_)
        return self.criterion(scores, y)

    def configure_optimizers(self):
        return torch.optim.SGD([each for each in self.parameters() if each.requires_grad], 0.1)


class CallsItsPart(Digits):
    """Calls its network on a batch, as most do."""

    def scores(self, x):
        return self.net(x)


class CallsACompiledPart(CallsItsPart):
    def __init__(self):
        super().__init__()
        self.net = torch.compile(self.net, backend="eager")


class CallsAPartCompiledInPlace(CallsItsPart):
    def __init__(self):
        super().__init__()
        self.net.compile(backend="eager")


class CallsTwoParts(Digits):
    def __init__(self):
        super().__init__()
        self.encoder, self.head = self.net[:3], self.net[3:]

    def scores(self, x):
        return self.head(self.encoder(x))


class FineTunes(CallsTwoParts):
    """Trains the head of a network alone."""

    def __init__(self):
        super().__init__()
        self.encoder.requires_grad_(requires_grad=False)


class Logs(CallsItsPart):
    """Logs in every place, and notes how many snapshots there were when a validation began."""

    def __init__(self):
        super().__init__()
        self.snapshots = []

    def training_step(self, batch, index):
        loss = super().training_step(batch, index)
        self.log("step_loss", loss)
        self.log("train_loss", loss, on_step=True, on_epoch=True)
        return loss

    def on_validation_start(self):
        self.snapshots.append(len(self.trainer.callbacks[0].fingerprint))

    def validation_step(self, batch, _index):
        x, y = batch
        self.log("val_accuracy", (self.net(x).argmax(1) == y).float().mean())

    def on_train_epoch_end(self):
        self.log("epochs", float(self.current_epoch + 1))
        self.log("epochs_epoch", 0.0)


def trained(*callbacks, make=Digits, epochs=3, validation=None, data=(X, Y), **options):
    torch.manual_seed(0)
    model = make()
    loader = DataLoader(TensorDataset(*data), batch_size=32, shuffle=True)
    trainer = lightning.Trainer(
        max_epochs=epochs,
        callbacks=list(callbacks),
        logger=False,
        enable_checkpointing=False,
        accelerator="cpu",
        enable_progress_bar=False,
        enable_model_summary=False,
        **options,
    )
    trainer.fit(model, loader, validation)
    return model, loader


@pytest.mark.parametrize(
    ("make", "module"),
    [
        (Digits, None),
        (CallsItsPart, None),
        (CallsItsPart, lambda lit: lit.net),
        (CallsACompiledPart, None),
        (CallsAPartCompiledInPlace, None),
        (CallsTwoParts, lambda lit: lit.head),
        (FineTunes, None),
    ],
    ids=[
        "self(x)",
        "self.net(x)",
        "self.net(x), said so",
        "compiled",
        "compiled in place",
        "the head, said so",
        "the one part that is trained",
    ],
)
def test_each_epoch_becomes_a_snapshot_of_what_the_training_step_saw(make, module):
    run = FingerprintCallback(module, strict=True)
    model, loader = trained(run, make=make)
    assert len(run.fingerprint) == 3
    assert run.fingerprint.predictions(-1).tolist() == [model.seen[x.numpy().tobytes()] for x in X]
    assert np.array_equal(run.fingerprint.labels, Y)
    assert set(run.fingerprint.metrics) == {"loss", "accuracy"}
    assert type(loader) is DataLoader
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in model.modules())


def test_the_first_step_counts_too_though_it_shows_only_then_what_is_called():
    run = FingerprintCallback(strict=True)
    model, _ = trained(run, make=CallsItsPart, epochs=1)
    assert run.fingerprint.predictions(0).tolist() == [model.seen[x.numpy().tobytes()] for x in X]


def test_several_parts_that_may_be_meant_are_named():
    run = FingerprintCallback()
    with pytest.warns(nntf.FingerprintWarning, match="calls encoder, head, and each .* as lambda lit: lit.head"):
        model, _ = trained(run, make=CallsTwoParts)
    assert len(run.fingerprint) == 0
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in model.modules())


def test_a_module_compiled_as_a_whole_is_left_alone_and_that_is_said():
    run = FingerprintCallback()
    with pytest.warns(nntf.FingerprintWarning, match=r"CallsItsPart is compiled as a whole.*expected a compiled part"):
        trained(run, make=lambda: torch.compile(CallsItsPart(), backend="eager"), epochs=1)
    assert len(run.fingerprint) == 0


def test_what_is_logged_for_the_epoch_is_drawn_with_it():
    run = FingerprintCallback(strict=True)
    model, _ = trained(
        run,
        make=Logs,
        epochs=4,
        validation=DataLoader(TensorDataset(X[:100], Y[:100]), batch_size=50),
        check_val_every_n_epoch=2,
        num_sanity_val_steps=1,
    )
    metrics = run.fingerprint.metrics
    assert set(metrics) == {"loss", "accuracy", "train_loss", "val_accuracy", "epochs", "epochs_epoch"}
    assert np.allclose(metrics["train_loss"], metrics["loss"])
    assert np.isnan(metrics["val_accuracy"]).tolist() == [True, False, True, False]
    accuracy = (model.eval()(X[:100]).argmax(1) == Y[:100]).float().mean()
    assert metrics["val_accuracy"][-1] == pytest.approx(accuracy.item())
    assert metrics["epochs"].tolist() == [1, 2, 3, 4]
    assert model.snapshots == [0, 2, 4]  # each is taken before the validation; the first is Lightning's trial


class Regresses(CallsItsPart):
    """Is trained towards numbers, whatever they mean."""

    def __init__(self):
        super().__init__()
        self.criterion = nn.MSELoss()


@pytest.mark.parametrize(
    ("targets", "said"),
    [(X[:, :10] - 0.5, "numbers, such as .*, as for a regression"), ((X[:, :10] > 0.3).float(), "multi-label")],
)
def test_what_is_no_classifier_is_refused(targets, said):
    run = FingerprintCallback()
    with pytest.warns(nntf.FingerprintWarning, match=said):
        trained(run, make=Regresses, data=(X, targets))
    assert len(run.fingerprint) == 0
    assert run.fingerprint.ended == "no classifier"


class WithLengths(CallsItsPart):
    def training_step(self, batch, index):
        x, _, y = batch
        return super().training_step((x, y), index)


def test_labels_says_where_they_are():
    run = FingerprintCallback(labels=2, strict=True)
    trained(run, make=WithLengths, data=(X, torch.arange(300) % 7, Y))
    assert np.array_equal(run.fingerprint.labels, Y)


@pytest.mark.parametrize("make", [Digits, CallsItsPart])
def test_watching_does_not_change_what_is_learned(make):
    plain, _ = trained(make=make)
    watched, _ = trained(FingerprintCallback(strict=True), make=make)
    assert all(torch.equal(a, b) for a, b in zip(plain.parameters(), watched.parameters(), strict=True))


def test_a_fault_of_the_capture_does_not_end_the_training():
    run = FingerprintCallback(module=lambda lit: lit.missing)
    with pytest.warns(nntf.FingerprintWarning, match="Capture failed: AttributeError"):
        model, _ = trained(run)
    assert len(model.seen) == len(X)
    assert len(run.fingerprint) == 0


def test_after_it_was_detached_no_snapshot_is_taken():
    run = FingerprintCallback(strict=True)

    class Detaches(lightning.Callback):
        def on_train_batch_start(self, trainer, *_):
            if trainer.global_step == 12:  # in the second epoch of 10 steps
                run.detach()

    model, loader = trained(run, Detaches())
    assert len(run.fingerprint) == 2
    assert not model._forward_hooks
    assert type(loader) is DataLoader
    trained(run)
    assert len(run.fingerprint) == 2
