"""Tile, repeat, pad, reverse and roll, and blocks between space, batch and depth."""

import numpy as np

from tests.gradient.case import Case, array

CASES = [
    Case("tile", lambda tf, x: tf.tile(x, [2, 3]) ** 2.0, array(2, 3)),
    Case("tile_once", lambda tf, x: tf.tile(x, [1, 1]) ** 2.0, array(2, 3)),
    Case("tile_nothing", lambda tf, x: tf.tile(x, [0, 2]), array(2, 3)),
    Case("tile_scalar", lambda tf, x: tf.tile(x, np.zeros(0, np.int32)) ** 2.0, array()),
    Case("repeat", lambda tf, x: tf.repeat(x, 3) ** 2.0, array(2, 2)),
    Case("repeat_axis", lambda tf, x: tf.repeat(x, 3, axis=1) ** 2.0, array(2, 3)),
    Case("repeat_vector", lambda tf, x: tf.repeat(x, [2, 0, 3], axis=1) ** 2.0, array(2, 3)),
    Case("repeat_vector_first", lambda tf, x: tf.repeat(x, [0, 2, 1], axis=-2) ** 2.0, array(3, 2)),
    Case("repeat_nothing", lambda tf, x: tf.repeat(x, [0, 0, 0], axis=0), array(3, 2)),
    Case("repeat_scalar", lambda tf, x: tf.repeat(x, 3) ** 2.0, array()),
    Case("pad", lambda tf, x: tf.pad(x, [[1, 0], [2, 1]]) ** 2.0, array(2, 3)),
    Case("pad_constant", lambda tf, x: tf.pad(x, [[1, 0], [2, 1]], constant_values=3.0) ** 2.0, array(2, 3)),
    Case("pad_none", lambda tf, x: tf.pad(x, [[0, 0], [0, 0]]) ** 2.0, array(2, 3)),
    Case("pad_scalar", lambda tf, x: tf.pad(x, np.zeros((0, 2), np.int32)) ** 2.0, array()),
    Case("pad_reflect", lambda tf, x: tf.pad(x, [[1, 0], [2, 1]], "REFLECT") ** 2.0, array(2, 3)),
    Case("pad_symmetric", lambda tf, x: tf.pad(x, [[2, 1], [3, 3]], "SYMMETRIC") ** 2.0, array(2, 3)),
    Case("pad_symmetric_whole", lambda tf, x: tf.pad(x, [[1, 1]], "SYMMETRIC") ** 2.0, array(1)),
    Case("reverse", lambda tf, x: tf.reverse(x, [1]) * x, array(2, 3)),
    Case("reverse_axes", lambda tf, x: tf.reverse(x, [-1, 0]) * x, array(2, 3)),
    Case("reverse_sequence", lambda tf, x: tf.reverse_sequence(x, [2, 3], seq_axis=1) * x, array(2, 3, 2)),
    Case(
        "reverse_sequence_axes",
        lambda tf, x: tf.reverse_sequence(x, [1, 0, 2], seq_axis=0, batch_axis=2) * x,
        array(2, 2, 3),
    ),
    Case("roll", lambda tf, x: tf.roll(x, 1, 0) * x, array(3, 2)),
    Case("roll_axes", lambda tf, x: tf.roll(x, [1, -2], [0, -1]) * x, array(3, 4)),
    Case("roll_twice", lambda tf, x: tf.roll(x, [1, 4], [1, 1]) * x, array(3, 4)),
    Case("space_to_batch", lambda tf, x: tf.space_to_batch(x, [2, 2], [[1, 0], [0, 1]]) ** 2.0, array(1, 3, 3, 2)),
    Case("batch_to_space", lambda tf, x: tf.batch_to_space(x, [2, 2], [[1, 0], [0, 1]]) ** 2.0, array(4, 2, 2, 1)),
    Case("space_to_batch_1d", lambda tf, x: tf.space_to_batch_nd(x, [3], [[1, 1]]) ** 2.0, array(2, 4, 2)),
    Case("batch_to_space_1d", lambda tf, x: tf.batch_to_space(x, [3], [[1, 1]]) ** 2.0, array(6, 2, 2)),
    Case("space_to_depth", lambda tf, x: tf.nn.space_to_depth(x, 2) ** 2.0, array(1, 4, 2, 3)),
    Case("depth_to_space", lambda tf, x: tf.nn.depth_to_space(x, 2) ** 2.0, array(1, 2, 1, 8)),
    Case("linspace", lambda tf, x, y: tf.linspace(x, y, 5) ** 2.0, array(), array()),
    Case("linspace_axis", lambda tf, x, y: tf.linspace(x, y, 4, axis=-1) ** 2.0, array(3), array(3)),
    Case("linspace_broadcast", lambda tf, x, y: tf.linspace(x, y, 4) ** 2.0, array(3), array()),
    Case("linspace_one", lambda tf, x, y: tf.linspace(x, y, 1) ** 2.0, array(3), array(3)),
    Case("linspace_two", lambda tf, x, y: tf.linspace(x, y, 2) ** 2.0, array(3), array(3)),
    Case("meshgrid", lambda tf, x, y: [g * g for g in tf.meshgrid(x, y)], array(3), array(2)),
    Case("meshgrid_ij", lambda tf, x, y, z: [g * g for g in tf.meshgrid(x, y, z, indexing="ij")], *map(array, (3, 2, 2))),
]
