"""Epoch time with a watch over epoch time without: three networks, both modes.

One training takes turns, epoch by epoch: without a watch, without one again (whose ratio to the first is the noise),
watched, watched with ``exact=True``, and followed by a predict over the training set as one writes it by hand. An
epoch's time is the sum over its steps of each step's median over the epochs of its kind, the end of the pass being the
last step. Printed is the ratio to the epochs of the first kind.

Run as ``python tests/benchmarks/bench_capture.py``. With glibc, how often freed memory goes back to the system differs
by 3 % of an epoch from one to the next; ``MALLOC_TOP_PAD_=67108864 MALLOC_MMAP_THRESHOLD_=1073741824
MALLOC_TRIM_THRESHOLD_=4294967296`` in the environment keeps it, and with it the noise below 1 %.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

import nntf_widget as nntf

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
# On the CPU, the seconds of one core that were this training's: who else is at work does not count.
clock = time.process_time if DEVICE.type == "cpu" else time.perf_counter
torch.set_num_threads(1)
KINDS = ["no watch", "no watch again", "from batches", "exact=True", "predict by hand"]


class Case(NamedTuple):
    name: str
    network: Callable[[], nn.Module]
    dataset: Dataset
    batch_size: int
    epochs: int


class Residual(nn.Module):
    """Two 3 x 3 convolutions and a way around them."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.around = (
            nn.Identity()
            if inputs == outputs
            else nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.body(x) + self.around(x))


def mlp() -> nn.Module:
    return nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))


def lenet() -> nn.Module:
    return nn.Sequential(
        *(nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
        *(nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)),
    )


def resnet18() -> nn.Module:
    """The 18-layer residual network as it is used for 32 x 32 images: 11 million weights."""
    widths = [64, 64, 64, 128, 128, 256, 256, 512, 512]
    blocks = [Residual(before, after, 1 if before == after else 2) for before, after in pairwise(widths)]
    return nn.Sequential(
        *(nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU()),
        *blocks,
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10)),
    )


def digits() -> Dataset:
    data = load_digits()
    return TensorDataset(torch.tensor(data.data, dtype=torch.float32) / 16, torch.tensor(data.target))


def colour_images(count: int) -> Dataset:
    """Noise of CIFAR-10's size: what is measured does not depend on what is to be seen."""
    return TensorDataset(torch.randn(count, 3, 32, 32), torch.randint(10, (count,)))


class Training:
    """A training of one case, watched or not, epoch by epoch."""

    def __init__(self, case: Case) -> None:
        torch.manual_seed(0)
        self.model = case.network().to(DEVICE)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.01, momentum=0.9)
        self.order = torch.Generator()
        self.loader = DataLoader(case.dataset, case.batch_size, shuffle=True, generator=self.order)

    def epoch(self, *, predict: bool = False) -> list[float]:
        """Train an epoch, and predict; return the seconds of the steps, and of what comes after the last."""
        seconds = []
        start = clock()
        for x, y in self.loader:
            self.optimizer.zero_grad()
            nn.functional.cross_entropy(self.model(x.to(DEVICE)), y.to(DEVICE)).backward()
            self.optimizer.step()
            if DEVICE.type == "cuda":
                torch.cuda.synchronize()
            seconds.append(clock() - start)
            start = clock()
        if predict:
            self.predict()
        seconds.append(clock() - start)
        return seconds

    @torch.no_grad()
    def predict(self) -> torch.Tensor:
        """Return the class of every training sample, as one does without this package."""
        self.model.eval()
        batches = DataLoader(self.loader.dataset, self.loader.batch_size)
        classes = torch.cat([self.model(x.to(DEVICE)).argmax(1) for x, _ in batches]).cpu()
        self.model.train()
        return classes


def measure(case: Case) -> np.ndarray:
    """Return the seconds of an epoch of each of `KINDS`."""
    training = Training(case)
    training.epoch()
    seconds: dict[str, list[list[float]]] = {kind: [] for kind in KINDS}
    for turn in range(len(KINDS) * case.epochs):
        kind = KINDS[(turn + turn // len(KINDS)) % len(KINDS)]  # each at each place of a round
        watched = None
        if kind in {"from batches", "exact=True"}:
            watched = nntf.watch(training.model, training.loader, exact=kind == "exact=True", strict=True)
        seconds[kind].append(training.epoch(predict=kind == "predict by hand"))
        if watched is not None:
            watched.detach()
            assert len(watched.fingerprint) == 1
    return np.array([np.median(epochs, axis=0).sum() for epochs in seconds.values()])


def main() -> None:
    cases = [
        Case("MLP 64-64-10, digits, batch 32", mlp, digits(), 32, 60),
        Case("LeNet-5, 32x32x3, batch 128", lenet, colour_images(128 * 40), 128, 24),
        Case("ResNet-18, 32x32x3, batch 128", resnet18, colour_images(128 * 2), 128, 4),
    ]
    print(f"{'network':32} {'epoch':>10}" + "".join(f"{kind:>17}" for kind in KINDS[1:]) + f"   ({DEVICE})")
    for case in cases:
        seconds = measure(case)
        more = "".join(f"{100 * (one / seconds[0] - 1):+15.1f} %" for one in seconds[1:])
        print(f"{case.name:32} {1000 * seconds[0]:7.0f} ms{more}")


if __name__ == "__main__":
    main()
