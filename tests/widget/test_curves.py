import numpy as np

import nntf_widget as nntf
from nntf_widget.widget.curves import LearningCurves


def curves():
    return LearningCurves(nntf.FingerprintWidget(nntf.Fingerprint(3)))


def test_a_measure_has_one_chart_for_its_training_and_validation_curves():
    shown = curves()
    shown.show(
        {"loss": np.array([1.0, 0.5]), "accuracy": np.array([0.1, 0.2]), "val_loss": np.array([2.0, 1.0])}, "epoch"
    )
    loss, accuracy = (figure.marks[0] for figure in shown.children)
    assert [[mark.text[0] for mark in figure.marks[3:]] for figure in shown.children] == [["val_loss", "loss"], []]
    assert (loss.labels, np.shape(loss.y)) == (["loss", "val_loss"], (2, 2))
    assert np.array_equal(accuracy.y, [0.1, 0.2])


def test_all_charts_share_the_epoch_axis_of_the_fingerprint():
    shown = curves()
    shown.show({"loss": np.arange(7.0), "accuracy": np.arange(7.0)}, "epoch")
    scales = {figure.marks[0].scales["x"] for figure in shown.children}
    assert [(scale.min, scale.max) for scale in scales] == [(-0.5, 6.5)]


def test_the_seams_of_a_run_are_marked_in_every_chart():
    shown = curves()
    shown.show({"loss": np.arange(7.0), "accuracy": np.arange(7.0)}, "epoch", resumed_at=[3, 5, 7])
    for figure in shown.children:
        seams = figure.marks[2]
        assert np.array_equal(seams.x, [[2.5, 2.5], [4.5, 4.5]])  # the last is beyond the newest snapshot
        assert np.array_equal(seams.y, [[0, 1], [0, 1]])


def test_charts_are_kept_while_epochs_come_and_made_anew_when_a_measure_appears():
    shown = curves()
    shown.show({"loss": np.array([1.0])}, "epoch")
    first = shown.children
    shown.show({"loss": np.array([1.0, 0.5])}, "epoch")
    assert shown.children == first
    shown.show({"loss": np.array([1.0, 0.5, 0.2]), "accuracy": np.array([np.nan, np.nan, 0.3])}, "epoch")
    assert len(shown.children) == 2
