import gc
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


def sent(messages, kind):
    """The contents of the messages of one kind."""
    custom = [(data["content"], buffers) for _, data, buffers in messages if data.get("method") == "custom"]
    return [buffers[0] for content, buffers in custom if content["type"] == kind]


def updates(messages, trait):
    return [data for _, data, _ in messages if data.get("method") == "update" and trait in data["state"]]


def logs(messages) -> list[int]:
    """How many snapshots the logs had that were sent after the widget was made."""
    updates = [buffers for _, data, buffers in messages if data.get("method") == "update" and buffers]
    return [len(read_log(bytes(log))) for log, *_ in updates if b"NNTF" in bytes(log)]


def test_every_epoch_goes_out_as_one_packet_and_the_log_once_more_while_the_page_may_still_load(messages):
    run = nntf.Fingerprint(3)
    nntf.FingerprintWidget(run)
    grown(run, 5)
    assert [packet["t"] for packet in read_log(b"".join(sent(messages, "snapshot")))] == [0, 1, 2, 3, 4]
    assert len({len(packet) for packet in sent(messages, "snapshot")}) > 1
    grown(run, 95)
    assert logs(messages) == [1, 2, 4, 8, 16, 32, 64]


def test_the_log_of_many_samples_is_not_sent_once_more(messages):
    run = nntf.Fingerprint(3)
    nntf.FingerprintWidget(run)
    for _ in range(5):
        run.update(np.zeros(600_000, int))
    assert logs(messages) == [1]


def test_a_page_that_opens_later_starts_from_the_whole_log(messages):
    run = nntf.Fingerprint(3, class_names=["cat", "dog", "<b>frog</b>"])
    grown(run, 4)
    widget = nntf.FingerprintWidget(run)
    assert [packet["t"] for packet in read_log(widget.get_state("log")["log"])] == [0, 1, 2, 3]
    assert widget.facts == {
        "title": "Training fingerprint",
        "num_samples": 200,
        "num_classes": 3,
        "class_names": ["cat", "dog", "<b>frog</b>"],
        "faults": [],
        "every": 1,
        "resumed_at": [],
        "incomplete": [],
        "trajectory_every": 1,
        "samples": None,
        "verdicts": [],
    }
    grown(run, 1)
    assert [packet["t"] for packet in read_log(widget.log)] == [0, 1, 2, 3, 4]
    assert len(sent(messages, "snapshot")) == 1


def test_a_title_tells_runs_apart():
    run = nntf.Fingerprint(3)
    widget = nntf.FingerprintWidget(run, title="Validation")
    grown(run, 2)
    assert widget.facts["title"] == "Validation"
    with pytest.raises(TypeError, match="title is a int; expected a str"):
        nntf.FingerprintWidget(run, title=3)


def test_a_page_that_missed_a_packet_gets_the_log(messages):
    run = nntf.Fingerprint(3)
    widget = nntf.FingerprintWidget(run)
    grown(run, 2)
    messages.clear()
    widget._handle_custom_msg({"type": "resend"}, [])
    assert len(updates(messages, "facts")) == 1
    assert [packet["t"] for packet in read_log(sent(messages, "log")[0])] == [0, 1]


def test_the_facts_follow_when_the_first_scores_tell_the_classes():
    run = nntf.Fingerprint()
    widget = nntf.FingerprintWidget(run)
    assert widget.facts["num_classes"] is None
    run.update(np.eye(4))
    assert (widget.facts["num_samples"], widget.facts["num_classes"]) == (4, 4)


def test_a_thinned_run_is_sent_anew_as_a_whole(messages):
    run = nntf.Fingerprint(3, max_snapshots=4)
    widget = nntf.FingerprintWidget(run)
    grown(run, 4)
    messages.clear()
    grown(run, 1)
    assert [packet["t"] for packet in read_log(widget.log)] == [0, 1, 2]
    assert sent(messages, "snapshot") == []
    assert [packet["t"] for packet in read_log(sent(messages, "log")[0])] == [0, 1, 2]
    grown(run, 2)
    assert len(sent(messages, "snapshot")) == 1


def test_the_verdicts_are_told():
    run = nntf.Fingerprint(2)
    widget = nntf.FingerprintWidget(run)
    for t in range(9):
        run.update([t % 2, 1 - t % 2, 0, 1])
    assert [verdict["kind"] for verdict in widget.facts["verdicts"]] == ["oscillating"]
    assert "go straight back" in widget.facts["verdicts"][0]["sentence"]


def test_where_a_run_was_interrupted_is_told(tmp_path):
    for epochs in (2, 3):
        run = nntf.Fingerprint(3, log=tmp_path / "run.nntf", strict=True)
        widget = nntf.FingerprintWidget(run)
        grown(run, epochs)
        assert widget.facts["resumed_at"] == ([2] if epochs == 3 else [])
        widget.close()
        del run, widget
        gc.collect()


def test_a_fault_is_shown_and_the_run_goes_on(messages, monkeypatch):
    run = nntf.Fingerprint(3)
    widget = nntf.FingerprintWidget(run)
    monkeypatch.setattr(widget._charts, "show", lambda _run: 1 / 0)
    with pytest.warns(nntf.FingerprintWarning, match="ZeroDivisionError"):
        grown(run, 1)
    grown(run, 2)
    assert len(run) == 3
    assert len(widget.facts["faults"]) == 1
    assert [packet["t"] for packet in read_log(b"".join(sent(messages, "snapshot")))] == [0, 1, 2]


def test_the_page_cannot_write_what_python_owns():
    run = nntf.Fingerprint(3)
    widget = nntf.FingerprintWidget(run)
    widget.set_state(
        {
            "facts": {"num_samples": 7},
            "log": b"",
            "selected_class": 2,
            "distance": "prediction",
            "selected_epochs": [1, 4],
        }
    )
    assert (widget.facts["num_samples"], widget.log) == (None, b"")
    assert (widget.selected_class, widget.distance, widget.selected_epochs) == (2, "prediction", (1, 4))


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
    assert [packet["t"] for packet in read_log(b"".join(sent(messages, "snapshot")))] == list(range(40))


def test_only_a_fingerprint_can_be_displayed():
    with pytest.raises(TypeError, match="fingerprint is a ndarray; expected a Fingerprint"):
        nntf.FingerprintWidget(np.zeros(3))


def test_a_band_is_two_ends_in_order_and_a_cleared_selector_is_none():
    widget = nntf.FingerprintWidget(nntf.Fingerprint(3))
    widget.band = (0.2, 0.25)
    assert widget.band == [0.2, 0.25]
    widget.set_state({"band": []})
    assert widget.band is None
    for wrong in ([0.3], [0.3, 0.2], [0.1, float("nan")]):
        with pytest.raises(traitlets.TraitError, match="band is"):
            widget.band = wrong


def test_a_range_of_epochs_has_its_first_before_its_last():
    widget = nntf.FingerprintWidget(nntf.Fingerprint(3))
    widget.epoch_range = (2, 9)
    for wrong in ((9, 2), (3, 3), (-1, 4)):
        with pytest.raises(traitlets.TraitError, match="epoch_range is"):
            widget.epoch_range = wrong
    assert widget.epoch_range == (2, 9)
