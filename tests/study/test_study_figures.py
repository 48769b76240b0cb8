"""The findings' figures and tables, drawn from a small sweep."""

from __future__ import annotations

import numpy as np
import pytest
from data import load
from figures import KEPT, main, recurrence_tables, runs_of, table_of, thinned
from training import Setting, train

import nntf_widget as nntf


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    data = load("digits")
    for lr in (0.0001, 0.05):
        train(Setting("lenet5", "digits", lr=lr, epochs=12), data, folder)
    return folder


def test_runs_are_found_by_what_was_varied_the_largest_first(sweep):
    assert list(runs_of(sweep, "lenet5", "digits")) == ["lr 0.05", "lr 0.0001"]


def test_runs_of_other_sweeps_in_the_same_folder_are_left_out(sweep, tmp_path):
    for path in sweep.glob("*.nntf"):
        nntf.load(path).save(tmp_path / path.name)
    run = nntf.load(tmp_path / "lenet5-digits-lr0.05-m0.9-wd0.nntf")
    short = nntf.Fingerprint(10)
    for t in range(4):
        short.update(run.predictions(t))
    for setting in ("lr0.05-m0.5-wd0", "lr0.05-m0.9-wd0.1", "lr0.01-m0.95-wd0", "lr0.01-m0.5-wd0"):
        short.save(tmp_path / f"lenet5-digits-{setting}.nntf")
    assert {name: len(run) for name, run in runs_of(tmp_path, "lenet5", "digits").items()} == {
        "lr 0.05": 13,
        "lr 0.0001": 13,
    }
    assert list(runs_of(tmp_path, "lenet5", "digits", "momentum")) == ["momentum 0.95", "momentum 0.5"]


def test_the_table_has_a_line_for_each_run(sweep):
    runs = runs_of(sweep, "lenet5", "digits")
    lines = table_of(runs).splitlines()
    assert len({line.count("|") for line in lines}) == 1
    accuracy = runs["lr 0.05"].metrics["val_accuracy"]
    assert lines[2].startswith(f"| lr 0.05 | {accuracy[-1]:.3f} ({accuracy.max():.3f}) |")


def test_a_thinned_run_is_every_so_many_th_sample(sweep):
    run = runs_of(sweep, "lenet5", "digits")["lr 0.05"]
    part = thinned(run)
    assert part.num_samples == run.num_samples // KEPT
    assert np.array_equal(part.predictions(7), run.predictions(7)[::KEPT])
    assert np.array_equal(part.metrics["val_accuracy"], run.metrics["val_accuracy"])


def test_figures_and_logs_are_written(sweep, tmp_path, capsys):
    for path in sweep.glob("*.nntf"):
        nntf.load(path).save(tmp_path / path.name.replace("digits", "mnist"))
    main(tmp_path, tmp_path)
    pictures = sorted(path.name for path in (tmp_path / "figures").iterdir())
    assert pictures == ["lenet5-mnist-lr-measures.png", "lenet5-mnist-lr.png"]
    assert len(nntf.load(tmp_path / "logs" / "lenet5-mnist-lr0.05.nntf")) == 13
    assert "### LeNet-5 on MNIST" in capsys.readouterr().out
    assert (tmp_path / "RECURRENCE.md").read_text(encoding="utf-8") == recurrence_tables(tmp_path / "logs")


def test_the_tables_of_recurrence_are_those_of_the_logs_beside_them(study):
    written = (study / "RECURRENCE.md").read_text(encoding="utf-8")
    assert written == recurrence_tables(study / "logs")
    run = nntf.load(study / "logs" / "lenet5-cifar10-lr0.01.nntf").recurrence()
    band = next(line for line in written.splitlines() if line.startswith("| 0.30"))
    assert band.split("|")[2].strip() == f"{run.laminarity[6]:.3f} / {run.entropy[6]:.3f}"
