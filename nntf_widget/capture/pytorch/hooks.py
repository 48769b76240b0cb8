"""Hooks on modules that belong to whoever listens: copies and pickles of a module are without them."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from typing import Any


class Hook(partial[None]):
    """A function as a hook. A copy of the module, or a pickle, has in its place a function that does nothing."""

    def __reduce__(self) -> Any:
        return (getattr, (nullcontext(), "__exit__"))
