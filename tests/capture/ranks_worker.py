"""One rank of the trainings that `test_ranks` looks at; torchrun starts it, with a folder for the results."""

from __future__ import annotations

import sys
import warnings
from datetime import timedelta
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from loops import Numbered, convnet
from sklearn.datasets import load_digits
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, DistributedSampler, TensorDataset

import nntf_widget as nntf
from nntf_widget.capture.pytorch import ranks

EPOCHS, SAMPLES, BATCH = 4, 1001, 50  # which two and three ranks share only with padding
FOLDER = Path(sys.argv[1])

digits, target = load_digits(return_X_y=True)
data = TensorDataset(torch.tensor(digits[:SAMPLES] / 16, dtype=torch.float32), torch.tensor(target[:SAMPLES]))


def train(prepare=None, *, drop_last=False, rank_1_leaves_after=EPOCHS, **options):
    """Train anew on every rank's shard; return the watch, this rank's predictions and the weights at the end."""
    sampler = DistributedSampler(data, shuffle=True, drop_last=drop_last)
    loader = DataLoader(Numbered(data), batch_size=BATCH, sampler=sampler, drop_last=drop_last)
    model = DistributedDataParallel(convnet())
    watched = prepare and prepare(model, loader, **options)
    torch.manual_seed(2 + dist.get_rank())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    seen = np.full((EPOCHS, SAMPLES), -1)
    for epoch in range(EPOCHS):
        sampler.set_epoch(epoch)
        for x, y, index in loader:
            optimizer.zero_grad()
            scores = model(x)
            seen[epoch, index.numpy()] = scores.argmax(1).numpy()
            torch.nn.functional.cross_entropy(scores, y).backward()
            optimizer.step()
        if epoch == rank_1_leaves_after and dist.get_rank() == 1:
            watched.detach()
    weights = torch.cat([value.flatten().double() for value in model.state_dict().values()]).numpy()
    return watched, seen, weights


def keep(name, watched, seen, weights):
    """Write what `test_ranks` compares."""
    run = watched.fingerprint if watched else nntf.Fingerprint(10)
    snapshots = [run.predictions(t) for t in range(len(run))]
    np.savez(
        FOLDER / f"{name}-{dist.get_rank()}.npz",
        seen=seen,
        weights=weights,
        random=torch.get_rng_state().numpy(),
        snapshots=np.array(snapshots),
        labels=np.array(run.labels if len(run) else []),
        transitions=run.transitions if len(run) else [],
        incomplete=run.incomplete,
        unseen=watched.unseen if watched else [],
        faults=np.array(run.faults, str),
        accuracy=run.metrics.get("accuracy", []),
        loss=run.metrics.get("loss", []),
    )


class Failing:
    """A ``reduce=`` that fails throughout the second pass at rank 1."""

    def __init__(self):
        self.calls = 0
        shard = -(-SAMPLES // dist.get_world_size())
        self.batches = -(-shard // BATCH)

    def __call__(self, output):
        self.calls += 1
        if dist.get_rank() == 1 and self.batches < self.calls <= 2 * self.batches:
            raise OSError("no more room")
        return output


class OnPurpose:
    """Takes the place of a method that fails at its second call."""

    def __init__(self, really):
        self.really, self.calls = really, 0

    def __get__(self, instance, owner):
        return lambda *args: self(instance, *args)

    def __call__(self, *args):
        self.calls += 1
        if self.calls == 2:
            raise ZeroDivisionError("on purpose")
        return self.really(*args)


warnings.simplefilter("ignore", nntf.FingerprintWarning)
dist.init_process_group("gloo")
keep("plain", *train())
keep("watched", *train(nntf.watch, strict=True, log=FOLDER / "run.nntf"))
keep("exact", *train(nntf.watch, strict=True, exact=True))
keep("drop_last", *train(nntf.watch, strict=True, drop_last=True))
keep("failing", *train(nntf.watch, reduce=Failing()))
ranks.PATIENCE = ranks.AFTER_A_MISS = timedelta(seconds=0.2)
keep("leaving", *train(nntf.watch, rank_1_leaves_after=1))
for method in ("send", "gather"):
    really = getattr(ranks.Ranks, method)
    setattr(ranks.Ranks, method, OnPurpose(really))
    keep(method, *train(nntf.watch))
    setattr(ranks.Ranks, method, really)
dist.barrier()
dist.destroy_process_group()
