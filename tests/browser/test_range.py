"""A range of epochs, and both distances at once, while the kernel is busy."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from lab import GATED, Notebook, open_page, until, until_snapshots, until_there, write_notebook
from pixels import has_colour_of

import nntf_widget as nntf

EPOCHS = 40
MAKE = (
    GATED
    + """
import numpy as np
import nntf_widget as nntf

random = np.random.default_rng(0)
labels = random.integers(0, 4, 500)
classes = random.integers(0, 4, 500)
fingerprint = nntf.Fingerprint(class_names=["cat", "dog", "frog", "owl"])
run = nntf.FingerprintWidget(fingerprint)
run
"""
)
TRAIN = f"""
for epoch in gated({EPOCHS} + 1, {{{EPOCHS}: "range.grow", {EPOCHS} + 1: "range.end"}}):
    moved = random.random(500) < 0.9 / (1 + epoch)
    classes = np.where(moved, random.integers(0, 4, 500), classes)
    metrics = {{"loss": 100 / (1 + epoch) ** 2, "val_loss": 1 + 100 / (1 + epoch) ** 2}}
    fingerprint.update(classes, labels=labels, metrics=metrics)
"""
KEEP = """
np.savez("range.npz", transition=fingerprint.transition_distance, prediction=fingerprint.prediction_distance / 500)
"""
TRAINING = 1


@dataclass
class Seen:
    """What was read off the page while the kernel was busy, after each thing done, and what Python held afterwards."""

    lab: Notebook
    ranges: dict[str, str] = field(default_factory=dict)
    axes: dict[str, dict] = field(default_factory=dict)
    rows: dict[str, np.ndarray] = field(default_factory=dict)


def look(page) -> dict:
    """Where the epochs and values are labelled in the fingerprint and in the chart below, in pixels."""
    return page.evaluate(
        """() => {
            const labels = (selector, side) => Object.fromEntries(
                [...document.querySelectorAll(selector)].map((text) => {
                    const box = text.getBoundingClientRect();
                    return [text.textContent, side === "x" ? box.x + box.width / 2 : box.y + box.height / 2];
                }));
            const line = document.querySelector(".nntf-curves path.line").getBoundingClientRect();
            return {
                fingerprint: labels(".nntf-matrix text[text-anchor=middle]", "x"),
                chart: labels(".nntf-curves .axis[transform] .tick text", "x"),
                values: Object.keys(labels(".nntf-curves .axis:not([transform]) .tick text", "y")),
            };
        }"""
    )


def until_range(page, first: int, last: int) -> None:
    until_there(page, f".nntf[data-range='{first}-{last}']")


def plot(page) -> dict[str, float]:
    """The plots of the epoch column on the screen, in pixels from the left."""
    return page.locator(".nntf-range-track").bounding_box()


def brush(page, first: int, last: int, shown: tuple[int, int], y: float) -> None:
    """Drag from the middle of one epoch to that of another, where those from `shown` are in the plots."""
    box = plot(page)
    step = box["width"] / (shown[1] - shown[0] + 1)
    start, end = (box["x"] + (epoch - shown[0] + 0.5) * step for epoch in (first, last))
    page.mouse.move(start, y)
    page.mouse.down()
    page.mouse.move(end, y, steps=5)
    page.mouse.up()


def middle(page, selector: str) -> float:
    box = page.locator(selector).bounding_box()
    return box["y"] + box["height"] / 2
