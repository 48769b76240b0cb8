import logging

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, IterableDataset, TensorDataset

import nntf_widget as nntf

lightning = pytest.importorskip("lightning.pytorch")

from nntf_widget.capture.lightning import FingerprintCallback  # noqa: E402 - where Lightning is

logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:lightning", "ignore::DeprecationWarning")

X, Y = load_digits(return_X_y=True)
X = torch.tensor(X / 16, dtype=torch.float32)[:300]
Y = torch.tensor(Y)[:300]


class Digits(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 10))
        self.seen = {}

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, _index):
        x, y, *_ = batch
        scores = self(x)
        for sample, class_ in zip(x, scores.argmax(1), strict=True):
            self.seen[sample.numpy().tobytes()] = int(class_)
        return functional.cross_entropy(scores, y)

    def validation_step(self, batch, _index):
        self(batch[0])

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), 0.1)


class Stream(IterableDataset):
    """Digits in an order that changes, with their numbers; Lightning takes one batch ahead, to know the last."""

    def __iter__(self):
        for index in torch.randperm(len(X)).tolist():
            yield X[index], Y[index], index


def trained(*callbacks, dataset=None, **options):
    torch.manual_seed(0)
    model = Digits()
    loader = DataLoader(dataset or TensorDataset(X, Y), batch_size=32, shuffle=None if dataset else True)
    trainer = lightning.Trainer(
        max_epochs=3,
        callbacks=list(callbacks),
        logger=False,
        enable_checkpointing=False,
        accelerator="cpu",
        enable_progress_bar=False,
        enable_model_summary=False,
        **options,
    )
    trainer.fit(model, loader, DataLoader(TensorDataset(X[:100], Y[:100]), batch_size=32))
    return model, loader


@pytest.mark.parametrize("module", [None, lambda lit: lit.net], ids=["itself", "a part"])
def test_each_epoch_becomes_a_snapshot_of_what_the_training_step_saw(module):
    run = FingerprintCallback(module, strict=True)
    model, loader = trained(run)
    assert len(run.fingerprint) == 3
    assert run.fingerprint.predictions(-1).tolist() == [model.seen[x.numpy().tobytes()] for x in X]
    assert np.array_equal(run.fingerprint.labels, Y)
    assert set(run.fingerprint.metrics) == {"loss", "accuracy"}
    assert type(loader) is DataLoader


def test_gradient_accumulation_mixed_precision_and_validation_within_an_epoch():
    run = FingerprintCallback(strict=True)
    model, _ = trained(run, accumulate_grad_batches=3, precision="bf16-mixed", val_check_interval=4)
    assert len(run.fingerprint) == 3
    assert run.fingerprint.predictions(-1).tolist() == [model.seen[x.numpy().tobytes()] for x in X]


def test_a_stream_whose_batches_are_taken_ahead():
    run = FingerprintCallback(index=lambda batch: batch[2], strict=True)
    model, _ = trained(run, dataset=Stream())
    assert len(run.fingerprint) == 3
    assert run.fingerprint.predictions(-1).tolist() == [model.seen[x.numpy().tobytes()] for x in X]
    assert np.array_equal(run.fingerprint.labels, Y)


def test_watching_does_not_change_what_is_learned():
    plain, _ = trained()
    watched, _ = trained(FingerprintCallback(strict=True))
    assert all(torch.equal(a, b) for a, b in zip(plain.parameters(), watched.parameters(), strict=True))


def test_a_fault_of_the_capture_does_not_end_the_training():
    run = FingerprintCallback(module=lambda lit: lit.missing)
    with pytest.warns(nntf.FingerprintWarning, match="Capture failed: AttributeError"):
        model, _ = trained(run)
    assert len(model.seen) == len(X)
    assert len(run.fingerprint) == 0
