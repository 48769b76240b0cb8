"""Whatever the framework, a training on record offers the same, and shows no internals."""

from __future__ import annotations

import pytest
import torch
from torch.utils.data import DataLoader
from training import mlp

import nntf_widget as nntf

SAME = {"detach", "fingerprint", "save", "to_html"}
OF_A_WATCH = {"add_metrics", "incomplete", "samples", "unseen"}


def of_pytorch(digits):
    model, loader = mlp(), DataLoader(digits, batch_size=100)
    return nntf.watch(model, loader), OF_A_WATCH, model, loader  # what is watched goes with its last reference


def of_lightning(_):
    lightning = pytest.importorskip("lightning.pytorch")
    from nntf_widget.capture.lightning import FingerprintCallback

    return FingerprintCallback(), dir(lightning.Callback())


def of_hugging_face(_):
    transformers = pytest.importorskip("transformers")
    from nntf_widget.capture.hugging_face import FingerprintCallback

    return FingerprintCallback(), dir(transformers.TrainerCallback())


def of_keras(digits):
    keras = pytest.importorskip("keras")
    from nntf_widget.capture.keras import FingerprintCallback

    return FingerprintCallback(digits.tensors[0].numpy()), dir(keras.callbacks.Callback())


def of_scikit_learn(digits):
    from sklearn.linear_model import SGDClassifier

    from nntf_widget.capture.sklearn import watch

    return watch(SGDClassifier(), *(part.numpy() for part in digits.tensors)), ()


@pytest.fixture(params=[of_pytorch, of_lightning, of_hugging_face, of_keras, of_scikit_learn])
def recording(request, digits):
    return request.param(digits)


def test_it_has_a_run_a_file_a_page_an_end_and_nothing_else(recording, tmp_path):
    run, of_the_framework, *_ = recording
    assert {name for name in dir(run) if not name.startswith("_")} - set(of_the_framework) == SAME
    run.fingerprint.num_classes = 10
    run.fingerprint.update(torch.arange(600) % 10)
    run.save(tmp_path / "run.nntf")
    run.to_html(tmp_path / "run.html")
    assert len(nntf.load(tmp_path / "run.nntf")) == 1
    assert "<html" in (tmp_path / "run.html").read_text(encoding="utf-8")


def test_it_shows_itself_in_a_line_and_as_the_widget(recording):
    run, *_ = recording
    assert "\n" not in repr(run)
    assert ", watching: <Fingerprint snapshots=0" in repr(run)
    assert "application/vnd.jupyter.widget-view+json" in run._repr_mimebundle_()
    run.detach()
    run.detach()
    assert ", detached: <Fingerprint snapshots=0" in repr(run)


def test_it_ends_with_the_block(recording):
    run, *_ = recording
    with run as the_same:
        assert the_same is run
    assert ", detached: " in repr(run)
