"""The command line: what a log holds, and its arrays for other programs."""

from __future__ import annotations

import csv
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import numpy as np
import pytest
import runs

import nntf_widget as nntf
from nntf_widget.cli import main


@pytest.fixture
def log(tmp_path, monkeypatch):
    """A log of two sessions, the second 90 s after the first."""
    monkeypatch.setattr(time, "time", lambda: 1e9)
    runs.write(tmp_path / "run.nntf", 5)
    monkeypatch.setattr(time, "time", lambda: 1e9 + 90)
    runs.write(tmp_path / "run.nntf", 8)
    monkeypatch.undo()
    return tmp_path / "run.nntf"


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
    assert " after a gap of 90 s\n" in told


def test_info_tells_the_verdicts(tmp_path, capsys):
    run = nntf.Fingerprint(class_names=["\x1b[2J", "bee"])
    still = np.arange(100) % 2
    for classes in [still, np.where(np.arange(100) < 40, 1 - still, still)] * 6:
        run.update(classes)
    run.save(tmp_path / "run.nntf")
    assert main(["info", str(tmp_path / "run.nntf")]) == 0
    told = capsys.readouterr().out
    assert "verdict: oscillating. 100% of the moves go straight back, most between " in told
    assert "\x1b" not in told


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


HOSTILE_NAME = "\x1b]0;owned\x07 \u202e.nntf"


def says_nothing_to_the_terminal(said):
    return said and all(line.isprintable() for line in said.splitlines())


@pytest.mark.parametrize("command", [["info"], ["export", "--", "to"]], ids=["info", "export"])
@pytest.mark.parametrize("content", ["run", "damaged", "text", "folder", "nothing"])
def test_file_names_reach_the_terminal_without_control_characters(tmp_path, capsys, monkeypatch, command, content):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / HOSTILE_NAME
    if content in {"run", "damaged"}:
        runs.write(path, 3)
    if content == "damaged":
        path.write_bytes(path.read_bytes().replace(b"TABLE snapshot (", b"TABLE snap\x1bhot ("))
    elif content == "text":
        path.write_text("precious")
    elif content == "folder":
        path.mkdir()
    name, *more = command
    assert main([name, str(path), *[word for word in more if word != "--"]]) == (content != "run")
    told = capsys.readouterr()
    assert says_nothing_to_the_terminal(told.out + told.err) or (content, name) == ("run", "export")


def test_what_a_damaged_schema_says_reaches_no_terminal(tmp_path):
    path = runs.write(tmp_path / HOSTILE_NAME, 3)
    path.write_bytes(path.read_bytes().replace(b"TABLE snapshot (", b"TABLE snap\x1bhot ("))
    with pytest.raises(nntf.RunLogError) as caught:
        nntf.load(path)
    assert str(caught.value).isprintable()


def test_arrays_are_exported_to_one_file(log, tmp_path):
    assert main(["export", str(log), str(tmp_path / "run.npz")]) == 0
    run = nntf.load(log)
    with np.load(tmp_path / "run.npz") as arrays:
        np.testing.assert_array_equal(arrays["predictions"], [runs.predictions(t) for t in range(8)])
        np.testing.assert_array_equal(arrays["transition_distance"], run.transition_distance)
        np.testing.assert_array_equal(arrays["excess_distance"], run.excess_distance)
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
    run = nntf.Fingerprint(class_names=["=a, b", 'say "c"'])
    run.update([0, 1, 1], labels=[0, 0, 1], metrics={"loss": 0.5, "-x": 1})
    run.update([0, 0, 1], metrics={"loss": 0.25, "-x": 2})
    run.update([1, 0, 1])
    run.save(tmp_path / "run.nntf")
    assert main(["export", str(tmp_path / "run.nntf"), str(tmp_path / "tables")]) == 0
    tables = {file.stem: table(file) for file in (tmp_path / "tables").iterdir()}
    assert tables == {
        "classes": [["class", "name"], ["0", "'=a, b"], ["1", 'say "c"']],
        "labels": [["sample", "label"], ["0", "0"], ["1", "0"], ["2", "1"]],
        "metrics": [["epoch", "loss", "'-x"], ["0", "0.5", "1.0"], ["1", "0.25", "2.0"], ["2", "nan", "nan"]],
        "predictions": [["epoch", "0", "1", "2"], ["0", "0", "1", "1"], ["1", "0", "0", "1"], ["2", "1", "0", "1"]],
        "transitions": [
            ["from_epoch", "to_epoch", "from_class", "to_class", "samples"],
            ["0", "1", "0", "0", "1"],
            ["0", "1", "1", "0", "1"],
            ["0", "1", "1", "1", "1"],
            ["1", "2", "0", "0", "1"],
            ["1", "2", "0", "1", "1"],
            ["1", "2", "1", "1", "1"],
        ],
        "transition_distance": [["to_epoch", "1", "2"], ["1", "0.0", "1.0"], ["2", "1.0", "0.0"]],
        "excess_distance": [["to_epoch", "1", "2"], ["1", "0.0", "nan"], ["2", "nan", "0.0"]],
        "prediction_distance": [
            ["epoch", "0", "1", "2"],
            ["0", "0", "1", "2"],
            ["1", "1", "0", "1"],
            ["2", "2", "1", "0"],
        ],
    }


def test_names_that_end_in_nul_stay_different(tmp_path):
    run = nntf.Fingerprint(class_names=["a", "a\0", "a\0\0"])
    run.update([0, 1, 2])
    run.save(tmp_path / "run.nntf")
    assert nntf.load(tmp_path / "run.nntf").class_names == ["a", "a\0", "a\0\0"]
    assert main(["export", str(tmp_path / "run.nntf"), str(tmp_path / "run.npz")]) == 0
    with np.load(tmp_path / "run.npz") as arrays:
        assert arrays["class_names"].tolist() == ["a", r"a\x00", r"a\x00\x00"]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_no_name_reaches_a_spreadsheet_as_a_formula(tmp_path, begin):
    run = nntf.Fingerprint(class_names=[f"{begin}cmd|' /C calc'!A0", "b"])
    run.update([0, 1], metrics={f"{begin}1+1": -1.0})
    run.save(tmp_path / "run.nntf")
    assert main(["export", str(tmp_path / "run.nntf"), str(tmp_path / "tables")]) == 0
    cells = [cell for file in (tmp_path / "tables").iterdir() for row in table(file) for cell in row]
    assert f"'{begin}1+1" in cells
    assert [cell for cell in cells if cell.startswith(begin)] == (["-1.0"] if begin == "-" else [])


def test_snapshots_that_are_no_epochs_are_not_called_so_in_the_tables(tmp_path):
    run = nntf.Fingerprint(2, unit="snapshot")
    for ids in ([0, 1], [1, 1]):
        run.update(ids)
    run.save(tmp_path / "run.nntf")
    assert main(["export", str(tmp_path / "run.nntf"), str(tmp_path / "tables")]) == 0
    headers = {file.stem: table(file)[0] for file in (tmp_path / "tables").iterdir()}
    assert headers["predictions"][0] == "snapshot"
    assert headers["transitions"][:2] == ["from_snapshot", "to_snapshot"]


def test_a_run_of_one_epoch_and_no_metric_is_exported_to_tables(tmp_path):
    run = nntf.Fingerprint(2)
    run.update([0, 1])
    run.save(tmp_path / "run.nntf")
    assert main(["export", str(tmp_path / "run.nntf"), str(tmp_path / "tables")]) == 0
    assert table(tmp_path / "tables" / "metrics.csv") == [["epoch"], ["0"]]
    assert table(tmp_path / "tables" / "transition_distance.csv") == [["to_epoch"]]


@pytest.mark.parametrize("to", ["run.npz", "tables"])
def test_names_beyond_unicode_do_not_stop_an_export(log, tmp_path, to):
    assert main(["export", str(log), str(tmp_path / to)]) == 0


def test_an_export_writes_over_nothing(log, tmp_path, capsys):
    (tmp_path / "precious.npz").write_text("precious")
    for there in (tmp_path / "precious.npz", tmp_path):
        assert main(["export", str(log), str(there)]) == 1
        assert capsys.readouterr().err == f"nntf-widget: {there} exists already; expected a new file or folder\n"
    assert (tmp_path / "precious.npz").read_text() == "precious"


@pytest.mark.parametrize(
    ("name", "suffix", "folder"),
    [("foo.csv", ".csv", "foo"), ("foo.NPZ", ".NPZ", "foo"), ("foo.tar.gz", ".gz", "foo_tar")],
)
def test_an_export_to_a_file_of_another_kind_is_refused(log, tmp_path, capsys, name, suffix, folder):
    with pytest.raises(SystemExit, match="2"):
        main(["export", str(log), str(tmp_path / name)])
    assert capsys.readouterr().err.endswith(
        f"argument to: {tmp_path / name} ends in {suffix}; expected a name that ends in .npz, "
        f"or a folder's name without a suffix, such as {folder}\n"
    )
    assert not (tmp_path / name).exists()


def test_the_help_tells_what_an_export_may_be_written_to(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["export", "--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert "a new file NAME.npz, or a new folder NAME, without a suffix, for CSV" in told


@pytest.mark.parametrize("name", ["run.npz", "tables"])
def test_an_export_makes_no_folder_around_its_target(log, tmp_path, capsys, name):
    to = tmp_path / "nowhere" / name
    assert main(["export", str(log), str(to)]) == 1
    assert capsys.readouterr().err == f"nntf-widget: {to} cannot be written: there is no folder {to.parent}\n"
    assert not to.parent.exists()


def test_of_a_damaged_log_what_is_good_is_told_and_exported(log, tmp_path, capsys):
    damaged_at_6(log)
    assert main(["info", str(log)]) == 1
    told = capsys.readouterr()
    assert ": 2 snapshots of 64 samples" in told.out
    assert "damaged at snapshot 2" in told.err
    assert main(["export", str(log), str(tmp_path / "run.npz")]) == 1
    with np.load(tmp_path / "run.npz") as arrays:
        assert len(arrays["predictions"]) == 2


def test_a_file_that_is_no_log_is_named(tmp_path, capsys):
    (tmp_path / "precious").write_text("precious")
    for name, words in {
        "precious": f"{tmp_path}/precious cannot be read: file is not a database",
        "nothing": f"there is no file {tmp_path}/nothing",
        "": f"{tmp_path} is a folder; expected a run log",
    }.items():
        assert main(["info", str(tmp_path / name)]) == 1
        assert capsys.readouterr() == ("", f"nntf-widget: {words}\n")


def test_a_log_damaged_from_its_beginning_has_nothing_to_tell(log, capsys):
    with closing(sqlite3.connect(log)) as connection, connection:
        connection.execute("UPDATE snapshot SET classes = x'00' WHERE t = 0")
    assert main(["info", str(log)]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "damaged at snapshot 0" in told.err


def test_paths_may_begin_at_home(log, monkeypatch, capsys):
    monkeypatch.setenv("HOME", str(log.parent))
    assert main(["info", "~/run.nntf"]) == 0
    assert main(["export", "~/run.nntf", "~/run.npz"]) == 0
    assert log.with_suffix(".npz").exists()
    assert main(["info", "~no-such-user/run.nntf"]) == 1
    assert capsys.readouterr().err == "nntf-widget: there is no file ~no-such-user/run.nntf\n"


def test_a_log_without_snapshots_has_nothing_to_export(tmp_path, capsys):
    nntf.Fingerprint(2).save(tmp_path / "run.nntf")
    assert main(["export", str(tmp_path / "run.nntf"), str(tmp_path / "run.npz")]) == 1
    assert "has no snapshot yet" in capsys.readouterr().err


def test_the_module_is_the_command(log):
    def told(*arguments):
        command = [sys.executable, "-m", "nntf_widget", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    assert told("--version") == (0, f"nntf-widget {nntf.__version__}\n", "")
    assert told("info", log)[1].startswith(f"{log}: 8 snapshots")
    assert told("info", log.parent) == (1, "", f"nntf-widget: {log.parent} is a folder; expected a run log\n")
    assert told()[2].startswith("usage: nntf-widget ")


def test_the_command_needs_no_widget_and_no_framework(log):
    code = "import sys, nntf_widget.cli as cli; cli.main(['info', sys.argv[1]]); print(sorted(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code, log], capture_output=True, text=True, check=True).stdout
    assert not {"'torch'", "'ipywidgets'", "'bqplot'"} & set(told.replace("[", "").replace("]", "").split(", "))
