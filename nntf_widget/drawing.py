"""Two canvases that take the same strokes, in CSS pixels: an SVG document, and an image of pixels."""

from __future__ import annotations

import base64
import io
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Literal, Protocol
from xml.etree import ElementTree as ET

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Anchor = Literal["start", "middle", "end"]
Point = tuple[float, float]

SHARP = 2  # pixels to a CSS pixel, as on a screen of high density
FINER = 4  # times finer still, curves are drawn and then averaged, which smooths their edges
FONTS = ("DejaVuSans.ttf", "Arial.ttf", "Helvetica.ttc")  # Pillow's own, which knows English alone, where there is none
FAMILY = "system-ui, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"


class Canvas(Protocol):
    """What a picture is drawn on; places are in CSS pixels from the upper left, colours "#rrggbb"."""

    def text(self, words: str, at: Point, size: float, colour: str, anchor: Anchor = "start") -> None:
        """Write a line whose foot stands at `at`; whatever it holds, it is text."""

    def line(self, start: Point, end: Point, colour: str) -> None:
        """Draw a line one pixel wide, along an axis."""

    def curve(self, points: Sequence[Point], colour: str) -> None:
        """Draw a line through points."""

    def cells(self, colours: NDArray[np.uint8], at: Point, size: Point) -> None:
        """Fill a rectangle with cells of the colours of an array of shape (rows, columns, 3)."""


class Svg:
    """A canvas that becomes an SVG document; `str` of it is its text.

    Parameters
    ----------
    width, height : int
    title : str
        What the picture shows, for those who do not see it.
    ground : str
    """

    def __init__(self, width: int, height: int, title: str, ground: str) -> None:
        self._root = ET.Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "width": str(width),
                "height": str(height),
                "viewBox": f"0 0 {width} {height}",
                "role": "img",
                "font-family": FAMILY,
            },
        )
        ET.SubElement(self._root, "title").text = _plain(title)
        ET.SubElement(self._root, "rect", {"width": str(width), "height": str(height), "fill": ground})

    def __str__(self) -> str:
        """Return the document."""
        return ET.tostring(self._root, encoding="unicode")

    def text(self, words: str, at: Point, size: float, colour: str, anchor: Anchor = "start") -> None:  # noqa: D102
        look = {"x": _short(at[0]), "y": _short(at[1]), "font-size": _short(size), "fill": colour}
        ET.SubElement(self._root, "text", {**look, "text-anchor": anchor}).text = _plain(words)

    def line(self, start: Point, end: Point, colour: str) -> None:  # noqa: D102
        # Half a pixel on: a line's middle is at its place, and it should fill one pixel rather than half of two.
        ends = zip(("x1", "y1", "x2", "y2"), (*start, *end), strict=True)
        ET.SubElement(self._root, "line", {**{name: _short(at + 0.5) for name, at in ends}, "stroke": colour})

    def curve(self, points: Sequence[Point], colour: str) -> None:  # noqa: D102
        path = " ".join(f"{_short(x)},{_short(y)}" for x, y in points)
        look = {"fill": "none", "stroke": colour, "stroke-width": "1.5", "stroke-linejoin": "round"}
        ET.SubElement(self._root, "polyline", {"points": path, **look})

    def cells(self, colours: NDArray[np.uint8], at: Point, size: Point) -> None:  # noqa: D102
        image = _enlarged(colours, size)  # not every program that shows an SVG leaves the edges of pixels sharp
        look = {"preserveAspectRatio": "none", "style": "image-rendering: pixelated"}
        places = {"x": _short(at[0]), "y": _short(at[1]), "width": _short(size[0]), "height": _short(size[1])}
        data = base64.b64encode(_as_png(image)).decode()
        ET.SubElement(self._root, "image", {**places, **look, "href": f"data:image/png;base64,{data}"})


class Pixels:
    """A canvas that becomes a PNG; `bytes` of it is the file.

    Parameters
    ----------
    width, height : int
    ground : str
    """

    def __init__(self, width: int, height: int, ground: str) -> None:
        self._image = Image.new("RGB", (width * SHARP, height * SHARP), ground)
        self._draw = ImageDraw.Draw(self._image)

    def __bytes__(self) -> bytes:
        """Return the file."""
        return _as_png(self._image)

    def text(self, words: str, at: Point, size: float, colour: str, anchor: Anchor = "start") -> None:  # noqa: D102
        place = {"start": "ls", "middle": "ms", "end": "rs"}[anchor]
        self._draw.text(_pixels(at), _drawable(words), colour, _font(size * SHARP), anchor=place)

    def line(self, start: Point, end: Point, colour: str) -> None:  # noqa: D102
        (left, top), (right, bottom) = _pixels(start), _pixels(end)
        self._draw.rectangle((left, top, max(right - 1, left + SHARP - 1), max(bottom - 1, top + SHARP - 1)), colour)

    def curve(self, points: Sequence[Point], colour: str) -> None:  # noqa: D102
        places = np.array(points) * SHARP
        low, high = np.floor(places.min(0)).astype(int) - SHARP, np.ceil(places.max(0)).astype(int) + SHARP
        width, height = (high - low).tolist()
        mask = Image.new("L", (width * FINER, height * FINER))
        fine = [tuple(place) for place in ((places - low) * FINER).tolist()]
        ImageDraw.Draw(mask).line(fine, 255, round(1.5 * SHARP * FINER), joint="curve")
        self._image.paste(colour, tuple(low.tolist()), mask.reduce(FINER))

    def cells(self, colours: NDArray[np.uint8], at: Point, size: Point) -> None:  # noqa: D102
        (width, height), place = _pixels(size), _pixels(at)
        self._image.paste(Image.fromarray(colours).resize((width, height), Image.Resampling.NEAREST), place)


def width_of(words: str, size: float) -> float:
    """Return about how many CSS pixels a line takes."""
    return _font(size * SHARP).getlength(_drawable(words)) / SHARP


def fitted(words: str, width: float, size: float) -> str:
    """Return a line cut so that it takes no more than `width`, with an ellipsis where it was cut."""
    if width_of(words, size) <= width:
        return words
    shorter = range(len(words) - 1, 0, -1)
    fitting = next((end for end in shorter if width_of(words[:end] + "...", size) <= width), 0)
    return words[:fitting].rstrip() + "..."


def lines_of(words: str, width: float, size: float) -> list[str]:
    """Return a text as lines of no more than `width`; a longer word is cut."""
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if width_of(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(fitted(word, width, size))
    return [line for line in lines if line]


def _plain(words: str) -> str:
    """Return a text without what XML has no place for: control characters and halves of characters."""
    return "".join("\ufffd" if unicodedata.category(letter) in {"Cc", "Cs"} else letter for letter in words)


def _drawable(words: str) -> str:
    return "".join(_in_font(letter) for letter in words)


@cache
def _in_font(letter: str) -> str:
    """Return a letter that the font has: itself, itself without its accent, or a question mark."""
    plain = unicodedata.normalize("NFKD", letter)
    return next((each for each in (letter, plain[:1]) if _has(each)), "?")


def _has(letter: str) -> bool:
    if unicodedata.category(letter) in {"Cc", "Cs"}:
        return False
    font = _font(12 * SHARP)
    return letter == " " or bytes(font.getmask(letter)) != bytes(font.getmask("\uffff"))


@cache
def _font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    for name in FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:  # not on this computer
            continue
    return ImageFont.load_default(size)


def _enlarged(colours: NDArray[np.uint8], size: Point) -> Image.Image:
    """Return cells as an image of whole pixels, so many to a cell that it is as fine as the page."""
    rows, columns = colours.shape[:2]
    across, down = (max(round(extent * SHARP / count), 1) for extent, count in zip(size, (columns, rows), strict=True))
    return Image.fromarray(colours).resize((columns * across, rows * down), Image.Resampling.NEAREST)


def _as_png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _pixels(place: Point) -> tuple[int, int]:
    return round(place[0] * SHARP), round(place[1] * SHARP)


def _short(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
