"""The passes of a DataLoader, told to listeners: which samples each batch holds, and when a pass is over.

The loop ``for x, y in loader`` stays as it is: the loader becomes an instance of a subclass made for it, which differs
in two places. Its iterator tells what it hands out; its index sampler keeps the indices that pass through it, in a
queue of that pass. Worker processes fetch ahead, but hand their batches out in the order of the indices, so the head of
the queue is the batch at hand. No random number is drawn, and nothing is looked at earlier than without us.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Protocol
from weakref import ref

from torch.utils.data import DataLoader


class PassId:
    """Which pass over a loader a batch is of. Several may be under way, one within another."""


class Listener(Protocol):
    """What wants to know of a loader's passes. Whatever it raises goes to its own `report`, not to the loop."""

    def batch_begins(self, which: PassId, indices: Any, batch: Any) -> None:
        """Learn that the loop is done with the batch before of this pass, and gets `batch`.

        It is made of the dataset's `indices`; None where the loader keeps them to itself.
        """

    def pass_ends(self, which: PassId, complete: bool) -> None:  # noqa: FBT001 - not said twice
        """Learn that a pass is over: the loader is exhausted, or the loop was left early."""

    def report(self, error: Exception) -> None:
        """Take an error raised by one of the others."""


class LoaderTap:
    """The one subclass that a loader gets, however many listen; with the last one gone, the loader is as it was.

    The loader is held weakly: one with persistent workers must go with its last reference. As part of a cycle it would
    go when the garbage collector comes, which closes the queues first and leaves the workers waiting.
    """

    def __init__(self, loader: DataLoader[Any]) -> None:
        self._loader = ref(loader)
        self._listeners: list[Listener] = []
        self._queue: deque[Any] = deque()
        self._originals = [type(layer) for layer in _layers(loader)]
        for layer, original in zip(_layers(loader), self._originals, strict=True):
            _become(layer, _tapped(self, original))
            _renew_kept_iterator(layer)

    @property
    def loader(self) -> DataLoader[Any] | None:
        """The loader; None once nobody has it any more."""
        return self._loader()

    def add(self, listener: Listener) -> None:
        """Tell `listener` of the passes from now on."""
        self._listeners.append(listener)

    def remove(self, listener: Listener) -> None:
        """Tell `listener` no more."""
        self._listeners.remove(listener)
        loader = self.loader
        if not self._listeners and loader is not None and getattr(type(loader), "_tap", None) is self:
            for layer, original in zip(_layers(loader), self._originals, strict=True):
                _become(layer, original)
                _renew_kept_iterator(layer)

    @property
    def listeners(self) -> tuple[Listener, ...]:
        """Who listens, the first that came first."""
        return tuple(self._listeners)

    def iterate(self, begin: Callable[[], Iterator[Any]]) -> Iterator[Any]:
        """Return an iterator over the batches of the one that `begin` makes, which tells the listeners."""
        before = self._queue
        iterator = begin()
        return self._told(iterator, None if self._queue is before else self._queue)

    def _told(self, iterator: Iterator[Any], queue: deque[Any] | None) -> Iterator[Any]:
        which = PassId()
        complete = False
        try:
            for batch in iterator:
                if queue is None:  # an iterator that takes its indices no earlier than its first batch
                    queue = self._queue
                self._tell("batch_begins", which, queue.popleft() if queue else None, batch)
                yield batch
            complete = True
        finally:
            self._tell("pass_ends", which, complete)

    def recorded(self, index_sampler: Any) -> _Recorded:
        """Return the index sampler that keeps what passes through it."""
        return _Recorded(index_sampler, self)

    def new_queue(self) -> deque[Any]:
        """Begin the queue of another pass."""
        self._queue = deque()
        return self._queue

    def _tell(self, event: str, *what: Any) -> None:
        for listener in self.listeners:
            try:
                getattr(listener, event)(*what)
            except Exception as error:  # noqa: BLE001 - no fault of ours may end somebody's training
                listener.report(error)


def tap(loader: DataLoader[Any]) -> LoaderTap:
    """Return the loader's tap, put in place if this is the first."""
    return _present(loader) or LoaderTap(loader)


def listeners_of(loader: DataLoader[Any]) -> tuple[Listener, ...]:
    """Return who listens to a loader."""
    present = _present(loader)
    return () if present is None else present.listeners


def _present(loader: DataLoader[Any]) -> LoaderTap | None:
    present: LoaderTap | None = getattr(type(loader), "_tap", None)
    return present if present is not None and present.loader is loader else None


def _renew_kept_iterator(loader: DataLoader[Any]) -> None:
    """Hand the index sampler to an iterator that lives on from pass to pass (persistent workers)."""
    kept = getattr(loader, "_iterator", None)
    if kept is not None:
        kept._index_sampler = loader._index_sampler  # noqa: SLF001 - where the iterator looks it up


def _layers(loader: DataLoader[Any]) -> list[DataLoader[Any]]:
    """Return the loader, and the one inside it that draws the indices, where Accelerate has wrapped it."""
    inside = vars(loader).get("base_dataloader")
    return [loader] if inside is None else [loader, inside]


def _become(loader: DataLoader[Any], kind: type[DataLoader[Any]]) -> None:
    """Set the loader's class; by object's own way, since Accelerate's loaders claim to be of another."""
    vars(object)["__class__"].__set__(loader, kind)


def _tapped(the: LoaderTap, original: Any) -> type[DataLoader[Any]]:
    class Tapped(original):
        _tap = the

        def __iter__(self) -> Iterator[Any]:
            begin: Callable[[], Iterator[Any]] = super().__iter__
            return the.iterate(begin) if self is the.loader else begin()

        @property
        def _index_sampler(self) -> Any:
            index_sampler = super()._index_sampler
            tapped = the.loader is not None and any(self is layer for layer in _layers(the.loader))
            return the.recorded(index_sampler) if tapped else index_sampler

        def __reduce_ex__(self, protocol: Any) -> Any:
            """Copy and pickle as an instance of the original class, which listens to nothing."""
            _, _, *state = super().__reduce_ex__(protocol)
            return (object.__new__, (original,), *state)

    Tapped.__name__, Tapped.__qualname__ = original.__name__, original.__qualname__
    Tapped.__module__, Tapped.__doc__ = original.__module__, original.__doc__
    return Tapped


class _Recorded:
    """An index sampler that behaves as the one it holds, and keeps what it yields."""

    def __init__(self, index_sampler: Any, tap: LoaderTap) -> None:
        self._index_sampler = index_sampler
        self._tap = tap

    def __iter__(self) -> Iterator[Any]:
        return _keeping(iter(self._index_sampler), self._tap.new_queue())  # iter() now: it may draw random numbers

    def __len__(self) -> int:
        return len(self._index_sampler)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index_sampler, name)


def _keeping(indices: Iterator[Any], queue: deque[Any]) -> Iterator[Any]:
    for index in indices:
        queue.append(index)
        yield index
