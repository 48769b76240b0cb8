"""Text of strangers, such as file names, made fit for a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    r"""Return `text` with an escape for each character that is not printed but obeyed, or that is only half of one.

    Those are control characters, marks that turn the direction of writing, and lone surrogates.

    Examples
    --------
    >>> print(printable("run\x1b[2J.nntf"))
    run\x1b[2J.nntf
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
