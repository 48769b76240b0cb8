"""Several threads at one run, and interrupts: nobody waits for ever, and nothing is told or kept by halves."""

from __future__ import annotations

import signal
import threading
import time
from functools import partial
from itertools import count
from pathlib import Path

import pytest
import runs

import nntf_widget as nntf
from nntf_widget.widget import widget_of

PATIENCE = 300  # seconds
PACKAGE = set(map(str, Path(nntf.__file__).parent.rglob("*.py")))


def at_once(*works):
    """Do each work in a thread of its own, and see that all of them end."""
    failed = []

    def guarded(work):
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - told in the test's thread
            failed.append(error)

    threads = [threading.Thread(target=guarded, args=(work,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads), "they wait for each other"
    assert failed == []


def times(number, work):
    def repeated():
        for t in range(number):
            work(t)

    return repeated


def page(widget):
    """Return what a page does, on the thread on which some kernels take its messages."""

    def messages(t):
        widget.set_state({"selected_class": t % 5})
        widget._answer(None, {"type": "resend"}, None)

    return messages


def test_who_updates_while_holding_the_lock_waits_for_nobody_and_nobody_for_him(tmp_path):
    run = nntf.Fingerprint(5, log=tmp_path / "run.nntf", strict=True)
    widget = nntf.FingerprintWidget(run)
    widget.observe(lambda _: run.transitions, "selected_class")

    def holding(t):
        with run.lock:
            run.update(runs.predictions(t))
            run.add_metrics({"loss": 0.5})

    at_once(times(60, holding), times(60, lambda t: run.update(runs.predictions(t))), times(60, page(widget)))
    widget.close()
    assert len(nntf.load(tmp_path / "run.nntf")) == len(run) == 120


def test_who_holds_the_lock_of_a_followed_run_waits_for_nobody(tmp_path):
    run = runs.new(log=tmp_path / "run.nntf", strict=True)
    with nntf.open(tmp_path / "run.nntf") as follower:
        followed = follower.fingerprint
        widget = widget_of(followed)

        def holding(t):
            with followed.lock:
                followed.ended = f"looked at {t} times"

        at_once(lambda: runs.grow(run, 40), times(200, holding), times(60, page(widget)))
        end = time.monotonic() + PATIENCE
        while len(followed) < 40:
            assert time.monotonic() < end, f"{len(followed)} snapshots were followed"
            at_once(times(1, holding), times(1, page(widget)))
        widget.close()
        assert followed.faults == []
        runs.assert_true(followed, 40)


def test_a_slow_handler_of_what_a_person_does_holds_up_no_training():
    run, handled = runs.new(), threading.Event()
    widget = nntf.FingerprintWidget(run)
    widget.observe(lambda _: handled.wait(PATIENCE), "selected_class")

    def training():
        runs.grow(run, 5)
        handled.set()

    at_once(lambda: widget.set_state({"selected_class": 1}), training)
    widget.close()


def test_subscribers_are_called_one_at_a_time_and_hear_of_the_last_update():
    run, calling, seen = runs.new(), threading.Lock(), []

    def on_change():
        assert calling.acquire(blocking=False), "it is called twice at a time"
        seen.append(len(run))
        calling.release()

    run.subscribe(on_change)
    at_once(*[times(50, lambda t: run.update(runs.predictions(t)))] * 4)
    assert seen[-1] == 200
    assert seen == sorted(seen)
    assert run.faults == []


def test_an_interrupt_at_any_line_of_an_update_leaves_in_the_log_what_the_run_has(tmp_path):
    for line in count(1, 7):
        run = runs.grow(runs.new(log=tmp_path / f"{line}.nntf", strict=True), 2)
        is_reached = runs.is_struck(line, PACKAGE, runs.interrupt, partial(runs.grow, run, 3))
        snapshots = len(run)
        assert snapshots in {2, 3}
        del run
        runs.assert_true(nntf.load(tmp_path / f"{line}.nntf"), snapshots)
        if not is_reached:
            break
    assert line > 200, "there are that many lines"


def test_an_interrupt_while_metrics_are_added_leaves_in_the_log_what_the_run_has(tmp_path):
    for line in count(1, 7):
        run = nntf.Fingerprint(2, log=tmp_path / f"{line}.nntf", strict=True)
        run.update([0, 1])
        is_reached = runs.is_struck(line, PACKAGE, runs.interrupt, partial(run.add_metrics, {"loss": 0.5}))
        metrics = run.metrics
        del run
        assert nntf.load(tmp_path / f"{line}.nntf").metrics == metrics
        if not is_reached:
            break


def test_a_second_interrupt_does_not_wait():
    run = runs.grow(runs.new(), 2)
    reached = []

    def on_change():
        signal.raise_signal(signal.SIGINT)
        reached.append("after the first")
        signal.raise_signal(signal.SIGINT)
        reached.append("after the second")

    run.subscribe(on_change)
    with pytest.raises(KeyboardInterrupt):
        runs.grow(run, 3)
    assert reached == ["after the first"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    runs.assert_true(run, 3)
