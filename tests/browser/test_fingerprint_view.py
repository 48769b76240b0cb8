"""The fingerprint's own view in JupyterLab, driven while the kernel is busy."""

from __future__ import annotations

import csv
import io
import json
import struct
from pathlib import Path

import numpy as np
import pytest
from lab import SECOND, Notebook, comes_to, write_notebook
from playwright.sync_api import expect

import nntf_widget as nntf

EPOCHS, SAMPLES, CLASSES = 40, 600, 5
NAMES = ["cat", "dog", "<b>frog</b>", "=ship", "horse, brown"]
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
SHOW = f"""
import json
import time
from pathlib import Path
import ipywidgets
import numpy as np
import nntf_widget as nntf

saved = np.load("predictions.npz")
run = nntf.Fingerprint({CLASSES}, class_names={NAMES})
for t, predictions in enumerate(saved["predictions"]):
    run.update(predictions, labels=saved["labels"], metrics={{"loss": 1 / (t + 1)}})
widget = nntf.FingerprintWidget(run)
band = ipywidgets.FloatRangeSlider(value=(0, 1), min=0, max=1, step=0.25)
ipywidgets.jslink((band, "value"), (widget, "band"))
display(band, widget)

def keep(change):
    Path("chosen.part").write_text(json.dumps([widget.epoch_range, widget.selected_epochs]))
    Path("chosen.part").replace("chosen.json")

widget.observe(keep, ["epoch_range", "selected_epochs"])
"""
BUSY = """
while not Path("stop").exists():
    time.sleep(0.1)
"""


@pytest.fixture(scope="module")
def run():
    """The run that the page shows, as Python has it."""
    random = np.random.default_rng(0)
    labels = random.integers(0, CLASSES, SAMPLES)
    predictions = [random.integers(0, CLASSES, SAMPLES)]
    for t in range(EPOCHS - 1):
        moved = random.random(SAMPLES) < 0.4 / (1 + t / 10)
        predictions.append(np.where(moved, random.integers(0, CLASSES, SAMPLES), predictions[-1]))
    run = nntf.Fingerprint(CLASSES, class_names=NAMES)
    for each in predictions:
        run.update(each, labels=labels)
    run.saved = {"predictions": np.array(predictions), "labels": labels}
    return run


@pytest.fixture(scope="module", params=["light", "dark"])
def lab(request, browser, address, folder, run):
    np.savez(folder / "predictions.npz", **run.saved)
    (folder / "stop").unlink(missing_ok=True)
    name = f"view_{request.param}.ipynb"
    write_notebook(folder / name, [SHOW, BUSY])
    allowed = ["clipboard-read", "clipboard-write"]
    context = browser.new_context(viewport={"width": 1300, "height": 1500}, permissions=allowed)
    page = context.new_page()
    page.set_default_timeout(60 * SECOND)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    lab = Notebook(page, address, name, dark=request.param == "dark")
    lab.theme = request.param
    lab.run_all()
    page.wait_for_selector(f".nntf[data-snapshots='{EPOCHS}']")
    page.wait_for_function("document.querySelectorAll('.jp-InputPrompt')[1].textContent.includes('*')")
    yield lab
    (folder / "stop").touch()
    lab.wait_for(1)
    context.close()
    assert problems == []


@pytest.fixture
def page(lab):
    """The page at its beginning: nothing chosen, and the kernel busy."""
    lab.page.set_viewport_size({"width": 1300, "height": 1500})
    for _ in range(4):
        lab.page.locator(".nntf").focus()
        lab.page.keyboard.press("Escape")
    lab.page.locator(".nntf").get_by_role("button", name="Transitions").click()
    lab.page.locator(".nntf-slider").press("End")
    yield lab.page
    assert lab.is_running(1)


def cell(page, row: float, column: float, first=0, shown=EPOCHS) -> dict[str, float]:
    """Where a transition's cell is on the heatmap's canvas, when `shown` epochs from `first` are."""
    left, extent = 96, page.locator(".nntf-heatmap").bounding_box()["width"] - 96 - 20
    at = [(index - first + 1) * extent / shown for index in (row, column)]
    return {"x": left + at[1], "y": at[0]}


def pixel(page, row: int, column: int) -> list[int]:
    return page.evaluate(
        """({x, y}) => {
            const canvas = document.querySelector('.nntf-heatmap'), scale = canvas.width / canvas.clientWidth;
            return [...canvas.getContext('2d').getImageData(x * scale, y * scale, 1, 1).data];
        }""",
        cell(page, row, column),
    )


def texts(page, selector: str) -> list[str]:
    return page.locator(selector).all_text_contents()


def drag(page, start: dict[str, float], end: dict[str, float]) -> None:
    box = page.locator(".nntf-heatmap").bounding_box()
    page.mouse.move(box["x"] + start["x"], box["y"] + start["y"])
    page.mouse.down()
    for share in (0.3, 0.7, 1):
        page.mouse.move(
            box["x"] + start["x"] + share * (end["x"] - start["x"]),
            box["y"] + start["y"] + share * (end["y"] - start["y"]),
        )
    page.mouse.up()


def axis(page) -> list[int]:
    """The epochs named along the lower edge."""
    return sorted({int(text) for text in texts(page, ".nntf-matrix text") if text.isdigit()})


def test_a_drag_shows_a_range_of_epochs_and_all_come_back(page):
    drag(page, cell(page, 5, 9.5), cell(page, 6, 19.5))
    page.wait_for_selector(".nntf-minimap:visible")
    assert min(axis(page)) >= 10
    assert max(axis(page)) <= 20
    page.get_by_role("button", name="All epochs").click()
    page.wait_for_selector(".nntf-minimap", state="hidden")
    assert 0 in axis(page)


def test_the_wheel_zooms_with_ctrl_and_scrolls_without(page):
    page.locator(".nntf-heatmap").hover(position=cell(page, 20, 20))
    page.mouse.wheel(0, -100)
    page.wait_for_timeout(300)
    assert page.locator(".nntf-minimap").is_hidden()
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    page.wait_for_selector(".nntf-minimap:visible")
    assert 20 in axis(page)


def test_the_brush_beneath_moves_the_range(page):
    drag(page, cell(page, 5, 9.5), cell(page, 6, 19.5))
    selection = page.locator(".nntf-minimap .selection")
    expect(selection).to_be_visible()
    brush = selection.bounding_box()
    page.mouse.move(brush["x"] + brush["width"] / 2, brush["y"] + brush["height"] / 2)
    page.mouse.down()
    page.mouse.move(brush["x"] + brush["width"] / 2 + 400, brush["y"] + 5, steps=5)
    page.mouse.up()
    comes_to(page, lambda: max(axis(page)) >= EPOCHS - 2, True)


def test_a_pinned_cell_shows_its_two_matrices_and_names_the_pairs_that_differ(page, run):
    page.locator(".nntf-heatmap").click(position=cell(page, 3, 30))
    page.wait_for_function("document.querySelectorAll('.nntf-moves-figure').length === 3")
    expect(page.locator(".nntf-moments-title")).to_contain_text(f"{run.transition_distance[3, 30]:.3f}")
    difference = np.abs(run.transitions[30] - run.transitions[3]).astype(float)
    np.fill_diagonal(difference, 0)
    largest = difference.max()
    pair, signed = texts(page, ".nntf-trade")[0], texts(page, ".nntf-trades tbody td:nth-child(4)")[0]
    left, reached = (NAMES.index(name) for name in pair.split(" → "))
    assert difference[left, reached] == largest
    assert signed[1:] == f"{largest:.0f}"
    page.locator(".nntf-heatmap").click(position=cell(page, 3, 30))
    page.wait_for_function("document.querySelectorAll('.nntf-moves-figure').length === 1")


def test_both_distances_share_the_square(page):
    page.get_by_role("button", name="Both").click()
    page.wait_for_selector(".nntf[data-distance=both]")
    for row, column, names in ((4, 20, "4 → 5"), (30, 6, "30")):
        page.locator(".nntf-heatmap").hover(
            position=cell(page, row - 0.5 * (row > column), column - 0.5 * (row > column))
        )
        expect(page.locator(".nntf-readout")).to_contain_text(f"Epoch {names}")


def test_a_band_set_by_another_widget_dims_what_lies_outside(page, run):
    handles = page.locator(".noUi-handle")
    handles.nth(1).focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("document.querySelector('.nntf-scale-band').textContent.includes('0.50')")
    distance = run.transition_distance
    for row, column in ((1, 2), (10, 30), (37, 38), (0, 38), (20, 25)):
        assert (pixel(page, row, column)[3] == 255) == (distance[row, column] <= 0.5)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('.nntf-scale-band').textContent.includes('1.00')")


def test_the_epochs_are_stepped_through_and_played(page, run):
    slider = page.get_by_role("slider", name="Epoch", exact=True)
    slider.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    moved = int(run.transitions[1].sum() - np.trace(run.transitions[1]))
    page.wait_for_function(
        "words => document.querySelector('.nntf-moments-title').textContent.startsWith(words)",
        arg=f"Epoch 1 → 2: {moved} samples",
    )
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("+document.querySelector('.nntf-slider').value > 5")
    page.get_by_role("button", name="Pause").press("Enter")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    stopped = slider.input_value()
    page.wait_for_timeout(400)
    assert slider.input_value() == stopped
    page.get_by_role("button", name="Next epoch").press(" ")
    expect(slider).to_have_value(str(int(stopped) + 1))


def test_the_keyboard_walks_the_heatmap_and_jupyterlab_keeps_its_hands_off(page):
    page.get_by_role("button", name="Save", exact=True).focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "nntf-heatmap"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    expect(page.locator(".nntf-readout")).to_contain_text("Epoch 1 → 2")
    expect(page.locator(".nntf-spoken[aria-live]")).to_contain_text("11 → 12")
    page.keyboard.press("Enter")
    page.wait_for_selector(".nntf-pinned")
    page.keyboard.press("+")
    page.wait_for_selector(".nntf-minimap:visible")
    page.keyboard.press("0")
    page.wait_for_selector(".nntf-minimap", state="hidden")
    assert page.evaluate("document.activeElement.className") == "nntf-heatmap"
    assert page.locator(".jp-CodeCell").count() == 2


def test_tab_leads_through_the_controls_and_each_shows_its_focus(page):
    page.get_by_role("button", name="Transitions").focus()
    seen = []
    for _ in range(10):
        page.keyboard.press("Tab")
        inside, name, outline = page.evaluate(
            """() => {
                const at = document.activeElement, style = getComputedStyle(at);
                return [!!at.closest('.nntf'), at.className, style.outlineStyle === 'solid'];
            }"""
        )
        if not inside:
            break
        seen.append(name)
        assert outline, name
    assert "nntf-heatmap" in seen
    assert "nntf-slider" in seen


def save(page, item: str) -> Path:
    page.get_by_role("button", name="Save", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name=item).click()
    return download.value.path()


def test_the_view_is_saved_as_a_picture(page, screenshots, lab, run):
    page.locator(".nntf-heatmap").click(position=cell(page, 3, 30))
    svg = save(page, "Save as SVG").read_text(encoding="utf-8")
    assert "class=" not in svg
    assert "data:image/png" in svg
    assert "&lt;b&gt;frog&lt;/b&gt;" in svg
    png = save(page, "Save as PNG").read_bytes()
    width, height = struct.unpack(">II", png[16:24])
    box = page.locator(".nntf").bounding_box()
    assert width > 2 * box["width"]
    assert height > 2 * box["height"]
    for words in ("cat", "Recall of each class", "loss", "share moved", f"{run.transition_distance[3, 30]:.3f}"):
        assert f">{words}<" in svg
    (screenshots / f"saved-{lab.theme}.png").write_bytes(png)
    (screenshots / f"saved-{lab.theme}.svg").write_text(svg, encoding="utf-8")


def copied(page, item: str) -> list[list[str]]:
    page.get_by_role("button", name="Save", exact=True).press("Enter")
    page.keyboard.press("ArrowDown")
    page.get_by_role("menuitem", name=item).press("Enter")
    page.wait_for_function("document.querySelector('.nntf [role=status]').textContent.includes('rows')")
    return list(csv.reader(io.StringIO(page.evaluate("navigator.clipboard.readText()"))))


def test_the_data_behind_a_view_is_copied(page, run):
    head, *rows = copied(page, "Copy fingerprint as CSV")
    assert head == ["distance", "epoch", "compared_with", "value"]
    for _, row, column, value in rows:
        assert float(value) == pytest.approx(run.transition_distance[int(row), int(column)], abs=1e-6)
    _, *rows = copied(page, "Copy moves as CSV")
    latest = run.transitions[-1]
    names = [name if name != "=ship" else "'=ship" for name in NAMES]
    assert {(names.index(a), names.index(b)): int(n) for a, b, n in rows} == {
        (a, b): latest[a, b] for a, b in np.argwhere(latest) if a != b
    }


def troubles(page) -> list[str]:
    """What axe finds serious or critical in the widget."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document.querySelector('.nntf'))")
    assert found["passes"]
    return [
        f"{trouble['id']}: {node['html'][:120]} {node['failureSummary'][:300]}"
        for trouble in found["violations"]
        if trouble["impact"] in {"serious", "critical"}
        for node in trouble["nodes"]
    ]


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed; run npm ci")
def test_axe_finds_nothing_serious(page):
    assert troubles(page) == []
    page.locator(".nntf-heatmap").click(position=cell(page, 3, 30))
    drag(page, cell(page, 5, 9.5), cell(page, 6, 34.5))
    page.get_by_role("button", name="Save", exact=True).click()
    assert troubles(page) == []
    page.keyboard.press("Escape")
    page.locator(".nntf").get_by_role("button", name="dog", exact=True).click()
    page.wait_for_selector(".nntf[data-class='1']")
    assert troubles(page) == []


@pytest.mark.parametrize("width", [480, 640, 900, 1300, 1600])
def test_nothing_overlaps_or_sticks_out_at_any_width(page, lab, screenshots, width):
    """The width is the widget's own; the notebook around it takes some 180 pixels."""
    page.locator(".nntf-heatmap").click(position=cell(page, 3, 30))
    beside = 1300 - page.locator(".nntf").bounding_box()["width"]
    page.set_viewport_size({"width": round(width + beside), "height": 1800})
    page.wait_for_timeout(500)
    page.screenshot(path=screenshots / f"width-{lab.theme}-{width}.png")
    assert page.evaluate(STICKING_OUT) == []
    assert page.evaluate(OVERLAPPING) == []


STICKING_OUT = """() => {
    const root = document.querySelector('.nntf'), edge = root.getBoundingClientRect();
    return [...root.querySelectorAll('*')].filter(each => {
        const box = each.getBoundingClientRect();
        return box.width && !each.closest('.nntf-plot, .nntf-moves-plot, .nntf-minimap-plot, .nntf-spoken')
            && (box.right > edge.right + 1 || box.left < edge.left - 1);
    }).map(each => `${each.tagName}.${each.getAttribute('class')}: ${each.textContent.slice(0, 40)}`);
}"""
OVERLAPPING = """() => {
    const panels = '.nntf-header, .nntf-matrix, .nntf-scrubber, .nntf-minimap, .nntf-flows, .nntf-classes, '
        + '.nntf-readout, .nntf-partners, .nntf-moments-title, .nntf-moves-figure, .nntf-trades-box';
    const boxes = [...document.querySelector('.nntf').querySelectorAll(panels)]
        .map(each => [each.className, each.getBoundingClientRect()]).filter(([, box]) => box.width && box.height);
    return boxes.flatMap(([name, a], i) => boxes.slice(i + 1)
        .filter(([, b]) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)
        .map(([other]) => `${name} and ${other}`));
}"""


def test_python_reads_what_was_chosen_once_the_kernel_is_free(lab, folder):
    """The last of the tests: it lets the busy cell end."""
    page = lab.page
    page.set_viewport_size({"width": 1300, "height": 1500})
    for _ in range(4):
        page.locator(".nntf").focus()
        page.keyboard.press("Escape")
    page.locator(".nntf-heatmap").click(position=cell(page, 3, 30))
    drag(page, cell(page, 5, 9.5), cell(page, 6, 19.5))
    page.wait_for_selector(".nntf-minimap:visible")
    shown = [min(axis(page)), max(axis(page))]
    (folder / "stop").touch()
    lab.wait_for(1)
    for _ in range(300):
        page.wait_for_timeout(100)
        if (folder / "chosen.json").exists():
            epochs, pinned = json.loads((folder / "chosen.json").read_text())
            if epochs and pinned:
                break
    assert pinned == [3, 30]
    assert epochs[0] <= shown[0] < shown[1] <= epochs[1]
