"""Which of the batches that a loop has taken each of its calls of the model is of.

Mostly a loop takes a batch and calls the model with it, in turns. But it may take batches ahead, skip some, call the
model with other data as well, or change a batch before the call. A call is of the batch whose tensors it got:

- The batch's own tensors, or views of them: nothing is computed. Of several such calls the last counts.
- Else, where the loop took one batch and made one call before it took the next, that call is of that batch, moved or
  changed as it may be.
- Else the numbers are compared, on the device, and read once they have come from there. What equals no batch is of
  none. Where several calls may be of a batch and none equals it, none is taken.
"""

from __future__ import annotations

from collections import defaultdict, deque
from typing import Any
from weakref import ref

import torch
from torch import Tensor

from nntf_widget.capture.pytorch.nesting import is_equal, tensors_of, version_of
from nntf_widget.capture.pytorch.replay import Call

MANY = 64
"""Batches that may wait for the comparisons of their calls; calls of one that are compared."""


class Batch:
    """A batch that the loop has taken, and the calls that it made before it took the next.

    Attributes
    ----------
    content : any nesting of mappings, tuples and lists, or None
        As it came; None for all but the two newest, so that what the loop drops is not kept.
    ids : sequence of B sample ids
    labels : tensor of shape (B,), or None
        The loop's own until `keep_labels`.
    calls : list of Prediction
    all_calls : bool
        Whether these are all; not where the capture has failed.
    is_counted : bool
        Whether it is among the steps of the pass.
    prediction : Prediction or None
        The call that is of this batch, where that is decided.
    """

    def __init__(self, content: Any, ids: Any, labels: Tensor | None) -> None:
        self.content, self.ids, self.labels = content, ids, labels
        self._labels_at = None if labels is None else labels.data_ptr()
        self._keeps_labels = False
        self.calls: list[Prediction] = []
        self.all_calls, self.is_counted = True, False
        self.prediction: Prediction | None = None
        self._tensors = tensors_of(content)
        self._references: list[ref[Tensor]] = []
        self._versions: list[int] = []

    def release(self) -> None:
        """Hold its tensors no more than weakly from now on."""
        self.keep_labels()
        if self.content is not None:
            self._references = [ref(tensor) for tensor in self._tensors]
            self.content, self._tensors = None, []

    def keep_labels(self) -> None:
        """Copy the labels: the loop may write into its own after a call, as it may before."""
        if self.labels is not None and not self._keeps_labels:
            self.labels, self._keeps_labels = self.labels.detach().clone(), True

    def note_versions(self) -> None:
        """Note how often its tensors were written to so far, for `is_changed`."""
        self._versions = [version_of(tensor) for tensor in self.tensors()]

    def is_changed(self) -> bool:
        """Return whether one of its tensors was written to since `note_versions`."""
        return self._versions != [version_of(tensor) for tensor in self.tensors()]

    def is_held(self) -> bool:
        """Return whether the loop or we still have it."""
        return self.content is not None or bool(self.tensors())

    def owns(self, inputs: list[Tensor]) -> bool:
        """Return whether all the inputs are tensors of the batch, or views of them; False where there are none."""
        leaves = self.tensors()
        for tensor in inputs:
            for leaf in leaves:
                if _is_of(tensor, leaf):
                    break
            else:
                return False
        return bool(inputs)

    def compared(self, inputs: list[Tensor]) -> Tensor:
        """Return whether all inputs are or equal the batch's, and whether some do, the labels aside: shape (2,)."""
        no = torch.zeros((), dtype=torch.bool, device=inputs[0].device)
        found, telling = [], [no]
        for tensor in inputs:
            found.append(no)
            for leaf in self.tensors():
                if tensor.numel() != leaf.numel() and not _is_of(tensor, leaf):
                    continue
                same = ~no if _is_of(tensor, leaf) else is_equal(leaf, tensor).to(no.device)
                found[-1] = found[-1] | same
                if leaf.data_ptr() != self._labels_at:
                    telling.append(same)
        return torch.stack([torch.stack(found).all(), torch.stack(telling).any()])

    def is_reordered(self, tensor: Tensor) -> bool:
        """Return whether a tensor has the rows of one of the batch's in another order, each perhaps flipped."""
        for leaf in self.tensors():
            if leaf.ndim and tensor.numel() == leaf.numel() and len(tensor) == len(leaf):
                there, here = _marks(leaf.to(tensor.device, tensor.dtype)), _marks(tensor)
                if torch.allclose(there.sort().values, here.sort().values) and not torch.allclose(there, here):
                    return True
        return False

    def tensors(self) -> list[Tensor]:
        """Return those of its tensors that are still held."""
        return self._tensors or [tensor for held in self._references if (tensor := held()) is not None]


class Prediction:
    """What one call of the model gave.

    Parameters
    ----------
    inputs : list of tensors
        What it was called with.
    scores : tensor of shape (B, K) or (B,)
        A copy.
    trains : bool
        Whether it was made in training mode, with gradients.
    owner : Batch or None
        The batch whose own tensors all the inputs are.
    replays : dict of Batch to Call
        How to make it again with another batch, learned from each that it may be of; empty where that is known.
    """

    def __init__(
        self, inputs: list[Tensor], scores: Tensor, *, trains: bool, owner: Batch | None, replays: dict[Batch, Call]
    ) -> None:
        self.scores, self.trains, self.owner, self.replays = scores, trains, owner, replays
        self._inputs = inputs
        self._compared: list[Batch] = []
        self._flags: _Fetched | None = None

    def replaces(self, other: Prediction) -> bool:
        """Return whether both are of the same batch, or of the same input, so that only the later one counts."""
        if self.owner is not None or other.owner is not None:
            return self.owner is other.owner
        same = len(self._inputs) == len(other._inputs) > 0
        return same and all(a is b for a, b in zip(self._inputs, other._inputs, strict=True))

    def is_reordered(self, batch: Batch) -> bool | None:
        """Return whether an input has the batch's rows in another order, waiting for the device; None if compared."""
        return any(batch.is_reordered(tensor) for tensor in self._inputs) if self._inputs else None

    def compare(self, batches: list[Batch]) -> None:
        """Begin to find out which of the batches it is of, unless that has been begun."""
        fitting = [batch for batch in batches if len(batch.ids) == len(self.scores)]
        if self.owner is None and self._inputs and fitting:
            self._compared = fitting
            self._flags = _Fetched(torch.stack([batch.compared(self._inputs) for batch in fitting]))
            self._inputs = []  # compared once, they need not be kept

    def is_compared(self) -> bool:
        """Return whether `matches` waits for nothing."""
        return self._flags is None or self._flags.is_there()

    def matches(self) -> tuple[list[Batch], list[Batch]]:
        """Return the batches that all, and those that only some of the inputs are of."""
        if self.owner is not None:
            return [self.owner], []
        flags = list(zip(self._compared, self._flags.read() if self._flags else [], strict=True))
        return [batch for batch, (all_, _) in flags if all_], [batch for batch, (all_, some) in flags if some > all_]


class InFlight:
    """The batches that a loop has taken in a pass, and its calls since, until it is decided which are of which.

    Attributes
    ----------
    is_trained : bool
        Whether a call that trains was of a batch of this pass. From then on, a call that does not is looked at only
        where it gets a batch's own tensors: it is an evaluation in between.
    open : list of Batch
        Those that a call may be of, the newest last.
    """

    def __init__(self) -> None:
        self.is_trained = False
        self.open: list[Batch] = []
        self._undecided: deque[Batch] = deque()  # those whose calls are not yet told apart, the newest last
        self._end = Batch(None, [], None)  # stands behind the last: the calls that come once the loop has them all
        self._unused: list[Batch] = []  # those that no call was of, nor may have been
        self._put_off: dict[Batch, Prediction] = {}  # what is of a batch if the pass turns out to be a training
        self._doubtful: list[Batch] = []  # those that one of several calls may have been of
        self._is_ahead = self._is_complete = False
        self._is_reordered: bool | None = None
        self._taken = self._missed = self._strangers = 0

    def __bool__(self) -> bool:
        """Return whether a call may be of a batch."""
        return bool(self.open)

    @property
    def lost(self) -> int:
        """How many batches, so far, have no prediction because nothing tells which call was of them."""
        missed = self._missed + (len(self._unused) if self._is_complete else 0)
        return len(self._doubtful) + min(missed, self._strangers)

    @property
    def why_lost(self) -> str:
        """What to say of the lost batches: what the loop does, and what would help."""
        if self._is_reordered:
            return (
                "the loop puts their samples in another order before it calls the model; expected the loader's order, "
                "as where the dataset or collate_fn sorts them, or exact=True with forward="
            )
        return (
            "the model was called with none as it came, so nothing tells which call was of which; expected one call "
            "of each, before the next is taken, or exact=True with forward=, from the model and a batch to its output"
        )

    def take(self, batch: Batch) -> list[Batch]:
        """Take in the newest batch; return those whose prediction is decided."""
        self._taken += 1
        self._undecided.append(batch)
        decided = self._decide(but=1, wait=len(self._undecided) > MANY)
        self.open.append(batch)
        if len(self.open) > 1:
            for older in self.open[:-2]:
                older.release()
            self._forget_what_is_gone()
        return decided

    def add(self, prediction: Prediction) -> list[Batch]:
        """Take in a call; return the batches whose prediction that decides."""
        newest = self._undecided[-1]
        if prediction.owner is newest and not newest.calls:
            newest.calls.append(prediction)
            return []
        earlier = [other for other in newest.calls if not prediction.replaces(other)]
        loose = [other for other in earlier if other.owner is None]
        if prediction.owner is None:
            is_alone, is_owned = self.open == [newest], len(loose) < len(earlier)
            is_evaluation = self.is_trained and not prediction.trains
            if (is_alone and is_owned) or is_evaluation or len(loose) >= MANY:
                return []
            if not is_alone or loose:
                for one in (*loose, prediction):
                    one.compare(self.open)
        newest.calls = [*earlier, prediction]
        return self._decide(but=0, wait=True) if newest is self._end else []

    def spoil(self) -> None:
        """Learn that a call was not taken in, so that a single one says nothing about the newest batch."""
        if self._undecided:
            self._undecided[-1].all_calls = False

    def end(self, *, complete: bool) -> list[Batch]:
        """Learn that no more batches will be taken; return those whose prediction is decided.

        Where the loop has them all, and takes them ahead, calls are yet to come: there still are batches in flight.
        """
        decided = self._decide(but=0, wait=True)
        if self.is_trained and not self._is_reordered:
            for batch, prediction in self._put_off.items():
                batch.prediction = prediction
                decided.append(batch)
        else:
            self._doubtful += self._put_off
        self._put_off = {}
        took_all_ahead = len(self._unused) == self._taken > 1
        self._is_complete = complete
        self._forget_what_is_gone()
        self.open = self._unused.copy() if complete and (self._is_ahead or took_all_ahead) else []
        return decided

    def _decide(self, *, but: int, wait: bool) -> list[Batch]:
        """Decide of which batch each call is, but those since the last `but` batches; wait for the device or stop."""
        while len(self._undecided) > but:
            if not wait and not all(call.is_compared() for call in self._undecided[0].calls):
                break
            self._close(self._undecided.popleft())
        if not but:
            self._undecided.append(self._end)
        decided = [batch for batch in self.open if batch.prediction is not None]
        if decided:
            self.open = [batch for batch in self.open if batch.prediction is None]
        return decided

    def _close(self, newest: Batch) -> None:
        """Decide of which batch each call is that was made when `newest` was the newest; those before are decided."""
        calls, newest.calls = newest.calls, []
        if [call.owner for call in calls] == [newest]:  # the rule; all else is more work
            self._assign(newest, calls[0], newest)
            return
        is_batch = newest is not self._end
        is_alone = is_batch and not self._unused
        if is_batch:
            self._unused.append(newest)
        partial: defaultdict[Batch, list[Prediction]] = defaultdict(list)
        loose = []
        for call in calls:
            whole, some = call.matches()
            if whole:  # of batches that equal each other, the one whose turn it is
                self._assign(next((batch for batch in whole if batch in self._unused), whole[0]), call, newest)
            elif len(some) == 1:
                partial[some[0]].append(call)
            else:
                loose.append(call)
        for batch, predictions in partial.items():
            self._choose(batch, predictions, newest)
        if is_batch and newest.prediction is None and not newest.all_calls:
            self._unused.remove(newest)
            self._doubtful.append(newest)
        elif is_alone and newest not in partial:
            self._choose(newest, loose, newest)
        elif not is_alone:
            self._strangers += sum(call.trains for call in loose)

    def _choose(self, batch: Batch, calls: list[Prediction], newest: Batch) -> None:
        """Decide which of the calls, none of which equals the batch, is of it."""
        fitting = [call for call in calls if len(call.scores) == len(batch.ids)]
        if batch.prediction is not None or not fitting:
            return
        if self._is_reordered is None:  # what one call of a loop shows holds for the others
            self._is_reordered = fitting[0].is_reordered(batch)
        training = [call for call in fitting if call.trains]
        chosen = [] if self._is_reordered else fitting if len(fitting) == 1 else training
        if len(chosen) == 1 and (self.is_trained or len(fitting) == 1):
            self._assign(batch, chosen[0], newest)
            return
        if batch in self._unused:
            self._unused.remove(batch)
        if len(chosen) == 1:  # beside an evaluation, before it is seen that the loop trains on its batches
            self._put_off[batch] = chosen[0]
        else:
            self._doubtful.append(batch)

    def _assign(self, batch: Batch, call: Prediction, newest: Batch) -> None:
        batch.prediction = call
        self.is_trained |= call.trains
        self._is_ahead |= batch is not newest
        if batch in self._unused:
            self._unused.remove(batch)
        if batch in self._doubtful:
            self._doubtful.remove(batch)
        self._put_off.pop(batch, None)

    def _forget_what_is_gone(self) -> None:
        self._missed += sum(not batch.is_held() for batch in self._unused)
        self._unused = [batch for batch in self._unused if batch.is_held()]
        self.open = [batch for batch in self.open if batch.is_held()]


def _marks(tensor: Tensor) -> Tensor:
    """Return a number for each row that a flip, a shift or a rotation of the row leaves as it is."""
    return tensor.detach().reshape(len(tensor), -1).float().pow(3).sum(1)


class _Fetched:
    """Some flags, on their way from the device."""

    def __init__(self, flags: Tensor) -> None:
        self._event = torch.cuda.Event() if flags.is_cuda else None  # type: ignore[no-untyped-call]
        self._flags = flags
        if self._event is not None:  # into pinned memory, or the copy would wait
            self._flags = torch.empty(flags.shape, dtype=flags.dtype, pin_memory=True).copy_(flags, non_blocking=True)
            self._event.record(torch.cuda.current_stream(flags.device))

    def is_there(self) -> bool:
        if self._event is None:
            return self._flags.device.type == "cpu"
        return bool(self._event.query())  # type: ignore[no-untyped-call]

    def read(self) -> list[list[bool]]:
        if self._event is not None:
            self._event.synchronize()
        flags: list[list[bool]] = self._flags.tolist()
        return flags


def _is_of(tensor: Tensor, leaf: Tensor) -> bool:
    """Return whether a tensor is another one, or a view into its memory."""
    if tensor is leaf:
        return True
    if tensor.device != leaf.device or tensor.layout != torch.strided or leaf.layout != torch.strided:
        return False
    begin = leaf.data_ptr()
    extent = 1 + sum((size - 1) * stride for size, stride in zip(leaf.shape, leaf.stride(), strict=True))
    return begin <= tensor.data_ptr() < begin + extent * leaf.element_size() if leaf.numel() else False
