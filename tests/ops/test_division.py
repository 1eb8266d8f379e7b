import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf
from tests.golden.elementwise import disagreements

INTEGERS = st.integers(-(2**31), 2**31 - 1)


def test_calls_answer_as_tensorflows():
    assert not disagreements("division", tf)


@given(INTEGERS, INTEGERS.filter(bool), st.booleans())
def test_quotient_and_remainder_make_up_the_integer(x, y, as_arrays):
    a, b = (tf.constant([v] if as_arrays else v, tf.int32) for v in (x, y))
    quotient, remainder = (int(tf.reshape(r, [])) for r in (a // b, a % b))
    assert (quotient * y + remainder - x) % 2**32 == 0
    if (x, y) != (-(2**31), -1):
        assert (quotient, remainder) == divmod(x, y)
        truncated, rest = (int(tf.reshape(f(a, b), [])) for f in (tf.truncatediv, tf.truncatemod))
        assert truncated == (abs(x) // abs(y)) * (1 if (x < 0) == (y < 0) else -1)
        assert rest == int(math.fmod(x, y))


@pytest.mark.parametrize("divide", [tf.math.floordiv, tf.math.floormod, tf.truncatediv, tf.truncatemod])
@pytest.mark.parametrize("dtype", ["int8", "int32", "int64", "uint8", "uint64"])
def test_an_integer_divided_by_zero_is_an_error(divide, dtype):
    for y in (0, [1, 0]):
        with pytest.raises(tf.errors.InvalidArgumentError, match="Integer division by zero"):
            divide(tf.constant([3, 4], dtype), tf.constant(y, dtype))
    with pytest.raises(tf.errors.InvalidArgumentError, match="Integer division by zero"):
        divide(tf.constant(3, dtype), tf.constant(0, dtype))


def test_different_dtypes_are_a_type_error_that_says_what_to_do():
    with pytest.raises(TypeError, match=r"same dtype, got tf\.float32 != tf\.int32.*tf\.cast"):
        tf.constant(1.0) / tf.constant(1)
    with pytest.raises(TypeError, match=r"tf\.bool"):
        tf.divide(True, False)


@given(st.floats(width=32), st.floats(width=32))
def test_no_nan_quotients_and_products_on_scalars_are_those_on_arrays(x, y):
    for operation in (tf.math.divide_no_nan, tf.math.multiply_no_nan, tf.math.xdivy):
        scalar, array = operation(x, y), operation([x], [y])
        assert scalar.dtype == array.dtype == tf.float32
        np.testing.assert_array_equal(scalar.numpy(), array.numpy()[0])
    assert tf.math.divide_no_nan(x, 0.0).numpy() == 0
    assert tf.math.multiply_no_nan(x, 0.0).numpy() == 0
    assert tf.math.xdivy(0.0, y).numpy() == 0
