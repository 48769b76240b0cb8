"""What a person sees of a training that runs: the live-training notebook in JupyterLab."""

from __future__ import annotations

import datetime as dt
import re
import statistics
from dataclasses import dataclass, field

import nbformat
import numpy as np
import pytest
from lab import SECOND, Notebook
from matplotlib import colormaps

TRAINING = 3  # among the code cells, counted from 0
CLASS = 3
SAMPLES = 1797
KEEP = f"""
import numpy as np
truth = run.fingerprint
np.savez("truth.npz", transition=truth.transition_distance, prediction=truth.prediction_distance,
         drill=truth.class_transition_distance({CLASS}), moved=np.diag(truth.prediction_distance, 1))
"""


@dataclass
class Traffic:
    """What reaches the page over its websocket."""

    frames: list[bytes] = field(default_factory=list)

    def follow(self, page) -> None:
        page.on("websocket", lambda socket: socket.on("framereceived", self._keep))

    def _keep(self, frame: str | bytes) -> None:
        if isinstance(frame, bytes):
            self.frames.append(frame)

    @property
    def snapshots(self) -> list[bytes]:
        """The frames that carry one snapshot each."""
        return [frame for frame in self.frames if re.search(rb'"type": ?"snapshot"', frame)]


@dataclass
class Story:
    """One training as it was seen, and what Python held of it afterwards."""

    theme: str
    page: object
    traffic: Traffic
    drawn_while_running: list[int]
    drilled_while_running: bool
    back_while_running: bool
    truth: dict[str, np.ndarray]


@pytest.fixture(scope="module", params=["light", "dark"])
def story(request, browser, address, folder, screenshots):
    theme = request.param
    name = f"{theme}.ipynb"
    notebook = nbformat.read(folder / "watch_live.ipynb", as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(KEEP))
    nbformat.write(notebook, folder / name)

    page = browser.new_page(viewport={"width": 1300, "height": 2600}, color_scheme=theme)
    page.set_default_timeout(180 * SECOND)  # a busy machine may be slow
    traffic = Traffic()
    traffic.follow(page)
    lab = Notebook(page, address, name, dark=theme == "dark")
    lab.run_all()
    widget = page.locator(".nntf").first

    drawn, drilled, back = [], False, False
    for at_least in (2, 5, 8):
        page.wait_for_function("n => +document.querySelector('.nntf')?.dataset.snapshots >= n", arg=at_least)
        drawn.append(int(widget.get_attribute("data-snapshots")))
    class_button(page).click()
    page.wait_for_selector(f".nntf[data-class='{CLASS}']")
    drilled = lab.is_running(TRAINING)
    page.keyboard.press("Escape")
    page.wait_for_selector(".nntf[data-class='']")
    back = lab.is_running(TRAINING)
    class_button(page).click()
    page.wait_for_function("+document.querySelector('.nntf').dataset.snapshots >= 15")
    page.screenshot(path=screenshots / f"{theme}-drill.png")
    page.keyboard.press("Escape")
    page.wait_for_selector(".nntf[data-class='']")
    page.screenshot(path=screenshots / f"{theme}-running.png")
    lab.wait_for(TRAINING)
    lab.wait_for(TRAINING + 2)
    with np.load(folder / "truth.npz") as saved:
        truth = dict(saved)
    page.screenshot(path=screenshots / f"{theme}-finished.png")
    yield Story(theme, page, traffic, drawn, drilled, back, truth)
    page.close()


def class_button(page):
    return page.locator(".nntf").get_by_role("button", name=str(CLASS), exact=True)


def test_epochs_are_drawn_while_the_training_cell_runs(story):
    assert story.drawn_while_running == sorted(story.drawn_while_running)
    assert story.drawn_while_running[-1] < len(story.truth["prediction"])


def test_a_class_is_drilled_into_and_left_while_the_training_cell_runs(story):
    assert story.drilled_while_running
    assert story.back_while_running


def test_the_page_ends_with_every_epoch_that_python_has(story):
    assert story.page.locator(".nntf").first.get_attribute("data-snapshots") == str(len(story.truth["prediction"]))


def shown(page, row: int, column: int, size: int) -> list[int]:
    """The colour at the middle of a cell of the heatmap, as it is on the canvas."""
    return page.evaluate(
        """([row, column, size]) => {
            const canvas = document.querySelector('.nntf-heatmap');
            const plot = JSON.parse(canvas.dataset.plot), scale = canvas.width / canvas.clientWidth;
            const at = (index, start, extent) => Math.floor((start + ((index + 0.5) / size) * extent) * scale);
            const x = at(column, plot.x, plot.width), y = at(row, plot.y, plot.height);
            return [...canvas.getContext('2d').getImageData(x, y, 1, 1).data].slice(0, 3);
        }""",
        [row, column, size],
    )


def expected(value: float) -> np.ndarray:
    return np.array(colormaps["viridis"](value)[:3]) * 255


CELLS = [(0, 0), (1, 40), (40, 1), (60, 20), (90, 97)]


@pytest.mark.parametrize("cell", CELLS)
def test_a_pixel_of_the_heatmap_has_the_colour_of_the_value_in_python(story, cell):
    transition = story.truth["transition"]
    assert np.abs(shown(story.page, *cell, len(transition)) - expected(transition[cell])).max() <= 3


def test_the_switch_shows_the_prediction_distance(story):
    prediction = story.truth["prediction"] / SAMPLES
    story.page.get_by_role("button", name="Predictions").click()
    story.page.wait_for_selector(".nntf[data-distance=prediction]")
    for cell in CELLS:
        assert np.abs(shown(story.page, *cell, len(prediction)) - expected(prediction[cell])).max() <= 3
    story.page.get_by_role("button", name="Transitions").click()
    story.page.wait_for_selector(".nntf[data-distance=transition]")


def test_the_drill_of_a_class_is_the_distance_over_its_row_and_column(story):
    class_button(story.page).click()
    story.page.wait_for_selector(f".nntf[data-class='{CLASS}']")
    drill = story.truth["drill"]
    for cell in CELLS:
        assert np.abs(shown(story.page, *cell, len(drill)) - expected(drill[cell])).max() <= 3
    assert story.page.locator(".nntf-flows").first.is_visible()
    story.page.get_by_role("button", name="All classes").click()
    story.page.wait_for_selector(".nntf[data-class='']")


def test_the_pointer_on_a_cell_reads_its_epochs_and_both_distances(story, screenshots):
    row, column = 60, 20
    plot = story.page.evaluate("JSON.parse(document.querySelector('.nntf-heatmap').dataset.plot)")
    step = plot["width"] / len(story.truth["transition"])
    at = {"x": plot["x"] + (column + 0.5) * step, "y": plot["y"] + (row + 0.5) * step}
    story.page.locator(".nntf-heatmap").hover(position=at)
    said = story.page.locator(".nntf-readout").inner_text()
    moved = story.truth["prediction"][row, column]
    for words in (
        f"{row} → {row + 1}",
        f"{column} → {column + 1}",
        f"{story.truth['transition'][row, column]:.3f}",
        f"{100 * moved / SAMPLES:.1f} %",
        f"({moved})",
    ):
        assert words in said
    story.page.screenshot(path=screenshots / f"{story.theme}-hover.png")


def test_each_epoch_reaches_the_page_as_one_packet_no_larger_than_its_moves_and_one_row(story):
    epochs = len(story.truth["prediction"])
    packets = story.traffic.snapshots
    assert len(packets) == epochs
    envelope = 2_000  # the message around the packet: headers and the cell it belongs to
    sizes = []
    for t, moved in enumerate(story.truth["moved"], start=1):
        packet = len(packets[t])
        assert packet <= envelope + 5 * moved + 8 * t
        sizes.append(packet)
    print(f"\nbytes per epoch with their message: median {statistics.median(sizes):.0f}, largest {max(sizes)}")


def test_the_log_is_sent_again_only_while_the_run_is_young_and_when_a_cell_has_ended(story):
    logs = [frame for frame in story.traffic.frames if re.search(rb'"log"', frame) and b'"update"' in frame]
    assert len(logs) == 7 + 1


def test_what_an_epoch_takes_from_the_kernel_to_the_screen_is_measured(story):
    """The kernel's clock is the page's: both are this machine's."""
    sent = []
    for frame in story.traffic.snapshots:
        stamp = re.search(rb'"date": ?"([^"]+)"', frame).group(1).decode()
        sent.append(dt.datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp() * 1000)
    painted = story.page.evaluate(
        """() => performance.getEntriesByName('nntf:painted')
            .map(mark => [mark.detail.t, performance.timeOrigin + mark.startTime])"""
    )
    first = {}
    for t, when in painted:
        first.setdefault(t, when)
    waits = [first[t] - sent[t] for t in first if t < len(sent)]
    assert len(waits) > len(sent) / 4
    print(f"\nkernel update to paint: median {statistics.median(waits):.0f} ms, largest {max(waits):.0f} ms")
