"""Slices at places that are known only when the function runs have the derivatives of slices at places known before."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf

SLICES = {
    "row": lambda x, i: x[i],
    "last row": lambda x, i: x[-1 - i],
    "element": lambda x, i: x[1, i],
    "column and new axis": lambda x, i: x[:, i, tf.newaxis],
    "stepped": lambda x, i: x[::2, i],
}


def slopes(x, i, take):
    """The value, the gradient of Σ y³, and the gradient of Σ of its square."""
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = take(x, i)
            total = tf.reduce_sum(y**3.0)
        first = tf.convert_to_tensor(inner.gradient(total, x))
        squares = tf.reduce_sum(first**2.0)
    return y, first, tf.convert_to_tensor(outer.gradient(squares, x))


@pytest.mark.parametrize("name", SLICES)
def test_derivatives_are_those_of_known_places_and_central_differences(name):
    take = SLICES[name]
    traced = tf.function(lambda x, i: slopes(x, i, take))
    value = np.random.default_rng(0).normal(size=(4, 3))
    for place in (0, 2):
        found = traced(tf.constant(value), tf.constant(place))
        for a, b in zip(found, slopes(tf.constant(value), place, take), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12)
        direction = np.random.default_rng(1).normal(size=value.shape)
        sums = [np.sum(take(value + step * direction, place) ** 3.0) for step in (1e-5, -1e-5)]
        np.testing.assert_allclose(np.sum(found[1] * direction), (sums[0] - sums[1]) / 2e-5, rtol=1e-6)
    assert traced.experimental_eager_reasons() == ()
