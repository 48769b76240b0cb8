"""The ranks of a distributed training bring together what each saw of its own shard; rank 0 has the fingerprint.

There is no collective: a rank leaves its rows in the store by which the ranks found each other, and rank 0 takes them
from there. So no rank waits for rank 0, whatever the training's own backend, and one that has died, or lost its way, is
missed for a snapshot and hinders nobody.
"""

from __future__ import annotations

import io
import itertools
import json
import os
from datetime import timedelta
from typing import Any

import numpy as np
import torch.distributed as dist
from numpy.typing import NDArray
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from nntf_widget.capture.pytorch.outputs import Rows

PATIENCE = timedelta(seconds=10)
"""How long rank 0 waits for the others at the end of a pass."""
AFTER_A_MISS = timedelta(seconds=1)
"""The same, once some did not come."""
SHARDED = "torch.distributed.fsdp"  # where the classes of such models are, both generations
PIECE = 2**22  # bytes to a value of the store, which takes no more than 8 MiB


def is_first() -> bool:
    """Tell whether this process is rank 0, or no part of a distributed training; also before it has been set up."""
    if dist.is_available() and dist.is_initialized():
        return dist.get_rank() == 0
    names = ["RANK"] if "RANK" in os.environ else ["NODE_RANK", "LOCAL_RANK"]
    return all(os.environ.get(name, "0") == "0" for name in names)


def one_rank_can_run(model: nn.Module) -> nn.Module | None:
    """Return what a single rank can call without the others: the model inside DDP's; None where it is in shards."""
    if isinstance(model, DistributedDataParallel):
        return one_rank_can_run(model.module)
    kinds = {kind for module in model.modules() for kind in type(module).__mro__}
    return None if any(kind.__module__.startswith(SHARDED) for kind in kinds) else model


class Ranks:
    """The ranks of the default process group, for one watch; every rank makes its watches in the same order."""

    _made = itertools.count()

    def __init__(self) -> None:
        self.rank, self.count = dist.get_rank(), dist.get_world_size()
        store = dist.distributed_c10d._get_default_store()  # noqa: SLF001 - there is no other way to it
        self._store: Any = dist.PrefixStore(  # type: ignore[attr-defined]  # PyTorch's stubs lack it
            f"nntf_widget/{next(self._made)}", store
        )
        self._missed: list[str] = []

    @classmethod
    def of_this_training(cls) -> Ranks | None:
        """Return the ranks; None where the training is not distributed."""
        distributed = dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1
        return cls() if distributed else None

    def send(self, number: int, rows: Rows | None, fault: str | None) -> None:
        """Leave this rank's part of a snapshot for rank 0.

        Parameters
        ----------
        number : int
            Of the snapshot, the same at every rank.
        rows : Rows or None
            Of a sample that came several times, the last counts. None where capture failed.
        fault : str or None
            What went wrong at this rank since the last snapshot.
        """
        content = _packed(rows, fault)
        pieces = range(0, len(content), PIECE)
        key = f"{number}/{self.rank}"
        for piece, start in enumerate(pieces):
            self._store.set(f"{key}/{piece}", content[start : start + PIECE])
        self._store.set(key, str(len(pieces)))  # last: who finds it finds all

    def gather(self, number: int, own: Rows | None) -> tuple[Rows | None, list[str]]:
        """Return, at rank 0, the rows of all ranks and what went wrong at others.

        Of the predictions of a sample at several ranks, as where a sampler pads the shards to one length, the highest
        rank's counts. "accuracy" is over the samples, each once, "loss" the mean over all rows.
        """
        patience = AFTER_A_MISS if self._missed else PATIENCE
        parts, faults, missed = [own], [], []
        for key in self._missed:  # it may have come too late
            self._forget(key)
        for rank in range(1, self.count):
            key = f"{number}/{rank}"
            try:
                self._store.wait([key], patience)
                rows, fault = _unpacked(self._take(key))
            except dist.DistStoreError:
                missed.append(key)
                patience = AFTER_A_MISS
                continue
            parts.append(rows)
            faults += [f"rank {rank}: {fault}"] if fault else []
        self._missed = missed
        if missed:
            faults.append(f"nothing came from rank {', '.join(key.split('/')[1] for key in missed)} of {self.count}")
        return _merged([part for part in parts if part is not None]), faults

    def _take(self, key: str) -> bytes:
        pieces = int(self._store.get(key))
        content = b"".join(self._store.get(f"{key}/{piece}") for piece in range(pieces))
        self._forget(key)
        return content

    def _forget(self, key: str) -> None:
        """Free what a rank sent, or sent too late."""
        if self._store.check([key]):
            for piece in range(int(self._store.get(key))):
                self._store.delete_key(f"{key}/{piece}")
            self._store.delete_key(key)


def _packed(rows: Rows | None, fault: str | None) -> bytes:
    """Return rows as a compressed NumPy archive without pickles."""
    facts: dict[str, Any] = {"fault": fault}
    arrays: dict[str, NDArray[Any]] = {}
    if rows is not None:
        samples, last = _last_of_each(rows.samples)
        facts |= {"num_classes": rows.num_classes, "metrics": rows.metrics}
        arrays["classes"] = _narrow(rows.classes[last])
        if rows.labels is not None:
            arrays["labels"] = _narrow(rows.labels[last])
        if rows.probabilities is not None:
            arrays["probabilities"] = rows.probabilities[last].astype(np.float16)
        if samples.dtype.kind == "i":
            arrays["first"], arrays["steps"] = samples[:1], _narrow(np.diff(samples))
        else:
            arrays["samples"] = samples
    file = io.BytesIO()
    arrays["facts"] = np.frombuffer(json.dumps(facts).encode(), np.uint8)
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # none of the names is an option's
    return file.getvalue()


def _unpacked(content: bytes) -> tuple[Rows | None, str | None]:
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        facts = json.loads(arrays["facts"].tobytes())
        if "classes" not in arrays:
            return None, facts["fault"]
        ids = "first" in arrays
        samples = np.cumsum(np.append(arrays["first"], arrays["steps"].astype(np.int64))) if ids else arrays["samples"]
        labels = arrays["labels"].astype(np.int64) if "labels" in arrays else None
        probabilities = arrays["probabilities"].astype(np.float32) if "probabilities" in arrays else None
        classes = arrays["classes"].astype(np.int64)
        rows = Rows(samples, classes, labels, probabilities, facts["num_classes"], facts["metrics"])
        return rows, facts["fault"]


def _merged(parts: list[Rows]) -> Rows | None:
    """Return the rows of all ranks, each sample once."""
    if not parts:
        return None
    samples, last = _last_of_each(np.concatenate([part.samples for part in parts]))
    classes = np.concatenate([part.classes for part in parts])[last]
    labels = [part.labels for part in parts if part.labels is not None]
    truth = np.concatenate(labels)[last] if len(labels) == len(parts) else None
    shares = [part.probabilities for part in parts if part.probabilities is not None]
    probabilities = np.concatenate(shares)[last] if len(shares) == len(parts) else None
    metrics = {}
    losses = [(part.metrics["loss"], len(part.samples)) for part in parts if "loss" in part.metrics]
    if losses:
        metrics["loss"] = float(np.average([loss for loss, _ in losses], weights=[rows for _, rows in losses]))
    if truth is not None and (truth >= 0).any():
        metrics["accuracy"] = float(np.mean(classes[truth >= 0] == truth[truth >= 0]))
    num_classes = next((part.num_classes for part in parts if part.num_classes is not None), None)
    return Rows(samples, classes, truth, probabilities, num_classes, metrics)


def _last_of_each(samples: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the different samples, ascending, and where each stands last."""
    different, from_the_end = np.unique(samples[::-1], return_index=True)
    return different, len(samples) - 1 - from_the_end


def _narrow(numbers: NDArray[np.int64]) -> NDArray[np.signedinteger[Any]]:
    """Return the numbers in as few bytes each as they fit in."""
    reach = max(abs(int(numbers.min(initial=0))), int(numbers.max(initial=0)))
    return numbers.astype(np.min_scalar_type(-reach - 1))
