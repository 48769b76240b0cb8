"""One training of the study: SGD as in the paper, all training samples predicted after each epoch, and a run log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from data import DataSet
from networks import NETWORKS
from torch import nn

import nntf_widget as nntf

BATCH = 128


class Setting(NamedTuple):
    """What a training is done with.

    Attributes
    ----------
    network : {"lenet5", "vgg16"}
    data : str
        Name of the data set.
    lr, momentum : float
        Of SGD; the momentum is Nesterov's.
    weight_decay : float
        The factor λ of the penalty λ·Σw² on the weights, biases left out.
    epochs : int
    """

    network: str
    data: str
    lr: float = 0.01
    momentum: float = 0.9
    weight_decay: float = 0.0
    epochs: int = 50

    def __str__(self) -> str:
        return f"{self.network}-{self.data}-lr{self.lr:g}-m{self.momentum:g}-wd{self.weight_decay:g}"


def train(setting: Setting, data: DataSet, folder: Path, *, seed: int = 0) -> nntf.Fingerprint:
    """Train a network and record it in ``<folder>/<setting>.nntf``; a run that is there whole is not trained again.

    Snapshot 0 is taken before the first epoch, so that the first transition is the first epoch's.
    """
    path = folder / f"{setting}.nntf"
    if path.exists():
        run = nntf.load(path)
        if len(run) == setting.epochs + 1:
            return run
        path.unlink()  # it was cut off, and its weights are gone
    torch.manual_seed(seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    data = DataSet(*(part.to(device) for part in data[:4]), data.class_names)
    network = NETWORKS[setting.network](data.x_train.shape[1], data.x_train.shape[2], len(data.class_names)).to(device)
    optimizer = optimizer_of(network, setting)
    run = nntf.Fingerprint(class_names=data.class_names, log=path)
    record(run, network, data, {})
    for _ in range(setting.epochs):
        loss = train_epoch(network, optimizer, data)
        record(run, network, data, {"loss": loss})
    return run


def optimizer_of(network: nn.Module, setting: Setting) -> torch.optim.SGD:
    """Return SGD with Nesterov's momentum and the penalty on the weights alone."""
    weights = [parameter for name, parameter in network.named_parameters() if name.endswith("weight")]
    biases = [parameter for name, parameter in network.named_parameters() if name.endswith("bias")]
    penalty = 2 * setting.weight_decay  # PyTorch adds this times the weight to the gradient
    groups = [{"params": weights, "weight_decay": penalty}, {"params": biases, "weight_decay": 0.0}]
    return torch.optim.SGD(groups, lr=setting.lr, momentum=setting.momentum, nesterov=True)


def train_epoch(network: nn.Module, optimizer: torch.optim.Optimizer, data: DataSet) -> float:
    """Go once through the training samples in random order; return the mean loss."""
    network.train()
    total = torch.zeros((), device=data.y_train.device)
    for rows in torch.randperm(len(data.y_train)).to(data.y_train.device).split(BATCH):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(network(data.x_train[rows]), data.y_train[rows])
        loss.backward()
        optimizer.step()
        total += loss.detach() * len(rows)
    return total.item() / len(data.y_train)


def record(run: nntf.Fingerprint, network: nn.Module, data: DataSet, metrics: dict[str, float]) -> None:
    """Record what the network predicts now for every training sample, and its accuracy on the test samples."""
    network.eval()
    predicted = np.concatenate(list(predictions(network, data.x_train)))
    tested = np.concatenate(list(predictions(network, data.x_test)))
    accuracy = float((predicted == data.y_train.cpu().numpy()).mean())
    val_accuracy = float((tested == data.y_test.cpu().numpy()).mean())
    run.update(predicted, data.y_train.cpu().numpy(), {**metrics, "accuracy": accuracy, "val_accuracy": val_accuracy})


@torch.no_grad()
def predictions(network: nn.Module, images: torch.Tensor) -> Iterator[np.ndarray]:
    """Yield the predicted classes, batch by batch."""
    for batch in images.split(4 * BATCH):
        yield network(batch).argmax(1).cpu().numpy()
