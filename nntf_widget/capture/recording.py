"""What every capture hands out: the run it records, what can be done with it, and the words for its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from os import PathLike
    from types import TracebackType

    from typing_extensions import Self

    from nntf_widget.fingerprint import Fingerprint


REPLACED = "replaced by a later watch"
NO_CLASSIFIER = "no classifier"
"""What `Fingerprint.ended` says."""


class Recording:
    """A training on record, to inherit from; displays as the widget.

    As a context manager it detaches at the end of the block.

    Attributes
    ----------
    fingerprint : Fingerprint
        The run so far.
    """

    fingerprint: Fingerprint
    _is_detached = False

    def detach(self) -> None:
        """Take no more snapshots; the fingerprint keeps what it has."""
        raise NotImplementedError

    def save(self, path: str | PathLike[str]) -> None:
        """Write the run to a log, as `Fingerprint.save` does."""
        self.fingerprint.save(path)

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
        """Return what is recorded, in a line."""
        of = f" of {self._model_name}" if self._model_name else ""
        state = self.fingerprint.ended or ("watching" if self._is_attached else "detached")
        return f"<{type(self).__name__}{of}, {state}: {self.fingerprint!r}>"

    @property
    def _is_attached(self) -> bool:
        return not self._is_detached

    @property
    def _model_name(self) -> str | None:
        return None

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.fingerprint._repr_mimebundle_(**options)
