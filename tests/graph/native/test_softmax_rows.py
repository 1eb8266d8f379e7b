"""Softmax and cross-entropies row by row in machine code give what NumPy gives, and are found by graphs and large arrays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf
from tapeflow.core import large_arrays
from tapeflow.graph.native import softmax_rows
from tapeflow.graph.native.machine import machine

pytestmark = pytest.mark.skipif(machine() is None, reason="there is no machine code here")

ROUNDING = {"float32": 2e-6, "float64": 1e-14}
SHAPES = [(1, 1), (3, 1), (1, 7), (5, 16), (7, 33), (256, 10), (1, 5000), (300, 64)]


def in_double(logits, labels):
    """The losses and the excess by the definition, in float64."""
    x = logits.astype(np.float64)
    y = np.exp(x - x.max(1, keepdims=True))
    softmax = y / y.sum(1, keepdims=True)
    log_softmax = x - x.max(1, keepdims=True) - np.log(y.sum(1, keepdims=True))
    if labels.ndim == 1:
        labels = np.eye(x.shape[1])[labels]
    return -(labels * log_softmax).sum(1), softmax - labels, softmax


def given_values(shape, dtype, scale=5.0):
    rng = np.random.default_rng(sum(shape))
    logits = (rng.standard_normal(shape) * scale).astype(dtype)
    probabilities = rng.random(shape).astype(dtype)
    return logits, rng.integers(0, shape[1], shape[0]), probabilities / probabilities.sum(1, keepdims=True)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_kernels_agree_with_the_definition(shape, dtype):
    logits, classes, probabilities = given_values(shape, dtype)
    close = {"rtol": ROUNDING[dtype] * 10, "atol": ROUNDING[dtype]}
    for labels in (classes, classes.astype(np.int32)):
        losses, excess, wrong = softmax_rows.sparse_cross_entropy(logits, labels)
        expected = in_double(logits, labels)
        np.testing.assert_allclose(losses, expected[0], **close)
        np.testing.assert_allclose(excess, expected[1], **close)
        assert not wrong
    losses, excess = softmax_rows.cross_entropy(logits, probabilities)
    expected = in_double(logits, probabilities)
    np.testing.assert_allclose(losses, expected[0], **close)
    np.testing.assert_allclose(excess, expected[1], **close)
    np.testing.assert_allclose(softmax_rows.softmax(logits), expected[2], **close)
    assert losses.dtype == excess.dtype == dtype


@given(
    st.integers(1, 40),
    st.integers(1, 70),
    st.integers(0, 2**32 - 1),
    st.sampled_from([1e-3, 1.0, 50.0, 1e4]),
    st.sampled_from(["float32", "float64"]),
)
def test_any_shape_and_size_of_logits(rows, columns, seed, scale, dtype):
    rng = np.random.default_rng(seed)
    logits = (rng.standard_normal((rows, columns)) * scale).astype(dtype)
    labels = rng.integers(0, columns, rows)
    losses, excess, _ = softmax_rows.sparse_cross_entropy(logits, labels)
    expected = in_double(logits, labels)
    np.testing.assert_allclose(losses, expected[0], rtol=ROUNDING[dtype], atol=ROUNDING[dtype])
    np.testing.assert_allclose(excess, expected[1], rtol=ROUNDING[dtype] * 10, atol=ROUNDING[dtype])


@pytest.mark.parametrize("columns", [3, 40])
def test_infinities_and_nan_do_as_numpy_does(columns, monkeypatch):
    logits = np.zeros((6, columns), np.float32)
    logits[0, 1], logits[1, 2], logits[2], logits[3, 0], logits[4, :2] = np.nan, np.inf, -np.inf, -np.inf, np.inf
    labels = np.array([0, 2, 1, 0, 1, 2])
    found = softmax_rows.sparse_cross_entropy(logits, labels)[:2]
    monkeypatch.setenv("TAPEFLOW_NATIVE", "off")
    x = tf.Variable(logits)
    with tf.GradientTape() as tape:
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=x)
    np.testing.assert_allclose(found[0], losses.numpy(), rtol=1e-6)
    np.testing.assert_allclose(found[1], tape.gradient(losses, x).numpy(), rtol=1e-6, atol=1e-7)


def test_a_label_that_is_no_class_is_told_and_writes_nowhere():
    logits = np.zeros((4, 3), np.float32)
    for label in (-1, 3, 2**40):
        losses, excess, wrong = softmax_rows.sparse_cross_entropy(logits, np.array([0, 1, label, 2]))
        assert wrong
        np.testing.assert_allclose(excess[2], 1 / 3, rtol=1e-6)
        np.testing.assert_allclose(losses[[0, 1, 3]], np.log(3), rtol=1e-6)


def test_what_is_not_served_is_left_to_numpy():
    half = np.zeros((4, 3), np.float16)
    assert softmax_rows.softmax(half) is None
    assert softmax_rows.softmax(np.zeros((0, 3), np.float32)) is None
    assert softmax_rows.sparse_cross_entropy(np.zeros((4, 3), np.float32), np.zeros(4, np.int8)) is None
    assert softmax_rows.cross_entropy(np.zeros((4, 3), np.float32), np.zeros((4, 3))) is None


def test_logits_in_another_order_of_memory():
    logits, _, probabilities = given_values((24, 32), "float32")
    turned = np.asfortranarray(logits)
    np.testing.assert_array_equal(softmax_rows.softmax(turned), softmax_rows.softmax(logits))
    found = softmax_rows.cross_entropy(turned, np.asfortranarray(probabilities))
    for x, y in zip(found, softmax_rows.cross_entropy(logits, probabilities), strict=True):
        np.testing.assert_array_equal(x, y)


# -- graphs --------------------------------------------------------------------------------------------------


def losses_and_gradients(labels, x):
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            if labels.dtype.is_integer:
                losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=x)
            else:
                losses = tf.nn.softmax_cross_entropy_with_logits(labels=labels, logits=x)
            y = tf.reduce_sum(losses * losses)
        slope = inner.gradient(y, x)
        z = tf.reduce_sum(tf.sin(slope))
    return losses, slope, outer.gradient(z, x)


@pytest.mark.parametrize("sparse", [True, False])
def test_in_a_function_both_orders_agree_with_eager(sparse):
    logits, classes, probabilities = given_values((64, 10), "float64", 2.0)
    labels = tf.constant(classes if sparse else probabilities)
    compiled = tf.function(losses_and_gradients)
    for found, expected in zip(
        compiled(labels, tf.constant(logits)), losses_and_gradients(labels, tf.constant(logits)), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("name", ["softmax", "sparse", "dense"])
def test_the_report_counts_the_operation_as_machine_code(name):
    logits, classes, probabilities = given_values((64, 10), "float32")

    @tf.function
    def function(x, classes, probabilities):
        if name == "softmax":
            return tf.nn.softmax(x)
        if name == "sparse":
            return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=classes, logits=x)
        return tf.nn.softmax_cross_entropy_with_logits(labels=probabilities, logits=x)

    function(tf.constant(logits), tf.constant(classes), tf.constant(probabilities))
    report = tf.debugging.native_report(function)
    assert "loops over arrays in machine code: " in report
    assert "NumPy" not in report


def test_a_wrong_label_in_a_function_is_the_same_error_as_eagerly():
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits
    compiled = tf.function(lambda labels, logits: loss(labels=labels, logits=logits))
    logits, labels = tf.zeros([100, 3]), np.zeros(100, np.int64)
    assert compiled(tf.constant(labels), logits).shape == (100,)
    labels[7] = 5
    with pytest.raises(tf.errors.InvalidArgumentError, match="label value of 5 which is outside the valid range of"):
        compiled(tf.constant(labels), logits)
    with pytest.raises(tf.errors.InvalidArgumentError, match="label value of 5 which is outside the valid range of"):
        loss(labels=labels, logits=logits)
    labels[7] = 0
    assert compiled(tf.constant(labels), logits).shape == (100,)


# -- eager ---------------------------------------------------------------------------------------------------


def test_large_arrays_are_served_eagerly(monkeypatch):
    calls = []
    monkeypatch.setattr(large_arrays, "_found", {})
    for name in ("softmax", "sparse_cross_entropy", "cross_entropy"):
        kernel = getattr(softmax_rows, name)
        monkeypatch.setattr(softmax_rows, name, lambda *x, kernel=kernel, name=name: (calls.append(name), kernel(*x))[1])
    logits, classes, probabilities = given_values((300, 64), "float32")
    expected = in_double(logits, classes)
    np.testing.assert_allclose(
        tf.nn.softmax(logits.reshape(3, 100, 64)).numpy().reshape(300, 64), expected[2], rtol=2e-5, atol=1e-7
    )
    found = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=classes, logits=logits)
    np.testing.assert_allclose(found, expected[0], rtol=2e-5)
    found = tf.nn.softmax_cross_entropy_with_logits(labels=probabilities, logits=logits)
    np.testing.assert_allclose(found, in_double(logits, probabilities)[0], rtol=2e-5)
    assert calls == ["softmax", "sparse_cross_entropy", "cross_entropy"]


def test_the_parts_that_threads_take_fit_together():
    logits, classes, _ = given_values((5000, 50), "float32")  # large enough for several threads
    losses, excess, _ = softmax_rows.sparse_cross_entropy(logits, classes)
    parts = [softmax_rows.sparse_cross_entropy(logits[n : n + 100], classes[n : n + 100]) for n in range(0, 5000, 100)]
    np.testing.assert_array_equal(losses, np.concatenate([x for x, _, _ in parts]))
    np.testing.assert_array_equal(excess, np.concatenate([x for _, x, _ in parts]))
