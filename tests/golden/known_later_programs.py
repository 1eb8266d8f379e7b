"""Programs in which a tensor tells an axis, or how many there are: of TensorFlow's or TapeFlow's module, a vector, two integers.

They use the vector as a matrix of shape [2, 3]. `i` is an axis of it, and `j` from 0 to 3.
"""

import numpy as np

X = np.array([0.5, -1.25, 2.25, 3.5, -0.75, 1.5])
# One trace serves all of these calls.
CALLS = [(X, 0, 2), (-X, 1, 3), (np.abs(X) + 0.1, -1, 1), (-np.abs(X), -2, 0)]


def m(tf, x):
    return tf.reshape(x, [2, 3])


def along(operation):
    """A program that applies `operation(tf, matrix, axis)`."""
    return lambda tf, x, i, j: operation(tf, m(tf, x), i)


def reversed_later(tf, x, i, j):
    total = tf.zeros([2, 3], tf.float64)
    for k in tf.range(2):
        total = total * 0.5 + tf.reverse(m(tf, x), [k]) ** 2
    return total


def summed_in_a_loop(tf, x, i, j):
    y = m(tf, x)
    for k in tf.range(2):
        y = y * tf.reduce_mean(tf.sin(y), k, keepdims=True)
    return y


PROGRAMS = {
    "reduce_sum": along(lambda tf, x, i: tf.reduce_sum(x * x, i)),
    "reduce_sum_keepdims": along(lambda tf, x, i: tf.reduce_sum(x, i, keepdims=True) * x),
    "reduce_sum_list": along(lambda tf, x, i: tf.reduce_sum(x[None] * x[:, None], [0, i % 2 + 1])),
    "reduce_sum_vector": along(lambda tf, x, i: tf.reduce_sum(x[None] ** 2, tf.stack([0, i % 2 + 1]), keepdims=True)),
    "reduce_sum_of_a_range": lambda tf, x, i, j: tf.reduce_sum(m(tf, x) ** 2, tf.range(tf.minimum(j, 2)), keepdims=True),
    "reduce_mean": along(lambda tf, x, i: tf.reduce_mean(x, i) ** 2),
    "reduce_max": along(lambda tf, x, i: tf.reduce_max(x, i) ** 2),
    "reduce_min": along(lambda tf, x, i: tf.reduce_min(x, i) ** 2),
    "reduce_prod": along(lambda tf, x, i: tf.reduce_prod(x, i)),
    "reduce_logsumexp": along(lambda tf, x, i: tf.reduce_logsumexp(x, i)),
    "reduce_std": along(lambda tf, x, i: tf.math.reduce_std(x, i)),
    "reduce_variance": along(lambda tf, x, i: tf.math.reduce_variance(x, i)),
    "reduce_euclidean_norm": along(lambda tf, x, i: tf.math.reduce_euclidean_norm(x, i)),
    "reduce_any": along(lambda tf, x, i: (tf.reduce_any(x > 1.0, i), tf.reduce_all(x > -1.0, i))),
    "count_nonzero": along(lambda tf, x, i: tf.math.count_nonzero(x > 0.0, i)),
    "l2_normalize": along(lambda tf, x, i: tf.math.l2_normalize(x, i)),
    "clip_by_norm": along(lambda tf, x, i: tf.clip_by_norm(x, 1.0, axes=i)),
    "argmax": along(lambda tf, x, i: (tf.argmax(x, i), tf.argmin(x, i))),
    "cumsum": along(lambda tf, x, i: tf.cumsum(x * x, i)),
    "cumprod": along(lambda tf, x, i: tf.math.cumprod(x, i, reverse=True)),
    "cumulative_logsumexp": along(lambda tf, x, i: tf.math.cumulative_logsumexp(x, i)),
    "expand_dims": along(lambda tf, x, i: tf.expand_dims(x, i) ** 2),
    "concat": along(lambda tf, x, i: tf.concat([x, x * x, tf.sin(x)], i)),
    "split_along": along(lambda tf, x, i: tf.split(tf.concat([x, x], 0)[:, :2] ** 2, 2, i)),
    "reverse": along(lambda tf, x, i: tf.reverse(x * x, [i])),
    "reverse_in_a_loop": reversed_later,
    "roll": lambda tf, x, i, j: tf.roll(m(tf, x) ** 2, j, i),
    "roll_of_two": lambda tf, x, i, j: tf.roll(m(tf, x) ** 2, [1, j], tf.stack([0, i])),
    "gather": along(lambda tf, x, i: tf.gather(x * x, [1, 0, 1], axis=i)),
    "transpose": along(lambda tf, x, i: tf.transpose(x * x, [i % 2, 1 - i % 2])),
    "linspace_axis": along(lambda tf, x, i: tf.linspace(x[0], x[1] ** 2, 4, axis=i)),
    "boolean_mask": along(lambda tf, x, i: tf.boolean_mask(x[:, :2] ** 2, x[:, 0] > 0.0, axis=i % 2)),
    "crelu": along(lambda tf, x, i: tf.nn.crelu(x, i)),
    "fftshift": along(lambda tf, x, i: tf.signal.fftshift(x * x, i)),
    "summed_in_a_loop": summed_in_a_loop,
    "split": lambda tf, x, i, j: [tf.sin(y) for y in tf.split(m(tf, x), [j, -1], axis=1)],
    "split_sizes": lambda tf, x, i, j: tf.split(m(tf, x) ** 2, tf.stack([j, 3 - j]), axis=1),
    "split_in_three": lambda tf, x, i, j: tf.split(x**3, [j, 1, -1])[::2],
    "top_k": lambda tf, x, i, j: tf.math.top_k(m(tf, x) ** 2, j),
    "in_top_k": lambda tf, x, i, j: tf.math.in_top_k([1, 2], tf.cast(m(tf, x), tf.float32), j),
    "linspace": lambda tf, x, i, j: tf.linspace(m(tf, x)[0], m(tf, x)[1] ** 2, j),
    "linspace_of_numbers": lambda tf, x, i, j: tf.linspace(x[0], x[1] * x[2], j + 3),
    "pad": lambda tf, x, i, j: tf.pad(m(tf, x) ** 2, [[j, 1], [0, j]]),
    "pad_mirrored": lambda tf, x, i, j: tf.pad(m(tf, x) ** 2, [[0, 1], [j // 2, j - j // 2]], "REFLECT"),
    "pad_symmetric": lambda tf, x, i, j: tf.pad(m(tf, x) ** 2, [[0, 2], [j, 3 - j]], "SYMMETRIC"),
    "diag": lambda tf, x, i, j: tf.linalg.diag(m(tf, x) ** 2, k=j - 1),
    "diag_padded": lambda tf, x, i, j: tf.linalg.diag(m(tf, x), k=i, padding_value=2.0),
    "diag_part": lambda tf, x, i, j: tf.linalg.diag_part(m(tf, x) ** 2, k=tf.maximum(i, -1)),
    "set_diag": lambda tf, x, i, j: tf.linalg.set_diag(m(tf, x) ** 2, x[:2] ** 3, k=(i % 2)),
    "bincount": lambda tf, x, i, j: tf.math.bincount(
        tf.cast(tf.abs(x), tf.int32), weights=tf.stop_gradient(x * x), minlength=j, maxlength=j + 2
    ),
    "histogram": lambda tf, x, i, j: tf.histogram_fixed_width(x, np.array([-2.0, 2.0]), j + 1),
    "confusion_matrix": lambda tf, x, i, j: tf.math.confusion_matrix([0, 1], [1, 0], j + 2),
    "rfft": lambda tf, x, i, j: tf.abs(tf.signal.rfft(tf.stop_gradient(m(tf, x)), [j + 2])),
    "irfft": lambda tf, x, i, j: tf.signal.irfft(tf.signal.rfft(m(tf, x)), [j + 2]),
    "rfft2d": lambda tf, x, i, j: tf.math.real(tf.signal.rfft2d(tf.stop_gradient(m(tf, x)), [j + 1, 2])),
    "space_to_batch": lambda tf, x, i, j: tf.space_to_batch(x[None] ** 2, [j + 1], [[0, (-6) % (j + 1)]]),
    "batch_to_space": lambda tf, x, i, j: tf.batch_to_space(
        tf.reshape(x**2, [6, 1]), [j % 3 + 1], tf.zeros([1, 2], tf.int32)
    ),
    "required_paddings": lambda tf, x, i, j: tf.required_space_to_batch_paddings([5, j + 1], [j + 1, 2]),
    "conv1d_transpose": lambda tf, x, i, j: tf.nn.conv_transpose(
        tf.reshape(x, [2, 3, 1]), tf.reshape(x[:2], [2, 1, 1]), tf.stack([2 + 0 * j, 6, 1]), 2
    ),
    "dropout": lambda tf, x, i, j: tf.shape(tf.nn.dropout(m(tf, x), 0.5, noise_shape=tf.stack([2 + 0 * j, 1]))),
    "reduce_join": along(lambda tf, x, i: tf.strings.length(tf.strings.reduce_join([["a", "bb"], ["ccc", "d"]], i))),
    "range_down": lambda tf, x, i, j: tf.cast(tf.range(j, -1, -1), x.dtype) * x[0],
    "one_hot": lambda tf, x, i, j: tf.one_hot([0, 2], j, x[0], x[1] ** 2),
    "repeat_along": lambda tf, x, i, j: tf.repeat(m(tf, x), tf.stack([j, 1]), axis=0) ** 2,
    "eye_batched": lambda tf, x, i, j: tf.eye(j, j + 1, batch_shape=[2], dtype=tf.float64) * x[0],
    "tile_both": lambda tf, x, i, j: tf.tile(m(tf, x), [j, 2]) ** 2,
}
