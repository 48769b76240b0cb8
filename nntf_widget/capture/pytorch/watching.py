"""`watch`: the fingerprint of an ordinary PyTorch training loop, from the forward passes that it makes anyway."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from os import PathLike
from types import TracebackType
from typing import Any
from weakref import WeakKeyDictionary, ref

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader
from typing_extensions import Self

from nntf_widget.capture.pytorch.dataset import check_loader, dataset_classes, sample_ids
from nntf_widget.capture.pytorch.in_flight import Batch, InFlight, Prediction
from nntf_widget.capture.pytorch.known import Known
from nntf_widget.capture.pytorch.labels import Labels, Where
from nntf_widget.capture.pytorch.loader import PassId, tap
from nntf_widget.capture.pytorch.nesting import tensors_of, version_of
from nntf_widget.capture.pytorch.outputs import Rows, Tally, scores_of
from nntf_widget.capture.pytorch.replay import Call, Forward, batches_of, undisturbed
from nntf_widget.fingerprint import Fingerprint

SILENT_PASSES = 3
"""Passes in a row without a call of the model before that is a fault: two may be for the mean and the deviation."""


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
    labels: Where | None = None,
    forward: Forward | None = None,
    log: str | PathLike[str] | None = None,
    strict: bool = False,
    fingerprint: Fingerprint | None = None,
) -> Watch:
    """Watch a training: the loop over `loader` stays as it is, and each pass becomes a snapshot.

    A sample's prediction is the one that `model` made when the sample's batch went through it. There is no second
    forward pass, and no waiting for the device before the pass is over. Samples are told apart by their index in the
    dataset, so shuffling does not matter. A sample that came twice has its last prediction; one that did not come keeps
    its class, and is counted in `Watch.unseen`. For samples that have no class at the first snapshot (``drop_last``,
    weighted sampling), the model is run once, as with `exact`.

    A forward pass is of the batch whose tensors it got: the very objects, views of them, or equal numbers after a move
    to the device, a cast or a reshape. Of several passes of one batch, as of two augmentations that the dataset makes,
    the last counts. A pass on anything else is not looked at, and batches may be taken ahead or skipped. A batch that
    the loop itself changes (augmentation, normalisation) is recognised as long as the loop takes one at a time and
    makes one forward pass of it, with its samples in their order; else it is left out and a fault says so, and
    ``exact=True`` with ``forward=`` is the way.

    A pass over the loader that trains nothing (in evaluation mode or without gradients, and no parameter changed) is an
    evaluation: no snapshot of a loader that is trained on. Of one that never is, as a validation loader, an evaluation
    is a snapshot if the model has changed since the one before, or since `watch`. A pass left early (``break``) is a
    snapshot too.

    Where a batch has labels, the snapshot has the metrics "loss" and "accuracy" over the rows predicted. The loss is
    the mean cross-entropy of the scores, taken as logits or log-probabilities, or as probabilities where no row
    contradicts it.

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
        After each pass, predict the whole dataset once more, in evaluation mode, as the paper does: before the last
        step where the loop takes batches ahead. Modes, batch statistics and random states are afterwards as before.
        Only what a dataset itself counts moves on.
    every : int or str
        A snapshot every so many passes, or, as "500 steps", every so many batches. With any but 1, the views speak of
        snapshots, not of epochs.
    reduce : callable, optional
        From the model's output to scores of shape (B, K) or integer class ids of shape (B,): for outputs with more axes
        (a class for each token or pixel), or where another than the first tensor is meant.
    index : callable, optional
        From a batch to the ids of its samples (integers or strings): for an IterableDataset, or where the sampler does
        not yield indices. The samples are then those of the first pass.
    labels : str, int or callable, optional
        Where a batch has its labels: a key, a position, or a function of the batch. They are of shape (B,), or (B, K)
        for shares of the classes, of which one above a half counts as the class. By default what is under "labels",
        "label", "label_ids", "targets", "target" or "y", else the one tensor of a class for each sample; where several
        may be the labels, a fault names them, and there are none. What equals the sample ids is never taken.
    forward : callable, optional
        From the model and a batch to the model's output: how `exact` runs it. By default as the loop was seen to do,
        as long as it passes the batch's own tensors (moved, cast, reshaped).
    log : str or path, optional
        Where to keep the run on disk as it goes, as for `Fingerprint`.
    strict : bool
        Raise faults of the capture instead of reporting them. For tests.
    fingerprint : Fingerprint, optional
        The run to record into, made before: then it has the names, the log and the strictness.

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
        labels=labels,
        forward=forward,
        log=log,
        strict=strict,
        fingerprint=fingerprint,
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
        For each snapshot, how many samples were not predicted since the one before.
    incomplete : list of int
        The snapshots in whose time a fault of the capture was reported.
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
        labels: Where | None,
        forward: Forward | None,
        log: str | PathLike[str] | None,
        strict: bool,
        fingerprint: Fingerprint | None,
    ) -> None:
        if not isinstance(model, nn.Module):
            raise TypeError(f"model is a {type(model).__name__}; expected a torch.nn.Module")
        check_loader(loader, exact=exact, index=index)
        self._passes_due, self._steps_due = _interval(every)
        unit = "epoch" if self._passes_due == 1 else "snapshot"
        self.samples: NDArray[Any] | None = None if index else sample_ids(loader)
        if fingerprint is None:
            names = class_names if class_names is not None else dataset_classes(loader.dataset, num_classes)
            fingerprint = Fingerprint(num_classes, names, unit=unit, log=log, strict=strict)
        elif class_names is not None or num_classes is not None or log is not None or strict:
            raise ValueError(
                "fingerprint has its own class_names, num_classes, log and strict; expected none beside it"
            )
        elif unit != "epoch":
            fingerprint.unit = unit
        self.fingerprint = fingerprint
        self.unseen: list[int] = []
        self.incomplete: list[int] = []
        self._model_name = type(model).__name__
        self._model = ref(model)  # a run that is still looked at keeps no model in memory
        self._exact, self._reduce, self._index, self._forward = exact, reduce, index, forward
        self._labels = Labels(labels, loader.dataset)
        self._call: Call | None = None
        self._tally = Tally()
        self._known: Known | None = None
        self._pass_by_id: WeakKeyDictionary[PassId, _Pass] = WeakKeyDictionary()
        self._under_way: list[_Pass] = []  # the innermost last
        self._steps = self._passes = self._silent_passes = 0
        self._version = _version(model)
        self._is_trained_on = self._has_learned = self._is_predicting = self._faulted = False
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
            while self._under_way:
                self._break_off(self._under_way[-1])

    def to_html(self, path: str | PathLike[str]) -> None:
        """Write the run as one HTML file, as `Fingerprint.to_html` does."""
        self.fingerprint.to_html(path)

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

    def batch_begins(self, which: PassId, indices: Any, batch: Any) -> None:
        """Expect the model's prediction of the batch; record a snapshot if one is due after so many steps."""
        this = self._resumed(which)
        if this.has_ended:
            return
        ids = self._index(batch) if self._index else indices
        if ids is None:
            raise LookupError("the loader does not use its sampler; expected index=, from a batch to its sample ids")
        ids = [ids] if isinstance(ids, (int, str)) else ids
        taken = Batch(batch, ids, self._labels_of(batch, ids))
        if self._call is None:
            taken.note_versions()
        self._count(this, this.in_flight.take(taken))
        if self._steps_due:
            self._take_in(this, self._under_way[:-1])
            self._record_after_steps()

    def pass_ends(self, which: PassId, complete: bool) -> None:  # noqa: FBT001 - as the tap calls it
        """Record a snapshot if one is due after so many steps or passes.

        Where the loop takes batches ahead, and has them all, the last of its calls are awaited.
        """
        if which not in self._pass_by_id or self._pass_by_id[which].has_ended:
            return
        this = self._resumed(which)
        self._count(this, this.in_flight.end(complete=complete))
        if this.in_flight:
            this.is_over = True
        else:
            self._end_pass(this, complete=complete)

    def _resumed(self, which: PassId) -> _Pass:
        """Return a pass as the innermost; those that were begun within it are over."""
        this = self._pass_by_id.get(which)
        if this is None:
            if self._under_way and self._under_way[-1].is_over:
                self._break_off(self._under_way[-1])
            this = self._pass_by_id[which] = _Pass(_version(self._model()), logits_seen=self._tally.logits_seen)
            self._under_way.append(this)
        while not this.has_ended and self._under_way[-1] is not this:
            if self._under_way[-1].trains:
                self.report(LookupError("two trainings over the loader take turns; expected one at a time"))
            self._break_off(self._under_way[-1])
        return this

    def report(self, error: Exception) -> None:
        """Report a fault of the capture; the training goes on."""
        self._faulted = True
        self.fingerprint.report("Capture", error)

    def _labels_of(self, batch: Any, ids: Any) -> Tensor | None:
        try:
            return self._labels.of(batch, ids)
        except Exception as error:  # noqa: BLE001 - without labels, predictions are as good
            self.fingerprint.report("Reading the labels", error)
            return None

    def _break_off(self, this: _Pass) -> None:
        """End a pass that goes on no more: its loop was left, or its last calls did not come."""
        try:
            if not this.is_over:
                self._count(this, this.in_flight.end(complete=False))
            self._end_pass(this, complete=this.is_over)
        except Exception as error:  # noqa: BLE001 - no fault of ours may end somebody's training
            self.report(error)

    def _end_pass(self, this: _Pass, *, complete: bool) -> None:
        this.has_ended = True
        depth = self._under_way.index(this)
        del self._under_way[depth]
        is_counted = self._take_in(this, self._under_way[:depth])
        if is_counted and this.in_flight.lost and not self._exact:
            self.report(LookupError(f"for {this.in_flight.lost} batches, {this.in_flight.why_lost}"))
        elif complete and not this.captured:
            self._report_silence(this)
        if not is_counted or not this.captured:
            return
        self._version, self._has_learned, self._silent_passes = _version(self._model()), False, 0
        self._record_after_steps()
        self._passes += 1
        first_by_steps = self._steps_due and self.samples is None
        if first_by_steps or (self._passes_due and self._passes >= self._passes_due):
            self._record()

    def _take_in(self, this: _Pass, outers: list[_Pass]) -> bool:
        """Take in what was predicted so far in a pass, if it counts: return whether it does.

        Within others, a pass that counts shows that those have been left.
        """
        trained = self._is_training(this)
        self._is_trained_on |= trained or any(map(self._is_training, outers))
        has_changed = self._has_learned or _version(self._model()) != self._version
        if not trained and (self._is_trained_on or not has_changed):
            return False
        for outer in outers if this.captured else []:
            self._break_off(outer)
        self._tally.absorb(this.tally)
        self._steps, this.steps = self._steps + this.steps, 0
        return True

    def _is_training(self, this: _Pass) -> bool:
        """Return whether a call of a pass trained, or the model has changed since it began."""
        called = this.trains if self._exact else this.in_flight.is_trained
        return called or _version(self._model()) != this.version

    def _report_silence(self, this: _Pass) -> None:
        """Report that a pass gave no prediction, unless it was not meant to."""
        self._silent_passes += this.misfit is None
        has_learned = this.trains or _version(self._model()) != this.version
        if has_learned or self._silent_passes == SILENT_PASSES:
            self.report(
                LookupError(
                    f"no forward pass of the watched {self._model_name} gave a prediction for a batch of the "
                    f"loader: {this.misfit or 'it was not called'}. Watch the very object that the loop calls"
                )
            )

    def _record_after_steps(self) -> None:
        if self._steps_due and self._steps >= self._steps_due and self.samples is not None:
            self._record()

    def _forwarded(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> None:
        trains = module.training and torch.is_grad_enabled()
        self._has_learned |= trains
        passes = [this for this in self._under_way if this.in_flight]
        if not passes:
            return
        open_batches = [batch for this in reversed(passes) for batch in reversed(this.in_flight.open)]
        for batch in open_batches:
            rows = len(batch.ids)
            scores = scores_of(output, rows, self._reduce)
            if scores is not None:
                break
        else:
            passes[-1].misfit = f"it returned {_shapes(output)} for a batch of {len(open_batches[0].ids)}"
            passes[-1].trains |= trains
            return
        tensors = tensors_of((args, kwargs))
        inputs = [tensor for tensor in tensors if tensor.ndim and len(tensor) == rows] or tensors
        owner = next((batch for batch in open_batches if batch.owns(inputs)), None)
        replays = {}
        for batch in open_batches:
            batch.keep_labels()
            if self._call is None and self._forward is None and batch.content is not None and owner in {None, batch}:
                replays[batch] = Call(batch.content, args, kwargs, is_changed=batch.is_changed())
        prediction = Prediction(inputs, self._tally.copy_of(scores), trains=trains, owner=owner, replays=replays)
        this = passes[-1]
        if len(passes) > 1:
            this = self._pass_of(prediction, passes)
        this.trains |= trains
        if self._exact:  # that there was a call is enough
            batch = prediction.owner or this.in_flight.open[-1]
            this.captured += not batch.is_counted
            this.steps += not batch.is_counted
            batch.is_counted = True
        self._count(this, this.in_flight.add(prediction))
        if this.is_over and not this.in_flight:
            self._end_pass(this, complete=True)

    def _pass_of(self, prediction: Prediction, passes: list[_Pass]) -> _Pass:
        """Return which of several passes, one within the other, a prediction is of; the innermost if nothing tells."""
        if prediction.owner is None:
            prediction.compare([batch for this in reversed(passes) for batch in this.in_flight.open])
            whole, _ = prediction.matches()  # waits for the device
            prediction.owner = whole[0] if whole else None
        for this in reversed(passes):
            if prediction.owner in this.in_flight.open:
                return this
        passes[-1].in_flight.spoil()
        return passes[-1]

    def _missed(self, error: Exception) -> None:
        """Report a call that was not taken in."""
        if self._under_way:
            self._under_way[-1].in_flight.spoil()
        self.report(error)

    def _count(self, this: _Pass, batches: list[Batch]) -> None:
        """Take in batches whose prediction is decided."""
        for batch in batches:
            prediction = batch.prediction
            assert prediction is not None, "it is decided"
            batch.prediction = None  # each holding the other, they would stay until the garbage collector comes
            try:
                if not self._exact:
                    this.tally.add(batch.ids, prediction.scores, batch.labels)
            except Exception as error:  # noqa: BLE001 - the others count
                self.report(error)
                continue
            self._call = self._call or prediction.replays.get(batch)
            this.captured += not self._exact
            this.steps += not self._exact

    def _record(self) -> None:
        self._passes = self._steps = 0
        rows = self._predict(self.samples) if self._exact else self._tally.rows()
        if self.samples is None:
            self.samples = np.unique(rows.samples)
        self._known = known = self._known or Known(self.samples, self.report)
        num_classes = rows.num_classes or self.fingerprint.num_classes
        seen = known.take(rows, num_classes)
        if len(known.unpredicted) and self._index is None and not self._exact:
            known.take(self._predict(known.unpredicted), num_classes)
        if missing := len(known.unpredicted):
            raise ValueError(f"{missing} of {len(self.samples)} samples have no prediction yet; no snapshot before")
        self._update(rows, known)
        self.unseen.append(len(self.samples) - seen)
        if self._faulted:
            self.incomplete.append(len(self.fingerprint) - 1)
            self._faulted = False

    def _update(self, rows: Rows, known: Known) -> None:
        run = self.fingerprint
        if run.num_classes is None and rows.num_classes is not None:
            run.num_classes = rows.num_classes
        if rows.num_classes not in {None, run.num_classes}:
            raise ValueError(f"the model gives {rows.num_classes} scores; expected num_classes = {run.num_classes}")
        run.update(known.classes, known.labels, rows.metrics)

    def _predict(self, samples: Any) -> Rows:
        """Return fresh predictions of these samples, made in evaluation mode."""
        forward = self._forward or (self._call.run if self._call else None)
        if forward is None:
            raise ValueError(
                "no call of the model with a batch as it came was seen, which could be made again for other samples; "
                "pass forward=, a function from the model and a batch to the model's output"
            )
        model, loader = self._model(), self._tap.loader
        assert model is not None, "it has just been called"
        assert loader is not None, "it has just been gone through"
        size = loader.batch_size or (self._call.batch_size if self._call else 256)
        self._is_predicting = True
        try:
            with undisturbed(model):
                for ids, batch in batches_of(loader, samples, size):
                    output = forward(model, batch)
                    scores = scores_of(output, len(ids), self._reduce)
                    if scores is None:
                        raise ValueError(f"the model gives {_shapes(output)} for {len(ids)} samples")
                    self._tally.add(ids, self._tally.copy_of(scores), self._labels_of(batch, ids))
        finally:
            self._is_predicting = False
        return self._tally.rows()


class _Pass:
    """A pass over the loader that is under way.

    Attributes
    ----------
    version : int
        The model's, when it began.
    captured, steps : int
        How many batches have a prediction, or were called with; how many of these are not yet steps of the watch.
    misfit : str or None
        What the model returned that is no prediction for a batch.
    trains : bool
        Whether the model was called in training mode, with gradients, on whatever.
    is_over, has_ended : bool
        Whether the loader is exhausted, and calls are awaited; whether nothing is awaited any more.
    """

    def __init__(self, version: int, *, logits_seen: bool) -> None:
        self.version = version
        self.in_flight = InFlight()
        self.tally = Tally(logits_seen=logits_seen)
        self.captured = self.steps = 0
        self.misfit: str | None = None
        self.trains = self.is_over = self.has_ended = False


class _Hook(partial[None]):
    """`_see` with its watch. A copy of the model, or a pickle, has in its place a function that does nothing."""

    def __reduce__(self) -> Any:
        return (getattr, (nullcontext(), "__exit__"))


@torch.compiler.disable  # type: ignore[untyped-decorator]  # where a compiler meets it between two graphs
def _see(watched: Watch, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> None:
    if watched._is_predicting or module is not watched._model():  # noqa: SLF001 - a method but for its decorators
        return
    try:
        watched._forwarded(module, args, kwargs, output)  # noqa: SLF001
    except Exception as error:  # noqa: BLE001 - no fault of ours may end somebody's training
        watched._missed(error)  # noqa: SLF001


@torch.compiler.substitute_in_graph(_see)  # where it meets it within a graph: to break one may be an error
def _see_nothing(watched: Watch, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> None:
    pass


def _version(model: nn.Module | None) -> int:
    """Return a number that grows when an optimizer, or anything else, writes into the model's parameters."""
    return sum(map(version_of, model.parameters())) if model is not None else 0


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


def _shapes(output: Any) -> str:
    """Say what a model returned, for an error."""
    if isinstance(output, Tensor):
        return f"shape {tuple(output.shape)}"
    items = output.values() if isinstance(output, Mapping) else output if isinstance(output, (tuple, list)) else []
    return f"a {type(output).__name__} of {[_shapes(item) for item in items]}"
