"""Reductions of every kind that end a cluster give what NumPy's kernels give, over any axes."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import tapeflow as tf
from tapeflow.graph.native import binding, fused
from tapeflow.graph.native.machine import machine
from tests.graph.native.identical import both, identical

pytestmark = pytest.mark.skipif(machine() is None, reason="there is no machine code here")


@pytest.fixture(autouse=True, scope="module")
def _clusters_of_any_size():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(binding, "FEW", 1)
        yield


KINDS = {
    "sum": tf.reduce_sum,
    "mean": tf.reduce_mean,
    "max": tf.reduce_max,
    "min": tf.reduce_min,
    "prod": tf.reduce_prod,
    "any": lambda x, axis, keepdims: tf.reduce_any(x > 1, axis, keepdims),
    "all": lambda x, axis, keepdims: tf.reduce_all(x > -1, axis, keepdims),
    "count_nonzero": tf.math.count_nonzero,
    "count_int32": lambda x, axis, keepdims: tf.math.count_nonzero(x > 0, axis, keepdims, dtype=tf.int32),
    "variance": tf.math.reduce_variance,
}
shapes = st.sampled_from([(17,), (3, 4), (5, 33), (2, 3, 5), (4, 1, 3), (9, 2, 16), (2, 3, 4, 5), (1, 6)])
axes = st.one_of(st.none(), st.sets(st.integers(0, 3), min_size=1))
SPECIAL = [0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0, 0.5]


def numbers(shape, dtype, seed, special):
    draw = np.random.default_rng(seed)
    if dtype.startswith("int"):
        return draw.integers(-4, 5, shape).astype(dtype)
    x = draw.normal(size=shape).astype(dtype)
    return np.where(draw.random(shape) < 0.1, draw.choice(np.array(SPECIAL, dtype), shape), x) if special else x


def agree(kind, found, expected):
    assert found.shape == expected.shape and found.dtype == expected.dtype
    if kind in ("sum", "mean", "prod", "variance") and expected.dtype.is_floating:
        tolerance = 1e-6 if expected.dtype == tf.float32 else 1e-13
        np.testing.assert_allclose(found, expected, rtol=4 * tolerance, atol=40 * tolerance)
    elif expected.dtype.is_floating:
        np.testing.assert_array_equal(found, expected)  # of 0 and -0 either is the larger
    else:
        identical(found, expected)


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(sorted(KINDS)),
    dtype=st.sampled_from(["float32", "float64", "int32", "int64"]),
    shape=shapes,
    axis=axes,
    keepdims=st.booleans(),
    seed=st.integers(0, 99),
    special=st.booleans(),
    large=st.booleans(),
)
def test_every_kind_over_any_axes(kind, dtype, shape, axis, keepdims, seed, special, large):
    if kind == "variance" and dtype.startswith("int"):
        dtype = "float32"
    axis = None if axis is None else [n % len(shape) for n in axis if n < len(shape)] or [0]
    x, y = (tf.constant(numbers(shape, dtype, seed + k, special)) for k in (0, 100))

    def python(x, y):
        z = x * y + x
        return KINDS[kind](z, axis, keepdims), KINDS["max"](z - y, axis, keepdims=True)

    with pytest.MonkeyPatch.context() as patch:
        if large:  # in parts, as several threads take them
            patch.setattr(fused, "LARGE", 1)
            patch.setattr(fused, "PART", 4)
        expected, found, _ = both(python, x, y)
    for which, a, b in zip((kind, "max"), expected, found, strict=True):
        agree(which, b, a)


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("axis", [None, 0, 1, [0, 2], [1, 2]])
def test_the_report_counts_them_as_machine_code(kind, axis):
    def python(x):
        return KINDS[kind](tf.nn.relu(x) - 0.5, axis, False)

    _, _, report = both(python, tf.constant(numbers((20, 30, 40), "float32", 0, False)))
    assert "NumPy" not in report or kind == "variance"


def test_integers_wrap_and_their_mean_is_rounded_towards_zero():
    x = tf.constant([[2**31 - 1, 2, -7], [2**31 - 1, 2, 0]], tf.int32)

    def python(x):
        y = x + 0 * x
        return tf.reduce_sum(y, 0), tf.reduce_prod(y, 0), tf.reduce_mean(y, 1), tf.reduce_mean(y - 3, 0), tf.reduce_mean(y)

    expected, found, _ = both(python, x)
    for a, b in zip(expected, found, strict=True):
        identical(b, a)


def test_bools_of_bools():
    x = tf.constant(np.random.default_rng(0).random((70, 90)) < 0.98)

    def python(x):
        y = tf.logical_not(x)
        return [
            f(z, axis)
            for f in (tf.reduce_any, tf.reduce_all, tf.math.count_nonzero)
            for z in (x, y)
            for axis in (None, 0, 1)
        ]

    expected, found, report = both(python, x)
    assert "NumPy" not in report
    for a, b in zip(expected, found, strict=True):
        identical(b, a)


def test_nothing_and_zero_rows_are_left_to_numpy():
    def python(x):
        y = x * 2.0
        return [f(y, 0) for f in (tf.reduce_sum, tf.reduce_prod, tf.reduce_max, tf.reduce_min)]

    expected, found, _ = both(python, tf.zeros([0, 5]))
    for a, b in zip(expected, found, strict=True):
        identical(b, a)
