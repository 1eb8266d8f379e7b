"""Functions that loop over datasets: of TensorFlow's or TapeFlow's module, a vector, and a dataset of rows and numbers."""

import numpy as np

X = np.array([0.5, -1.25, 0.75])
ROWS = np.sin(np.arange(21.0)).reshape(7, 3)
TARGETS = np.cos(np.arange(7.0))
# One trace serves all of these calls: there are other elements, and batches of other sizes.
CALLS = [(X, 7, 3), (-X, 5, 2), (2.0 * X, 1, 4), (X, 0, 2)]


def dataset_of(tf, rows, size):
    return tf.data.Dataset.from_tensor_slices((ROWS[:rows], TARGETS[:rows])).batch(size)


def error(tf, x, features, targets):
    return tf.reduce_mean((tf.linalg.matvec(features, x) - targets) ** 2)


def mean_of_errors(tf, x, data):
    total, count = tf.constant(0.0, tf.float64), 0
    for features, targets in data:
        total += error(tf, x, features, targets)
        count += 1
    return total / (1.0 + tf.cast(count, tf.float64))


def descent(tf, x, data):
    for features, targets in data:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = error(tf, x, features, targets)
        x = x - 0.25 * tape.gradient(y, x)
    return x


def epochs_of_descent(tf, x, data):
    for epoch in tf.range(3):
        for features, targets in data:
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = error(tf, x, features, targets)
            x = x - 0.25 / (1.0 + tf.cast(epoch, tf.float64)) * tape.gradient(y, x)
    return x


def until_it_is_large(tf, x, data):
    total = tf.constant(0.0, tf.float64)
    for features, targets in data:
        if total > 1.0:
            break
        if tf.shape(targets)[0] == 1:
            continue
        total = total * x[0] + error(tf, x, features, targets)
    return total


def enumerated(tf, x, data):
    total = tf.constant(0.0, tf.float64)
    for i, (features, targets) in enumerate(data):
        total += tf.cast(i + 1, tf.float64) * tf.reduce_sum(tf.sin(features * x)) * tf.reduce_mean(targets)
    return total


def zipped(tf, x, data):
    total = tf.constant(0.0, tf.float64)
    for (features, targets), factor in zip(data, tf.data.Dataset.range(1, 9)):  # noqa: B905
        total += tf.cast(factor, tf.float64) * error(tf, x * x, features, targets)
    return total


def mapped_inside(tf, x, data):
    total = tf.constant(0.0, tf.float64)
    for features, targets in data.map(lambda a, b: (a * 2.0, b + 1.0)).repeat(2).skip(1):
        total = 0.5 * total + error(tf, x, features, targets)
    return total


def iterator_in_a_loop(tf, x, data):
    elements = iter(data.repeat())
    for _ in tf.range(tf.cast(data.cardinality(), tf.int32)):
        features, targets = next(elements)
        x = tf.sin(x) * (1.0 + error(tf, x, features, targets))
    return x


def rows_made_inside(tf, x, data):
    total = tf.constant(0.0, tf.float64)
    for row in tf.data.Dataset.from_tensor_slices(tf.reshape(tf.range(12.0), [4, 3])):
        total += tf.reduce_sum(tf.cast(row, tf.float64) * x) ** 2
    return total


def last_of_them(tf, x, data):
    y = x
    for features, _ in data:
        y = tf.reduce_sum(features, 0) * x
    return y


def collected(tf, x, data):
    kept = tf.TensorArray(tf.float64, 0, dynamic_size=True, element_shape=[])
    for i, (features, targets) in data.enumerate():
        kept = kept.write(tf.cast(i, tf.int32), error(tf, x, features, targets))
    return tf.reduce_sum(kept.stack() ** 2)


PROGRAMS = {
    f.__name__: f
    for f in (
        *(mean_of_errors, descent, epochs_of_descent, until_it_is_large, enumerated, zipped, mapped_inside),
        *(iterator_in_a_loop, rows_made_inside, last_of_them, collected),
    )
}
