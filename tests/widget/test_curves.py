import numpy as np

import nntf_widget as nntf
from nntf_widget.widget.curves import LearningCurves


def curves():
    return LearningCurves(nntf.FingerprintWidget(nntf.Fingerprint(3)))


def test_a_measure_has_one_chart_for_its_training_and_validation_curves():
    shown = curves()
    shown.show({"loss": np.array([1.0, 0.5]), "accuracy": np.array([0.1, 0.2]), "val_loss": np.array([2.0, 1.0])})
    loss, accuracy = (figure.marks[0] for figure in shown.children)
    assert [list(figure.marks[2].text) for figure in shown.children] == [["loss", "0.5", "val 1"], ["accuracy", "0.2"]]
    assert (loss.labels, np.shape(loss.y)) == (["loss", "val_loss"], (2, 2))
    assert np.array_equal(accuracy.y, [0.1, 0.2])


def links(shown):
    """What the page writes into the charts, by the name of its trait."""
    links = [*shown._scale_links, *shown._links]
    return {(link.source[1], link.target[1]): link.target[0] for link in links}


def test_all_charts_share_the_epoch_axis_of_the_fingerprint():
    shown = curves()
    shown.show({"loss": np.arange(7.0), "accuracy": np.arange(7.0)})
    (scale,) = {figure.marks[0].scales["x"] for figure in shown.children}
    linked = links(shown)
    assert linked["epochs_low", "min"] is linked["epochs_high", "max"] is scale
    margins = [link.target[0] for link in shown._links if link.source[1] == "chart_margin"]
    assert margins == list(shown.children)


def test_the_page_fits_the_values_of_each_chart_to_the_epochs_shown():
    shown = curves()
    shown.show({"loss": np.arange(7.0), "accuracy": np.arange(7.0)})
    linked = links(shown)
    for index, figure in enumerate(shown.children):
        scale = figure.marks[0].scales["y"]
        assert linked[f"chart{index}_low", "min"] is linked[f"chart{index}_high", "max"] is scale
        assert linked[f"chart{index}_ticks", "tick_values"] is figure.axes[0]


def test_the_seams_of_a_run_are_marked_in_every_chart():
    shown = curves()
    shown.show({"loss": np.arange(7.0), "accuracy": np.arange(7.0)}, resumed_at=[3, 5, 7])
    for figure in shown.children:
        seams = figure.marks[1]
        assert np.array_equal(seams.x, [[2.5, 2.5], [4.5, 4.5]])  # the last is beyond the newest snapshot
        assert np.array_equal(seams.y, [[0, 1], [0, 1]])


def test_charts_are_kept_while_epochs_come_and_made_anew_when_a_measure_appears():
    shown = curves()
    shown.show({"loss": np.array([1.0])})
    first = shown.children
    shown.show({"loss": np.array([1.0, 0.5])})
    assert shown.children == first
    shown.show({"loss": np.array([1.0, 0.5, 0.2]), "accuracy": np.array([np.nan, np.nan, 0.3])})
    assert len(shown.children) == 2


def test_names_that_are_too_long_are_cut_in_the_middle():
    shown = curves()
    shown.show({"val_macro_averaged_f1": np.array([0.25, np.nan]), "macro_averaged_f1": np.array([np.nan, np.nan])})
    (figure,) = shown.children
    assert list(figure.marks[2].text) == ["macro…d_f1", "val 0.25", ""]


def test_curves_are_named_by_their_split_of_the_data():
    shown = curves()
    splits = ["training_loss", "validation_loss", "test_loss", "loss"]
    shown.show({name: np.array([1.0, 0.5]) for name in splits})
    (figure,) = shown.children
    assert list(figure.marks[2].text) == ["loss", "train 0.5", "val 0.5", "test 0.5", "0.5"]


def test_a_chart_is_as_high_as_what_is_said_of_it():
    shown = curves()
    splits = ["train_loss", "val_loss", "test_loss", "eval_loss"]
    shown.show({name: np.array([1.0]) for name in [*splits, "accuracy"]})
    assert [figure.layout.height for figure in shown.children] == ["75px", "48px"]
