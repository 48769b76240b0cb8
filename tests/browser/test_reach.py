"""Everything by keyboard, every number as text, and what axe finds: in JupyterLab with the kernel busy, and offline."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from lab import Notebook, busy_until, open_page, until, until_snapshots, until_there, write_notebook
from scipy.spatial.distance import cdist, pdist

EPOCHS = 30
MAKE = f"""
import numpy as np
import nntf_widget as nntf

random = np.random.default_rng(0)
labels, classes = random.integers(0, 4, 500), random.integers(0, 4, 500)
fingerprint = nntf.Fingerprint(class_names=["cat", "dog", "frog", "<b>owl</b>"])
for epoch in range({EPOCHS}):
    moved = random.random(500) < 0.4
    classes = np.where(moved, np.where(random.random(500) < 0.6, labels, random.integers(0, 4, 500)), classes)
    fingerprint.update(classes, labels=labels, metrics={{"loss": 3 / (1 + epoch), "val_loss": 4 / (1 + epoch)}})
"""
SHOW = "run = nntf.FingerprintWidget(fingerprint)\nrun"
AXE = (Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
NEWEST, DOG = EPOCHS - 1, 1

# What has the focus: its name and whether that is seen.
FOCUSED = """() => {
    const { activeElement: focused } = document, { outlineStyle, outlineWidth } = getComputedStyle(focused);
    const label = focused.getAttribute("aria-label") ?? focused.textContent;
    const isOurs = focused.closest(".nntf") !== null;
    const frame = focused.matches(".nntf-heatmap") ? document.querySelector(".nntf-frame") : null;
    const isFramed = frame !== null && getComputedStyle(frame).strokeWidth === "3px";
    return { label, isOurs, isSeen: isFramed || (outlineStyle !== "none" && parseFloat(outlineWidth) >= 1) };
}"""


@pytest.fixture(scope="module")
def truth():
    """The run that is shown, made here once more."""
    made: dict = {}
    exec(MAKE, made)
    return made["fingerprint"]


@pytest.fixture(scope="module", params=["jupyterlab", "page"])
def page(request, browser, address, folder, truth, tmp_path_factory):
    if request.param == "page":
        path = tmp_path_factory.mktemp("page") / "run.html"
        truth.to_html(path)
        with open_page(browser, offline=True, viewport={"width": 1280, "height": 900}) as page:
            page.goto(path.as_uri())
            until_snapshots(page, EPOCHS)
            yield page
        return
    (folder / "reach.seen").unlink(missing_ok=True)
    write_notebook(folder / "reach.ipynb", [MAKE + SHOW, busy_until("reach.seen")])
    with open_page(browser, address, viewport={"width": 1280, "height": 900}) as page:
        lab = Notebook(page, address, "reach.ipynb")
        lab.run_all()
        until_snapshots(page, EPOCHS)
        until_there(page, ".nntf-curves .tick")
        yield page
        assert lab.is_running(1)
        (folder / "reach.seen").touch()


@pytest.fixture(autouse=True)
def _overview(page):
    """Begin with the whole run, its newest epoch, and the focus on the view."""
    for _ in range(2):
        page.locator(".nntf").press("Escape")
    until_there(page, ".nntf[data-class='']")
    page.get_by_role("slider", name="Epoch").fill(str(NEWEST))
    until_there(page, f".nntf[data-focus='{NEWEST}']")
    page.locator(".nntf").focus()


def press(page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page, label: str) -> None:
    """Press Tab until something of this name has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED)["label"].startswith(label):
            return
    raise AssertionError(f"the Tab key does not lead to {label}")


def until_said(page, *words: str) -> None:
    """Wait until the read-out is there with some words, and they are spoken."""
    condition = """(words) => {
        const readout = document.querySelector(".nntf-readout"), { textContent } = readout;
        const spoken = document.querySelector(".nntf-spoken").textContent;
        return !readout.hidden && words.every((each) => textContent.includes(each) && spoken.includes(each));
    }"""
    until(page, f"a read-out of {words}", condition, list(words))


def test_the_tab_key_leads_to_every_control_and_all_show_the_focus(page, truth):
    reached = []
    while True:
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if not focused["isOurs"]:
            break
        reached.append(focused)
    labels = [focused["label"] for focused in reached]
    assert [label for label in labels if not label.startswith("true ")] == [
        *(verdict.name for verdict in truth.verdicts()),
        *("Transitions", "Beyond chance", "Predictions", "Both"),
        f"Transition distance, {EPOCHS} epochs",
        *("End of the colour scale, unlike", "End of the colour scale, alike", "0 … 1"),
        *("Start of the range", "End of the range"),
        "cat",
        *("Epoch", "One back", "Play"),
        *("Confusion", "Moves", "Rates", "Recurrence", "Path", "count", "% of true", "% of predicted"),
    ]
    assert len(labels) == 23 + len(truth.verdicts())
    assert labels[-1].startswith("true cat, predicted cat: ")
    assert [focused["label"] for focused in reached if not focused["isSeen"]] == []


def test_a_verdict_opens_its_sentence_its_epochs_and_its_classes(page, truth, screenshots):
    verdict = truth.verdicts()[0]
    tab_to(page, verdict.name)
    press(page, "Enter")
    until_there(page, ".nntf-verdict-chip[aria-expanded=true]")
    until_there(page, f".nntf[data-range='{verdict.epochs[0]}-{verdict.epochs[1]}']")
    assert page.locator(".nntf-verdict-words").inner_text() == verdict.sentence
    page.screenshot(path=screenshots / "reach-verdict.png")
    press(page, "Tab", *["Shift+Tab"], "Enter")
    until_there(page, f".nntf[data-range='0-{NEWEST}']")
    until_there(page, ".nntf-verdict[hidden]")
    press(page, "Enter")
    until_there(page, ".nntf-verdict:not([hidden])")
    marked = [name.get_attribute("title") for name in page.locator(".nntf-class.nntf-marked").all()]
    assert sorted(marked) == sorted(verdict.classes)
    class_ = verdict.classes[0]
    page.locator(".nntf-verdict").get_by_role("button", name=class_, exact=True).press("Enter")
    until_there(page, f".nntf[data-class='{truth.class_names.index(class_)}']")
    page.locator(".nntf-verdict-chip").first.press("Enter")
    until_there(page, ".nntf-verdict[hidden]")


def test_arrow_keys_lead_from_cell_to_cell_of_the_fingerprint_and_enter_pins_one(page, truth, screenshots):
    tab_to(page, "Transition distance")
    press(page, "ArrowUp", "Shift+ArrowLeft", "ArrowLeft")
    row, column = NEWEST - 2, NEWEST - 13
    moved = truth.prediction_distance[row, column]
    until_said(
        page,
        f"Epoch {row} → {row + 1}",
        f"compared with epoch {column} → {column + 1}",
        f"transition distance {truth.transition_distance[row, column]:.3f}",
        f"{100 * moved / 500:.1f} %  ({moved})",
    )
    page.screenshot(path=screenshots / "reach-cell.png")
    press(page, "Enter")
    until_there(page, f"[role=grid][aria-label='Confusion matrix, epoch {row + 1} minus {column + 1}']")
    press(page, "Enter")
    until_there(page, f"[role=grid][aria-label='Confusion matrix, epoch {NEWEST}']")
    press(page, *["Shift+ArrowUp"] * 4, *["Shift+ArrowRight"] * 4)
    until_said(page, "Epoch 0 → 1", f"compared with epoch {NEWEST - 1} → {NEWEST}")


def test_the_distance_beyond_chance_is_chosen_and_said(page, truth):
    tab_to(page, "Beyond chance")
    press(page, "Enter")
    until_there(page, ".nntf[data-distance=excess]")
    tab_to(page, "Distance beyond chance")
    press(page, "ArrowUp", "Shift+ArrowLeft", "ArrowLeft")
    row, column = NEWEST - 2, NEWEST - 13
    excess = f"{truth.excess_distance[row, column]:.3f}".replace("-", "\u2212")
    until_said(page, f"Epoch {row} → {row + 1}", f"beyond chance {excess}")
    tab_to(page, "Transitions")
    press(page, "Enter")
    until_there(page, ".nntf[data-distance=transition]")


def test_the_rates_are_chosen_and_said(page, truth, screenshots):
    tab_to(page, "Rates")
    press(page, "Enter", "ArrowLeft", "ArrowLeft")
    focus, dynamics, profile = NEWEST - 2, truth.dynamics, truth.excess_lag_profile
    until_there(page, f".nntf[data-focus='{focus}']")
    page.screenshot(path=screenshots / "reach-rates.png")
    said = [" ".join(caption.inner_text().split()) for caption in page.locator(".nntf-rates figcaption").all()]
    moved, returned = (100 * rate[focus - 1] for rate in (dynamics.change_rate, dynamics.return_rate))
    half = sorted(dynamics.settled_since)[truth.num_samples // 2 - 1]
    settled = f"{100 * dynamics.settled_share[focus]:.1f} % have not moved since epoch {focus}"
    lags = f"{profile[1]:.2f} to the next epoch, {profile[2]:.2f} to the next but one"
    assert said == [
        f"moved {moved:.1f} % of all samples, epoch {focus - 1} → {focus}",
        f"went straight back {returned:.1f} % of those that moved, epoch {focus - 1} → {focus}",
        f"settled {settled}; half of all since epoch {half}",
        f"beyond chance, by lag no period {lags}".replace("-", "\u2212"),
    ]
    tab_to(page, "Confusion")
    press(page, "Enter")
    until_there(page, ".nntf-rates[hidden]")


ALPHA = """([row, column]) => {
    const canvas = document.querySelector(".nntf-heatmap");
    const { x, y, width, height } = JSON.parse(canvas.dataset.plot);
    const [across, down] = [x + (width * (column + 0.5)) / %d, y + (height * (row + 0.5)) / %d];
    const ratio = window.devicePixelRatio;
    return canvas.getContext("2d").getImageData(across * ratio, down * ratio, 1, 1).data[3];
}"""


def test_the_recurrence_is_chosen_and_said_and_a_band_of_it_marked(page, truth, screenshots):
    def captions():
        return [" ".join(each.inner_text().split()) for each in page.locator(".nntf-recurrence figcaption").all()]

    def best(table):
        laminarity, entropy = table.best_laminarity, table.best_entropy
        of = f"distances {distances(entropy)}"
        if entropy.has_diagonal_alone:
            of = "the main diagonal alone"
        return [
            f"laminarity {laminarity.laminarity:.3f} highest: distances {distances(laminarity)}",
            f"entropy {entropy.entropy:.3f} nats lowest above 0: {of}",
        ]

    def distances(band):
        return f"{band.band:.2f}\u2013{band.band + 0.05:.2f}"

    tab_to(page, "Recurrence")
    press(page, "Enter")
    until_there(page, ".nntf-by-band .nntf-bar")
    paper, standard = truth.recurrence(), truth.recurrence(convention="standard", theiler=1)
    assert captions()[:2] == best(paper)
    tab_to(page, "Textbook")
    press(page, "Enter", "Tab", "Enter")
    until_there(page, ".nntf-recurrence .nntf-choices + div > [aria-pressed=false]")
    assert captions()[:2] == best(standard)
    tab_to(page, "Band of distances")
    press(page, "ArrowRight", "ArrowRight")
    number = list(standard).index(standard.best_laminarity) + 1
    band, slider = standard[number], page.get_by_role("slider", name="Band of distances")
    said = (
        f"Distances {distances(band)}: laminarity {band.laminarity:.3f}, "
        f"entropy {band.entropy:.3f}, {band.cells} cells off the diagonal"
    )
    until(page, said, "(said) => document.querySelector('.nntf-by-band').ariaValueText === said", said)
    page.screenshot(path=screenshots / "reach-recurrence.png")
    distance = truth.transition_distance
    inside = (distance >= band.band) & (distance <= band.upper)
    np.fill_diagonal(inside, val=True)  # it is not drawn
    alpha = ALPHA % (2 * (len(distance),))
    for cell in (np.argwhere(inside & ~np.eye(len(distance), dtype=bool))[0], np.argwhere(~inside)[0]):
        assert (page.evaluate(alpha, cell.tolist()) == 255) is bool(inside[tuple(cell)])
    press(page, "Escape")
    until_there(page, "[role=slider][aria-valuetext=none]")
    assert slider.evaluate("(slider) => slider === document.activeElement")
    tab_to(page, "Confusion")
    press(page, "Enter")
    until_there(page, ".nntf-recurrence[hidden]")


# The points of a path, in pixels of its plot, as they are drawn.
POINTS = """([path]) => [...document.querySelectorAll(".nntf-paths svg")][path]
    .querySelectorAll(".nntf-path-dots").entries()
    .flatMap(([i, dots]) => [...dots.getAttribute("d").matchAll(/M([\\d.]+) ([\\d.]+)/g)]
        .slice(i && 1).map(([, x, y]) => [Number(x), Number(y)])).toArray()"""


# Whether an epoch is marked in both paths, and all plots have a line where it is.
MARKED = """(epoch) => {
    const marker = document.querySelector(".nntf-marker");
    const names = [...document.querySelectorAll(".nntf-path-marked")].map(({ textContent }) => textContent);
    return !marker.hidden && names.filter((name) => name === String(epoch)).length >= (epoch ? 2 : 1);
}"""


def test_the_trajectory_is_that_of_python_and_a_click_puts_an_epoch_in_focus(page, truth, screenshots):
    tab_to(page, "Path")
    press(page, "Enter")
    until_there(page, ".nntf-path-focus")
    for path, (of, first) in enumerate((("transition", 1), ("prediction", 0))):
        expected, stress = truth.trajectory(of)
        drawn = np.array(page.evaluate(POINTS, [path]))
        scale = pdist(drawn).sum() / pdist(expected).sum()
        assert abs(pdist(drawn) / scale - pdist(expected)).max() < 0.02 * pdist(expected).max()
        plot = page.locator(".nntf-paths svg").nth(path)
        said = plot.get_attribute("aria-label")
        assert float(said.split()[-1]) == pytest.approx(stress, abs=0.006)
        epoch = first + int(cdist(drawn, drawn).sum(axis=0).argmax())  # the one that lies apart from all others
        x, y = drawn[epoch - first]
        place = plot.bounding_box()
        page.mouse.move(place["x"] + x, place["y"] + y)
        until(page, f"epoch {epoch} marked", MARKED, epoch)
        page.screenshot(path=screenshots / f"reach-trajectory-{of}.png")
        page.mouse.click(place["x"] + x, place["y"] + y)
        until_there(page, f".nntf[data-focus='{epoch}']")
    page.locator(".nntf").focus()
    tab_to(page, "Confusion")
    press(page, "Enter")
    until_there(page, ".nntf-trajectory[hidden]")


def test_the_recall_of_a_class_is_said_where_its_name_has_the_focus(page, truth):
    tab_to(page, "cat")
    press(page, "ArrowDown", "ArrowLeft", "ArrowLeft")
    epoch = NEWEST - 2
    confusion = truth.confusion(epoch)
    recall, predicted = confusion[DOG, DOG] / confusion[DOG].sum(), confusion[:, DOG].sum()
    until_said(page, "dog", f"epoch {epoch}", f"recall {100 * recall:.1f} %", f"predicted {predicted}")


def test_a_class_is_drilled_into_and_its_flows_are_a_table(page, truth, screenshots):
    tab_to(page, "cat")
    press(page, "ArrowDown", "Enter")
    until_there(page, f".nntf[data-class='{DOG}']")
    press(page, "ArrowLeft")
    until_there(page, f".nntf[data-focus='{NEWEST - 1}']")
    page.screenshot(path=screenshots / "reach-drill.png")
    table = page.locator(".nntf-partners")
    rows = [row.inner_text().split() for row in table.locator("tbody tr").all()]
    now, in_all = truth.transitions[NEWEST - 2], truth.transitions.sum(axis=0)
    names = {name: class_ for class_, name in enumerate(truth.class_names)}
    assert f"epoch {NEWEST - 2} → {NEWEST - 1}" in table.inner_text()
    assert len(rows) == 3
    for name, *numbers in rows:
        partner = names[name]
        flows = [(moves[partner, DOG], moves[DOG, partner]) for moves in (now, in_all)]
        assert numbers == [word for came, went in flows for word in (f"+{came}", f"\u2212{went}")]
    press(page, "Escape")
    until_there(page, ".nntf[data-class='']")
    assert page.evaluate(FOCUSED)["label"] == "dog"


def test_the_keys_are_not_lost_with_a_button_that_goes(page):
    tab_to(page, "cat")
    press(page, "Enter")
    until_there(page, ".nntf[data-class='0']")
    page.locator(".nntf").focus()
    press(page, "Tab", "Enter")
    until_there(page, ".nntf[data-class='']")
    press(page, "ArrowLeft")
    until_there(page, f".nntf[data-focus='{NEWEST - 1}']")
    tab_to(page, "One back")
    press(page, *["Enter"] * (NEWEST - 1))
    until_there(page, ".nntf[data-focus='0']")
    press(page, "ArrowRight")
    until_there(page, ".nntf[data-focus='1']")


def test_the_range_and_the_colours_are_set_by_keys(page):
    tab_to(page, "End of the colour scale, alike")
    press(page, "Tab", "Space")
    until_there(page, ".nntf-whole[aria-pressed=true]")
    press(page, "Space")
    until_there(page, ".nntf-whole[aria-pressed=false]")
    tab_to(page, "Start of the range")
    press(page, "PageUp")
    until_there(page, f".nntf[data-range='10-{NEWEST}']")
    tab_to(page, "Show all")
    press(page, "Enter")
    until_there(page, f".nntf[data-range='0-{NEWEST}']")


def test_cells_of_the_matrix_are_walked_through_and_said(page, truth):
    tab_to(page, "true cat")
    press(page, "ArrowDown", "ArrowRight", "ArrowRight")
    count = truth.confusion(NEWEST)[1, 2]
    said = f"true dog, predicted frog: {count}"
    assert page.evaluate(FOCUSED) == {"label": said, "isOurs": True, "isSeen": True}
    assert page.locator(".nntf-grid-said").inner_text() == said


def test_the_metrics_of_the_epoch_in_focus_are_said(page):
    metrics = page.locator(".nntf-moment-metrics")
    assert metrics.inner_text().split("\n") == ["loss 0.1", "val_loss 0.133"]
    press(page, "ArrowLeft")
    until_there(page, f".nntf[data-focus='{NEWEST - 1}']")
    assert metrics.inner_text().split("\n") == ["loss 0.103", "val_loss 0.138"]


def test_playback_is_started_and_paused_by_keys(page):
    tab_to(page, "Play")
    press(page, "Space")
    until_there(page, "button[aria-label=Pause]")
    press(page, "Space")
    until_there(page, "button[aria-label=Play]")


def violations(page) -> list[str]:
    """What axe finds in the widget, or, where it stands alone, in the page."""
    report = page.evaluate(
        """async () => (await axe.run(document.querySelector(".nntf-layout") ?? document)).violations
            .map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ html }) => html).join(" | ")}`)"""
    )
    return [line[:600] for line in report]


def looks(page):
    """Show what there is to look at, and yield the name of each."""
    yield "overview"
    page.locator(".nntf-verdict-chip").first.click()
    until_there(page, ".nntf-verdict:not([hidden])")
    yield "verdict"
    page.locator(".nntf-verdict-chip").first.click()
    page.get_by_role("button", name="Both").click()
    until_there(page, ".nntf[data-distance=both]")
    yield "both"
    page.get_by_role("button", name="Beyond chance").click()
    until_there(page, ".nntf[data-distance=excess]")
    yield "beyond chance"
    page.get_by_role("button", name="Rates").click()
    until_there(page, ".nntf-side-epochs")
    yield "rates"
    page.get_by_role("button", name="Recurrence").click()
    until_there(page, ".nntf-by-band .nntf-bar")
    page.get_by_role("slider", name="Band of distances").press("ArrowRight")
    yield "recurrence"
    page.get_by_role("button", name="Path").click()
    until_there(page, ".nntf-path-focus")
    yield "trajectory"
    page.get_by_role("button", name="Confusion").click()
    page.get_by_role("button", name="Transitions").click()
    tab_to(page, "Transition distance")
    press(page, "ArrowLeft", "Enter")
    until_there(page, "[role=grid][aria-label*=minus]")
    yield "pinned"
    press(page, "Escape")
    page.locator(".nntf").get_by_role("button", name="frog").click()
    until_there(page, ".nntf[data-class='2']")
    yield "drill"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page, scheme, screenshots):
    page.emulate_media(color_scheme=scheme)
    if page.evaluate("'jupyterapp' in window"):
        theme = json.dumps({"theme": f"JupyterLab {scheme.capitalize()}"})
        page.evaluate(f"window.jupyterapp.commands.execute('apputils:change-theme', {theme})")
        until_there(page, f"body[data-jp-theme-light={str(scheme == 'light').lower()}]")
    page.evaluate(AXE)
    found = {}
    for look in looks(page):
        page.screenshot(path=screenshots / f"reach-{look}-{scheme}.png")
        found[look] = violations(page)
    assert not any(found.values()), found


def test_axe_finds_what_is_wrong(page):
    page.evaluate(AXE)
    page.evaluate("document.querySelector('.nntf-slider').removeAttribute('aria-label')")
    found = violations(page)
    page.locator(".nntf").press("ArrowLeft")
    assert any("critical label" in line for line in found)


def test_our_code_throws_nothing(page):
    assert [
        error.stack for error in page.page_errors() if "nntf" in (error.stack or "") or "blob:" in error.stack
    ] == []
