"""Which of the batches that a loop has taken from its loader it calls the model with.

Mostly there is one: taken, trained on, gone. But a loop may take some ahead, as Hugging Face's Trainer does to
accumulate gradients, or Lightning where a loader has no length; and it may skip some. What it will still use, it holds;
what it skipped is gone. So all but the newest are held weakly here, and of those that live on, the oldest is due.
"""

from __future__ import annotations

from typing import Any
from weakref import ref

from torch import Tensor

from nntf_widget.capture.pytorch.replay import is_called_with, leaves_of


class Batch:
    """A batch that the loop has taken.

    Attributes
    ----------
    content : any nesting of mappings, tuples and lists, or None
        The batch as it came; None once a newer one has come.
    ids : sequence of B sample ids, or None
        None where they are not known.
    labels : tensor of shape (B,), or None
    tried : bool
        Whether the model was called since, with something else.
    """

    def __init__(self, content: Any) -> None:
        self.content = content
        self.ids: Any = None
        self.labels: Tensor | None = None
        self.tried = False
        self._tensors = [ref(tensor) for _, tensor in leaves_of(content)]

    def is_held(self) -> bool:
        """Return whether the loop can still use it."""
        return bool(self._tensors) and all(tensor() is not None for tensor in self._tensors)

    def has_one_of(self, tensors: list[Tensor]) -> bool:
        """Return whether one of the tensors is the batch's own."""
        return any(own() is tensor for own in self._tensors for tensor in tensors)


class HandedOut:
    """The batches that the loop has taken and not called the model with."""

    def __init__(self) -> None:
        self._waiting: list[Batch] = []
        self._gone = 0
        self._skips = False
        self.ahead = False
        """Whether, in this pass, the model was called with an older batch than the newest."""

    def __bool__(self) -> bool:
        """Return whether there are any."""
        return bool(self._waiting)

    def add(self, content: Any) -> Batch:
        """Take in the newest."""
        self._forget_gone()
        for batch in self._waiting:
            batch.content = None
        self._waiting.append(Batch(content))
        return self._waiting[-1]

    def called_with(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Batch:
        """Return the one that the model is called with.

        Raises
        ------
        LookupError
            Some are gone, and the newest is not what the model is called with: the loop took them ahead, and keeps
            something made of them, which nothing tells apart.
        """
        self._forget_gone()
        if len(self._waiting) > 1:
            tensors = [tensor for _, tensor in leaves_of((args, kwargs))]
            return next((batch for batch in self._waiting if batch.has_one_of(tensors)), self._waiting[0])
        newest = self._waiting[0]
        if self._gone and not self._skips:
            self._skips = is_called_with(newest.content, args, kwargs)
            if not self._skips:
                raise LookupError(
                    f"the loop took {self._gone + 1} batches and called the model with none of them as it came; "
                    "expected one at a time, or that it keeps them until it uses them"
                )
        return newest

    def used(self, batch: Batch) -> None:
        """Let go of one that the model was called with."""
        self.ahead |= batch is not self._waiting[-1]
        self._waiting.remove(batch)
        self._gone = 0

    def clear(self) -> None:
        """Let go of all: the pass is over."""
        self._waiting, self._gone, self.ahead = [], 0, False

    def _forget_gone(self) -> None:
        gone = [batch for batch in self._waiting[:-1] if not batch.is_held()]
        self._gone += sum(not batch.tried for batch in gone)
        self._waiting = [batch for batch in self._waiting if batch not in gone]
