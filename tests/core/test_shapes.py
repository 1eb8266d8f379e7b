"""`tf.TensorShape` and `tf.TensorSpec`, against what TensorFlow answered."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf
from tapeflow.core.shapes import TensorShape, TensorSpec, as_shape, from_known
from tests.golden.structures import NAMES, outcome, recorded

VALUES = {
    **NAMES,
    "tf": tf,
    "TS": TensorShape,
    "TSpec": TensorSpec,
    "a": TensorShape([2, 3]),
    "u": TensorShape(None),
    "p": TensorShape([None, 3]),
    "s": TensorShape([]),
    "f": TensorSpec([2, 3], tf.float32, "a"),
}


@pytest.mark.parametrize("row", recorded("shapes"), ids=lambda row: row["of"])
def test_shapes_answer_as_in_tensorflow(row):
    assert outcome(lambda: eval(row["of"], VALUES)) == {key: row[key] for key in row.keys() - {"of"}}


@pytest.mark.parametrize("row", recorded("specs"), ids=lambda row: row["of"])
def test_specs_answer_as_in_tensorflow(row):
    assert outcome(lambda: eval(row["of"], VALUES)) == {key: row[key] for key in row.keys() - {"of"}}


# -- laws ---------------------------------------------------------------------------------------

sizes = st.none() | st.integers(0, 4)
shapes = st.builds(TensorShape, st.none() | st.lists(sizes, max_size=3))
known = st.builds(TensorShape, st.lists(st.integers(0, 4), max_size=3))


@given(shapes, shapes)
def test_what_two_shapes_merge_to_is_below_both(a, b):
    if a.is_compatible_with(b):
        merged = a.merge_with(b)
        assert merged.is_subtype_of(a)
        assert merged.is_subtype_of(b)
    else:
        with pytest.raises(ValueError, match="not compatible"):
            a.merge_with(b)


@given(shapes, shapes)
def test_the_most_specific_compatible_shape_is_above_both(a, b):
    common = a.most_specific_compatible_shape(b)
    assert a.is_subtype_of(common)
    assert b.is_subtype_of(common)
    assert common == b.most_specific_compatible_shape(a)


@given(shapes, known)
def test_a_known_shape_is_compatible_exactly_with_those_above_it(a, exact):
    assert a.is_compatible_with(exact) is exact.is_subtype_of(a)


@given(known)
def test_a_known_shape_counts_like_numpy(shape):
    array = np.zeros(shape)
    assert array.shape == shape == tuple(shape)
    assert shape == list(array.shape)
    assert (shape.num_elements(), shape.rank) == (array.size, array.ndim)
    assert hash(shape) == hash(from_known(array.shape))


@given(known, known)
def test_concatenation_is_that_of_tuples(a, b):
    assert tuple(a + b) == tuple(a) + tuple(b) == tuple(tuple(a) + b)


def test_a_shape_is_converted_once():
    shape = TensorShape([1])
    assert as_shape(shape) is shape
    assert as_shape([1]) == shape


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: TensorShape([2, 3]).with_rank(3), ["(2, 3)", "rank 3"]),
        (lambda: TensorShape([2, 3]).merge_with([2, 4]), ["(2, 3)", "(2, 4)"]),
        (lambda: TensorShape([2, -5]), ["-5", "None"]),
        (lambda: TensorShape([None]).assert_is_fully_defined(), ["(None,)"]),
        (lambda: TensorShape(None).as_list(), ["rank"]),
    ],
)
def test_errors_name_the_shapes(call, told):
    with pytest.raises(ValueError) as error:
        call()
    assert all(text in str(error.value) for text in told)


def test_specs_survive_as_dictionary_keys():
    assert {TensorSpec([1], "int32"): 1}[TensorSpec((1,), tf.int32)] == 1


def test_a_shape_is_a_vector_of_integers_wherever_a_tensor_is_taken():
    shape = tf.TensorShape([2, 3])
    assert tf.reduce_prod(shape).dtype == tf.int32 and int(tf.reduce_prod(shape)) == 6
    assert tf.concat([[4], shape], axis=0).numpy().tolist() == [4, 2, 3]
    assert (tf.constant([1, 2]) * shape).numpy().tolist() == [2, 6]
    assert tf.cast(shape, tf.float32).dtype == tf.float32
    assert tf.constant(tf.TensorShape([])).dtype == tf.int32
    assert tf.constant(tf.TensorShape([2**40])).dtype == tf.int64
    with pytest.raises(ValueError):
        tf.reduce_prod(tf.TensorShape([None, 2]))
