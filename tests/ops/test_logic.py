import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf
from tests.golden.elementwise import disagreements


def test_calls_answer_as_tensorflows():
    assert not disagreements("logic", tf)


@given(st.booleans(), st.booleans())
def test_the_truth_tables_hold_for_scalars_and_arrays(x, y):
    for ours, python in (
        (tf.logical_and, x and y),
        (tf.logical_or, x or y),
        (tf.math.logical_xor, x != y),
    ):
        assert bool(ours(x, y)) is python
        assert ours([x, x], [[y], [y]]).numpy().tolist() == [[python, python], [python, python]]
    assert bool(tf.logical_not(x)) is not x


@given(st.integers(-(2**31), 2**31 - 1), st.integers(0, 31))
def test_shifts_within_range_are_pythons(x, y):
    assert tf.bitwise.right_shift(x, y).numpy() == x >> y
    assert tf.bitwise.left_shift(x, y).numpy() == np.array(x << y).astype(np.int64).astype(np.int32)
    assert tf.bitwise.invert(x).numpy() == ~x
