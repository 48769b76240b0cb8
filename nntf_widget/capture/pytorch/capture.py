"""The capture of one training: from a loader's passes and a model's calls to the snapshots of a fingerprint."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, finalize, ref

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader

from nntf_widget.caller import users_line
from nntf_widget.capture.pytorch.dataset import check_loader, dataset_classes, sample_ids
from nntf_widget.capture.pytorch.elsewhere import Elsewhere
from nntf_widget.capture.pytorch.hooks import Hook
from nntf_widget.capture.pytorch.in_flight import Batch, InFlight, Prediction
from nntf_widget.capture.pytorch.known import Known
from nntf_widget.capture.pytorch.labels import Labels, Where
from nntf_widget.capture.pytorch.loader import PassId, listeners_of, tap
from nntf_widget.capture.pytorch.nesting import tensors_of, version_of_model
from nntf_widget.capture.pytorch.outputs import SEVERAL, Rows, Tally, scores_of
from nntf_widget.capture.pytorch.replay import Call, Forward, batches_of, undisturbed
from nntf_widget.capture.pytorch.targets import MULTI_LABEL, NotClassesError, check_targets
from nntf_widget.capture.recording import NO_CLASSIFIER, REPLACED
from nntf_widget.checks import checked_metrics
from nntf_widget.fingerprint import Fingerprint, FingerprintWarning

if TYPE_CHECKING:
    from nntf_widget.capture.pytorch.parts import PartCall

SILENT_PASSES = 3
"""Passes in a row without a call of the model before that is a fault: two may be for the mean and the deviation."""

LOADER = "Watching the loader"
"""What has failed where the training goes past it."""


class Capture:
    """Listens to a model and a loader, and updates a fingerprint; what `watch` and the callbacks share.

    Parameters
    ----------
    model : nn.Module
    loader : DataLoader
    exact, every, reduce, index, labels, forward
        As for `watch`.

    Raises
    ------
    TypeError, ValueError
        Arguments that do not fit.

    Attributes
    ----------
    unit : str
        What a snapshot is called.
    samples, unseen, incomplete
        As of `Watch`.
    """

    def __init__(  # noqa: PLR0913 - as `watch`
        self,
        model: nn.Module,
        loader: DataLoader[Any],
        *,
        exact: bool = False,
        every: int | str = 1,
        reduce: Callable[[Any], Any] | None = None,
        index: Callable[[Any], Any] | None = None,
        labels: Where | None = None,
        forward: Forward | None = None,
    ) -> None:
        if not isinstance(model, nn.Module):
            raise TypeError(f"model is a {type(model).__name__}; expected a torch.nn.Module")
        check_loader(loader, exact=exact, index=index)
        self._passes_due, self._steps_due = _interval(every)
        self.unit = "epoch" if self._passes_due == 1 else "snapshot"
        self.samples: NDArray[Any] | None = None if index else sample_ids(loader)
        self.unseen: list[int] = []
        self.incomplete: list[int] = []
        self.model_name = type(model).__name__
        self._model = self._whole = ref(model)  # a run that is still looked at keeps no model in memory
        self._loader = ref(loader)
        self._exact, self._reduce, self._index, self._forward = exact, reduce, index, forward
        self._dataset = loader.dataset
        self._labels = Labels(labels, loader.dataset)
        self._elsewhere = Elsewhere(loader, self.samples)
        self._call: Call | None = None
        self._tally = Tally()
        self._known: Known | None = None
        self._pass_by_id: WeakKeyDictionary[PassId, _Pass] = WeakKeyDictionary()
        self._under_way: list[_Pass] = []  # the innermost last
        self._steps = self._passes = self._silent_passes = 0
        self._metrics: dict[str, float] = {}  # of the snapshot to come
        self._version = version_of_model(model)
        self._is_trained_on = self._has_learned = self._is_predicting = self._faulted = False
        self._are_targets_checked = reduce is not None  # what that gives is of classes, whatever the targets are
        self.is_attached = self._was_begun = False

    def attach(self, fingerprint: Fingerprint) -> None:
        """Begin to listen; the snapshots go to `fingerprint`."""
        model, loader = self._model(), self._loader()
        assert model is not None, "whoever attaches has it"
        assert loader is not None, "and the loader too"
        if self.unit != "epoch":
            fingerprint.unit = self.unit
        fingerprint.ended = None
        self._recorded = ref(fingerprint)  # a run that nobody has any more need not go on, unless it is kept on disk
        self._kept = fingerprint if fingerprint.log is not None else None
        self._end_with_it = finalize(fingerprint, self._abandon)
        self._end_with_it.atexit = False
        self._hook = model.register_forward_hook(Hook(_see, self), with_kwargs=True)
        self._tap = tap(loader)
        self._tap.add(self)
        self.is_attached = True

    def detach(self) -> None:
        """Listen no more. Model and loader are as they were; a pass under way becomes the last snapshot."""
        if self.is_attached:
            self.is_attached = False
            self._end_with_it.detach()
            self._hook.remove()
            self._tap.remove(self)
            if self._recorded() is not None:
                self.end_passes(complete=False)
            self._kept = None

    def _abandon(self) -> None:
        if self._was_begun:  # else the first batch says that nobody has it
            self.detach()

    def replace_earlier(self) -> None:
        """End the captures of the same model and loader that are there already, or whose model is gone."""
        loader = self._loader()
        assert loader is not None, "whoever watches has it"
        for earlier in listeners_of(loader):
            if isinstance(earlier, Capture) and earlier._whole() in {None, self._whole()}:  # noqa: SLF001 - of this class
                earlier.give_way()

    def give_way(self) -> None:
        """End, since another capture has come in the place of this one."""
        self.detach()
        fingerprint = self._recorded()
        if fingerprint is not None:
            fingerprint.ended = REPLACED

    @property
    def is_hearing(self) -> bool:
        """Whether the model is called in a pass that is under way."""
        return any(this.is_heard for this in self._under_way)

    @property
    def _fingerprint(self) -> Fingerprint:
        fingerprint = self._recorded()
        assert fingerprint is not None, "without it the capture is detached"
        return fingerprint

    def gives_scores(self, output: Any) -> bool:
        """Tell whether what a module returned may be the prediction of a batch that the loop has."""
        batches = [batch for this in self._under_way for batch in this.in_flight.open]
        return any(scores_of(output, len(batch.ids), self._reduce) is not None for batch in batches)

    def turn_to(self, part: nn.Module, calls: list[PartCall]) -> None:
        """Listen to a part of the model, which made these calls until now, instead of all of it."""
        self._hook.remove()
        self.model_name = type(part).__name__
        self._model = ref(part)
        self._hook = part.register_forward_hook(Hook(_see, self), with_kwargs=True)
        for call in calls:
            if call.is_as_it_was:
                self._forwarded(call.args, call.kwargs, call.output, trains=call.trains)

    def add_metrics(self, metrics: Mapping[str, Any]) -> None:
        """Add learning-curve values to the snapshot taken last or, within a pass or before one is due, to the next."""
        numbers = checked_metrics(metrics)
        if self._under_way or self._passes or self._steps or not len(self._fingerprint):
            self._metrics.update(numbers)
        else:
            self._fingerprint.add_metrics(numbers)

    def end_passes(self, *, complete: bool) -> None:
        """End the passes under way, of which the loop takes no batch any more: all were taken, or some were left."""
        while self._under_way:
            self._break_off(self._under_way[-1], complete=complete)

    def batch_begins(self, which: PassId, indices: Any, batch: Any) -> None:
        """Expect the model's prediction of the batch; record a snapshot if one is due after so many steps."""
        if self._recorded() is None:
            self.detach()
            warnings.warn_explicit(
                f"The watch of {self.model_name} is nobody's, and has ended; expected run = nntf.watch(…), or log=",
                FingerprintWarning,
                *users_line(),
            )
            return
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
        if this.in_flight and (this.captured or this.misfit is None):
            this.is_over = True
        else:
            self._end_pass(this, complete=complete)

    def _resumed(self, which: PassId) -> _Pass:
        """Return a pass as the innermost; those that were begun within it are over."""
        this = self._pass_by_id.get(which)
        if this is None:
            if self._under_way and self._under_way[-1].is_over:
                self._break_off(self._under_way[-1])
            self._was_begun = True
            if self._elsewhere.pass_begins():
                self._fingerprint.withdraw(LOADER)
            this = self._pass_by_id[which] = _Pass(version_of_model(self._whole()), logits_seen=self._tally.logits_seen)
            self._under_way.append(this)
        while not this.has_ended and self._under_way[-1] is not this:
            if self._under_way[-1].trains:
                self.report(LookupError("two trainings over the loader take turns; expected one at a time"))
            self._break_off(self._under_way[-1])
        return this

    def report(self, error: Exception) -> None:
        """Report a fault of the capture; the training goes on."""
        self._faulted = True
        fingerprint = self._recorded()
        if fingerprint is not None:
            if isinstance(error, NotClassesError):
                self._drop()
                fingerprint.ended = NO_CLASSIFIER
            fingerprint.report("Capture", error)

    def _drop(self) -> None:
        """Listen no more, and leave the passes under way unrecorded."""
        for this in self._under_way:
            this.has_ended = True
        self._under_way.clear()
        self.detach()

    def _report_labels(self, error: Exception) -> None:
        """Report that labels are missing; predictions are as good without."""
        self._fingerprint.report("Reading the labels", error)

    def _labels_of(self, batch: Any, ids: Any) -> Tensor | None:
        try:
            return self._labels.of(batch, ids)
        except Exception as error:  # noqa: BLE001 - no fault of ours may end somebody's training
            self._report_labels(error)
            return None

    def _break_off(self, this: _Pass, *, complete: bool = False) -> None:
        """End a pass that goes on no more: its loop was left, or its last calls did not come."""
        try:
            if not this.is_over:
                self._count(this, this.in_flight.end(complete=complete))
            self._end_pass(this, complete=this.is_over or complete)
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
        self._version, self._has_learned, self._silent_passes = version_of_model(self._whole()), False, 0
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
        has_changed = self._has_learned or version_of_model(self._whole()) != self._version
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
        return called or version_of_model(self._whole()) != this.version

    def _report_silence(self, this: _Pass) -> None:
        """Report that a pass gave no prediction, unless it was not meant to; or end, where another model is called."""
        self._silent_passes += this.misfit is None
        has_learned = this.trains or version_of_model(self._whole()) != this.version
        if not has_learned and self._silent_passes != SILENT_PASSES:
            return
        listeners = self._tap.listeners
        later = listeners[listeners.index(self) + 1 :] if self.is_attached else ()
        if any(isinstance(other, Capture) and other.is_hearing for other in later):
            self.give_way()
        else:
            self.report(
                LookupError(
                    f"no forward pass of the watched {self.model_name} gave a prediction for a batch of the "
                    f"loader: {this.misfit or 'it was not called. Watch the very object that the loop calls'}"
                )
            )

    def _called_elsewhere(self, inputs: list[Tensor]) -> None:
        """Take in a training call outside of every pass; report it where another loader takes the place of ours."""
        model = self._model()
        if model is not None and self._elsewhere.add(model, inputs):
            error = LookupError(
                f"{self.model_name} was called {self._elsewhere.calls} times in training, and the watched loader was "
                "not gone through. Watch the very loader that the loop goes through; with Accelerate, what prepare "
                "returned"
            )
            self._fingerprint.report(LOADER, error)

    def _record_after_steps(self) -> None:
        if self._steps_due and self._steps >= self._steps_due and self.samples is not None:
            self._record()

    def _forwarded(self, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any, *, trains: bool) -> None:
        self._has_learned |= trains
        passes = [this for this in self._under_way if this.in_flight]
        if not passes:
            if trains and not self._under_way:
                self._called_elsewhere(tensors_of((args, kwargs)))
            return
        open_batches = [batch for this in reversed(passes) for batch in reversed(this.in_flight.open)]
        for batch in open_batches:
            rows = len(batch.ids)
            scores = scores_of(output, rows, self._reduce)
            if scores is not None:
                break
        else:
            passes[-1].misfit = self._misfit(output, len(open_batches[0].ids))
            passes[-1].trains |= trains
            return
        passes[-1].is_heard = True
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

    def _misfit(self, output: Any, rows: int) -> str:
        """Say that what the model returned is no prediction for a batch, and what would help."""
        text = (
            f"it returned {_shapes(output)} for a batch of {rows}; expected ({rows}, K) scores. Pass reduce=, a "
            f"function from the model's output to ({rows}, K) scores or ({rows},) class ids"
        )
        loader = self._loader()
        if loader is None or loader.batch_sampler is not None or self._index is not None:
            return text
        return f"{text}; or, where batch_size=None since the dataset makes the batches, index=, from a batch to its ids"

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
                if batch.labels is not None and not self._are_targets_checked:
                    self._check_targets(batch.labels, prediction.scores)
                if not self._exact:
                    this.tally.add(batch.ids, prediction.scores, batch.labels)
            except NotClassesError:
                raise
            except Exception as error:  # noqa: BLE001 - the others count
                self.report(error)
                continue
            self._call = self._call or prediction.replays.get(batch)
            this.captured += not self._exact
            this.steps += not self._exact

    def _check_targets(self, targets: Tensor, scores: Tensor) -> None:
        self._are_targets_checked = True
        if targets.ndim == 2 and targets.shape[1] not in {1, *scores.shape[1:]}:
            self._labels.forget()
        else:
            check_targets(targets, scores)

    def _record(self) -> None:
        self._passes = self._steps = 0
        rows = self._predict(self.samples) if self._exact else self._tally.rows()
        if self._reduce is None and rows.labels is not None and (rows.labels == SEVERAL).any():
            raise NotClassesError(MULTI_LABEL)
        if self.samples is None:
            self.samples = np.unique(rows.samples)
        self._learn_classes(rows.num_classes)
        self._known = known = self._known or Known(self.samples, self.report, self._report_labels)
        num_classes = self._fingerprint.num_classes
        seen = known.take(rows, num_classes)
        if len(known.unpredicted) and self._index is None and not self._exact:
            known.take(self._predict(known.unpredicted), num_classes)
        if missing := len(known.unpredicted):
            raise ValueError(f"{missing} of {len(self.samples)} samples have no prediction yet; no snapshot before")
        self._update(rows, known)
        self.unseen.append(len(self.samples) - seen)
        if self._faulted:
            self.incomplete.append(len(self._fingerprint) - 1)
            self._faulted = False

    def _learn_classes(self, scores: int | None) -> None:
        """Tell the run its number of classes, and what the dataset calls them, where it does not know it."""
        run = self._fingerprint
        if run.num_classes is None and (names := dataset_classes(self._dataset, scores)):
            run.class_names = names
        if scores is not None:
            run.num_classes = scores

    def _update(self, rows: Rows, known: Known) -> None:
        self._fingerprint.update(known.classes, known.labels, {**rows.metrics, **self._metrics})
        self._metrics.clear()

    def _predict(self, samples: Any) -> Rows:
        """Return fresh predictions of these samples, made in evaluation mode."""
        forward = self._forward or (self._call.run if self._call else None)
        if forward is None:
            raise ValueError(
                "no call of the model with a batch as it came was seen, which could be made again for other samples; "
                "pass forward=, a function from the model and a batch to the model's output"
            )
        model, loader = self._model(), self._loader()
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
    is_heard : bool
        Whether the model was called, and returned what may be a prediction.
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
        self.is_heard = self.trains = self.is_over = self.has_ended = False


@torch.compiler.disable  # type: ignore[untyped-decorator]  # where a compiler meets it between two graphs
def _see(capture: Capture, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> None:
    if capture._is_predicting or module is not capture._model():  # noqa: SLF001 - a method but for its decorators
        return
    try:
        trains = module.training and torch.is_grad_enabled()
        capture._forwarded(args, kwargs, output, trains=trains)  # noqa: SLF001
    except Exception as error:  # noqa: BLE001 - no fault of ours may end somebody's training
        capture._missed(error)  # noqa: SLF001


@torch.compiler.substitute_in_graph(_see)  # where it meets it within a graph: to break one may be an error
def _see_nothing(
    capture: Capture, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any
) -> None:
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


def _shapes(output: Any) -> str:
    """Say what a model returned, for an error."""
    if isinstance(output, Tensor):
        return f"shape {tuple(output.shape)}"
    items = output.values() if isinstance(output, Mapping) else output if isinstance(output, (tuple, list)) else []
    return f"a {type(output).__name__} of {[_shapes(item) for item in items]}"
