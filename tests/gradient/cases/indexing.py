"""Gather, scatter, masks and partitions."""

import numpy as np

from tests.gradient.case import Case, array

MANY = np.array([0, 2, 0, 1, 2, 2, 0, 1, 1, 0, 2, 1])  # more than a few, with repetitions


def gather_again(tf, x):
    """Rows of rows: the cotangent of the inner gather is made of slices and is taken apart again."""
    return tf.gather(tf.gather(x, [0, 2, 2]), [1, 2, 0]) ** 2.0


def used_twice(tf, x):
    """Rows of one tensor from two places."""
    return tf.gather(x, [0, 1]) * tf.gather(x, tf.constant([2, 0], tf.int64))


NUMBERS = np.array([1, 0, 1, 2], np.int32)

CASES = [
    Case("gather", lambda tf, x: tf.gather(x, [2, 0, 2]) ** 2.0, array(3, 2)),
    Case("gather_scalar_index", lambda tf, x: tf.gather(x, 1) ** 2.0, array(3, 2)),
    Case("gather_from_vector", lambda tf, x: tf.gather(x, MANY) ** 2.0, array(3)),
    Case("gather_many", lambda tf, x: tf.gather(x, MANY) ** 2.0, array(3, 2)),
    Case("gather_many_complex", lambda tf, x: tf.gather(x, MANY), array(3, 2) + 1j * array(3, 2)),
    Case("gather_permutation", lambda tf, x: tf.gather(x, np.arange(12)[::-1].copy()) ** 2.0, array(12, 2)),
    Case("gather_matrix_of_indices", lambda tf, x: tf.gather(x, [[0, 1], [1, 1]]) ** 2.0, array(3, 2)),
    Case("gather_nothing", lambda tf, x: tf.gather(x, np.zeros(0, np.int32)), array(3, 2)),
    Case("gather_axis", lambda tf, x: tf.gather(x, [2, 0, 2], axis=1) ** 2.0, array(2, 3)),
    Case("gather_last_axis", lambda tf, x: tf.gather(x, [[2, 0], [1, 1]], axis=-1) ** 2.0, array(2, 2, 3)),
    Case("gather_axis_many", lambda tf, x: tf.gather(x, MANY, axis=1) ** 2.0, array(2, 3, 2)),
    Case("gather_batch", lambda tf, x: tf.gather(x, [[2, 0], [1, 1]], batch_dims=1) ** 2.0, array(2, 3, 2)),
    Case("gather_batch_axis", lambda tf, x: tf.gather(x, [[2, 0], [1, 1]], axis=2, batch_dims=1) ** 2.0, array(2, 2, 3, 2)),
    Case("gather_again", gather_again, array(3, 2)),
    Case("gather_used_twice", used_twice, array(3, 2)),
    Case("gather_of_product", lambda tf, x: tf.gather(x * x, [0, 0]), array(3, 2)),
    Case("gather_nd", lambda tf, x: tf.gather_nd(x, [[0, 1], [2, 0], [0, 1]]) ** 2.0, array(3, 2)),
    Case("gather_nd_rows", lambda tf, x: tf.gather_nd(x, [[1], [2], [1]]) ** 2.0, array(3, 2)),
    Case("gather_nd_one", lambda tf, x: tf.gather_nd(x, [1, 0]) ** 2.0, array(3, 2), first=False),
    Case("gather_nd_whole", lambda tf, x: tf.gather_nd(x, np.zeros((2, 0), np.int32)) ** 2.0, array(3, 2), first=False),
    Case("gather_nd_deep", lambda tf, x: tf.gather_nd(x, [[[0, 1]], [[2, 0]]]) ** 2.0, array(3, 2, 2)),
    Case("gather_nd_batch", lambda tf, x: tf.gather_nd(x, [[1], [0], [1]], batch_dims=1) ** 2.0, array(3, 2)),
    Case(
        "gather_nd_ignore",
        lambda tf, x: tf.gather_nd(x, [[0, 1], [7, 0]], bad_indices_policy="IGNORE") ** 2.0,
        array(3, 2),
        second=False,
    ),
    Case("scatter_nd", lambda tf, x: tf.scatter_nd([[1], [3], [1]], x, [5]) ** 2.0, array(3)),
    Case("scatter_nd_rows", lambda tf, x: tf.scatter_nd([[1], [3], [1]], x, [4, 2]) ** 2.0, array(3, 2)),
    Case("scatter_nd_elements", lambda tf, x: tf.scatter_nd([[1, 0], [3, 1]], x, [4, 2]) ** 2.0, array(2)),
    Case("scatter_nd_many", lambda tf, x: tf.scatter_nd(MANY[:, None], x, [4]) ** 2.0, array(12)),
    Case(
        "update",
        lambda tf, x, u: tf.tensor_scatter_nd_update(x, [[1], [3]], u) ** 2.0,
        array(5),
        array(2),
    ),
    Case(
        "update_rows",
        lambda tf, x, u: tf.tensor_scatter_nd_update(x, [[1], [0]], u) ** 2.0,
        array(3, 2),
        array(2, 2),
    ),
    Case(
        "update_overwritten",  # what an overwritten update gets is TensorFlow's convention
        lambda tf, x, u: tf.tensor_scatter_nd_update(x, [[1], [1]], u) * 2.0,
        array(3),
        array(2),
        numeric=False,
    ),
    Case("add", lambda tf, x, u: tf.tensor_scatter_nd_add(x, [[1], [3], [1]], u) ** 2.0, array(5), array(3)),
    Case("sub", lambda tf, x, u: tf.tensor_scatter_nd_sub(x, [[1, 0], [2, 1]], u) ** 2.0, array(3, 2), array(2)),
    Case("min", lambda tf, x, u: tf.tensor_scatter_nd_min(x, [[1], [3], [1]], u) * x, array(5), array(3)),
    Case("max", lambda tf, x, u: tf.tensor_scatter_nd_max(x, [[1], [0], [1]], u) * x, array(3, 2), array(3, 2)),
    Case(
        "min_ties",
        lambda tf, x, u: tf.tensor_scatter_nd_min(x, [[0], [1], [2], [2]], u) * 2.0,
        np.array([1.0, 2.0, 7.0]),
        np.array([2.0, 2.0, 5.0, 5.0]),
        numeric=False,
    ),
    Case(
        "max_ties",
        lambda tf, x, u: tf.tensor_scatter_nd_max(x, [[0], [1], [2], [2]], u) * 2.0,
        np.array([1.0, 2.0, 3.0]),
        np.array([2.0, 2.0, 5.0, 5.0]),
        numeric=False,
    ),
    Case("boolean_mask", lambda tf, x: tf.boolean_mask(x, [True, False, True]) ** 2.0, array(3, 2)),
    Case("boolean_mask_matrix", lambda tf, x, m: tf.boolean_mask(x, m) ** 2.0, array(3, 2), array(3, 2) > 0),
    Case("boolean_mask_axis", lambda tf, x: tf.boolean_mask(x, [True, False, True], axis=1) ** 2.0, array(2, 3, 2)),
    Case("boolean_mask_none", lambda tf, x: tf.boolean_mask(x, [False, False]), array(2, 3)),
    Case("dynamic_partition", lambda tf, x, k: [p**2.0 for p in tf.dynamic_partition(x, k, 4)], array(4, 2), NUMBERS),
    Case("dynamic_partition_one", lambda tf, x, k: tf.dynamic_partition(x, k, 3)[1] ** 2.0, array(4, 2), NUMBERS),
    Case(
        "dynamic_stitch",
        lambda tf, x, y: tf.dynamic_stitch([[0, 3], [[1], [2]]], [x, y]) ** 2.0,
        array(2, 2),
        array(2, 1, 2),
    ),
    Case(
        "dynamic_stitch_overwritten",
        lambda tf, x, y: tf.dynamic_stitch([[0, 1], [1]], [x, y]) * 2.0,
        array(2, 2),
        array(1, 2),
        numeric=False,
    ),
]
