import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tapeflow as tf
from tests.golden.elementwise import disagreements

FINITE = st.floats(-1e3, 1e3, width=32)


def test_calls_answer_as_tensorflows():
    assert not disagreements("clipping", tf)


@given(hnp.arrays("float32", hnp.array_shapes(min_dims=0, max_dims=2), elements=FINITE), st.floats(0.125, 10, width=32))
def test_a_clipped_norm_is_not_longer_and_points_the_same_way(x, bound):
    clipped = tf.clip_by_norm(x, bound).numpy()
    length = np.linalg.norm(x.astype(float))
    assert np.linalg.norm(clipped.astype(float)) <= bound * 1.0001 + 1e-6
    if length > 1e-3:
        np.testing.assert_allclose(clipped, x * min(1.0, bound / length), rtol=1e-4, atol=1e-6)


@given(st.lists(hnp.arrays("float32", hnp.array_shapes(min_dims=0, max_dims=2), elements=FINITE), min_size=1, max_size=4))
def test_a_global_norm_is_that_of_all_elements_together(arrays):
    together = np.concatenate([a.ravel() for a in arrays]).astype(float)
    clipped, norm = tf.clip_by_global_norm(arrays, 1.5)
    np.testing.assert_allclose(norm.numpy(), np.linalg.norm(together), rtol=1e-4, atol=1e-6)
    assert [c.shape for c in clipped] == [a.shape for a in arrays]
    assert np.linalg.norm(np.concatenate([c.numpy().ravel() for c in clipped])) <= 1.5001


def test_what_is_no_list_is_refused():
    with pytest.raises(TypeError, match="should be a sequence"):
        tf.clip_by_global_norm(tf.constant([1.0]), 1.0)


@given(st.floats(), st.sampled_from(["int8", "int16", "uint8", "uint16", "uint32", "int32"]))
def test_saturating_gives_the_nearest_value_that_the_dtype_holds(x, dtype):
    result = int(tf.saturate_cast(tf.constant(x, tf.float64), dtype).numpy())
    limits = np.iinfo(dtype)
    if not np.isnan(x):
        assert result == int(min(max(x, limits.min), limits.max))


def test_bounds_may_not_broadcast_the_tensor():
    with pytest.raises(ValueError, match="incompatible"):
        tf.clip_by_value(1.0, [0.0, 0.0], 2.0)
