import json
import threading

import numpy as np
import pytest

import nntf_widget as nntf

IMAGES = np.arange(4 * 6 * 5, dtype=np.uint8).reshape(4, 6, 5)


def shown(samples, **options):
    run = nntf.Fingerprint(2)
    run.update([0, 1, 1, 0])
    return nntf.FingerprintWidget(run, samples=samples, **options)


def replies(messages):
    return [
        (data["content"], [bytes(buffer) for buffer in buffers])
        for _, data, buffers in messages
        if data.get("method") == "custom" and data["content"]["type"] == "sample"
    ]


def test_small_pictures_are_sent_with_the_widget():
    widget = shown(IMAGES)
    assert widget.facts["samples"] == {"kind": "image", "shape": [6, 5, 1]}
    assert widget.sample_bytes == IMAGES.tobytes()


def test_small_texts_are_sent_with_the_widget_as_they_are():
    texts = ["<b>one</b>", "zwei", "三", "\ud800"]
    widget = shown(texts)
    assert widget.facts["samples"] == {"kind": "text"}
    assert json.loads(widget.sample_bytes) == [*texts[:3], "?"]


@pytest.mark.parametrize("samples", [IMAGES, ["a text of some length"] * 4, lambda place: IMAGES[place]])
def test_what_takes_more_than_the_bound_is_asked_for(messages, samples):
    widget = shown(samples, samples_up_front=50)
    assert widget.facts["samples"] == {"kind": "asked"}
    assert widget.sample_bytes == b""
    messages.clear()
    widget._handle_custom_msg({"type": "sample", "sample": 2}, [])
    ((content, buffers),) = replies(messages)
    if isinstance(samples, list):
        assert content == {"type": "sample", "sample": 2, "text": samples[2]}
    else:
        assert content == {"type": "sample", "sample": 2, "shape": [6, 5, 1]}
        assert buffers == [IMAGES[2].tobytes()]


@pytest.mark.parametrize("place", [4, -1, "0", None, True, 1.0])
def test_a_question_for_no_sample_is_not_answered(messages, place):
    widget = shown(lambda _: pytest.fail("asked"))
    widget._handle_custom_msg({"type": "sample", "sample": place}, [])
    assert replies(messages) == []


def test_a_function_that_fails_is_reported_and_its_error_shown(messages):
    widget = shown(lambda place: 1 / place)
    with pytest.warns(nntf.FingerprintWarning, match="Showing a sample failed: ZeroDivisionError"):
        widget._handle_custom_msg({"type": "sample", "sample": 0}, [])
    assert replies(messages)[0][0]["text"] == "ZeroDivisionError: division by zero"


def test_the_function_is_called_while_nothing_is_locked(messages):
    def look(place):
        update = threading.Thread(target=run.update, args=([1, 1, 1, 1],))
        update.start()
        update.join(timeout=10)
        assert not update.is_alive()
        return f"seen {place}"

    run = nntf.Fingerprint(2, samples=look)
    run.update([0, 1, 1, 0])
    nntf.FingerprintWidget(run)._handle_custom_msg({"type": "sample", "sample": 1}, [])
    assert replies(messages)[0][0]["text"] == "seen 1"


def test_samples_set_later_reach_a_widget_that_is_open():
    run = nntf.Fingerprint(2)
    run.update([0, 1])
    widget = nntf.FingerprintWidget(run)
    assert widget.facts["samples"] is None
    run.samples = ["a", "b"]
    assert widget.facts["samples"] == {"kind": "text"}
    run.samples = None
    assert (widget.facts["samples"], widget.sample_bytes) == (None, b"")


def test_what_a_person_clicks_is_readable_in_python():
    widget = shown(None)
    widget.set_state({"selected_samples": [3, 1], "sample_bytes": b"not the page's"})
    assert widget.selected_samples == [3, 1]
    assert widget.sample_bytes == b""
