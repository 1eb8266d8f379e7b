import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tapeflow as tf
from tests.golden.elementwise import disagreements

DTYPES = st.sampled_from(["float32", "float64", "int32", "int64", "int8", "uint8"])


def test_calls_answer_as_tensorflows():
    assert not disagreements("arithmetic", tf)


@given(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3), DTYPES, st.data())
def test_binary_operations_broadcast_as_numpy_and_keep_the_dtype(shapes, dtype, data):
    a, b = (
        data.draw(hnp.arrays(dtype, shape, elements={"allow_nan": False} if dtype[0] == "f" else None))
        for shape in shapes[0]
    )
    with np.errstate(all="ignore"):
        for operation, reference in ((tf.add, np.add), (tf.subtract, np.subtract), (tf.multiply, np.multiply)):
            result = operation(tf.constant(a), tf.constant(b))
            assert result.dtype.name == dtype
            assert result.shape == shapes.result_shape
            np.testing.assert_array_equal(result.numpy(), reference(a, b))


def test_integers_wrap_around_in_silence():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert (tf.constant(2**31 - 1) + 1).numpy() == -(2**31)
        assert (tf.constant([2**31 - 1]) * 2).numpy().tolist() == [-2]
        assert (-tf.constant(-(2**31))).numpy() == -(2**31)
        assert tf.square(tf.constant(2**16)).numpy() == 0


def test_a_shape_error_names_the_operation_and_the_shapes():
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"Incompatible shapes: \[2\] vs\. \[3\].*AddV2"):
        tf.add([1.0, 2.0], [1.0, 2.0, 3.0])


def test_a_dtype_error_names_both_dtypes_and_the_cure():
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"float32.*float64.*tf\.cast"):
        tf.add(tf.constant(1.0), tf.constant(1.0, tf.float64))
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"bool.*AddV2.*tf\.cast"):
        tf.add(True, False)


def test_strings_are_joined_elementwise_and_as_scalars():
    assert (tf.constant("a") + "b").numpy() == b"ab"
    assert (tf.constant(["a", "b"]) + tf.constant("c")).numpy().tolist() == [b"ac", b"bc"]


@given(st.integers(1, 6), hnp.array_shapes(max_dims=2, max_side=3))
def test_add_n_is_the_sum_and_leaves_its_inputs_alone(n, shape):
    inputs = [tf.constant(np.full(shape, i + 1.0)) for i in range(n)]
    total = tf.add_n(inputs)
    np.testing.assert_array_equal(total.numpy(), np.full(shape, n * (n + 1) / 2))
    for i, x in enumerate(inputs):
        np.testing.assert_array_equal(x.numpy(), np.full(shape, i + 1.0))


def test_add_n_says_which_input_is_odd():
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"input 2: \[3\]"):
        tf.add_n([tf.ones([2]), tf.ones([2]), tf.ones([3])])
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"#1.*float32.*int32"):
        tf.add_n([tf.constant(1.0), tf.constant(1)])


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_stays_half(dtype):
    x = tf.cast([1.5, -2.0], dtype)
    for y in (x + x, x - 1.0, 2.0 * x, -x, tf.square(x), abs(x), tf.math.squared_difference(x, 1.0), x[0] * x[1]):
        assert y.dtype == dtype
