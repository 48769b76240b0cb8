"""Each new verdict, once: to whoever asked, or, in a script, as a line of logging."""

from __future__ import annotations

import importlib
import logging
import subprocess
import sys

import numpy as np
import pytest
import torch
from sklearn.linear_model import SGDClassifier
from torch.utils.data import DataLoader, TensorDataset

import nntf_widget as nntf
from nntf_widget.capture import sklearn as scikit
from nntf_widget.capture.news import tell_news

STILL = np.arange(100) % 4
SWAPPED = np.where(np.arange(100) < 40, (STILL + 1) % 4, STILL)


def told_of(run, *snapshots):
    """Return the names of the verdicts that were told, each with the snapshot at which it was."""
    told = []
    tell_news(run, lambda verdict: told.append((len(run) - 1, verdict.name)))
    for classes in snapshots:
        run.update(classes)
    return told


def test_a_verdict_is_told_once_as_long_as_it_holds():
    assert told_of(nntf.Fingerprint(4, strict=True), *[STILL, SWAPPED] * 10) == [(10, "oscillating")]


def test_it_is_told_again_where_it_holds_again_after_a_window():
    run = nntf.Fingerprint(4, strict=True)
    told = told_of(run, *[STILL, SWAPPED] * 6, *[STILL] * 20, *[STILL, SWAPPED] * 6)
    assert [name for _, name in told].count("oscillating") == 2
    assert "converged" in [name for _, name in told]
    assert len(told) == len({*told})


def test_metrics_that_come_later_tell_nothing_twice():
    run = nntf.Fingerprint(4, strict=True)
    told = told_of(run, *[STILL, SWAPPED] * 6)
    run.add_metrics({"val_loss": 1.0})
    assert told == [(10, "oscillating")]


def test_metrics_that_come_after_their_snapshot_tell_at_once():
    run = nntf.Fingerprint(4, strict=True)
    told = told_of(run, *[STILL, SWAPPED] * 6)
    run.add_metrics({"val_loss": float("nan")})
    assert told == [(10, "oscillating"), (11, "diverging")]


def test_a_fault_of_who_is_told_is_reported_and_the_training_goes_on():
    run = nntf.Fingerprint(4)
    tell_news(run, lambda _: 1 / 0)
    for classes in [STILL, SWAPPED] * 5:
        run.update(classes)
    with pytest.warns(nntf.FingerprintWarning, match="on_verdict failed: ZeroDivisionError"):
        run.update(STILL)
    run.update(SWAPPED)
    assert (len(run), len(run.faults)) == (12, 1)


def test_what_cannot_be_called_is_refused():
    with pytest.raises(TypeError, match="on_verdict is 'print'; expected a function of a verdict"):
        tell_news(nntf.Fingerprint(4), "print")


def test_a_script_gets_a_line_of_logging(caplog):
    run = nntf.Fingerprint(4, strict=True)
    with caplog.at_level(logging.INFO, "nntf_widget"):
        tell_news(run, None)
        for classes in [*[STILL, SWAPPED] * 6, *[STILL] * 12]:
            run.update(classes)
    lines = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert lines[0][0] == "WARNING"
    assert lines[0][1].startswith("oscillating: The moves are alike every 2 epochs; 100% of the moves go straight back")
    assert ("INFO", "converged") in [(level, line.split(":")[0]) for level, line in lines]


def test_names_reach_the_log_without_control_characters(caplog):
    run = nntf.Fingerprint(class_names=["\x1b]0;owned\x07", "b", "c", "d"], strict=True)
    tell_news(run, None)
    for classes in [STILL, SWAPPED] * 6:
        run.update(classes)
    assert "\\x1b]0;owned" in caplog.text
    assert not set("\x1b\x07") & set(caplog.text + repr(run.verdicts()))


def test_a_notebook_does_not(monkeypatch):
    monkeypatch.setattr("nntf_widget.capture.news.has_front_end", lambda: True)
    run = nntf.Fingerprint(4, strict=True)
    tell_news(run, None)
    assert run._subscribers == []


def test_a_run_that_nobody_has_any_more_is_let_go():
    code = """
import gc, weakref, nntf_widget as nntf
from nntf_widget.capture.news import tell_news
gc.disable()
run = nntf.Fingerprint(4)
tell_news(run, print)
gone = weakref.ref(run)
del run
print(gone() is None)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=100)
    assert done.stdout == "True\n"


def trained_by_torch(on_verdict):
    x = torch.randn(60, 4)
    loader = DataLoader(TensorDataset(x, (x[:, 0] > 0).long()), batch_size=20)
    model = torch.nn.Linear(4, 2)
    run = nntf.watch(model, loader, strict=True, on_verdict=on_verdict)
    for _ in range(14):
        for batch, _y in loader:
            model(batch)
    return run


def trained_by_scikit_learn(on_verdict):
    x = np.random.default_rng(0).normal(size=(60, 4))
    y = (x[:, 0] > 0).astype(int)
    classifier = SGDClassifier(random_state=0)
    run = scikit.watch(classifier, x, y, strict=True, on_verdict=on_verdict)
    for _ in range(14):
        classifier.partial_fit(x, y, classes=[0, 1])
    return run


@pytest.mark.parametrize("train", [trained_by_torch, trained_by_scikit_learn])
def test_the_captures_tell(train):
    told = []
    run = train(told.append)
    assert told
    assert told[0].sentence
    assert {verdict.name for verdict in run.fingerprint.verdicts()} <= {verdict.name for verdict in told}


@pytest.mark.parametrize("framework", ["keras", "lightning", "hugging_face"])
def test_the_callbacks_tell(framework):
    callback = importlib.import_module(f"nntf_widget.capture.{framework}").FingerprintCallback
    told = []
    samples = [np.zeros((100, 2))] if framework == "keras" else []
    run = callback(*samples, class_names=["ant", "bee", "cat", "dog"], on_verdict=told.append)
    for classes in [STILL, SWAPPED] * 6:
        run.fingerprint.update(classes)
    assert [verdict.name for verdict in told] == ["oscillating"]


def test_a_watch_that_is_refused_leaves_the_one_before_alone():
    x = torch.randn(20, 4)
    loader = DataLoader(TensorDataset(x, torch.arange(20) % 2), batch_size=10)
    model = torch.nn.Linear(4, 2)
    run = nntf.watch(model, loader, strict=True)
    with pytest.raises(TypeError, match="on_verdict"):
        nntf.watch(model, loader, strict=True, on_verdict=3)
    assert run.fingerprint.ended is None
