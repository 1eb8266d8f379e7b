"""Norms of vectors and of matrices, of every order."""

import numpy as np

from tests.gradient.case import Case, array


def norm(name, how, *inputs, **options):
    return Case(f"norm_{name}", lambda tf, x: tf.norm(x, **how), *inputs, **options)


CASES = [
    norm("euclidean", {}, array(2, 3)),
    norm("euclidean_axis", {"axis": 1}, array(2, 3)),
    norm("euclidean_axis_kept", {"axis": -1, "keepdims": True}, array(2, 3)),
    norm("euclidean_matrix", {"axis": [0, 1]}, array(2, 3)),
    norm("euclidean_scalar", {}, array()),
    norm("frobenius", {"ord": "fro", "axis": (-2, -1)}, array(2, 2, 3)),
    norm("vector_2", {"ord": 2, "axis": 0}, array(2, 3)),
    norm("vector_1", {"ord": 1, "axis": 0}, array(2, 3)),
    norm("vector_inf", {"ord": np.inf, "axis": 1}, array(2, 3)),
    norm("vector_3", {"ord": 3, "axis": 1}, array(2, 3, low=0.5)),
    norm("vector_half", {"ord": 0.5}, array(3, low=0.5)),
    norm("matrix_1", {"ord": 1, "axis": (0, 1)}, array(2, 3)),
    norm("matrix_inf", {"ord": np.inf, "axis": (1, 2), "keepdims": True}, array(2, 2, 3)),
    norm("matrix_2", {"ord": 2, "axis": (0, 1)}, array(2, 3)),
    norm("matrix_2_outer", {"ord": 2, "axis": (0, 2), "keepdims": True}, array(2, 2, 3)),
    Case("norm_complex", lambda tf, x: tf.math.real(tf.norm(x)), array(3) + 1j * array(3)),
    norm("complex_1", {"ord": 1}, array(3) + 1j * array(3)),
    norm("zero", {}, np.zeros(2), numeric=False),
    norm("zero_1", {"ord": 1}, np.zeros(2), numeric=False),
    norm("zero_row", {"axis": 1}, np.array([[0.0, 0.0], [3.0, 4.0]]), numeric=False),
    norm("ties_inf", {"ord": np.inf}, np.array([1.0, -1.0, 0.5]), numeric=False),
    Case("normalize", lambda tf, x: tf.linalg.normalize(x, axis=1), array(2, 3)),
    Case("normalize_1", lambda tf, x: tf.linalg.normalize(x, ord=1)[0], array(3)),
]
