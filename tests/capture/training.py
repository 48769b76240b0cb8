"""A small training as somebody would write it, and the truth about what its forward passes predicted."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

import nntf_widget as nntf


class Numbered(Dataset):
    """A dataset whose items end with their own index: whom the training sees without us."""

    def __init__(self, dataset):
        self.dataset = dataset

    def __len__(self):
        return len(self.dataset)

    def __getitem__(self, index):
        return (*self.dataset[index], index)


def mlp(outputs=10):
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, outputs))


def convnet():
    """Dropout draws random numbers, batch norm counts batches: both show whether they were disturbed."""
    torch.manual_seed(1)
    return nn.Sequential(
        nn.Unflatten(1, (1, 8, 8)),
        nn.Conv2d(1, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Dropout(0.5),
        nn.Flatten(),
        nn.Linear(128, 10),
    )


def train(model, loader, epochs=3):
    """Train over batches (x, y) or (x, y, index)."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(epochs):
        for x, y, *_ in loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x), y).backward()
            optimizer.step()


def train_recording(model, loader, epochs=3):
    """Train over batches (x, y, index); return what was predicted for every sample in each epoch, -1 for the unseen."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    truth = np.full((epochs, len(loader.dataset)), -1)
    for epoch in range(epochs):
        for x, y, index in loader:
            optimizer.zero_grad()
            scores = model(x)
            truth[epoch, index.numpy()] = scores.argmax(1).numpy()
            nn.functional.cross_entropy(scores, y).backward()
            optimizer.step()
    return truth


def go_through(model, loader):
    """Call the model with every batch's input, as a training does, and change nothing."""
    for x, *_ in loader:
        model(x)


def forwarded(model, dataset, epochs=1, called=None, **options):
    """Return the watch after forward passes over all of the dataset."""
    loader = DataLoader(dataset, batch_size=50, shuffle=True)
    with nntf.watch(model, loader, **{"strict": True, **options}) as run:
        for _ in range(epochs):
            go_through(model if called is None else called, loader)
    return run


def snapshots(run):
    return np.stack([run.fingerprint.predictions(t) for t in range(len(run.fingerprint))])
