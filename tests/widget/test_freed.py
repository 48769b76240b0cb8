"""What is shown, closed and dropped leaves nothing behind: ipywidgets keeps every widget until it is closed."""

from __future__ import annotations

import gc
import threading
import weakref

import ipywidgets
import numpy as np
import pytest
import runs
from ipywidgets.widgets.widget import _instances as open_widgets

import nntf_widget as nntf
from nntf_widget.widget import widget_of
from nntf_widget.widget.following import following_box

pytestmark = pytest.mark.usefixtures("messages")


@pytest.fixture(autouse=True)
def nothing_left():
    """See that a test leaves no widget and no thread."""
    ipywidgets.Widget.close_all()
    before = threading.active_count()
    yield
    gc.collect()
    assert list(open_widgets.values()) == []
    assert threading.active_count() <= before


def shown(run):
    """Return the widget of a run that was shown, and then grew and got a metric of a new name."""
    run._repr_mimebundle_()
    runs.grow(run, 8)
    run.add_metrics({"val_loss": 0.5, "accuracy": 0.9})
    return widget_of(run)


def test_runs_that_were_shown_closed_and_dropped_are_freed():
    kept = []
    for _ in range(10):
        run = runs.grow(runs.new(), 3)
        widget = shown(run)
        kept += [weakref.ref(run), weakref.ref(widget)]
        widget.close()
        del run, widget
    gc.collect()
    assert [ref() for ref in kept] == [None] * 20


def test_a_run_goes_on_after_its_widget_is_closed():
    run = runs.grow(runs.new(), 3)
    shown(run).close()
    shown(runs.grow(run, 10)).close()
    assert (len(run), run.faults) == (10, [])


def test_what_is_told_to_a_widget_that_another_thread_just_closed_opens_nothing(messages):
    run = runs.grow(runs.new(), 3)
    widget = shown(run)
    widget.close()
    told = len(messages)
    runs.grow(run, 10)
    widget._follow()
    assert len(messages) == told
    assert run.faults == []


def test_a_layout_of_the_users_own_is_not_closed():
    layout = ipywidgets.Layout()
    widget = nntf.FingerprintWidget(runs.grow(runs.new(), 3))
    widget.layout = layout
    widget.close()
    assert layout.comm is not None
    layout.close()


def test_closing_all_widgets_closes_each_once():
    run = runs.grow(runs.new(), 3)
    shown(run)
    ipywidgets.Widget.close_all()
    runs.grow(run, 10)
    assert run.faults == []


def test_a_follower_shown_again_and_again_is_one_display(tmp_path):
    with nntf.open(runs.write(tmp_path / "run.nntf", 5)) as follower:
        follower._repr_mimebundle_()
        once = set(open_widgets)
        for _ in range(20):
            follower._repr_mimebundle_()
        assert set(open_widgets) == once
        assert len(follower._subscribers) == 1
        box = following_box(follower)
        widget_of(follower.fingerprint).close()
        assert follower._subscribers == []
        assert following_box(follower) is not box
        widget_of(follower.fingerprint).close()


def test_followers_that_were_shown_closed_and_dropped_are_freed(tmp_path):
    runs.write(tmp_path / "run.nntf", 5)
    kept = []
    for _ in range(10):
        with nntf.open(tmp_path / "run.nntf") as follower:
            follower._repr_mimebundle_()
        kept += [weakref.ref(follower), weakref.ref(follower.fingerprint)]
        widget_of(follower.fingerprint).close()
        del follower
    gc.collect()
    assert [ref() for ref in kept] == [None] * 20


def test_a_display_closed_by_itself_leaves_the_runs_widget(tmp_path):
    with nntf.open(runs.write(tmp_path / "run.nntf", 5)) as follower:
        following_box(follower).close()
        widget = widget_of(follower.fingerprint)
        assert widget.comm is not None
        assert following_box(follower).children[1].children[0] is widget
        widget.close()


def test_a_new_metric_in_each_update_leaves_no_more_widgets_than_all_at_once():
    run = nntf.Fingerprint(2)
    watched = nntf.FingerprintWidget(run)
    for t in range(12):
        run.update(np.array([t % 2, 1]), metrics={f"measure {t}": 0.5})
    as_it_came = len(open_widgets)
    drawn_at_once = nntf.FingerprintWidget(run)
    assert len(open_widgets) == 2 * as_it_came
    watched.close()
    assert len(open_widgets) == as_it_came
    drawn_at_once.close()
