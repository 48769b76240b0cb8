"""How the samples' pictures and texts reach the page; the reader is js/src/sample_contents.ts.

Where all of them are small they are synced state: pictures of one shape end to end, row by row, a byte a channel; texts
as a JSON list in UTF-8. Otherwise the page asks for one sample at a time, and the reply is a message: a text in its
content, or a picture's shape there and its bytes as the buffer.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from nntf_widget.samples import Content, Samples

ASKED = {"kind": "asked"}


class Sent(NamedTuple):
    """What the page gets without asking: what kind it is, and all of it."""

    facts: dict[str, Any] | None
    content: bytes


def sent_up_front(samples: Samples | None, most_bytes: int) -> Sent:
    """Return all samples where they take `most_bytes` or less, else that one has to ask."""
    if samples is None:
        return Sent(None, b"")
    if samples.is_function or not len(samples):
        return Sent(ASKED, b"")
    first = samples.at(0)
    size = len(first.encode(errors="replace")) if isinstance(first, str) else first.size
    if size * len(samples) > 4 * most_bytes:  # hopeless; the first text may be a long one
        return Sent(ASKED, b"")
    return _texts(samples, most_bytes) if isinstance(first, str) else _pictures(samples, first.shape, most_bytes)


def reply(sample: int, content: Content) -> tuple[dict[str, Any], list[bytes]]:
    """Return one sample as a message's content and buffers."""
    message: dict[str, Any] = {"type": "sample", "sample": sample}
    if isinstance(content, str):
        return {**message, "text": content}, []
    return {**message, "shape": list(content.shape)}, [content.tobytes()]


def _texts(samples: Samples, most_bytes: int) -> Sent:
    texts = [samples.at(place) for place in range(len(samples))]
    if not all(isinstance(text, str) for text in texts):
        return Sent(ASKED, b"")
    content = json.dumps(texts, ensure_ascii=False).encode(errors="replace")
    return Sent({"kind": "text"}, content) if len(content) <= most_bytes else Sent(ASKED, b"")


def _pictures(samples: Samples, shape: tuple[int, ...], most_bytes: int) -> Sent:
    if int(np.prod(shape)) * len(samples) > most_bytes:
        return Sent(ASKED, b"")
    pictures = [samples.at(place) for place in range(len(samples))]
    if not all(not isinstance(one, str) and one.shape == shape for one in pictures):
        return Sent(ASKED, b"")
    return Sent({"kind": "image", "shape": list(shape)}, b"".join(one.tobytes() for one in pictures))  # type: ignore[union-attr]
