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
