"""What a person sees of a training that runs: the live-training notebook in JupyterLab."""

from __future__ import annotations

import re
import statistics
from dataclasses import dataclass, field

import nbformat
import numpy as np
import pytest
from lab import GATED, Notebook, open_page, until_snapshots, until_there
from pixels import cell_colour, place_of, scale_ends, seen_cell

TRAINING = 3  # among the code cells, counted from 0
EPOCHS = 60
CLASS = 3
SAMPLES = 1797
KEEP = f"""
import numpy as np
truth = run.fingerprint
np.savez("truth.npz", transition=truth.transition_distance, prediction=truth.prediction_distance,
         drill=truth.class_transition_distance({CLASS}), moved=np.diag(truth.prediction_distance, 1),
         outcomes=[truth.dynamics.gained, truth.dynamics.lost, truth.dynamics.sideways],
         outcomes_by_class=[truth.dynamics.gained_by_class, truth.dynamics.lost_by_class,
                            truth.dynamics.sideways_by_class], support=truth.dynamics.support)
"""

# Where the kernel's charts are, the room that the column leaves them, and the line through all plots.
PLACES = """() => Object.fromEntries(
    Object.entries({ charts: ".nntf-charts", room: ".nntf-slim-curves", line: ".nntf-focus-marker" })
        .map(([name, selector]) => [name, document.querySelector(selector).getBoundingClientRect().toJSON()]))"""


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
    running_when: dict[str, bool]
    said: str
    places: dict[str, dict[str, float]]
    truth: dict[str, np.ndarray]


@pytest.fixture(scope="module", params=["light", "dark"])
def story(request, browser, address, folder, screenshots):
    """A training that goes on from its gates once the page has shown what is to be seen there."""
    theme = request.param
    gates = {epoch: f"{theme}-{epoch}.seen" for epoch in (20, 40, EPOCHS)}
    write_gated(folder / "watch_live.ipynb", folder / f"{theme}.ipynb", gates)
    for gate in gates.values():  # a story told again begins with all of them closed
        (folder / gate).unlink(missing_ok=True)

    def go_on_from(epoch):
        (folder / gates[epoch]).touch()

    with open_page(browser, address, color_scheme=theme) as page:
        traffic, running_when = Traffic(), {}
        traffic.follow(page)
        lab = Notebook(page, address, f"{theme}.ipynb", dark=theme == "dark")
        lab.run_all()
        for snapshots in (3, 8, 20):
            until_snapshots(page, snapshots)
            running_when[f"{snapshots} epochs were drawn"] = lab.is_running(TRAINING)
        page.get_by_role("button", name="0 … 1").click()
        until_there(page, ".nntf-whole[aria-pressed=true]")
        assert scale_ends(page) == (0, 1)
        page.get_by_role("slider", name="End of the colour scale, unlike").press("PageDown")
        until_there(page, ".nntf-scale-high[aria-valuenow='0.8']")
        running_when["the colour scale was set"] = lab.is_running(TRAINING)
        class_button(page).click()
        until_there(page, f".nntf[data-class='{CLASS}']")
        running_when["a class was drilled into"] = lab.is_running(TRAINING)
        go_on_from(20)
        until_snapshots(page, 40)
        page.screenshot(path=screenshots / f"{theme}-drill.png")
        running_when["its drill grew"] = lab.is_running(TRAINING)
        page.keyboard.press("Escape")
        until_there(page, ".nntf[data-class='']")
        running_when["it was left"] = lab.is_running(TRAINING)
        said = sentence_at(page, 30, of=39)
        running_when["what an epoch changed was said"] = lab.is_running(TRAINING)
        go_on_from(40)
        until_snapshots(page, EPOCHS)
        page.screenshot(path=screenshots / f"{theme}-running.png")
        running_when["the last epoch was drawn"] = lab.is_running(TRAINING)
        go_on_from(EPOCHS)
        lab.wait_for(TRAINING)
        lab.wait_for(TRAINING + 2)
        page.screenshot(path=screenshots / f"{theme}-finished.png")
        lab.wait_until_idle()
        places = page.evaluate(PLACES)
        with np.load(folder / "truth.npz") as truth:
            yield Story(theme, page, traffic, running_when, said, places, dict(truth))


def write_gated(notebook, to, gates):
    """Write a notebook whose training waits at gates, and that keeps at its end what Python holds."""
    content = nbformat.read(notebook, as_version=4)
    code = [cell for cell in content.cells if cell.cell_type == "code"]
    assert "range(100)" in code[TRAINING].source
    code[TRAINING].source = code[TRAINING].source.replace("range(100)", f"gated({EPOCHS}, {gates})")
    code[0].source += GATED
    content.cells.append(nbformat.v4.new_code_cell(KEEP))
    nbformat.write(content, to)


@pytest.fixture(autouse=True)
def _overview(story):
    """Show the whole run at the start of each test, whatever the one before left."""
    story.page.keyboard.press("Escape")
    until_there(story.page, ".nntf[data-class='']")
    story.page.get_by_role("button", name="Transitions").click()
    until_there(story.page, ".nntf[data-distance=transition]")


def sentence_at(page, transition, of):
    """What is said of one of so many transitions when the pointer is on its bar."""
    at = {**place_of(page, 0, transition, of), "y": 30}
    page.locator(".nntf-outcomes .nntf-bars").hover(position=at)
    return page.locator(".nntf-sentence").inner_text()


def class_button(page):
    return page.locator(".nntf").get_by_role("button", name=str(CLASS), exact=True)


def test_epochs_are_drawn_and_a_class_is_drilled_into_and_left_while_the_training_cell_runs(story):
    assert len(story.running_when) == 9
    assert all(story.running_when.values()), story.running_when


def test_our_code_throws_nothing_in_the_page(story):
    assert [error.stack for error in story.page.page_errors() if "blob:" in error.stack] == []


def test_the_page_ends_with_every_epoch_that_python_has(story):
    assert story.page.locator(".nntf").first.get_attribute("data-snapshots") == str(len(story.truth["prediction"]))


CELLS = [(1, 0), (1, 40), (40, 1), (50, 20), (52, 57)]


@pytest.mark.parametrize("cell", CELLS)
def test_a_pixel_of_the_heatmap_has_the_colour_of_the_value_in_python(story, cell):
    transition = story.truth["transition"]
    assert seen_cell(story.page, *cell, len(transition)).is_of(transition[cell])


def test_the_diagonal_is_left_out(story):
    assert cell_colour(story.page, 30, 30, len(story.truth["transition"])) == [0, 0, 0, 0]


def test_the_switch_shows_the_prediction_distance(story):
    prediction = story.truth["prediction"] / SAMPLES
    story.page.get_by_role("button", name="Predictions").click()
    until_there(story.page, ".nntf[data-distance=prediction]")
    for cell in CELLS:
        assert seen_cell(story.page, *cell, len(prediction)).is_of(prediction[cell])


def test_the_drill_of_a_class_is_the_distance_over_its_row_and_column(story):
    class_button(story.page).click()
    until_there(story.page, f".nntf[data-class='{CLASS}']")
    drill = story.truth["drill"]
    for cell in CELLS:
        assert seen_cell(story.page, *cell, len(drill)).is_of(drill[cell])
    assert story.page.locator(".nntf-flows").is_visible()
    story.page.get_by_role("button", name="All classes").click()
    until_there(story.page, ".nntf[data-class='']")


def test_the_pointer_on_a_cell_reads_its_epochs_and_both_distances(story, screenshots):
    row, column = 50, 20
    story.page.locator(".nntf-heatmap").hover(
        position=place_of(story.page, row, column, len(story.truth["transition"]))
    )
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


def in_words(gained, lost, sideways):
    moved = f"{gained + lost + sideways} moved"
    return f"{moved}, {gained} became right, {lost} became wrong, {sideways} from wrong to wrong"


@pytest.mark.parametrize("transition", [2, 30])
def test_the_bars_say_what_changed_as_python_counts_it(story, transition):
    transitions = len(story.truth["transition"])
    epochs = f"Epoch {transition} → {transition + 1}"
    words = in_words(*story.truth["outcomes"][:, transition])
    assert sentence_at(story.page, transition, transitions) == f"{epochs}: {words}"
    class_button(story.page).click()
    until_there(story.page, f".nntf[data-class='{CLASS}']")
    words = in_words(*story.truth["outcomes_by_class"][:, transition, CLASS])
    whose = f"of {story.truth['support'][CLASS]} samples"
    assert sentence_at(story.page, transition, transitions) == f"{epochs}: {whose} {words}"


def test_they_said_so_while_the_kernel_was_busy(story):
    assert story.said == f"Epoch 30 → 31: {in_words(*story.truth['outcomes'][:, 30])}"


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


def test_the_log_is_not_sent_again_while_epochs_go_out(story):
    logs = [frame for frame in story.traffic.frames if re.search(rb'"log"', frame) and b'"update"' in frame]
    assert logs == []


def test_an_epoch_is_painted_no_more_than_once_while_nobody_does_anything(story):
    painted = story.page.evaluate("performance.getEntriesByName('nntf:painted').map(mark => mark.detail.t)")
    undisturbed = [t for t in painted if 21 < t < 38 or 41 < t < 58]
    assert undisturbed == sorted(set(undisturbed))


def test_the_charts_lie_in_the_column_and_its_line_goes_through_them(story):
    charts, room, line = (story.places[name] for name in ("charts", "room", "line"))
    for side in ("left", "right", "top", "bottom"):
        assert abs(charts[side] - room[side]) < 1
    assert charts["height"] == 2 * 48
    assert line["top"] < charts["top"]
    assert line["bottom"] >= charts["bottom"] - 1


def test_a_click_on_a_chart_puts_its_epoch_in_focus(story):
    charts = story.page.locator(".nntf-charts").bounding_box()
    bar = story.page.locator(".nntf-range-track").bounding_box()
    epochs = len(story.truth["prediction"])
    story.page.mouse.click(bar["x"] + 12.5 * bar["width"] / epochs, charts["y"] + 60)
    until_there(story.page, ".nntf[data-focus='12']")
    story.page.get_by_role("slider", name="Epoch").fill(str(epochs - 1))
    until_there(story.page, f".nntf[data-focus='{epochs - 1}']")
