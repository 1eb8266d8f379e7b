"""Sorting and the largest elements: a permutation, chosen by the values, that the cotangent takes back."""

import numpy as np

from tests.gradient.case import Case, array

CASES = [
    Case("sort", lambda tf, x: tf.sort(x) ** 2.0, array(2, 5)),
    Case("sort_axis", lambda tf, x: tf.sort(x, axis=0) ** 2.0, array(4, 2, 2)),
    Case("sort_descending", lambda tf, x: tf.sort(x, direction="DESCENDING") ** 2.0, array(5)),
    Case("sort_ties", lambda tf, x: tf.sort(x) ** 2.0, np.array([2.0, 1.0, 2.0, 1.0]), numeric=False),
    Case("top_k", lambda tf, x: tf.math.top_k(x, 2).values ** 2.0, array(2, 5)),
    Case("top_k_all", lambda tf, x: tf.math.top_k(x, 3)[0] ** 2.0, array(3)),
    Case("top_k_ties", lambda tf, x: tf.math.top_k(x, 2)[0] ** 2.0, np.array([2.0, 1.0, 2.0, 2.0]), numeric=False),
    Case("top_k_none", lambda tf, x: tf.math.top_k(x, 0)[0], array(3)),
]
