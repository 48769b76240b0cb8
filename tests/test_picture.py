"""Pictures of a run without a browser: what is in them, in true colours, with nothing from a name taken for markup."""

from __future__ import annotations

import base64
import io
import re
import subprocess
import sys
import tracemalloc
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import runs
from matplotlib import colormaps
from PIL import Image

import nntf_widget as nntf
from nntf_widget.colours import VIRIDIS, shaded
from nntf_widget.drawing import fitted, lines_of, width_of
from nntf_widget.picture import GAP, LEFT, MARGIN, NO_VALUE, PLOT, as_png, as_svg

SVG = "{http://www.w3.org/2000/svg}"


def matrix_of(svg):
    """The first image of an SVG: the pixels, and where they stand."""
    image = ET.fromstring(svg).find(f"{SVG}image")
    data = base64.b64decode(image.attrib["href"].removeprefix("data:image/png;base64,"))
    place = {name: float(image.attrib[name]) for name in ("x", "y", "width", "height")}
    return np.array(Image.open(io.BytesIO(data))), place


def texts_of(svg):
    return [text.text for text in ET.fromstring(svg).iter(f"{SVG}text")]


def test_the_scale_is_that_of_the_page():
    assert np.array_equal(VIRIDIS, np.rint(np.array(colormaps["viridis"].colors) * 255))
    assert shaded(np.array([-1, 0, 0.5, 1, 2, np.nan]), NO_VALUE).tolist() == [
        *(VIRIDIS[step].tolist() for step in (0, 0, 128, 255, 255)),
        list(NO_VALUE),
    ]


def test_every_cell_of_the_fingerprint_has_its_colour_at_its_place_in_both_files(tmp_path):
    run = runs.grow(runs.new(), 12)
    run.to_png(tmp_path / "run.png")
    run.to_svg(tmp_path / "run.svg")
    expected = shaded(run.transition_distance, NO_VALUE)
    pixels, place = matrix_of((tmp_path / "run.svg").read_text(encoding="utf-8"))
    cell = len(pixels) // 11
    assert np.array_equal(pixels[cell // 2 :: cell, cell // 2 :: cell], expected)
    assert np.array_equal(pixels, np.repeat(np.repeat(expected, cell, 0), cell, 1))
    assert place["x"] == pytest.approx(LEFT + PLOT / 24, abs=0.01)
    assert place["width"] == place["height"] == pytest.approx(PLOT * 11 / 12, abs=0.01)
    image = np.array(Image.open(tmp_path / "run.png"))
    step = place["width"] / 11
    middles = ((np.arange(11) + 0.5) * step * 2).astype(int)
    seen = image[np.ix_(middles + round(place["y"] * 2), middles + round(place["x"] * 2))]
    assert np.array_equal(seen, expected)


def test_names_are_text_whatever_they_hold():
    run = nntf.Fingerprint(class_names=["<script>alert(1)</script>", '"&\x1b\0', "lone \ud800", "naïve 猫"])
    run.update([0, 1, 2, 3], metrics={"<b>&loss": 1.0})
    run.update([0, 1, 2, 0], metrics={"<b>&loss": 2.0})
    svg = as_svg(run)
    assert {element.tag.removeprefix(SVG) for element in ET.fromstring(svg).iter()} <= {
        *("svg", "title", "rect", "text", "line", "polyline", "image")
    }
    assert {'"&\ufffd\ufffd', "lone \ufffd", "naïve 猫"} <= set(texts_of(svg))
    assert any(text.startswith("<b>&loss") for text in texts_of(svg))
    assert Image.open(io.BytesIO(as_png(run))).size[0] == 1600


def test_it_says_how_large_the_run_is_and_what_it_waits_for():
    run = nntf.Fingerprint(2)
    said = [texts_of(as_svg(run))]
    for classes in ([0, 1], [1, 1]):
        run.update(classes)
        said.append(texts_of(as_svg(run)))
    assert {"no epoch yet", "Waiting for the first epoch"} <= set(said[0])
    assert {"1 epoch, 2 samples, 2 classes", "Waiting for the second epoch"} <= set(said[1])
    assert "2 epochs, 2 samples, 2 classes" in said[2]


def test_the_curves_are_there_with_their_last_values_and_breaks_where_a_value_is_missing():
    run = nntf.Fingerprint(2)
    for t in range(8):
        run.update([t % 2, 0], metrics={"loss": np.nan if t == 3 else 1 / (t + 1), "val_loss": 0.5})
    svg = as_svg(run)
    assert {"loss 0.125", "val_loss 0.5", "samples that moved 0.5"} <= set(texts_of(svg))
    lines = [len(line.attrib["points"].split()) for line in ET.fromstring(svg).iter(f"{SVG}polyline")]
    assert lines == [3, 4, 8, 7]


def test_a_verdict_is_told_and_an_interruption_is_marked(tmp_path):
    runs.write(tmp_path / "run.nntf", 5)
    runs.write(tmp_path / "run.nntf", 9)
    svg = as_svg(nntf.load(tmp_path / "run.nntf"))
    assert "interrupted before epoch 5" in texts_of(svg)
    marks = [line.attrib for line in ET.fromstring(svg).iter(f"{SVG}line") if line.attrib["stroke"] == GAP]
    assert float(marks[0]["x1"]) == pytest.approx(LEFT + PLOT * 5 / 9 + 0.5, abs=0.01)
    still = nntf.Fingerprint(2)
    for _ in range(12):
        still.update([0, 1, 1, 0], labels=[0, 1, 1, 0])
    assert "converged" in texts_of(as_svg(still))


def test_epochs_that_were_captured_in_part_are_marked():
    run = nntf.Fingerprint(2)
    for t in range(8):
        if t == 6:
            with pytest.warns(nntf.FingerprintWarning, match="no more room"):
                run.capture_failed(OSError("no more room"))
        run.update([t % 2, 0])
    svg = as_svg(run)
    assert "captured only in part: epoch 6" in " ".join(texts_of(svg))
    marks = [line.attrib for line in ET.fromstring(svg).iter(f"{SVG}line") if line.attrib["stroke"] == GAP]
    assert len(marks) == 2
    assert float(marks[0]["x2"]) - float(marks[0]["x1"]) == pytest.approx(PLOT / 8)


@pytest.mark.parametrize("labelled", [True, False])
def test_without_labels_the_strip_shows_the_shares_of_the_classes(labelled):
    run = nntf.Fingerprint(2)
    for classes in ([0, 0, 0, 1], [0, 0, 1, 1]):
        run.update(classes, labels=[0, 0, 1, 1] if labelled else None)
    images = list(ET.fromstring(as_svg(run)).iter(f"{SVG}image"))
    strip = np.array(Image.open(io.BytesIO(base64.b64decode(images[2].attrib["href"].split(",")[1]))))
    shares = [[1, 1], [0.5, 1]] if labelled else [[1, 2 / 3], [1 / 3, 2 / 3]]
    corners = strip[:: len(strip) // 2, :: strip.shape[1] // 2]
    assert np.array_equal(corners, shaded(np.array(shares), NO_VALUE))


def test_of_a_long_run_each_cell_is_a_mean_and_the_square_is_never_made():
    run = nntf.Fingerprint(2)
    for t in range(2 * PLOT + 1):
        run.update([t // 2 % 2, t % 2, 0, 1])
    distance = run.transition_distance.reshape(PLOT, 2, PLOT, 2).mean((1, 3))
    pixels, _ = matrix_of(as_svg(run))
    cell = len(pixels) // PLOT
    assert np.array_equal(pixels[::cell, ::cell], shaded(distance, NO_VALUE))
    tracemalloc.start()
    as_png(run)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 24 * 2**20


def test_many_classes_share_rows():
    run = nntf.Fingerprint(1000)
    run.update(np.arange(1000), labels=np.arange(1000))
    run.update(np.zeros(1000, int))
    assert "1,000 classes" in texts_of(as_svg(run))
    assert "999" not in texts_of(as_svg(run))


def test_words_fit_the_room_they_have():
    name = "a name that is far too long for its place"
    assert fitted("short", 100, 11) == "short"
    cut = fitted(name, 100, 11)
    assert cut.endswith("...")
    assert width_of(cut, 11) <= 100
    assert fitted(name, 1, 11) == "..."
    lines = lines_of(f"{name} {'x' * 200}", 100, 11)
    assert all(width_of(line, 11) <= 100 for line in lines)
    assert " ".join(lines).startswith(name)


def test_a_picture_needs_no_widget_and_no_framework(tmp_path):
    code = (
        "import sys, nntf_widget as nntf; fp = nntf.Fingerprint(2); fp.update([0, 1]); fp.update([1, 1]); "
        "fp.to_png(sys.argv[1]); print(sorted(sys.modules))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "run.png"], capture_output=True, text=True, check=True
    ).stdout
    assert not set(re.findall(r"'(\w+)'", told)) & {"torch", "ipywidgets", "matplotlib", "IPython"}
    assert Image.open(tmp_path / "run.png").format == "PNG"


def test_the_picture_begins_with_a_title():
    title = next(ET.fromstring(as_svg(nntf.Fingerprint(2))).iter(f"{SVG}text"))
    assert (title.text, title.attrib["x"]) == ("Training fingerprint", str(MARGIN))
