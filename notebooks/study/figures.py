"""The figures and tables of the findings, from the run logs of the sweeps.

python notebooks/study/figures.py runs notebooks/study
"""

from __future__ import annotations

import string
import sys
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from training import Setting

import nntf_widget as nntf
from nntf_widget.recurrence import RecurrenceTable

Runs = dict[str, nntf.Fingerprint]
COLOURS = ["#d55e00", "#e69f00", "#009e73", "#0072b2", "#cc79a7", "#56b4e9"]  # Okabe and Ito's, the largest first
TITLES = {
    ("lenet5", "cifar10"): "LeNet-5 on CIFAR-10 (JPEG)",
    ("lenet5", "mnist"): "LeNet-5 on MNIST",
    ("lenet5", "digits"): "LeNet-5 on the digits of scikit-learn",
    ("vgg16", "cifar10"): "VGG-16 on CIFAR-10 (JPEG)",
}
RECURRENCE = """# Recurrence of every run, band by band

Laminarity / diagonal-line entropy of the transition distance, in the paper's convention with l_min = 2; each run's best
is bold. Of the logs in `logs/`, which hold every tenth sample: the best bands of all samples are in the
[findings](FINDINGS.md)."""
KEPT = 10
"""Of the samples, every so many-th stays in the logs that are kept beside the findings."""


def runs_of(folder: Path, network: str, data: str, vary: str = "lr") -> Runs:
    """Return the runs of a sweep, all else as it is by default, by the value that was varied, the largest first."""
    settings = {}
    for path in folder.glob(f"{network}-{data}-*.nntf"):
        setting = _setting(path.stem)
        if setting._replace(**{vary: 0.0}) == Setting(network, data)._replace(**{vary: 0.0}):
            settings[getattr(setting, vary)] = path
    name = vary.replace("_", " ")
    runs = {f"{name} {value:g}": nntf.load(settings[value]) for value in sorted(settings, reverse=True)}
    return {name: run for name, run in runs.items() if len(run) > 2}  # others have only begun


def _setting(stem: str) -> Setting:
    """Read ``lenet5-mnist-lr0.01-m0.9-wd0``; a number may have a minus in its exponent."""
    network, data, rest = stem.split("-", 2)
    lr, rest = rest.removeprefix("lr").split("-m", 1)
    momentum, decay = rest.split("-wd", 1)
    return Setting(network, data, float(lr), float(momentum), float(decay))


def fingerprints(runs: Runs, title: str) -> Figure:
    """Draw the transition distance, the prediction distance and the curves of every run, side by side."""
    figure = plt.figure(figsize=(2.6 * len(runs) + 0.9, 8.2), layout="constrained")
    axes = figure.subplots(4, len(runs), height_ratios=[1, 1, 0.5, 0.5], squeeze=False)
    for column, (name, run) in enumerate(runs.items()):
        top, middle, *_ = axes[:, column]
        _matrix(top, run.transition_distance, name)
        _matrix(middle, run.prediction_distance / run.num_samples)
        _curve(axes[2, column], run.metrics["accuracy"], COLOURS[3], "training")
        _curve(axes[2, column], run.metrics["val_accuracy"], COLOURS[0], "test")
        _curve(axes[3, column], run.dynamics.change_rate, COLOURS[3], "moved", first=1)
        _curve(axes[3, column], run.dynamics.return_rate, COLOURS[0], "of these, straight back", first=1)
        axes[2, column].set(ylim=(0, 1.02))
        axes[3, column].set(ylim=(0, 1.02), xlabel="epoch")
    for row, words in enumerate(["transition distance", "prediction distance", "accuracy", "share of samples"]):
        axes[row, 0].set_ylabel(words)
        for axis in axes[row, 1:]:
            axis.tick_params(labelleft=False)
    axes[2, 0].legend(frameon=False, fontsize=7, loc="lower right")
    axes[3, -1].legend(frameon=False, fontsize=7, loc="upper right")
    bar = figure.colorbar(axes[0, 0].images[0], ax=axes[:2, :], shrink=0.6, aspect=40, ticks=[0, 0.5, 1])
    bar.ax.set_yticklabels(["0 alike", "0.5", "1 unlike"])
    figure.suptitle(title, fontsize=11, fontweight="bold")
    return figure


def measures(runs: Runs, title: str) -> Figure:
    """Draw, over one another, the mean distance at each lag, laminarity by band and entropy by band."""
    figure = plt.figure(figsize=(10.5, 3.1), layout="constrained")
    lags, laminarity, entropy = figure.subplots(1, 3)
    for (name, run), colour in zip(runs.items(), COLOURS, strict=False):
        table = run.recurrence()
        _curve(lags, run.lag_profile[:25], colour, name)
        middle = (table.band + table.upper) / 2
        laminarity.plot(middle, table.laminarity, color=colour, lw=1.3)
        entropy.plot(middle, np.where(table.entropy > 0, table.entropy, np.nan), color=colour, lw=1.3, marker=".", ms=3)
    lags.set(xlabel="lag, epochs", ylabel="mean transition distance", ylim=(0, 1))
    laminarity.set(xlabel="band of the transition distance", ylabel="laminarity", ylim=(0, 1))
    entropy.set(xlabel="band of the transition distance", ylabel="entropy, nats", ylim=(0, None))
    lags.legend(frameon=False, fontsize=8)
    figure.suptitle(title, fontsize=11, fontweight="bold")
    return figure


def table_of(runs: Runs) -> str:
    """Return the runs' numbers as a table in Markdown."""
    head = "run | test accuracy, last (best) | moved, last 10 epochs | went back | mean distance at lag 1, 2, 3 "
    head += "| best laminarity (band) | best entropy (band) | verdict"
    lines = [f"| {head} |", f"|{'---|' * (head.count('|') + 1)}"]
    for name, run in runs.items():
        recurrence, verdicts = run.recurrence(), run.verdicts()
        laminarity, entropy = recurrence.best_laminarity, recurrence.best_entropy
        tested, lags = run.metrics["val_accuracy"], run.lag_profile
        back = run.dynamics.return_rate[-10:]  # NaN where nothing moved
        cells = [
            name,
            f"{tested[-1]:.3f} ({np.nanmax(tested):.3f})",
            f"{run.dynamics.change_rate[-10:].mean():.2%}",
            "none moved" if np.isnan(back).all() else f"{np.nanmean(back):.0%}",
            ", ".join(f"{lag:.3f}" for lag in lags[1:4]),
            f"{laminarity.laminarity:.3f} ({laminarity.band:.2f})" if laminarity else "none",
            f"{entropy.entropy:.3f} ({entropy.band:.2f})" if entropy else "none",
            ", ".join(verdict.kind for verdict in verdicts) or "none",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def recurrence_tables(logs: Path) -> str:
    """Return laminarity and entropy of all bands and of every run kept in `logs`, as tables in Markdown."""
    parts = [RECURRENCE]
    for (network, data), title in TITLES.items():
        paths = sorted(logs.glob(f"{network}-{data}-*.nntf"), key=_by_parameter)
        if paths:
            runs = {path.stem.split("-", 2)[2]: nntf.load(path).recurrence() for path in paths}
            parts += [f"## {title}", _bands(runs)]
    return "\n\n".join(parts) + "\n"


def _by_parameter(path: Path) -> tuple[str, float]:
    """Return what a kept log is sorted by: ``lr0.01`` by lr, the largest first."""
    name = path.stem.split("-", 2)[2]
    value = name.lstrip(string.ascii_letters)
    return name.removesuffix(value), -float(value)


def _bands(tables: dict[str, RecurrenceTable]) -> str:
    lines = [f"| band | {' | '.join(tables)} |", f"|{'---|' * (len(tables) + 1)}"]
    first = next(iter(tables.values()))
    for row, (low, high) in enumerate(zip(first.band, first.upper, strict=True)):
        cells = []
        for table in tables.values():
            bests = {"laminarity": table.best_laminarity, "entropy": table.best_entropy}
            numbers = {name: f"{getattr(table, name)[row]:.3f}" for name in bests}
            marked = (
                f"**{numbers[name]}**" if best and best.band == low else numbers[name] for name, best in bests.items()
            )
            cells.append(" / ".join(marked))
        lines.append(f"| {low:.2f}\u2013{high:.2f} | {' | '.join(cells)} |")
    return "\n".join(lines)


def thinned(run: nntf.Fingerprint) -> nntf.Fingerprint:
    """Return the run of every `KEPT`-th sample: all its epochs and metrics, in a tenth of the bytes."""
    part = nntf.Fingerprint(class_names=run.class_names)
    labels = None if run.labels is None else run.labels[::KEPT]
    for t in range(len(run)):
        metrics = {name: values[t] for name, values in run.metrics.items() if np.isfinite(values[t])}
        part.update(run.predictions(t)[::KEPT], labels, metrics)
    return part


def main(runs_folder: Path, here: Path) -> None:
    """Write the figures, the tables and the thinned logs of the sweeps that are there; print the findings' tables."""
    mpl.rcParams.update({"font.size": 8, "axes.spines.top": False, "axes.spines.right": False, "savefig.dpi": 110})
    for folder in (here / "figures", here / "logs"):
        folder.mkdir(exist_ok=True)
    tables = []
    for (network, data), title in TITLES.items():
        for vary in ("lr", "momentum", "weight_decay"):
            runs = runs_of(runs_folder, network, data, vary)
            if not runs or (vary != "lr" and len(runs) == 1):  # one run alone is that of the default
                continue
            name = f"{network}-{data}-{vary}"
            fingerprints(runs, title).savefig(here / "figures" / f"{name}.png")
            measures(runs, title).savefig(here / "figures" / f"{name}-measures.png")
            tables += [f"### {title}, {vary}\n\n{table_of(runs)}\n"]
            for value, run in runs.items() if data != "digits" else ():  # these take a minute to train
                thinned(run).save(here / "logs" / f"{network}-{data}-{value.replace(' ', '')}.nntf")
    (here / "RECURRENCE.md").write_text(recurrence_tables(here / "logs"), encoding="utf-8")
    sys.stdout.write("\n".join(tables))


def _matrix(axes: Axes, values: np.ndarray, title: str = "") -> None:
    axes.imshow(values, vmin=0, vmax=1, cmap="viridis", interpolation="nearest")
    axes.spines[:].set_visible(False)
    axes.set_title(title, fontsize=9)


def _curve(axes: Axes, values: Sequence[float] | np.ndarray, colour: str, label: str, first: int = 0) -> None:
    axes.plot(np.arange(first, first + len(values)), values, color=colour, lw=1.3, label=label)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
