import json
import re
import threading

import numpy as np
import pytest
import traitlets
from packets import read_log

import nntf_widget as nntf
from nntf_widget.widget import widget_of


def grown(run, epochs, num_samples=200):
    random = np.random.default_rng(len(run))
    for _ in range(epochs):
        run.update(random.integers(0, 3, num_samples), metrics={"loss": random.random(), "accuracy": 0.5})


def snapshots(messages):
    return [
        buffers[0]
        for _, data, buffers in messages
        if data.get("method") == "custom" and data["content"]["type"] == "snapshot"
    ]


def updates(messages, trait):
    return [data for _, data, _ in messages if data.get("method") == "update" and trait in data["state"]]


def test_every_epoch_goes_out_as_one_packet_and_the_log_is_not_sent_again(messages):
    run = nntf.Fingerprint(3)
    nntf.FingerprintWidget(run)
    grown(run, 5)
    assert [packet["t"] for packet in read_log(b"".join(snapshots(messages)))] == [0, 1, 2, 3, 4]
    assert len({len(packet) for packet in snapshots(messages)}) > 1
    assert not any(
        buffers and b"NNTF" in bytes(buffers[0])
        for data, buffers in ((d, b) for _, d, b in messages if d.get("method") == "update")
    )


def test_a_page_that_opens_later_starts_from_the_whole_log(messages):
    run = nntf.Fingerprint(3, class_names=["cat", "dog", "<b>frog</b>"])
    grown(run, 4)
    widget = nntf.FingerprintWidget(run)
    assert [packet["t"] for packet in read_log(widget.get_state("log")["log"])] == [0, 1, 2, 3]
    assert widget.facts == {
        "num_samples": 200,
        "num_classes": 3,
        "class_names": ["cat", "dog", "<b>frog</b>"],
        "unit": "epoch",
        "faults": [],
        "ended": None,
        "resumed_at": [],
        "measures": {"accuracy": {"accuracy": ""}, "loss": {"loss": ""}},
    }
    grown(run, 1)
    assert [packet["t"] for packet in read_log(widget.log)] == [0, 1, 2, 3, 4]
    assert len(snapshots(messages)) == 1


def test_the_curves_are_the_metrics():
    run = nntf.Fingerprint(3)
    widget = nntf.FingerprintWidget(run)
    grown(run, 2)
    charts = widget._curves.children
    grown(run, 2)
    assert widget._curves.children == charts
    assert [figure.marks[2].text[0] for figure in charts] == ["loss", "accuracy"]
    assert np.allclose(charts[-1].marks[0].y, run.metrics["accuracy"])


def test_a_run_without_metrics_has_no_curves():
    run = nntf.Fingerprint(3)
    widget = nntf.FingerprintWidget(run)
    for classes in ([0, 1], [1, 1], [1, 2]):
        run.update(classes)
    assert widget._curves.children == ()


def test_metrics_that_come_after_their_snapshot_go_out_alone(messages):
    run = nntf.Fingerprint(3)
    widget = nntf.FingerprintWidget(run)
    grown(run, 2)
    messages.clear()
    run.add_metrics({"val_loss": np.inf})
    sent = [(data["content"], buffers) for _, data, buffers in messages if data.get("method") == "custom"]
    assert [content for content, _ in sent] == [{"type": "metrics", "t": 1}]
    assert json.loads(sent[0][1][0]) == {**run.metrics_at(1), "val_loss": None}
    assert read_log(widget.log)[1]["metrics"] == json.loads(sent[0][1][0])
    assert widget._curves.children[0].marks[0].labels == ["loss", "val_loss"]
    grown(run, 1)
    assert len(snapshots(messages)) == 1


def test_a_page_that_missed_a_packet_gets_the_log(messages):
    run = nntf.Fingerprint(3)
    widget = nntf.FingerprintWidget(run)
    grown(run, 2)
    messages.clear()
    widget._handle_custom_msg({"type": "resend"}, [])
    assert len(updates(messages, "facts")) == 1
    assert any(buffers for _, _, buffers in messages)


def test_the_facts_follow_when_the_first_scores_tell_the_classes():
    run = nntf.Fingerprint()
    widget = nntf.FingerprintWidget(run)
    assert widget.facts["num_classes"] is None
    run.update(np.eye(4))
    assert (widget.facts["num_samples"], widget.facts["num_classes"]) == (4, 4)


def test_the_verdicts_follow_where_they_are_others(messages):
    run = nntf.Fingerprint(class_names=["cat", "dog", "<b>frog</b>"])
    widget = nntf.FingerprintWidget(run)
    still = np.arange(90) % 3
    swapped = np.where(np.arange(90) < 30, (still + 1) % 3, still)
    for classes in [still, swapped] * 6:
        run.update(classes)
    (verdict,) = widget.get_state("verdicts")["verdicts"]
    assert (verdict["name"], verdict["epochs"], verdict["classes"]) == ("oscillating", [1, 11], [0, 1, 2])
    assert verdict["sentence"] == run.verdicts()[0].sentence
    assert len(updates(messages, "verdicts")) == 2  # at the first that can be, and at the next, of other epochs
    run.add_metrics({"val_accuracy": 0.5})
    assert len(updates(messages, "verdicts")) == 2


def test_a_fault_in_a_verdict_is_reported_and_the_run_goes_on(messages, monkeypatch):
    run = nntf.Fingerprint(3)
    nntf.FingerprintWidget(run)
    monkeypatch.setattr(nntf.Fingerprint, "verdicts", lambda *_: 1 / 0)
    with pytest.warns(nntf.FingerprintWarning, match="A verdict failed: ZeroDivisionError"):
        grown(run, 1)
    grown(run, 2)
    assert [packet["t"] for packet in read_log(b"".join(snapshots(messages)))] == [0, 1, 2]


def test_a_fault_is_shown_and_the_run_goes_on(messages, monkeypatch):
    run = nntf.Fingerprint(3)
    widget = nntf.FingerprintWidget(run)
    monkeypatch.setattr(widget._curves, "show", lambda *_: 1 / 0)
    with pytest.warns(nntf.FingerprintWarning, match="ZeroDivisionError"):
        grown(run, 1)
    grown(run, 2)
    assert len(run) == 3
    assert len(widget.facts["faults"]) == 1
    assert [packet["t"] for packet in read_log(b"".join(snapshots(messages)))] == [0, 1, 2]


def test_the_page_learns_where_a_run_was_taken_up_again(tmp_path):
    grown(nntf.Fingerprint(3, log=tmp_path / "run.nntf", strict=True), 2)
    run = nntf.Fingerprint(3, log=tmp_path / "run.nntf", strict=True)
    widget = nntf.FingerprintWidget(run)
    grown(run, 1)
    assert widget.facts["resumed_at"] == [2]
    assert widget._curves.children[-1].marks[1].x.tolist() == [1.5, 1.5]


def test_the_page_cannot_write_what_python_owns():
    run = nntf.Fingerprint(3)
    widget = nntf.FingerprintWidget(run)
    widget.set_state(
        {
            "facts": {"num_samples": 7},
            "log": b"",
            "verdicts": [{"name": "converged"}],
            "selected_class": 2,
            "distance": "prediction",
            "selected_epochs": [1, 4],
        }
    )
    assert (widget.facts["num_samples"], widget.log, widget.verdicts) == (None, b"", [])
    assert (widget.selected_class, widget.distance, widget.selected_epochs) == (2, "prediction", (1, 4))


def test_the_epoch_in_focus_is_one_of_the_run_or_the_newest():
    run = nntf.Fingerprint(3)
    widget = nntf.FingerprintWidget(run)
    grown(run, 4)
    widget.set_state({"focused_epoch": 2})
    assert widget.focused_epoch == 2
    for epoch in (4, -1):
        with pytest.raises(traitlets.TraitError, match=f"focused_epoch is {epoch}; expected a snapshot from 0 to 3"):
            widget.focused_epoch = epoch
    assert widget.focused_epoch == 2
    widget.focused_epoch = None


def test_a_range_that_ends_at_the_newest_snapshot_keeps_up_with_it():
    run = nntf.Fingerprint(3)
    widget = nntf.FingerprintWidget(run)
    widget.epoch_range = (2, 5)  # before it is reached
    grown(run, 5)
    assert widget.epoch_range == (2, 5)
    widget.epoch_range = (1, 4)
    assert widget.epoch_range == (1, None)
    widget.set_state({"epoch_range": [1, 3]})
    assert widget.epoch_range == (1, 3)
    widget.set_state({"epoch_range": None})
    assert widget.epoch_range is None


def test_its_height_is_that_of_a_window_or_what_was_asked_for():
    run = nntf.Fingerprint(3)
    assert nntf.FingerprintWidget(run).height == 640
    widget = nntf.FingerprintWidget(run, height=900)
    assert widget.height == 900
    with pytest.raises(traitlets.TraitError, match="299"):
        widget.height = 299


@pytest.mark.parametrize("epochs", [(-1, 3), (2, 2), (3, 1)])
def test_a_range_of_no_epochs_is_refused(epochs):
    run = nntf.Fingerprint(3)
    widget = nntf.FingerprintWidget(run)
    with pytest.raises(traitlets.TraitError, match=re.escape(f"epoch_range is {epochs}; expected a first snapshot")):
        widget.epoch_range = epochs
    assert widget.epoch_range is None


def test_a_run_is_displayed_by_one_widget_until_it_is_closed():
    run = nntf.Fingerprint(3)
    widget = widget_of(run)
    assert widget_of(run) is widget
    assert run._repr_mimebundle_()["application/vnd.jupyter.widget-view+json"]
    assert run._repr_mimebundle_()["text/plain"] == "<FingerprintWidget snapshots=0 samples=None classes=3>"
    widget.close()
    assert run._subscribers == []
    assert widget_of(run) is not widget


def test_updates_from_many_threads_all_arrive_in_order(messages):
    run = nntf.Fingerprint(3)
    nntf.FingerprintWidget(run)
    threads = [threading.Thread(target=grown, args=(run, 10)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [packet["t"] for packet in read_log(b"".join(snapshots(messages)))] == list(range(40))


def test_only_a_fingerprint_can_be_displayed():
    with pytest.raises(TypeError, match="fingerprint is a ndarray; expected a Fingerprint"):
        nntf.FingerprintWidget(np.zeros(3))
