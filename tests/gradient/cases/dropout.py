"""Dropout: its choices are a function of the seed, the same in TensorFlow."""

import numpy as np

from tests.gradient.case import Case, array


def drop(tf, x, **settings):
    return tf.nn.experimental.stateless_dropout(x, 0.4, seed=[1, 2], **settings)


CASES = [
    Case("dropout", drop, array(3, 4), single=False),  # float32 has other choices
    Case("dropout_squared", lambda tf, x: tf.square(drop(tf, x)), array(3, 4), single=False),
    Case("dropout_scalar", drop, array(), single=False),
    Case("dropout_empty", drop, array(0, 3)),
    Case("dropout_rows", lambda tf, x: drop(tf, x, noise_shape=[3, 1]), array(3, 4), single=False),
    Case("dropout_infinite", drop, np.array([np.inf, -np.inf, np.nan, np.inf, 1.0]), numeric=False, single=False),
]
