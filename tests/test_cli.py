"""The command line: what a log holds, and its arrays for other programs."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import runs

import nntf_widget as nntf
from nntf_widget.cli import main


@pytest.fixture
def log(tmp_path):
    """A log of two sessions."""
    runs.write(tmp_path / "run.nntf", 5)
    return runs.write(tmp_path / "run.nntf", 8)


def damaged_at_6(log):
    data = log.read_bytes()
    start = data.index(b'{"loss": Infinity'.replace(b"Infinity", b'"Infinity"'))
    log.write_bytes(data[:start] + b"x" + data[start + 1 :])


def table(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_info_tells_what_a_log_holds(log, capsys):
    assert main(["info", str(log)]) == 0
    told = capsys.readouterr().out
    assert f"{log}: 8 snapshots of 64 samples in 5 classes, finished\n" in told
    assert f"size: {log.stat().st_size} bytes" in told
    assert "labels: yes\n" in told
    assert "metric 'loss': -inf at the last snapshot\n" in told
    assert "snapshots 0 to 4: " in told
    assert "snapshots 5 to 7: " in told
    assert re.search(r" after a gap of \d+ s\n", told)


def test_info_of_a_log_that_is_just_beginning(tmp_path, capsys):
    run = runs.new(log=tmp_path / "run.nntf", strict=True)
    assert main(["info", str(tmp_path / "run.nntf")]) == 0
    assert capsys.readouterr().out.endswith(": 0 snapshots of 0 samples in 0 classes, live\n")
    assert len(run) == 0


def test_names_reach_the_terminal_without_control_characters(tmp_path, capsys):
    run = nntf.Fingerprint(class_names=["\x1b]0;owned\x07", "b"])
    run.update([0, 1], metrics={"\x1b[2J": 1})
    run.save(tmp_path / "run.nntf")
    assert main(["info", str(tmp_path / "run.nntf")]) == 0
    assert not set("\x1b\x07") & set(capsys.readouterr().out)


def test_names_that_a_terminal_has_no_letters_for_are_escaped(log, monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    odd = log.replace(log.with_name(os.fsdecode(b"r\xffn.nntf")))
    command = [sys.executable, "-m", "nntf_widget.cli"]
    told = subprocess.run([*command, "info", odd], capture_output=True, text=True, check=True).stdout
    assert r"r\udcffn.nntf: 8 snapshots" in told
    assert r"na\xefve \u732b" in told
    page = odd.with_name("run.html")
    viewed = subprocess.run([*command, "view", "--no-browser", "-o", page, odd], capture_output=True, check=False)
    assert (viewed.returncode, viewed.stderr) == (0, b"")
    assert "<title>r?n.nntf</title>" in page.read_text(encoding="utf-8")


def test_arrays_are_exported_to_one_file(log, tmp_path):
    assert main(["export", str(log), str(tmp_path / "run.npz")]) == 0
    run = nntf.load(log)
    with np.load(tmp_path / "run.npz") as arrays:
        np.testing.assert_array_equal(arrays["predictions"], [runs.predictions(t) for t in range(8)])
        np.testing.assert_array_equal(arrays["transition_distance"], run.transition_distance)
        np.testing.assert_array_equal(arrays["prediction_distance"], run.prediction_distance)
        np.testing.assert_array_equal(arrays["labels"], runs.LABELS)
        assert arrays["class_names"].tolist() == runs.NAMES
        for name, values in zip(arrays["metric_names"], arrays["metrics"].T, strict=True):
            np.testing.assert_array_equal(values, run.metrics[name])
        dense = np.zeros((7, 5, 5), int)
        t, origin, target, samples = arrays["transitions"].T
        dense[t, origin, target] = samples
        np.testing.assert_array_equal(dense, run.transitions)


def test_arrays_are_exported_to_tables(tmp_path):
    run = nntf.Fingerprint(class_names=["a, b", 'say "c"'])
    run.update([0, 1, 1], metrics={"loss": 0.5})
    run.update([0, 0, 1], metrics={"loss": 0.25})
    run.save(tmp_path / "run.nntf")
    assert main(["export", str(tmp_path / "run.nntf"), str(tmp_path / "tables")]) == 0
    tables = {file.stem: table(file) for file in (tmp_path / "tables").iterdir()}
    assert tables == {
        "classes": [["name"], ["a, b"], ['say "c"']],
        "metrics": [["loss"], ["0.5"], ["0.25"]],
        "predictions": [["0", "1", "1"], ["0", "0", "1"]],
        "transitions": [
            ["t", "from", "to", "samples"],
            ["0", "0", "0", "1"],
            ["0", "1", "0", "1"],
            ["0", "1", "1", "1"],
        ],
        "transition_distance": [["0.0"]],
        "prediction_distance": [["0", "1"], ["1", "0"]],
    }


@pytest.mark.parametrize("to", ["run.npz", "tables"])
def test_names_beyond_unicode_do_not_stop_an_export(log, tmp_path, to):
    assert main(["export", str(log), str(tmp_path / to)]) == 0


def test_an_export_writes_over_nothing(log, tmp_path, capsys):
    (tmp_path / "precious.npz").write_text("precious")
    assert main(["export", str(log), str(tmp_path / "precious.npz")]) == 1
    assert "File exists" in capsys.readouterr().err
    assert (tmp_path / "precious.npz").read_text() == "precious"
    assert main(["export", str(log), str(tmp_path)]) == 1


def test_of_a_damaged_log_what_is_good_is_told_and_exported(log, tmp_path, capsys):
    damaged_at_6(log)
    assert main(["info", str(log)]) == 1
    told = capsys.readouterr()
    assert ": 2 snapshots of 64 samples" in told.out
    assert "damaged at snapshot 2" in told.err
    assert main(["export", str(log), str(tmp_path / "run.npz")]) == 1
    with np.load(tmp_path / "run.npz") as arrays:
        assert len(arrays["predictions"]) == 2


def facts_in(page):
    (saved,) = re.findall(r'id="nntf-run">(.*?)</script>', page.read_text(encoding="utf-8"), re.DOTALL)
    return json.loads(saved)["facts"]


@pytest.fixture
def browser(tmp_path, monkeypatch):
    """A program in the place of the browser, which notes what it is given."""
    program, opened = tmp_path / "browser", tmp_path / "opened"
    program.write_text(f'#!/bin/sh\nprintf %s "$1" > {opened}\n')
    program.chmod(0o755)
    monkeypatch.setenv("BROWSER", str(program))
    return opened


def view(*arguments):
    """Run the command as from a terminal: which browser there is, Python looks up once a process."""
    command = [sys.executable, "-m", "nntf_widget.cli", "view", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_run_is_viewed_in_the_browser(log, browser):
    done = view(log)
    page = Path(done.stdout.strip())
    assert (done.returncode, done.stderr) == (0, "")
    assert browser.read_text() == page.as_uri()
    assert facts_in(page)["num_samples"] == runs.NUM_SAMPLES
    shutil.rmtree(page.parent)


def test_a_page_is_written_where_one_says_and_no_browser_is_opened(log, tmp_path, browser, capsys):
    assert main(["view", str(log), "--no-browser", "-o", str(tmp_path / "run.html")]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'run.html'}\n"
    assert "<title>run.nntf</title>" in (tmp_path / "run.html").read_text(encoding="utf-8")
    assert not browser.exists()
    assert main(["view", str(log), "--no-browser", "-o", str(tmp_path / "run.html")]) == 1
    assert "File exists" in capsys.readouterr().err


def test_of_a_damaged_log_what_is_good_is_viewed(log, tmp_path, capsys):
    damaged_at_6(log)
    assert main(["view", str(log), "--no-browser", "-o", str(tmp_path / "run.html")]) == 1
    assert "damaged at snapshot 2" in capsys.readouterr().err
    assert facts_in(tmp_path / "run.html")["num_samples"] == runs.NUM_SAMPLES


def test_a_file_that_is_no_log_is_named(tmp_path, capsys):
    (tmp_path / "precious").write_text("precious")
    assert main(["info", str(tmp_path / "precious")]) == 1
    assert capsys.readouterr().err.startswith(f"nntf-widget: {tmp_path / 'precious'} cannot be read")
    assert main(["info", str(tmp_path / "nothing")]) == 1
    assert capsys.readouterr().err == f"nntf-widget: no run log at {tmp_path / 'nothing'}\n"


def test_a_log_without_snapshots_has_nothing_to_export(tmp_path, capsys):
    nntf.Fingerprint(2).save(tmp_path / "run.nntf")
    for command in (["export", str(tmp_path / "run.npz")], ["view", "-o", str(tmp_path / "run.html")]):
        assert main([command[0], str(tmp_path / "run.nntf"), *command[1:]]) == 1
        assert "has no snapshot yet" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["run.nntf"]


def test_the_command_needs_no_widget_and_no_framework(log):
    code = "import sys, nntf_widget.cli as cli; cli.main(['info', sys.argv[1]]); print(sorted(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code, log], capture_output=True, text=True, check=True).stdout
    assert not {"'torch'", "'ipywidgets'", "'bqplot'"} & set(told.replace("[", "").replace("]", "").split(", "))
