"""The drill of a class and of a pair, while the kernel is busy: what it shows, and how soon."""

from __future__ import annotations

import json
import statistics

import numpy as np
import pytest
from lab import SECOND, Notebook, write_notebook
from matplotlib.colors import to_rgb
from playwright.sync_api import expect

EPOCHS, SAMPLES, CLASSES = 200, 50_000, 10
BUSY = 1  # the cell that trains, counted from 0
PARTNERS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00"]

PREPARE = f"""
import numpy as np, pathlib, time
import nntf_widget as nntf
random = np.random.default_rng(0)
labels = random.integers(0, {CLASSES}, {SAMPLES})
mixed_up = (labels + random.integers(1, 4, {SAMPLES})) % {CLASSES}
predictions = np.empty(({EPOCHS}, {SAMPLES}), np.uint8)
for t in range({EPOCHS}):
    wrong = random.random({SAMPLES}) < 0.05 + 0.6 * np.exp(-t / 20)
    predictions[t] = np.where(wrong, mixed_up, labels)
np.savez("story.npz", predictions=predictions, labels=labels)
run = nntf.Fingerprint({CLASSES}, class_names=[f"kind {{k}}" for k in range({CLASSES})])
look = lambda sample: f"<b>text</b> of sample {{sample}}"
widget = nntf.FingerprintWidget(run, samples=look)
widget
"""
TRAIN = """
for predicted in predictions:
    run.update(predicted, labels=labels)
deadline = time.monotonic() + 300
while not pathlib.Path("let_go").exists() and time.monotonic() < deadline:
    time.sleep(0.1)
"""


class Story:
    """The run as the page shows it and as it truly is."""

    def __init__(self, page, lab, folder):
        self.page, self.lab, self.folder = page, lab, folder
        with np.load(folder / "story.npz") as saved:
            self.predictions, self.labels = saved["predictions"], saved["labels"]
        self.right = self.predictions == self.labels

    @property
    def widget(self):
        return self.page.locator(".nntf").first

    def drill(self, class_):
        """Click a class; return the milliseconds until its drill was drawn."""
        self.page.evaluate("() => ['nntf:click', 'nntf:drilled'].forEach(name => performance.clearMarks(name))")
        self.page.locator(".nntf-class").get_by_text(f"kind {class_}", exact=True).click()
        self.page.wait_for_selector(f".nntf[data-class='{class_}']")
        return self.page.evaluate(
            """() => performance.getEntriesByName('nntf:drilled')[0].startTime
                - performance.getEntriesByName('nntf:click')[0].startTime"""
        )

    def leave(self):
        self.widget.evaluate("widget => widget.focus()")
        self.page.keyboard.press("Escape")

    def pointed_sample(self, place, epoch):
        """Point at a row and an epoch; return the sample's id."""
        box = self.page.locator(".nntf-sample-box")
        height = int(self.page.evaluate("parseFloat(document.querySelector('.nntf-sample-cursor').style.height) || 4"))
        extent = self.page.evaluate("document.querySelector('.nntf-sample-raster').clientWidth - 96")
        box.hover(position={"x": 96 + (epoch + 0.5) * extent / EPOCHS, "y": (place + 0.5) * height})
        return int(self.page.locator(".nntf-sample-name").inner_text().lstrip("#"))

    def card(self):
        return self.page.locator(".nntf-card").inner_text()

    def drawn(self, place, epoch):
        """The colour drawn at a row and an epoch; its last part is the opacity."""
        return self.page.evaluate(
            """([place, epoch, epochs]) => {
                const canvas = document.querySelector('.nntf-sample-raster'), ratio = canvas.width / canvas.clientWidth;
                const x = 96 + ((epoch + 0.5) * (canvas.clientWidth - 96)) / epochs, y = (place + 0.5) * 4;
                return [...canvas.getContext('2d').getImageData(x * ratio, y * ratio, 1, 1).data];
            }""",
            [place, epoch, EPOCHS],
        )


@pytest.fixture(scope="module")
def story(browser, address, folder):
    write_notebook(folder / "story.ipynb", [PREPARE, TRAIN])
    page = browser.new_page(viewport={"width": 1300, "height": 1900})
    page.set_default_timeout(180 * SECOND)  # a busy machine may be slow
    lab = Notebook(page, address, "story.ipynb")
    lab.run_all()
    page.wait_for_selector(f".nntf[data-snapshots='{EPOCHS}']")
    yield Story(page, lab, folder)
    (folder / "let_go").touch()
    page.close()


def test_a_class_is_drilled_into_at_once_while_the_kernel_is_busy(story, screenshots):
    waits = []
    for class_ in range(CLASSES):
        waits.append(story.drill(class_))
        story.leave()
        story.page.wait_for_selector(".nntf[data-class='']")
    assert story.lab.is_running(BUSY)
    took = f"median {statistics.median(waits):.0f} ms, {max(waits):.0f} at most"
    print(f"\nclick to drill drawn, N={SAMPLES} T={EPOCHS}: {took}")
    story.drill(3)
    story.page.screenshot(path=screenshots / "drill.png")


def test_the_whole_matrix_is_drawn_to_its_last_row(story):
    opaque = story.page.evaluate(
        """() => {
            const canvas = document.querySelector('.nntf-heatmap'), ratio = canvas.width / canvas.clientWidth;
            const plot = JSON.parse(canvas.dataset.plot), context = canvas.getContext('2d');
            const at = (row) => [plot.x + 0.5 * plot.width, plot.y + row * plot.height].map((place) => place * ratio);
            return [0.01, 0.25, 0.5, 0.76, 0.99].map((row) => context.getImageData(...at(row), 1, 1).data[3]);
        }"""
    )
    assert opaque == [255] * 5


def test_the_rows_are_its_samples_the_most_forgotten_first(story):
    story_of = (story.right[:-1] & ~story.right[1:]).sum(axis=0)
    members = np.flatnonzero(story.labels == 3)
    assert f"{len(members):,}".replace(",", "\u202f") in story.page.locator(".nntf-samples").inner_text()
    first = [story.pointed_sample(place, 100) for place in (0, 1, 2)]
    assert first == list(members[np.argsort(-story_of[members], kind="stable")][:3])


def test_a_row_names_its_sample_and_what_it_was_predicted_as(story):
    sample = story.pointed_sample(5, 40)
    said = story.card()
    forgotten = (story.right[:-1, sample] & ~story.right[1:, sample]).sum()
    for words in (
        f"Sample {sample}",
        "labelled kind 3",
        f"epoch 40: predicted kind {story.predictions[40, sample]}",
        f"forgotten {forgotten} times",
        f"learned at epoch {np.argmax(story.right[:, sample])}",
    ):
        assert words in said


def test_a_row_has_the_colours_of_the_predicted_classes(story):
    moves = story.predictions[1:] != story.predictions[:-1]
    at, before = story.predictions[1:], story.predictions[:-1]
    traffic = [np.sum(moves & (((at == 3) & (before == k)) | ((at == k) & (before == 3)))) for k in range(CLASSES)]
    colours = dict(zip(np.argsort(-np.array(traffic), kind="stable"), PARTNERS, strict=False))
    sample = story.pointed_sample(2, 10)
    story.page.mouse.move(5, 5)
    for epoch in range(0, EPOCHS, 9):
        predicted = story.predictions[epoch, sample]
        drawn = story.drawn(2, epoch)
        if predicted == 3:
            assert drawn[3] == 0  # the ground shows
        else:
            assert drawn[:3] == [round(255 * part) for part in to_rgb(colours[predicted])]


def test_the_confusion_of_an_epoch_is_counted(story):
    extent = story.page.evaluate("document.querySelectorAll('.nntf-flow-bars')[1].clientWidth")
    story.page.locator(".nntf-flow-bars").nth(1).hover(position={"x": 50.5 * extent / EPOCHS, "y": 40})
    said = story.page.locator(".nntf-readout").inner_text()
    predicted = story.predictions[50]
    missed = np.sum((story.labels == 3) & (predicted != 3))
    mistaken = np.sum((story.labels != 3) & (predicted == 3))
    assert "Epoch 50" in said
    numbers = said.replace("\u202f", "").split("\n")
    assert {str(missed), str(mistaken)} <= set(numbers)


def test_another_order_is_chosen_while_the_kernel_is_busy(story):
    story.page.get_by_label("Order of the samples").select_option("learned")
    members = np.flatnonzero(story.labels == 3)
    right = story.right[:, members]
    learned = np.where(right.any(axis=0), right.argmax(axis=0), EPOCHS)
    assert story.pointed_sample(0, 3) == members[np.argmax(learned)]
    story.page.get_by_label("Order of the samples").select_option("forgotten")
    assert story.lab.is_running(BUSY)


def test_a_pair_shows_the_samples_that_go_back_and_forth(story, screenshots):
    partners = story.page.locator(".nntf-partner-list button")
    partner = int(partners.first.get_attribute("title").split()[1])
    partners.first.click()
    story.page.wait_for_selector(f".nntf[data-partner='{partner}']")
    before, after = story.predictions[:-1], story.predictions[1:]
    crossed = (((before == 3) & (after == partner)) | ((before == partner) & (after == 3))).sum(axis=0)
    assert (
        f"{np.count_nonzero(crossed):,} samples that crossed".replace(",", "\u202f")
        in story.page.locator(".nntf-samples").inner_text()
    )
    assert story.page.get_by_label("Order of the samples").input_value() == "forgotten"
    story.page.get_by_label("Order of the samples").select_option("crossings")
    assert story.pointed_sample(0, 7) == np.argmax(crossed)
    assert f"crossed {crossed.max()} times" in story.card()
    story.page.screenshot(path=screenshots / "pair.png")
    story.leave()
    story.page.wait_for_selector(".nntf[data-partner=''][data-class='3']")
    assert story.lab.is_running(BUSY)


def test_a_text_comes_when_the_kernel_is_free_and_so_do_the_samples_clicked(story):
    story.page.get_by_label("Order of the samples").select_option("forgotten")
    first, second = (story.pointed_sample(place, 20) for place in (4, 6))
    assert "when the kernel is free" in story.card()
    box = story.page.locator(".nntf-sample-box")
    box.click(position={"x": 200, "y": 18})
    box.click(position={"x": 200, "y": 26}, modifiers=["Control"])
    expect(story.page.locator(".nntf-samples")).to_contain_text("2 selected")
    assert story.lab.is_running(BUSY)
    (story.folder / "let_go").touch()
    story.lab.wait_for(BUSY)
    story.page.wait_for_function(
        "words => document.querySelector('.nntf-card').textContent.includes(words)",
        arg=f"<b>text</b> of sample {second}",
    )
    assert story.page.locator(".nntf-card b").count() == 0
    story.lab.execute("import json; pathlib.Path('selected.json').write_text(json.dumps(widget.selected_samples))")
    assert json.loads((story.folder / "selected.json").read_text()) == [first, second]
