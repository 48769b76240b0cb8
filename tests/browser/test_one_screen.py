"""One good arrangement: everything of a run in a window, nothing clipped, nothing on top of anything else."""

from __future__ import annotations

import numpy as np
import pytest
from lab import Notebook, busy_until, open_page, until, until_there, write_notebook
from pixels import place_of

import nntf_widget as nntf

MAKE = """
import numpy as np
import nntf_widget as nntf

random = np.random.default_rng(0)
labels, classes = random.integers(0, 10, 2000), random.integers(0, 10, 2000)
fingerprint = nntf.Fingerprint(class_names=[f"a kind of thing {k}" for k in range(10)])
for epoch in range(50):
    moved = random.random(2000) < 0.3
    classes = np.where(moved, np.where(random.random(2000) < 0.5, labels, random.integers(0, 10, 2000)), classes)
    numbers = {"loss": 1 / (1 + epoch), "val_loss": 2 / (1 + epoch), "accuracy": 0.5, "val_accuracy": 0.25}
    fingerprint.update(classes, labels=labels, metrics=numbers)
run = nntf.FingerprintWidget(fingerprint)
run
"""

# Words that are cut off by the view or by their own box, and words that lie on others.
FAULTS = """() => {
    const root = document.querySelector(".nntf"), bounds = root.getBoundingClientRect();
    const worded = "text, button, h2, h3, td, thead th, bdi, [role=rowheader] span, .nntf-quiet, .nntf-caption"
        + ", .nntf-legend-title, .nntf-scale-number";
    const leaves = [...root.querySelectorAll(worded)].filter((element) =>
        element.textContent.trim() && element.checkVisibility({ opacityProperty: true })
            && !element.closest(".nntf-readout, .nntf-spoken, .nntf-strip-rows"));
    const places = leaves.map((element) => [element.textContent, element.getBoundingClientRect()]);
    const beyond = places.filter(([, { left, right }]) => left < bounds.left - 1 || right > bounds.right + 1);
    const cut = [...root.querySelectorAll(".nntf-class")].filter((name) => name.scrollWidth > name.clientWidth + 1);
    const lie = ([, a], [, b]) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4;  // boxes of lines are higher than their letters
    const over = places.flatMap((one, i) => places.slice(i + 1).filter((other) => lie(one, other))
        .map((other) => `${one[0]} on ${other[0]}`));
    return { beyond: beyond.map(([text]) => text), cut: cut.map((name) => name.textContent), over };
}"""


def run_of(classes: int, epochs: int, names: list[str] | None = None) -> nntf.Fingerprint:
    random = np.random.default_rng(0)
    labels, predicted = random.integers(0, classes, 2000), random.integers(0, classes, 2000)
    run = nntf.Fingerprint(num_classes=classes, class_names=names)
    for epoch in range(epochs):
        drawn = np.where(random.random(2000) < 0.5, labels, random.integers(0, classes, 2000))
        predicted = np.where(random.random(2000) < 0.3, drawn, predicted)
        run.update(predicted, labels=labels, metrics={"loss": 3 / (1 + epoch), "val_loss": 4 / (1 + epoch)})
    return run


DRAWN = """() => {
    const right = (selector) => document.querySelector(selector).getBoundingClientRect().right;
    return Math.abs(right(".nntf-heatmap") + 76 - right(".nntf-column")) < 1;
}"""

# The curves over time are the kernel's, where the page has left them room, with the epoch in focus marked.
BANDS = """() => {
    const chart = document.querySelector(".nntf-band-curves");
    const place = (part) => part?.getBoundingClientRect();
    const [at, room] = [place(chart), place(document.querySelector(".nntf-best-bands svg"))];
    const [focus, ...curves] = [...chart.querySelectorAll("path.line")].map(place);
    if (!room) return false;
    const isInPlace = ["left", "top", "width"].every((side) => Math.abs(at[side] - room[side]) < 2);
    const isDrawn = curves.length === 2 && curves.every(({ width }) => width > room.width / 2);
    const newest = Math.max(...curves.map(({ right }) => right));
    const isMarked = focus.height > 30 && Math.abs(focus.right - newest) < 2;
    return isInPlace && isDrawn && isMarked && getComputedStyle(chart).visibility === "visible";
}"""

LAID_OUT = """() => {
    const captions = [...document.querySelectorAll(".nntf-trajectory figcaption")];
    return captions.length && captions.every((caption) => !caption.textContent.includes("being worked out"));
}"""

CASES = {
    "2 classes, 2 epochs": (2, 2, None),
    "10 classes, 50 epochs": (10, 50, [f"a kind of thing {k}" for k in range(10)]),
    "100 classes, 300 epochs": (100, 300, [f"class number {k} of many that are alike" for k in range(100)]),
    "1000 classes, 20 epochs": (1000, 20, [f"n{k:08d}" for k in range(1000)]),
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for case, (classes, epochs, names) in CASES.items():
        run_of(classes, epochs, names).to_html(folder / f"{case}.html")
    return folder


@pytest.mark.parametrize("case", CASES)
def test_nothing_is_clipped_or_on_top_of_anything_else(browser, pages, screenshots, case):
    scheme = "dark" if "1000" in case else "light"
    with open_page(browser, offline=True, color_scheme=scheme, viewport={"width": 1600, "height": 900}) as page:
        page.goto((pages / f"{case}.html").as_uri())
        until_there(page, f".nntf[data-snapshots='{CASES[case][1]}']")
        faults = {}
        for width in (1600, 1280, 1160, 900, 640, 480):
            page.set_viewport_size({"width": width, "height": 900})
            until(page, "plots as wide as the column", DRAWN)
            for name, distance in (("Beyond chance", "excess"), ("Transitions", "transition"), ("Both", "both")):
                page.get_by_role("button", name=name).click()
                until_there(page, f".nntf[data-distance={distance}]")
                faults[width, distance] = page.evaluate(FAULTS)
            page.get_by_role("button", name="Rates").click()
            until_there(page, ".nntf-rates:not([hidden])")
            faults[width, "rates"] = page.evaluate(FAULTS)
            page.get_by_role("button", name="Recurrence").click()
            until_there(page, ".nntf-recurrence:not([hidden])")
            faults[width, "recurrence"] = page.evaluate(FAULTS)
            page.screenshot(path=screenshots / f"one-screen-recurrence-{case}-{width}.png")
            page.get_by_role("button", name="Path").click()
            until(page, "the paths laid out", LAID_OUT)
            faults[width, "trajectory"] = page.evaluate(FAULTS)
            page.screenshot(path=screenshots / f"one-screen-trajectory-{case}-{width}.png")
            if CASES[case][1] > 10:  # so many have a verdict
                page.locator(".nntf-verdict-chip").first.click()
                until_there(page, ".nntf-verdict:not([hidden])")
                faults[width, "verdict"] = page.evaluate(FAULTS)
                page.screenshot(path=screenshots / f"one-screen-verdict-{case}-{width}.png")
                page.locator(".nntf-verdict-chip").first.click()
            page.get_by_role("button", name="Moves").click()
            page.locator(".nntf-class").nth(1).click()
            until_there(page, ".nntf[data-class='1']")
            faults[width, "drill"] = page.evaluate(FAULTS)
            page.keyboard.press("Escape")
            until_there(page, ".nntf[data-class='']")
            page.screenshot(path=screenshots / f"one-screen-{case}-{width}.png")
        found = {where: what for where, what in faults.items() if any(what.values())}
        assert not found
        assert page.page_errors() == []


def test_words_that_are_clipped_or_lie_on_others_are_found(browser, pages):
    with open_page(browser, offline=True, viewport={"width": 480, "height": 900}) as page:
        page.goto((pages / "10 classes, 50 epochs.html").as_uri())
        until_there(page, ".nntf[data-snapshots='50']")
        page.add_style_tag(content=".nntf-legends { right: -40px !important } .nntf-class { letter-spacing: 9px }")
        page.add_style_tag(content=".nntf-ranking tr { display: block; height: 5px }")
        faults = page.evaluate(FAULTS)
        assert "unlike" in faults["beyond"]
        assert len(faults["cut"]) == 10
        assert len(faults["over"]) >= 4


@pytest.fixture(scope="module")
def window(browser, address, folder):
    """JupyterLab in a window of 1280 by 800, its side bar closed, scrolled to a run of 10 classes; the kernel busy."""
    (folder / "one_screen.seen").unlink(missing_ok=True)
    write_notebook(folder / "one_screen.ipynb", [MAKE, busy_until("one_screen.seen")])
    with open_page(browser, address, viewport={"width": 1280, "height": 800}) as page:
        lab = Notebook(page, address, "one_screen.ipynb")
        lab.run_all()
        until_there(page, ".nntf[data-snapshots='50']")
        until_there(page, ".nntf-curves .tick")
        page.locator(".nntf-layout").evaluate("(layout) => layout.scrollIntoView()")
        yield lab


def box(page, selector: str) -> dict[str, float]:
    return page.locator(selector).evaluate("(element) => element.getBoundingClientRect().toJSON()")


def test_a_run_of_ten_classes_is_wholly_visible_in_a_small_window(window, screenshots):
    page = window.page
    page.screenshot(path=screenshots / "one-screen-jupyterlab.png")
    sight = box(page, ".jp-WindowedPanel-outer")
    for part in (".nntf-layout", ".nntf-charts", ".nntf-column", ".nntf-side"):
        place = box(page, part)
        assert sight["top"] <= place["top"] + 1  # scrolling is to whole pixels
        assert place["bottom"] <= sight["bottom"]
        assert place["right"] <= sight["right"]
    assert box(page, ".nntf-column")["right"] < box(page, ".nntf-side")["left"]
    assert page.evaluate(FAULTS) == {"beyond": [], "cut": [], "over": []}


def test_a_drill_and_a_pinned_pair_are_wholly_visible_too(window, screenshots):
    page = window.page
    sight = box(page, ".jp-WindowedPanel-outer")
    page.locator(".nntf-class").nth(3).click()
    until_there(page, ".nntf[data-class='3']")
    page.screenshot(path=screenshots / "one-screen-drill.png")
    drilled = [box(page, part)["bottom"] for part in (".nntf-column", ".nntf-side")]
    page.keyboard.press("Escape")
    until_there(page, ".nntf[data-class='']")
    page.locator(".nntf-heatmap").click(position=place_of(page, 20, 5, 49))
    until_there(page, "[role=grid][aria-label*=minus]")
    page.screenshot(path=screenshots / "one-screen-pinned.png")
    pinned = box(page, ".nntf-side")["bottom"]
    page.keyboard.press("Escape")
    until_there(page, "[role=grid][aria-label='Confusion matrix, epoch 49']")
    assert window.is_running(1)
    assert max(*drilled, pinned) <= sight["bottom"]


@pytest.mark.parametrize(("name", "panel"), [("Rates", "rates"), ("Recurrence", "recurrence"), ("Path", "trajectory")])
def test_what_is_chosen_beside_is_wholly_visible_too_also_of_a_drill(window, screenshots, name, panel):
    page = window.page
    sight = box(page, ".jp-WindowedPanel-outer")
    page.get_by_role("button", name=name).click()
    until_there(page, f".nntf-{panel}:not([hidden])")
    if name == "Recurrence":
        until(page, "the kernel's chart of the bands in its place", BANDS)
    page.screenshot(path=screenshots / f"one-screen-{panel}.png")
    bottoms = [box(page, ".nntf-side")["bottom"]]
    page.locator(".nntf-class").nth(3).click()
    until_there(page, ".nntf[data-class='3']")
    page.screenshot(path=screenshots / f"one-screen-{panel}-drill.png")
    bottoms.append(box(page, ".nntf-side")["bottom"])
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Confusion").click()
    until_there(page, "[role=grid][aria-label='Confusion matrix, epoch 49']")
    assert max(bottoms) <= sight["bottom"]


def test_python_sets_the_height(window, folder):
    (folder / "one_screen.seen").touch()
    page = window.page
    before = box(page, ".nntf-column")["height"]
    window.until_python("setattr(run, 'height', 540)", "None")
    lower = "(before) => document.querySelector('.nntf-column').clientHeight < before - 90"
    until(page, "a lower column", lower, before)
    charts, room = (box(page, part) for part in (".nntf-charts", ".nntf-slim-curves"))
    assert abs(charts["top"] - room["top"]) < 1
