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


def links(shown):
    """What the page writes into the charts, by the name of its trait."""
    links = [*shown._scale_links, *shown._links]
    return {(link.source[1], link.target[1]): link.target[0] for link in links}


def test_all_charts_share_the_epoch_axis_of_the_fingerprint():
    shown = curves()
    shown.show({"loss": np.arange(7.0), "accuracy": np.arange(7.0)}, "epoch")
    (scale,) = {figure.marks[0].scales["x"] for figure in shown.children}
    linked = links(shown)
    assert linked["epochs_low", "min"] is linked["epochs_high", "max"] is scale
    assert linked["epochs_ticks", "tick_values"] is shown.children[-1].axes[1]


def test_the_page_fits_the_values_of_each_chart_to_the_epochs_shown():
    shown = curves()
    shown.show({"loss": np.arange(7.0), "accuracy": np.arange(7.0)}, "epoch")
    linked = links(shown)
    for index, figure in enumerate(shown.children):
        scale = figure.marks[0].scales["y"]
        assert linked[f"chart{index}_low", "min"] is linked[f"chart{index}_high", "max"] is scale
        assert linked[f"chart{index}_ticks", "tick_values"] is figure.axes[0]


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
