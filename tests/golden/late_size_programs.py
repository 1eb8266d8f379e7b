"""Programs in which sizes depend on values: functions of TensorFlow's or TapeFlow's module, a vector and two integers."""

import numpy as np

X = np.array([0.5, -1.25, 2.25, 3.5, -0.75, 1.5])
# One trace serves all of these calls: the sizes change from one to the next.
CALLS = [(X, 2, 5), (-X, 1, 4), (np.abs(X), 3, 3), (-np.abs(X), 2, 6)]


def positive(tf, x):
    return tf.boolean_mask(x, x > 0.0)


def rows(tf, x):
    return tf.boolean_mask(tf.reshape(x, [3, 2]), x[:3] > 0.0)


def classes(tf, x):
    return tf.cast(tf.floor(tf.abs(x)), tf.int32)


def masked_mean_in_a_loop(tf, x, i, j):
    total = tf.constant(0.0, tf.float64)
    for k in tf.range(i):
        kept = tf.boolean_mask(x, x > tf.cast(k, x.dtype) * 0.45)
        total += tf.reduce_sum(kept * kept) / (1.0 + tf.cast(tf.size(kept), x.dtype))
    return total


def growing_prefixes(tf, x, i, j):
    total = tf.zeros([], tf.float64)
    k = tf.constant(1)
    while k < j:
        total = total * 0.5 + tf.reduce_sum(tf.sin(x[:k]) * x[:k])
        k += 1
    return total


def one_side_masks(tf, x, i, j):
    if tf.reduce_sum(x) > 0.0:
        y = tf.reduce_sum(positive(tf, x) ** 3)
    else:
        y = tf.reduce_sum(x[i:])
    return y


def sides_of_different_sizes(tf, x, i, j):
    def kept():
        return positive(tf, x) * 2.0

    def first():
        return x[:i] * x[:i]

    return tf.cond(tf.reduce_sum(x) > 0.0, kept, first)


def masks_in_a_while_loop(tf, x, i, j):
    def more(k, y):
        return k < 3

    def following(k, y):
        return k + 1, y + tf.reduce_sum(tf.boolean_mask(x * y, x > 0.0))

    return tf.while_loop(more, following, (0, tf.reduce_sum(x) * 0.1))[1]


def rows_of_what_is_kept(tf, x, i, j):
    total = tf.constant(0.0, tf.float64)
    for row in rows(tf, x):
        total = total * 0.5 + tf.reduce_sum(row * row)
    return total


def growing(tf, x, i, j):
    def following(k, y):
        return k + 1, tf.concat([y, [tf.sin(y[-1] + x[k])]], 0)

    shapes = [tf.TensorShape([]), tf.TensorShape([None])]
    return tf.while_loop(lambda k, y: k < j, following, [0, x[:1]], shape_invariants=shapes)[1]


def growing_rows(tf, x, i, j):
    def following(k, rows):
        row = tf.tanh(tf.reduce_sum(rows, 0) * x[2 * k % 5 : 2 * k % 5 + 2])
        return k + 1, tf.concat([rows, row[None]], 0)

    shapes = [tf.TensorShape([]), tf.TensorShape([None, 2])]
    return tf.while_loop(lambda k, rows: k < j, following, [0, tf.reshape(x[:2], [1, 2])], shape_invariants=shapes)[1]


def shrinking(tf, x, i, j):
    def following(y):
        return [tf.sin(y[1:]) * y[:-1]]

    return tf.while_loop(lambda y: tf.size(y) > i, following, [x * x], shape_invariants=[tf.TensorShape([None])])[0]


def growing_in_a_branch_of_a_nested_loop(tf, x, i, j):
    shapes = [tf.TensorShape([]), tf.TensorShape([None]), tf.TensorShape([])]

    def inner(m, y):
        return m + 1, tf.cond(x[m] > 0.0, lambda: tf.concat([y * 0.5, x[m : m + 1] * y[:1]], 0), lambda: y)

    def outer(k, y, total):
        y = tf.while_loop(lambda m, y: m < j, inner, [k, y], shape_invariants=shapes[:2])[1]
        return k + 1, y, total + tf.reduce_sum(y * y)

    start = [0, x[:2] * 1.0, tf.constant(0.0, tf.float64)]
    return tf.while_loop(lambda k, y, total: k < i, outer, start, shape_invariants=shapes)[1:]


def decoded(tf, x, i, j):
    table = tf.reshape(x, [2, 3])

    def following(k, tokens, scores):
        logits = tf.reduce_mean(tf.gather(table, tokens), 0) * tf.constant([1.0, 2.0, 0.5], tf.float64)
        chosen = tf.argmax(logits, output_type=tf.int32) % 2
        return k + 1, tf.concat([tokens, [chosen]], 0), tf.concat([scores, [tf.nn.log_softmax(logits)[chosen]]], 0)

    shapes = [tf.TensorShape([]), tf.TensorShape([None]), tf.TensorShape([None])]
    start = [0, tf.constant([1]), tf.zeros([0], tf.float64)]
    return tf.while_loop(lambda k, tokens, scores: k < j, following, start, shape_invariants=shapes)[2]


PROGRAMS = {
    **{f.__name__: f for f in (growing, growing_rows, shrinking, growing_in_a_branch_of_a_nested_loop, decoded)},
    "boolean_mask": lambda tf, x, i, j: positive(tf, x),
    "boolean_mask_of_rows": lambda tf, x, i, j: rows(tf, x),
    "boolean_mask_of_a_matrix": lambda tf, x, i, j: tf.boolean_mask(tf.reshape(x, [2, 3]), tf.reshape(x, [2, 3]) > 0.0),
    "mask_in_brackets": lambda tf, x, i, j: x[x > 1.0] * 2.0,
    "masked_mean": lambda tf, x, i, j: (
        tf.reduce_sum(positive(tf, x) ** 2) / (1.0 + tf.cast(tf.size(positive(tf, x)), x.dtype))
    ),
    "mask_of_what_was_kept": lambda tf, x, i, j: tf.boolean_mask(positive(tf, x), positive(tf, x) > 1.0),
    "where": lambda tf, x, i, j: (tf.where(x > 0.0), tf.gather_nd(x, tf.where(x > 0.0))),
    "gather_where": lambda tf, x, i, j: tf.gather(x * x, tf.where(x > 1.0)[:, 0]),
    "scatter_where": lambda tf, x, i, j: tf.tensor_scatter_nd_update(x, tf.where(x > 0.0), positive(tf, x) * 3.0),
    "unique": lambda tf, x, i, j: (tf.unique(classes(tf, x)), tf.unique_with_counts(classes(tf, x))),
    "rows_of_unique": lambda tf, x, i, j: tf.gather(tf.reshape(x, [3, 2]), tf.unique(classes(tf, x) % 3)[0]),
    "dynamic_partition": lambda tf, x, i, j: tf.dynamic_partition(x, classes(tf, x) % 3, 3),
    "taken_apart_and_put_together": lambda tf, x, i, j: tf.dynamic_stitch(
        tf.dynamic_partition(tf.range(6), classes(tf, x) % 2, 2),
        [y * y for y in tf.dynamic_partition(x, classes(tf, x) % 2, 2)],
    ),
    "sequence_mask": lambda tf, x, i, j: tf.cast(tf.sequence_mask(classes(tf, x)), x.dtype) * tf.reduce_sum(x),
    "sequence_mask_to": lambda tf, x, i, j: tf.cast(tf.sequence_mask(classes(tf, x), j), x.dtype) * x[0],
    "segment_sum": lambda tf, x, i, j: tf.math.segment_sum(x, tf.sort(classes(tf, x))),
    "segment_mean": lambda tf, x, i, j: tf.math.segment_mean(x, tf.sort(classes(tf, x))),
    "segment_prod": lambda tf, x, i, j: tf.math.segment_prod(x, tf.sort(classes(tf, x))),
    "unsorted_segment_sum": lambda tf, x, i, j: tf.math.unsorted_segment_sum(x, classes(tf, x) % 2, i + 1),
    "bincount": lambda tf, x, i, j: tf.math.bincount(classes(tf, x)),
    "repeat": lambda tf, x, i, j: tf.repeat(x, classes(tf, x)),
    "repeat_often": lambda tf, x, i, j: tf.repeat(x, i) * 2.0,
    "slice": lambda tf, x, i, j: x[i:j] * x[i:j],
    "slice_from": lambda tf, x, i, j: x[i:] * 2.0,
    "slice_in_steps": lambda tf, x, i, j: x[::i],
    "slice_of_an_axis": lambda tf, x, i, j: tf.reshape(x, [2, 3])[:, 1:i],
    "slice_by_negative_bounds": lambda tf, x, i, j: x[-j:-1] ** 2,
    "tf_slice": lambda tf, x, i, j: tf.slice(x, [i], [j - i]) * 3.0,
    "tf_slice_to_the_end": lambda tf, x, i, j: tf.slice(x, [i], [-1]) ** 2,
    "differences": lambda tf, x, i, j: x[1:j] - x[: j - 1],
    "zeros": lambda tf, x, i, j: tf.zeros([i, j], tf.float64) + x[0],
    "fill": lambda tf, x, i, j: tf.fill([i, 2], x[1]),
    "range": lambda tf, x, i, j: tf.cast(tf.range(i, j), x.dtype) * x[0],
    "broadcast_to": lambda tf, x, i, j: tf.broadcast_to(x, [i, 6]),
    "tile": lambda tf, x, i, j: tf.tile(x, [i]),
    "pad": lambda tf, x, i, j: tf.pad(x, [[i, 1]]),
    "one_hot": lambda tf, x, i, j: tf.one_hot([0, 1], i, dtype=tf.float64) * x[0],
    "eye": lambda tf, x, i, j: tf.eye(i, dtype=tf.float64) * x[0],
    "reshape": lambda tf, x, i, j: tf.reshape(tf.tile(x, [i]), [i, -1]) * 2.0,
    "reshape_as_told": lambda tf, x, i, j: tf.reshape(tf.tile(x, [i]), tf.stack([i, 6])),
    "reshape_what_is_kept": lambda tf, x, i, j: tf.reshape(positive(tf, x), [-1, 1]) * x,
    "concat": lambda tf, x, i, j: tf.concat([positive(tf, x), x, x[:i]], 0) ** 2,
    "stack": lambda tf, x, i, j: tf.stack([positive(tf, x), tf.sin(positive(tf, x))], 1),
    "outer": lambda tf, x, i, j: tf.expand_dims(positive(tf, x), 1) * x,
    "matmul": lambda tf, x, i, j: tf.matmul(rows(tf, x), tf.reshape(x, [2, 3])),
    "gram": lambda tf, x, i, j: tf.matmul(rows(tf, x), rows(tf, x), transpose_b=True),
    "softmax": lambda tf, x, i, j: tf.nn.softmax(positive(tf, x)),
    "cumsum": lambda tf, x, i, j: tf.cumsum(positive(tf, x)) ** 2,
    "reverse": lambda tf, x, i, j: tf.reverse(positive(tf, x), [0]),
    "select": lambda tf, x, i, j: tf.where(positive(tf, x) > 1.0, positive(tf, x), tf.zeros_like(positive(tf, x))),
    "cross_entropy": lambda tf, x, i, j: tf.nn.sigmoid_cross_entropy_with_logits(
        labels=positive(tf, x) * 0.1, logits=positive(tf, x)
    ),
    "squared_differences": lambda tf, x, i, j: tf.math.squared_difference(positive(tf, x), tf.boolean_mask(x * x, x > 0.0)),
    "map_fn": lambda tf, x, i, j: tf.map_fn(lambda v: v * v, positive(tf, x)),
    "scan": lambda tf, x, i, j: tf.scan(lambda a, v: a * 0.5 + v * v, tf.concat([x[:1], positive(tf, x)], 0)),
    "fold": lambda tf, x, i, j: tf.foldl(lambda a, v: a * 0.5 + v * v, tf.concat([x[:1], positive(tf, x)], 0)),
    "masked_mean_in_a_loop": masked_mean_in_a_loop,
    "growing_prefixes": growing_prefixes,
    "one_side_masks": one_side_masks,
    "sides_of_different_sizes": sides_of_different_sizes,
    "masks_in_a_while_loop": masks_in_a_while_loop,
    "rows_of_what_is_kept": rows_of_what_is_kept,
}
