"""Products with a short inner side are what NumPy makes of them, whatever the sizes, layouts and number of threads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf
from tapeflow.core import large_arrays
from tapeflow.graph.native import machine, narrow_products
from tapeflow.graph.native.narrow_products import narrow_product

pytestmark = pytest.mark.skipif(machine.machine() is None, reason="there is no LLVM")

sizes = st.integers(1, 70)


def operands(rows, inner, columns, dtype, seed=0):
    draw = np.random.default_rng(seed)
    return draw.standard_normal((rows, inner)).astype(dtype), draw.standard_normal((inner, columns)).astype(dtype)


def check(found, a, b):
    # The terms may be added in another order than BLAS adds them: what that can change is bounded by their sizes.
    room = np.abs(a).astype("float64") @ np.abs(b).astype("float64") * np.finfo(a.dtype).eps * 4
    assert found.dtype == a.dtype
    assert np.all(np.abs(found.astype("float64") - a.astype("float64") @ b.astype("float64")) <= room)


@given(rows=sizes, inner=st.integers(1, 16), columns=sizes, dtype=st.sampled_from(["float32", "float64"]))
def test_all_sizes(rows, inner, columns, dtype):
    a, b = operands(rows, inner, columns, dtype)
    check(narrow_product(a, b), a, b)


@given(rows=sizes, inner=st.integers(1, 8), columns=sizes, a_transposed=st.booleans(), b_transposed=st.booleans())
def test_transposed_and_strided_operands(rows, inner, columns, a_transposed, b_transposed):
    a, b = operands(rows, 2 * inner, columns, "float32")
    a, b = a[:, ::2], b[::-2]
    a = np.asfortranarray(a) if a_transposed else a
    b = np.asfortranarray(b) if b_transposed else b
    check(narrow_product(a, b), a, b)


@pytest.mark.parametrize("rows", [1, 5, 64, 333])
def test_the_parts_that_threads_take_fit_together(rows, monkeypatch):
    a, b = operands(rows, 7, 300, "float32")
    alone = narrow_product(a, b)
    monkeypatch.setattr(narrow_products, "SMALLEST_PART", 600)
    tf.config.threading.set_intra_op_parallelism_threads(4)
    try:
        np.testing.assert_array_equal(narrow_product(a, b), alone)
    finally:
        tf.config.threading.set_intra_op_parallelism_threads(0)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_nothing_beside_the_result_is_written(dtype, monkeypatch):
    # The last strip of columns reaches beyond the matrix: what lies there must stay.
    a, b = operands(6, 3, 37, dtype)
    room = np.full((8, 37), 7, dtype)
    monkeypatch.setattr(
        narrow_products.np, "empty", lambda shape, dtype: room[1:7] if shape == (6, 37) else np.zeros(shape, dtype)
    )
    check(narrow_product(a, b), a, b)
    assert np.all(room[[0, 7]] == 7)


def test_infinities_and_nan_go_where_they_belong():
    a, b = operands(9, 4, 40, "float32")
    a[3, 1], b[2, 5] = np.inf, np.nan
    found = narrow_product(a, b)
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(np.isnan(found), np.isnan(a @ b))
        np.testing.assert_array_equal(np.isinf(found), np.isinf(a @ b))


@pytest.mark.parametrize("dtype", ["int32", "complex64", "float16"])
def test_other_dtypes_are_left_to_numpy(dtype):
    a, b = np.ones((300, 2), dtype), np.ones((2, 300), dtype)
    assert narrow_product(a, b) is None
    assert tf.matmul(a, b).numpy().astype("complex64").sum() == 180_000


def test_large_products_of_tensors_and_their_gradients(monkeypatch):
    served = []

    def noted(a, b):
        served.append(a.shape[1])
        return narrow_product(a, b)

    monkeypatch.setitem(large_arrays._found, ("narrow_products", "narrow_product"), noted)
    a, b = operands(300, 512, 10, "float64")
    x, w = tf.constant(a), tf.constant(b)

    def slopes(x, w):
        with tf.GradientTape() as tape:
            tape.watch([x, w])
            y = tf.reduce_sum(tf.matmul(x, w) ** 2)
        return tape.gradient(y, [x, w])

    expected = 2 * (a @ b) @ b.T, 2 * a.T @ (a @ b)
    for found in (slopes(x, w), tf.function(slopes)(x, w)):
        for one, right in zip(found, expected, strict=True):
            np.testing.assert_allclose(one.numpy(), right, rtol=1e-10)
    assert served == [10, 10]  # the cotangents of x, eagerly and compiled


def test_an_empty_inner_side_gives_zeros():
    np.testing.assert_array_equal(
        tf.matmul(np.ones((300, 0), np.float32), np.ones((0, 300), np.float32)).numpy(), np.zeros((300, 300))
    )
