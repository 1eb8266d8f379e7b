import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf
from tests.golden.elementwise import disagreements


def test_calls_answer_as_tensorflows():
    assert not disagreements("bitwise", tf)


@given(st.integers(-(2**31), 2**31 - 1), st.integers(0, 31))
def test_shifts_within_range_are_pythons(x, y):
    assert tf.bitwise.right_shift(x, y).numpy() == x >> y
    assert tf.bitwise.left_shift(x, y).numpy() == np.array(x << y).astype(np.int64).astype(np.int32)
    assert tf.bitwise.invert(x).numpy() == ~x
