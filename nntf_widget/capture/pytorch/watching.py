"""`watch`: the fingerprint of an ordinary PyTorch training loop, from the forward passes that it makes anyway."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from os import PathLike
from types import TracebackType
from typing import Any
from weakref import ref

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.utils.data import DataLoader
from typing_extensions import Self

from nntf_widget.capture.pytorch.dataset import check_loader, dataset_classes, sample_ids
from nntf_widget.capture.pytorch.handed_out import HandedOut
from nntf_widget.capture.pytorch.known import Known
from nntf_widget.capture.pytorch.loader import tap
from nntf_widget.capture.pytorch.outputs import Rows, Tally, labels_of, scores_of, shapes_of
from nntf_widget.capture.pytorch.ranks import Ranks, is_first, one_rank_can_run
from nntf_widget.capture.pytorch.replay import Call, Forward, batches_of, undisturbed
from nntf_widget.fingerprint import Fingerprint
from nntf_widget.samples import Samples


def watch(  # noqa: PLR0913 - each has a default; most loops need none
    model: nn.Module,
    loader: DataLoader[Any],
    *,
    class_names: Sequence[str] | None = None,
    num_classes: int | None = None,
    exact: bool = False,
    every: int | str = 1,
    reduce: Callable[[Any], Any] | None = None,
    index: Callable[[Any], Any] | None = None,
    forward: Forward | None = None,
    log: str | PathLike[str] | None = None,
    strict: bool = False,
    fingerprint: Fingerprint | None = None,
    samples: Any = None,
) -> Watch:
    """Watch a training: the loop over `loader` stays as it is, and each pass becomes a snapshot.

    A sample's prediction is the one that `model` made when the sample's batch went through it: the first forward pass
    after the loader handed the batch out. A loop may take batches ahead, as Hugging Face's Trainer does to accumulate
    gradients, as long as it keeps them as they came until it uses them. There is no second forward pass, and no waiting
    for the device before the pass is over. Samples are told apart by their index in the dataset, so shuffling does not
    matter. A sample that came twice has its last prediction; one that did not come keeps its class, and is counted in
    `Watch.unseen`. For samples that have no class at the first snapshot (``drop_last``, weighted sampling), the model
    is run once, as with `exact`.

    In a distributed training (``torch.distributed``: DDP, by torchrun or Lightning) every rank watches its own shard
    and rank 0 has the fingerprint of all samples; the others have none, and write no log. An epoch sends, by way of the
    store in which the ranks found each other, about 3 bytes a sample with 10 classes and 5 with 1000; there is no
    collective. A sample at several ranks, as a sampler's padding, counts once, with the highest rank's prediction.
    Where nothing comes from a rank within 10 s, the snapshot is made without it and is among `Fingerprint.incomplete`.

    A pass left early (``break``) is a snapshot too. Forward passes on other data, as in a validation loop, are not
    looked at; watch the validation loader for a fingerprint of its own.

    Labels are the batch's second item, or what it has under "labels", "label", "targets", "target" or "y". Where there
    are any, the snapshot has the metrics "loss" and "accuracy" over the rows predicted. The loss is the mean
    cross-entropy of the scores, taken as logits or log-probabilities, or as probabilities where no row contradicts it.
    Once every sample has a label, the probabilities of the true classes go into `Fingerprint.training_map`.

    Parameters
    ----------
    model : nn.Module
        The object that the loop calls; a compiled or wrapped model rather than the one inside. It may return a tensor,
        a tuple, a mapping or an object with ``logits``: scores of shape (B, K), or (B,) or (B, 1) for two classes,
        where a logit above 0 or a probability above 0.5 is class 1. They count as probabilities as long as all lie in
        [0, 1].
    loader : DataLoader
    class_names : sequence of K different str, optional
        By default ``loader.dataset.classes`` where that is such a list, else "0", "1", ….
    num_classes : int, optional
        K. By default the number of names, or the number of scores.
    exact : bool
        After each pass, predict the whole dataset once more, in evaluation mode, as the paper does. Modes, batch
        statistics and random states are afterwards as before. Only what a dataset itself counts moves on.
    every : int or str
        A snapshot every so many passes, or, as "500 steps", every so many batches.
    reduce : callable, optional
        From the model's output to scores of shape (B, K) or integer class ids of shape (B,): for outputs with more axes
        (a class for each token or pixel), or where another than the first tensor is meant.
    index : callable, optional
        From a batch to the ids of its samples (integers or strings): for an IterableDataset, or where the sampler does
        not yield indices. The samples are then those of the first pass.
    forward : callable, optional
        From the model and a batch to the model's output: how `exact` runs it. By default as the loop was seen to do,
        as long as it passes the batch's own tensors (moved, cast, reshaped).
    log : str or path, optional
        Where to keep the run on disk as it goes, as for `Fingerprint`.
    strict : bool
        Raise faults of the capture instead of reporting them. For tests.
    fingerprint : Fingerprint, optional
        The run to record into, made before: then it has the names, the log and the strictness.
    samples : array, sequence or callable, optional
        What the samples look like, by their index in the dataset or what `index` gives: pictures, texts, or a function
        from the index to either, as for `Fingerprint.samples`.

    Returns
    -------
    Watch
        Displays as the widget; ``.fingerprint`` has the arrays.

    Raises
    ------
    TypeError, ValueError
        Arguments that do not fit; model and loader stay as they were.

    Examples
    --------
    >>> import nntf_widget as nntf, torch
    >>> from torch.utils.data import DataLoader, TensorDataset
    >>> x = torch.randn(64, 5)
    >>> loader = DataLoader(TensorDataset(x, (x.sum(1) > 0).long()), batch_size=16, shuffle=True)
    >>> model = torch.nn.Linear(5, 2)
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    >>> run = nntf.watch(model, loader)
    >>> for epoch in range(3):
    ...     for x, y in loader:
    ...         optimizer.zero_grad()
    ...         torch.nn.functional.cross_entropy(model(x), y).backward()
    ...         optimizer.step()
    >>> run.fingerprint
    <Fingerprint snapshots=3 samples=64 classes=2>
    """
    return Watch(
        model,
        loader,
        class_names=class_names,
        num_classes=num_classes,
        exact=exact,
        every=every,
        reduce=reduce,
        index=index,
        forward=forward,
        log=log,
        strict=strict,
        fingerprint=fingerprint,
        samples=samples,
    )


class Watch:
    """A training being watched; what `watch` returns.

    As a context manager it detaches at the end of the block.

    Attributes
    ----------
    fingerprint : Fingerprint
    samples : ndarray of shape (N,), or None
        The sample ids, in the order of the fingerprint: dataset indices, or what ``index=`` gave. None before the first
        snapshot where only ``index=`` knows them.
    unseen : list of int
        For each snapshot that was taken, how many samples were not predicted since the one before.
    """

    def __init__(  # noqa: PLR0913 - as `watch`
        self,
        model: nn.Module,
        loader: DataLoader[Any],
        *,
        class_names: Sequence[str] | None,
        num_classes: int | None,
        exact: bool,
        every: int | str,
        reduce: Callable[[Any], Any] | None,
        index: Callable[[Any], Any] | None,
        forward: Forward | None,
        log: str | PathLike[str] | None,
        strict: bool,
        fingerprint: Fingerprint | None,
        samples: Any,
    ) -> None:
        if not isinstance(model, nn.Module):
            raise TypeError(f"model is a {type(model).__name__}; expected a torch.nn.Module")
        check_loader(loader, exact=exact, index=index)
        self._passes_due, self._steps_due = _interval(every)
        self.samples: NDArray[Any] | None = None if index else sample_ids(loader)
        if fingerprint is None:
            names = class_names if class_names is not None else dataset_classes(loader.dataset, num_classes)
            fingerprint = Fingerprint(num_classes, names, log=log if is_first() else None, strict=strict)
        elif class_names is not None or num_classes is not None or log is not None or strict:
            raise ValueError(
                "fingerprint has its own class_names, num_classes, log and strict; expected none beside it"
            )
        if samples is not None:
            fingerprint.samples = self._by_place(samples)
        self.fingerprint = fingerprint
        self.unseen: list[int] = []
        self._model_name = type(model).__name__
        self._model = ref(model)  # a run that is still looked at keeps no model in memory
        self._exact, self._reduce, self._index, self._forward = exact, reduce, index, forward
        self._call: Call | None = None
        self._tally = Tally()
        self._known: Known | None = None
        self._handed_out = HandedOut()
        self._is_over = False
        self._captured = self._steps = self._passes = self._due = 0
        self._misfit = "it was not called"
        self._fault: str | None = None
        self._ranks: Ranks | None = None
        self._hook = model.register_forward_hook(_Hook(_see, self), with_kwargs=True)
        self._tap = tap(loader)
        self._tap.add(self)
        self._attached = True

    def detach(self) -> None:
        """Stop watching. Model and loader are as they were; a pass under way becomes the last snapshot."""
        if self._attached:
            self._attached = False
            self._hook.remove()
            self._tap.remove(self)
            self._end_if_over()

    def to_html(self, path: str | PathLike[str]) -> None:
        """Write the run as one HTML file, as `Fingerprint.to_html` does."""
        self.fingerprint.to_html(path)

    def to_png(self, path: str | PathLike[str]) -> None:
        """Write the run's last state as a PNG picture, as `Fingerprint.to_png` does."""
        self.fingerprint.to_png(path)

    def to_svg(self, path: str | PathLike[str]) -> None:
        """Write the run's last state as an SVG picture, as `Fingerprint.to_svg` does."""
        self.fingerprint.to_svg(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.detach()

    def __repr__(self) -> str:
        """Return what is watched, in a line."""
        state = "watching" if self._attached else "detached from"
        return f"<Watch {state} {self._model_name}: {self.fingerprint!r}>"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.fingerprint._repr_mimebundle_(**options)

    def batch_begins(self, indices: Any, batch: Any) -> None:
        """Record a snapshot if one is due after so many steps; expect the model's prediction of the batch."""
        self._end_if_over()
        self._record_after_steps()
        newest = self._handed_out.add(batch)
        ids = self._index(batch) if self._index else indices
        if ids is None:
            raise LookupError("the loader does not use its sampler; expected index=, from a batch to its sample ids")
        newest.ids = [ids] if isinstance(ids, (int, str)) else ids
        newest.labels = labels_of(batch, len(newest.ids))

    def pass_ends(self, complete: bool) -> None:  # noqa: FBT001 - the one argument
        """Record a snapshot if one is due after so many steps or passes.

        Where the loop takes batches ahead, the last ones are yet to come.
        """
        if complete and self._handed_out and self._handed_out.ahead:
            self._is_over = True
        else:
            self._end_pass(complete)

    def report(self, error: Exception) -> None:
        """Report a fault of the capture; the training goes on."""
        self._fault = self._fault or f"{type(error).__name__}: {error}"
        self.fingerprint.capture_failed(error)

    def _end_if_over(self) -> None:
        if not self._is_over:
            return
        try:
            self._end_pass(complete=True)
        except Exception as error:  # noqa: BLE001 - no fault of ours may end somebody's training
            self.report(error)

    def _end_pass(self, complete: bool) -> None:  # noqa: FBT001 - as pass_ends
        self._is_over = False
        self._handed_out.clear()
        captured, self._captured = self._captured, 0
        if not captured and not complete and not self._fault:
            return  # somebody has looked at a batch
        if complete and not captured:
            self.report(
                LookupError(
                    f"no forward pass of the watched {self._model_name} gave a prediction for a batch of the "
                    f"loader: {self._misfit}. Watch the very object that the loop calls"
                )
            )
        self._record_after_steps()
        self._passes += 1
        first_by_steps = self._steps_due and self.samples is None
        if first_by_steps or (self._passes_due and self._passes >= self._passes_due):
            self._record()

    def _record_after_steps(self) -> None:
        if self._steps_due and self._steps >= self._steps_due and self.samples is not None:
            self._record()

    def _forwarded(self, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> None:
        batch = self._handed_out.called_with(args, kwargs)
        if batch.ids is None:  # which has been reported
            self._handed_out.used(batch)
            return
        batch.tried = True
        rows = len(batch.ids)
        scores = scores_of(output, rows, self._reduce)
        if scores is None:
            self._misfit = f"it returned {shapes_of(output)} for a batch of {rows}"
            return
        self._handed_out.used(batch)
        if self._call is None and self._forward is None and batch.content is not None:
            self._call = Call(batch.content, args, kwargs)
        if not self._exact:
            self._tally.add(batch.ids, scores, batch.labels)
        self._captured += 1
        self._steps += 1
        if self._is_over and not self._handed_out:
            self._end_pass(complete=True)

    def _record(self) -> None:
        steps, self._steps, self._passes = self._steps, 0, 0
        self._due += 1
        rows = self._rows(steps)
        if rows is None:
            return
        if self.samples is None:
            self.samples = np.unique(rows.samples)
        self._known = known = self._known or Known(self.samples, self.report)
        seen = known.take(rows)
        if len(known.unpredicted) and self._index is None and not self._exact:
            known.take(self._predict(known.unpredicted))
        if missing := len(known.unpredicted):
            raise ValueError(f"{missing} of {len(self.samples)} samples have no prediction yet; no snapshot before")
        self._update(rows, known)
        self.unseen.append(len(self.samples) - seen)
        self._fault = None

    def _rows(self, steps: int) -> Rows | None:
        """Return what was predicted in so many steps: at rank 0 by all ranks, at the others None."""
        self._ranks = ranks = self._ranks or Ranks.of_this_training()
        if ranks is None:
            return self._own_rows(steps, 0, 1)
        try:
            own = self._own_rows(steps, ranks.rank, ranks.count)
        except Exception as error:  # noqa: BLE001 - the other ranks' snapshot is not lost with this one's part
            self.report(error)
            own = None
        if ranks.rank:
            fault, self._fault = self._fault, None
            ranks.send(self._due, own, fault)
            return None
        rows, faults = ranks.gather(self._due, own)
        for fault in faults:
            self.report(RuntimeError(fault))
        return rows

    def _own_rows(self, steps: int, rank: int, ranks: int) -> Rows | None:
        if not steps:
            return None
        if self._exact:
            assert self.samples is not None, "exact needs a dataset with indices"
            return self._predict(self.samples[rank::ranks])
        return self._tally.rows()

    def _update(self, rows: Rows, known: Known) -> None:
        run = self.fingerprint
        if run.num_classes is None and rows.num_classes is not None:
            run.num_classes = rows.num_classes
        if rows.num_classes not in {None, run.num_classes}:
            raise ValueError(f"the model gives {rows.num_classes} scores; expected num_classes = {run.num_classes}")
        run.update(known.classes, known.labels, rows.metrics, probabilities=known.probabilities)

    def _by_place(self, samples: Any) -> Any:
        """Return `samples`, which go by their ids, in the order of the fingerprint."""
        given, ids = Samples(samples), self.samples
        if ids is not None and not given.is_function:
            if len(given) <= ids[-1]:
                raise ValueError(f"samples has {len(given)} items; expected {ids[-1] + 1}, as many as the dataset")
            if len(given) == len(ids):
                return samples
        look_up = samples if given.is_function else samples.__getitem__
        return lambda place: look_up(self.samples[place].item())  # type: ignore[index]  # known with the first snapshot

    def _predict(self, samples: Any) -> Rows:
        """Return fresh predictions of these samples, made in evaluation mode."""
        forward = self._forward or (self._call.run if self._call else None)
        assert forward is not None, "a snapshot comes after a forward pass"
        watched, loader = self._model(), self._tap.loader
        assert watched is not None, "it has just been called"
        assert loader is not None, "it has just been gone through"
        model = one_rank_can_run(watched)
        if model is None:
            raise ValueError(f"{self._model_name} is in shards (FSDP), which no rank can run alone, as this needs")
        size = loader.batch_size or (self._call.batch_size if self._call else 256)
        tally = Tally(logits_seen=self._tally.logits_seen)
        with undisturbed(model), self._not_looking():
            for ids, batch in batches_of(loader, samples, size):
                output = forward(model, batch)
                scores = scores_of(output, len(ids), self._reduce)
                if scores is None:
                    raise ValueError(f"the model gives {shapes_of(output)} for {len(ids)} samples")
                tally.add(ids, scores, labels_of(batch, len(ids)))
        rows = tally.rows()
        self._tally.logits_seen = tally.logits_seen
        return rows

    @contextmanager
    def _not_looking(self) -> Iterator[None]:
        """Let forward passes of our own go unnoticed."""
        waiting, self._handed_out = self._handed_out, HandedOut()
        try:
            yield
        finally:
            self._handed_out = waiting


class _Hook(partial[None]):
    """`_see` with its watch. A copy of the model, or a pickle, has in its place a function that does nothing."""

    def __reduce__(self) -> Any:
        return (getattr, (nullcontext(), "__exit__"))


@torch.compiler.disable  # type: ignore[untyped-decorator]  # where a compiler meets it between two graphs
def _see(watched: Watch, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> None:
    if not watched._handed_out or module is not watched._model():  # noqa: SLF001 - a method but for its decorators
        return
    try:
        watched._forwarded(args, kwargs, output)  # noqa: SLF001
    except Exception as error:  # noqa: BLE001 - no fault of ours may end somebody's training
        watched.report(error)


@torch.compiler.substitute_in_graph(_see)  # where it meets it within a graph: to break one may be an error
def _see_nothing(watched: Watch, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> None:
    pass


def _interval(every: Any) -> tuple[int, int]:
    """Return (passes, steps) between snapshots, one of them 0."""
    steps = re.fullmatch(r"([1-9]\d*) steps?", every) if isinstance(every, str) else None
    if steps:
        return 0, int(steps[1])
    if isinstance(every, bool) or not isinstance(every, (int, str)):
        raise TypeError(f'every is {every!r}; expected a number of passes as an int, or "500 steps"')
    if isinstance(every, str) or every < 1:
        raise ValueError(f'every is {every!r}; expected 1 or more passes, or "500 steps"')
    return every, 0
