"""Clusters of sizes that depend on values: machine code that serves them all, and NumPy's kernels where it is not worth it."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.graph.native.late_clusters import OFTEN, Bound, LateCluster


def clusters_of(function, *arguments):
    nodes = function.get_concrete_function(*arguments)._plan.written.nodes
    return [node.compute for node in nodes if type(getattr(node, "compute", None)) is LateCluster]


def kept(x):
    y = tf.boolean_mask(x, x > 0.0)
    z = tf.tanh(y) * 2.0 + y * y
    return z, tf.reduce_sum(z), tf.reduce_max(z * 0.5)


@pytest.mark.parametrize("size", [40, 300_000])
def test_every_size_gives_what_eager_execution_gives(size):
    function = tf.function(kept)
    draw = np.random.default_rng(size)
    calls = [tf.constant(draw.normal(size=size).astype("float32")) for _ in range(3)]
    for x in [*calls, *calls, *calls, tf.zeros([size]), calls[0], -tf.abs(calls[0]), tf.abs(calls[1])]:
        for found, expected in zip(function(x), kept(x), strict=True):
            assert found.shape == expected.shape and found.dtype == expected.dtype
            np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    (cluster,) = clusters_of(function, calls[0])
    assert any(type(each) is Bound for each in cluster.functions.values())
    assert function.experimental_eager_reasons() == ()


def test_a_function_is_made_for_sizes_that_come_often():
    @tf.function
    def function(x):
        y = tf.boolean_mask(x, x > 0.0)
        for _ in range(12):
            y = tf.tanh(y) * 1.5 + 0.25
        return y

    x = tf.ones([1000])
    (cluster,) = clusters_of(function, x)
    for _ in range(OFTEN - 1):
        expected = function(x)
        assert [type(each) for each in cluster.functions.values()] == [int]
    np.testing.assert_allclose(function(x), expected, rtol=1e-6)
    assert [type(each) for each in cluster.functions.values()] == [Bound]
    np.testing.assert_allclose(function(x), expected, rtol=1e-6)


def test_what_is_broadcast_from_one_element_is_not_taken_for_all():
    """A size that is 1 in a call: the results have other shapes than those that the cluster was found by."""

    @tf.function
    def function(x, y):
        a, b = tf.boolean_mask(x, x > 0.0), tf.boolean_mask(y, y > 0.0)
        c = a * b
        return tf.exp(c) + c * 2.0, tf.reduce_sum(tf.exp(c) + c * 2.0)

    x = tf.constant(np.linspace(0.1, 1.0, 5000))
    one = tf.constant(np.r_[0.5, -np.ones(4999)])
    for _ in range(OFTEN + 1):
        for a, b in ((x, one), (one, x), (one, one), (x, x)):
            p, q = (v.numpy()[v.numpy() > 0] for v in (a, b))
            expected = np.exp(p * q) + 2.0 * p * q
            z, total = function(a, b)
            assert z.shape == expected.shape
            np.testing.assert_allclose(z, expected, rtol=1e-12)
            np.testing.assert_allclose(total, expected.sum(), rtol=1e-12)


def test_errors_of_kernels_name_the_operation():
    @tf.function
    def function(x, y):
        c = tf.boolean_mask(x, x > 0.0) * tf.boolean_mask(y, y > 0.0)
        return c + c * 2.0

    x = tf.constant([1.0, 2.0, 3.0])
    assert function(x, x).numpy().tolist() == [3.0, 12.0, 27.0]
    with pytest.raises(tf.errors.InvalidArgumentError, match="Mul"):
        function(x, tf.constant([1.0, 2.0, -3.0]))
