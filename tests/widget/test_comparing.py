"""The comparison widget: what is compared, what the page is told, and that it keeps up with runs that grow."""

import struct
import time

import numpy as np
import pytest

import nntf_widget as nntf


def grow(run, epochs, seed=0):
    random = np.random.default_rng(seed)
    labels = np.arange(120) % 3
    for t in range(len(run), len(run) + epochs):
        wrong = random.random(120) < 0.8 / (1 + t)
        run.update(np.where(wrong, random.integers(0, 3, 120), labels), labels=labels)
    return run


@pytest.fixture
def runs():
    return {name: grow(nntf.Fingerprint(3), 10, seed) for seed, name in enumerate(["a", "b"])}


def wait_until(holds):
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_the_page_has_a_row_and_a_fingerprint_of_each_run(runs):
    widget = nntf.compare(runs)
    first = widget.runs[0]
    assert (first["name"], first["snapshots"], first["side"]) == ("a", 10, 9)
    assert first["accuracy"] == runs["a"].dynamics.accuracy[-1]
    cells = np.frombuffer(first["cells"], np.uint8).reshape(9, 9)
    assert np.abs(cells / 255 - runs["a"].transition_distance).max() <= 0.5 / 255
    recall = struct.unpack("<6f", widget.classes["recall"])
    assert np.allclose(recall[:3], runs["a"].dynamics.recall[-1])
    assert repr(widget) == "<ComparisonWidget of 2 runs: a, b>"
    widget.close()


def test_what_lies_between_two_runs_follows_the_pair(runs):
    widget = nntf.compare({**runs, "c": grow(nntf.Fingerprint(3), 4, 7)})
    assert (widget.cross["pair"], widget.cross["rows"], widget.cross["columns"]) == ([0, 1], 10, 10)
    widget.pair = (2, 0)
    shares = np.frombuffer(widget.cross["shares"], np.uint8).reshape(4, 10) / 255
    assert np.abs(shares - widget.comparison.cross_distance("c", "a") / 120).max() <= 0.5 / 255
    assert widget.cross["nearest"] == widget.comparison.nearest("c", "a").tolist()
    assert widget.cross["least"] == (widget.comparison.cross_distance("c", "a").min(axis=0) / 120).tolist()
    widget.close()


def test_the_nearest_epoch_is_told_where_colours_cannot_tell_it():
    flipped = np.zeros((3, 2000), int)
    flipped[0, :2] = flipped[1, :1] = 1  # 0.1 % and 0.05 % apart from the last: the same colour
    runs = {"a": nntf.Fingerprint(2), "b": nntf.Fingerprint(2)}
    for classes in flipped:
        runs["a"].update(classes)
        runs["b"].update(flipped[2])
    widget = nntf.compare(runs)
    assert set(widget.cross["shares"]) == {0}
    assert widget.cross["nearest"] == [2, 2, 2]
    widget.close()


def test_of_long_runs_every_so_many_th_snapshot_is_set_against_each_other(monkeypatch, runs):
    monkeypatch.setattr("nntf_widget.widget.comparing.THUMB", 4)
    widget = nntf.compare(runs)
    assert [widget.cross[key] for key in ("rows", "columns", "every")] == [4, 4, 3]
    assert len(widget.cross["shares"]) == 16
    widget.close()


def test_each_run_has_a_line_of_its_own_and_its_name_where_its_curve_ends(runs):
    more = {f"run {index}": grow(nntf.Fingerprint(3), 4, index) for index in range(12)}
    widget = nntf.compare({**runs, **more})
    lines = {(run["colour"], run["line"]) for run in widget.runs}
    assert len(lines) == 14
    accuracy = widget._charts.children[0].children[1]
    curves, names = accuracy.marks[:14], accuracy.marks[14:]
    assert [(curve.colors[0], curve.line_style) for curve in curves] == [
        (run["colour"], run["line"]) for run in widget.runs
    ]
    assert [name.text[0] for name in names] == [*runs, *more]
    assert [name.x[0] for name in names] == [9] * 14
    heights = np.sort([name.y[0] for name in names])
    assert np.diff(heights).min() >= 0.99 * np.ptp([accuracy.axes[1].scale.min, accuracy.axes[1].scale.max]) / 15
    widget.close()


def test_the_map_is_drawn_at_one_scale_along_both_axes(runs):
    widget = nntf.compare(runs)
    figure = widget._charts.children[-1].children[1]
    x, y = (figure.marks[0].scales[axis] for axis in "xy")
    margin = 16
    assert (x.max - x.min) / (y.max - y.min) == pytest.approx((1.5 * 240 - margin) / (240 - margin))
    assert figure.min_aspect_ratio == figure.max_aspect_ratio == 1.5
    for path in figure.marks[::2]:
        assert x.min < path.x.min() <= path.x.max() < x.max
        assert y.min < path.y.min() <= path.y.max() < y.max
    widget.close()


def test_a_curve_is_named_where_it_was_last_known(runs):
    for value in (0.5, 0.6, None):
        metrics = {} if value is None else {"accuracy": value}
        runs["unlabelled"] = runs.get("unlabelled") or nntf.Fingerprint(3)
        runs["unlabelled"].update(np.arange(120) % 3, metrics=metrics)
    widget = nntf.compare(runs)
    name = widget._charts.children[0].children[1].marks[-1]
    assert (name.text[0], name.y[0]) == ("unlabelled", pytest.approx(0.6))
    widget.close()


def test_a_chosen_run_is_shown_whole_and_put_away_again(runs):
    widget = nntf.compare(runs)
    widget.chosen = 1
    (shown,) = widget._whole.children
    assert shown.children[0].fingerprint is runs["b"]
    widget.chosen = None
    assert widget._whole.children == ()
    widget.close()


def test_it_keeps_up_with_a_run_that_grows(runs):
    widget = nntf.compare(runs)
    grow(runs["b"], 2)
    wait_until(lambda: widget.runs[1]["snapshots"] == 12)
    widget.close()
    grow(runs["b"], 1)
    time.sleep(0.7)
    assert widget.runs[1]["snapshots"] == 12


def test_a_run_that_has_not_begun_is_there_from_its_first_snapshot_on(runs):
    waiting = nntf.Fingerprint(3)
    widget = nntf.compare({"a": runs["a"], "waiting": waiting})
    assert (widget.cross["rows"], widget.cross["columns"], widget.cross["nearest"]) == (10, 0, [])
    assert widget.runs[1]["snapshots"] == 0
    grow(waiting, 3)
    wait_until(lambda: widget.cross["columns"] == 3)
    assert widget.note == ""
    widget.close()


def test_a_folder_of_logs_is_compared_by_their_names_and_followed(tmp_path, runs):
    writer = nntf.Fingerprint(3, log=tmp_path / "live.nntf")
    grow(writer, 3)
    runs["a"].save(tmp_path / "done.nntf")
    widget = nntf.compare(tmp_path)
    assert [(run["name"], run["snapshots"]) for run in widget.runs] == [("done", 10), ("live", 3)]
    grow(writer, 2)
    wait_until(lambda: widget.runs[1]["snapshots"] == 5)
    widget.close()


@pytest.mark.parametrize(
    ("files", "names"),
    [
        (["lenet5-mnist-lr0.01", "lenet5-mnist-lr0.001"], ["lr0.001", "lr0.01"]),
        (["run", "run-2"], ["run-2", "run"]),
        (["lenet5-mnist"], ["lenet5-mnist"]),
    ],
)
def test_the_words_that_all_logs_of_a_folder_begin_with_are_left_out(tmp_path, runs, files, names):
    for file in files:
        runs["a"].save(tmp_path / f"{file}.nntf")
    widget = nntf.compare(tmp_path)
    assert [run["name"] for run in widget.runs] == names
    widget.close()


def test_runs_on_other_samples_are_compared_as_far_as_they_can_be(runs):
    other = nntf.Fingerprint(3)
    other.update([0, 1, 2])
    widget = nntf.compare({**runs, "other": other})
    assert widget.note == "No distances between runs: the runs differ in num_samples: [3, 120]."
    assert widget.cross == {}
    assert len(widget.runs) == 3
    assert widget.runs[2]["accuracy"] is None
    widget.close()


def test_a_long_run_is_averaged_down(monkeypatch, runs):
    monkeypatch.setattr("nntf_widget.widget.comparing.THUMB", 4)
    widget = nntf.compare({"a": runs["a"]})
    assert widget.runs[0]["side"] == 3
    cells = np.frombuffer(widget.runs[0]["cells"], np.uint8).reshape(3, 3) / 255
    blocks = runs["a"].transition_distance.reshape(3, 3, 3, 3).mean(axis=(1, 3))
    assert np.abs(cells - blocks).max() <= 0.5 / 255
    widget.close()


def test_what_cannot_be_compared_is_refused(tmp_path):
    with pytest.raises(ValueError, match="expected a folder with run logs"):
        nntf.compare(tmp_path)
    with pytest.raises(TypeError, match="runs is a list; expected a mapping"):
        nntf.compare([nntf.Fingerprint(3)])
    with pytest.raises(TypeError, match=r"runs\['a'\] is a int; expected a Fingerprint, a Watch or a run log"):
        nntf.compare({"a": 1})
    with pytest.raises(FileNotFoundError):
        nntf.compare({"a": tmp_path / "none.nntf"})
