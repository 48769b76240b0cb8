"""Whatever `update` is given, it records what is meant or refuses it with a clear error, and is then as it was."""

from __future__ import annotations

import numpy as np
import obvious
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import nntf_widget as nntf

N, K = 4, 3
FUZZ = settings(max_examples=200)

kinds = st.one_of(
    hnp.integer_dtypes(endianness="?"),
    hnp.unsigned_integer_dtypes(endianness="?"),
    hnp.floating_dtypes(endianness="?"),
    hnp.boolean_dtypes(),
    hnp.complex_number_dtypes(),
    hnp.datetime64_dtypes(),
    hnp.unicode_string_dtypes(max_len=3),
    st.just(np.dtype(object)),
)
shapes = st.one_of(
    st.sampled_from([(N,), (N, K)]), hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=N + 1)
)


def filled(draw, shape, kind):
    """An array of mostly plausible values; of a kind that has numbers, now and then of any."""
    elements = {"i": st.integers(0, K - 1), "u": st.integers(0, K - 1), "f": st.sampled_from([0.0, 0.5, 1.0])}
    likely = elements.get(kind.kind)
    if kind.kind == "O":
        return draw(hnp.arrays(kind, shape, elements=st.one_of(st.none(), st.integers(), st.floats(), st.text())))
    return draw(hnp.arrays(kind, shape, elements=None if likely is None or draw(st.booleans()) else likely))


@st.composite
def arrays(draw):
    array = filled(draw, draw(shapes), draw(kinds))
    return array[::-1] if array.ndim and draw(st.booleans()) else array  # not every array lies straight in memory


things = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary()),
    lambda inner: st.one_of(st.lists(inner), st.sets(st.integers()), st.dictionaries(st.text(), inner)),
    max_leaves=10,
)
names = st.text(max_size=4)
numbers = st.dictionaries(names, st.floats() | st.integers())
metrics = st.one_of(st.none(), numbers, st.dictionaries(names | st.integers(), things), things)


def meant(array, *, scores=True):
    """The classes that an array stands for; None where it stands for none."""
    if array.shape == (N, K) and scores and array.dtype.kind in "iuf":
        return None if np.isnan(array).any() else array.argmax(axis=1)
    if array.shape != (N,) or array.dtype.kind not in "iu" or any(not 0 <= int(value) < K for value in array):
        return None
    return array.astype(int)


def started():
    run = nntf.Fingerprint(K)
    run.update([0, 1, 2, 0], labels=[0, 1, 2, 2], metrics={"loss": 1.0})
    run.update([0, 1, 1, 0])
    return run


def state(run):
    seen = [run.predictions(t).tolist() for t in range(len(run))]
    values = {name: values.tolist() for name, values in run.metrics.items()}
    return seen, repr(values), run.labels.tolist(), run.num_samples, run.num_classes, run.transition_distance.tolist()


def given_to(run, *arguments, **keywords):
    """Update a run; tell whether it took it, and see that it is as it was where not."""
    before = state(run)
    try:
        run.update(*arguments, **keywords)
        taken = True
    except (TypeError, ValueError):
        taken = False
    assert taken or state(run) == before
    assert len(run) == len(before[0]) + taken
    return taken


def assert_consistent(run):
    predictions = [run.predictions(t) for t in range(len(run))]
    matrices = obvious.transitions(predictions, K)
    np.testing.assert_array_equal(run.prediction_distance, obvious.prediction_distance(predictions))
    np.testing.assert_allclose(run.transition_distance, obvious.transition_distance(matrices), atol=1e-12)


@FUZZ
@given(arrays())
def test_an_array_is_taken_for_what_it_means_or_refused(array):
    run = started()
    expected = meant(array)
    assert given_to(run, array) == (expected is not None)
    if expected is not None:
        np.testing.assert_array_equal(run.predictions(2), expected)
    assert_consistent(run)


@FUZZ
@given(arrays())
def test_probabilities_are_taken_or_the_update_is_refused(array):
    run = started()
    if given_to(run, [0, 1, 2, 2], probabilities=array):
        assert array.shape == (N,)
        found = run.training_map
        np.testing.assert_allclose(found.confidence, array.astype(float))
        assert ((found.confidence >= 0) & (found.confidence <= 1)).all()


@FUZZ
@given(arrays())
def test_the_first_array_sets_the_number_of_samples_or_is_refused(array):
    run = nntf.Fingerprint(K)
    try:
        run.update(array)
    except (TypeError, ValueError):
        assert (len(run), run.num_samples) == (0, None)
        run.update([0, 1])
        assert len(run) == 1
    else:
        assert run.num_samples == len(array)
        assert run.predictions(0).max() < K


@FUZZ
@given(arrays())
def test_labels_are_taken_or_refused_and_never_change(array):
    run = started()
    fits = meant(array, scores=False)
    assert given_to(run, [1, 1, 1, 0], labels=array) == (fits is not None and fits.tolist() == [0, 1, 2, 2])
    assert run.labels.tolist() == [0, 1, 2, 2]


@FUZZ
@given(things, things, metrics)
def test_things_that_are_no_arrays_are_refused_or_make_sense(predictions, labels, numbers):
    run = started()
    given_to(run, predictions, labels, numbers)
    given_to(run, [0, 0, 0, 0], metrics=numbers)
    assert given_to(run, [0, 1, 2, 0], metrics={"loss": 0.5})
    assert_consistent(run)


@FUZZ
@given(st.dictionaries(st.text(), st.floats()))
def test_any_name_and_any_float_is_a_metric_that_a_log_keeps(tmp_path_factory, numbers):
    run = started()
    run.update([0, 0, 0, 0], metrics=numbers)
    path = tmp_path_factory.mktemp("log") / "run.nntf"
    run.save(path)
    np.testing.assert_equal(nntf.load(path).snapshot(2).metrics, numbers)


def test_what_fails_to_become_an_array_is_named():
    class Odd:
        def __array__(self, dtype=None, copy=None):
            raise RuntimeError("no array here")

    with pytest.raises(TypeError, match="predictions is a Odd that gives no array: no array here"):
        started().update(Odd())
