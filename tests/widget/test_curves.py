from itertools import pairwise

import numpy as np
import pytest

import nntf_widget as nntf
from nntf_widget.axes import by_measure, round_ticks
from nntf_widget.widget.curves import LINE, MOVES, ROW_HEIGHT, LearningCurves, apart


def curves():
    return LearningCurves(nntf.FingerprintWidget(nntf.Fingerprint(3)))


def test_a_measure_has_one_chart_for_its_training_and_validation_curves():
    shown = curves()
    metrics = {"loss": [1.0, 0.5], "accuracy": [0.1, 0.2], "val_loss": [2.0, 1.0]}
    shown.show(by_measure({name: np.array(values) for name, values in metrics.items()}))
    loss, accuracy = (row.children[0].marks[0] for row in shown.children)
    assert np.shape(loss.y) == (2, 2)
    assert np.array_equal(accuracy.y, [0.1, 0.2])


def test_all_charts_share_the_epoch_axis_of_the_fingerprint():
    shown = curves()
    shown.show(by_measure({"loss": np.arange(7.0), "accuracy": np.arange(7.0)}))
    assert len({row.children[0].marks[0].scales["x"] for row in shown.children}) == 1


def test_each_curve_is_named_where_it_ends_and_no_name_lies_on_another():
    shown = curves()
    ends = {"loss": [2.0, 0.0, np.nan], "train_loss": [2.0, 2.0, 2.0], "val_loss": [2.0, 0.1, 0.05]}
    shown.show(by_measure({name: np.array(values) for name, values in ends.items()}))
    names = shown.children[0].children[1].children
    assert [label.value for label in names] == ["loss 0", "train_loss 2", "val_loss 0.05"]
    top = {label.value.split()[0]: int(label.layout.top.removesuffix("px")) for label in names}
    assert top["train_loss"] + LINE < top["val_loss"] <= top["loss"] - LINE
    assert top["loss"] <= ROW_HEIGHT - LINE


@pytest.mark.parametrize("wanted", [[0, 0, 0], [70, 74, 90], [30, 20, 40, 35], [74.0], []])
def test_names_are_moved_apart_and_keep_their_order(wanted):
    places = apart(wanted, lowest=74)
    in_order = [places[index] for index in np.argsort(wanted, kind="stable")]
    assert all(after - before >= LINE for before, after in pairwise(in_order))
    assert all(0 <= place <= 74 for place in places)


def test_a_class_drilled_into_has_a_curve_among_the_moves_and_nowhere_else():
    shown = curves()
    shown.show({"loss": {"loss": np.arange(3.0)}, MOVES: {"samples that moved": np.arange(3.0)}})
    loss, moves = (row.children[0] for row in shown.children)
    assert [len(loss.marks), len(moves.marks)] == [2, 3]
    assert len(shown.children[1].children[1].children) == 2


def test_values_that_differ_by_rounding_alone_have_an_axis_of_round_numbers():
    assert np.allclose(round_ticks(np.array([0.2, 1 - 0.8])), [0.2, 0.3])


def test_charts_are_kept_while_epochs_come_and_made_anew_when_a_measure_appears():
    shown = curves()
    shown.show(by_measure({"loss": np.array([1.0])}))
    first = shown.children
    shown.show(by_measure({"loss": np.array([1.0, 0.5])}))
    assert shown.children == first
    shown.show(by_measure({"loss": np.array([1.0, 0.5, 0.2]), "accuracy": np.array([np.nan, np.nan, 0.3])}))
    assert len(shown.children) == 2
