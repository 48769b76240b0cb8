"""What a widget is made of: ipywidgets keeps each part, such as a scale or a layout, until it is closed by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ipywidgets


def parts_of(widget: ipywidgets.Widget) -> set[ipywidgets.Widget]:
    """Return the widget and all others that it holds in its synced traits, however deep."""
    found = {widget}
    following = [widget]
    while following:
        holder = following.pop()
        held = {part for key in holder.keys for part in _widgets_in(getattr(holder, key))}
        following += held - found
        found |= held
    return found


def _widgets_in(value: Any) -> Iterator[ipywidgets.Widget]:
    if isinstance(value, ipywidgets.Widget):
        yield value
    elif isinstance(value, (list, tuple, dict)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _widgets_in(part)
