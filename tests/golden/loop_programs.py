"""Programs with loops and choices as functions, of a module `tf` and a float64 tensor x: TensorFlow's answers are recorded.

A program gives a tensor or a nested structure of tensors. NumPy alone is imported, so that the same file serves both sides.
"""

from __future__ import annotations

import numpy as np

X = np.array([0.55, 1.25, -0.75])


def while_with_a_limit(tf, x):
    return tf.while_loop(lambda i, y: True, lambda i, y: (i + 1, tf.sin(y) * x), (0, x), maximum_iterations=3)[1]


def while_with_a_limit_known_later(tf, x):
    most = tf.cast(tf.reduce_sum(tf.abs(x)) * 2.0, tf.int32)
    return tf.while_loop(lambda y: tf.reduce_sum(y) < 100.0, lambda y: [y * 1.5 + x], [x], maximum_iterations=most)


def while_with_a_limit_of_none(tf, x):
    return tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * x), (tf.constant(0), x), maximum_iterations=0)


def while_nested_variables(tf, x):
    return tf.while_loop(
        lambda d, pair: d["n"] < 3,
        lambda d, pair: ({"n": d["n"] + 1, "y": d["y"] * x}, (pair[0] + d["y"], [pair[1][0] * 0.5])),
        ({"n": tf.constant(0), "y": x}, (x, [x])),
    )


def while_options(tf, x):
    return tf.while_loop(
        lambda i, y: i < 4,
        lambda i, y: (i + 1, tf.tanh(y) + x * y),
        (tf.constant(0), x),
        shape_invariants=(tf.TensorShape([]), tf.TensorShape([None])),
        parallel_iterations=2,
        swap_memory=True,
        name="loop",
    )[1]


def while_without_gradient(tf, x):
    y = tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * x), (tf.constant(0), x))[1]
    return y + tf.stop_gradient(tf.while_loop(lambda y: tf.reduce_sum(y) < 9.0, lambda y: y * y + 1.0, [x])[0]) * x


def while_over_rows_kept(tf, x):
    def body(i, y, total):
        y = tf.cos(y * x)
        return i + 1, y, total + y * tf.cast(i, y.dtype)

    return tf.while_loop(lambda i, y, total: i < 5, body, (tf.constant(0), x, tf.zeros_like(x)))[1:]


def while_in_while(tf, x):
    def outer(i, y):
        inner = tf.while_loop(lambda j, z: j < i, lambda j, z: (j + 1, tf.sin(z) + x), (tf.constant(0), y))
        return i + 1, inner[1] * y

    return tf.while_loop(lambda i, y: i < 4, outer, (tf.constant(0), x))[1]


def cond_of_structures(tf, x):
    return tf.cond(tf.reduce_sum(x) > 0.0, lambda: {"a": x * 2.0, "b": (x, [x * x])}, lambda: {"a": x, "b": (-x, [x])})


def cond_that_is_false(tf, x):
    return tf.cond(tf.reduce_sum(x) > 100.0, lambda: x * 2.0, lambda: x**3)


def cond_of_nothing(tf, x):
    tf.cond(tf.reduce_sum(x) > 0.0, lambda: None, lambda: None)
    return x * x


def cond_of_one(tf, x):
    return tf.cond(tf.reduce_sum(x) > 0.0, lambda: [x * x], lambda: [x])


def cond_in_cond(tf, x):
    s = tf.reduce_sum(x)
    return tf.cond(
        s > 0.0, lambda: tf.cond(s > 5.0, lambda: x, lambda: tf.exp(x) * s), lambda: tf.cond(s < -5.0, lambda: x, lambda: -x)
    )


def cond_in_while(tf, x):
    def body(i, y):
        y = tf.cond(tf.reduce_sum(y) > 1.0, lambda: tf.sin(y) * x, lambda: y * y + x * tf.cast(i, x.dtype))
        return i + 1, y

    return tf.while_loop(lambda i, y: i < 6, body, (tf.constant(0), x))[1]


def while_in_cond(tf, x):
    def repeated():
        return tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, tf.sin(y) * x), (tf.constant(0), x))[1]

    return tf.cond(tf.reduce_sum(x) > 0.0, repeated, lambda: x) * tf.cond(tf.reduce_sum(x) > 9.0, repeated, lambda: x)


def case_second(tf, x):
    s = tf.reduce_sum(x)
    return tf.case([(s > 5.0, lambda: x), (s > 0.5, lambda: x * x)], default=lambda: x**3)


def case_default(tf, x):
    s = tf.reduce_sum(x)
    return tf.case([(s > 5.0, lambda: x), (s > 4.0, lambda: x * x)], default=lambda: x**3, exclusive=True, name="case")


def case_without_default(tf, x):
    s = tf.reduce_sum(x)
    return tf.case([(s > 5.0, lambda: [x]), (s > 0.0, lambda: [x * x])], strict=True)


def switch_cases(tf, x):
    branches = [lambda: x, lambda: x * x, lambda: x**3, lambda: tf.sin(x), lambda: tf.exp(x)]
    n = tf.cast(tf.reduce_sum(tf.abs(x)), tf.int32)
    return [tf.switch_case(n + i, branches) for i in range(-4, 6)]


def switch_case_default(tf, x):
    n = tf.cast(tf.reduce_sum(tf.abs(x)), tf.int32)
    branches = {1: lambda: [x * x], 0: lambda: [x]}
    return [tf.switch_case(n + i, branches, default=lambda: [x**3], name="switch") for i in range(-3, 2)]


def map_of_rows(tf, x):
    return tf.map_fn(lambda t: tf.sin(t) * tf.reduce_sum(x), tf.stack([x, x * x, tf.exp(x)]))


def map_of_structures(tf, x):
    return tf.map_fn(
        lambda pair: {"a": pair[0] * pair[1], "n": tf.cast(pair[1], tf.int32)},
        (x, tf.exp(x)),
        fn_output_signature={"a": tf.float64, "n": tf.int32},
    )["a"]


def map_in_map(tf, x):
    return tf.map_fn(lambda row: tf.map_fn(lambda t: t * t * tf.reduce_sum(row), row), tf.stack([x, 2.0 * x]))


def map_of_no_rows(tf, x):
    return tf.map_fn(lambda t: t * 2.0, tf.zeros([0, 2], tf.float64)) * tf.reduce_sum(x)


def vectorized_map_of_rows(tf, x):
    return tf.vectorized_map(lambda t: tf.reduce_sum(t * x) * t, tf.stack([x, x * x]))


def scan_of_rows(tf, x):
    return tf.scan(lambda a, t: a * t + x[0], x)


def scan_with_initializer(tf, x):
    return tf.scan(lambda a, t: (a[0] * t, a[1] + tf.sin(a[0])), tf.stack([x, x * x]), (x, tf.ones_like(x)))


def scan_backwards(tf, x):
    return tf.scan(lambda a, t: a * t + tf.sin(x[1]), x, reverse=True), tf.scan(
        lambda a, t: tf.cos(a) * t, x, tf.constant(0.5, tf.float64), reverse=True, infer_shape=False
    )


def scan_of_no_rows(tf, x):
    return tf.scan(lambda a, t: a + t, tf.zeros([0, 3], tf.float64), initializer=x) * x


def folds(tf, x):
    return (
        tf.foldl(lambda a, t: a * tf.sin(t), x),
        tf.foldr(lambda a, t: a * t + x[0], x),
        tf.foldl(lambda a, t: a + t[0] * t[1], (x, x * x), initializer=tf.constant(1.0, tf.float64)),
    )


def array_in_a_loop(tf, x):
    def body(i, y, array):
        y = tf.sin(y) * x
        return i + 1, y, array.write(i, y)

    array = tf.TensorArray(tf.float64, size=4)
    return tf.while_loop(lambda i, y, array: i < 4, body, (tf.constant(0), x, array))[2].stack()


def array_read_in_a_loop(tf, x):
    source = tf.TensorArray(tf.float64, size=3, clear_after_read=False).unstack(x)

    def body(i, total):
        return i + 1, total + source.read(i) * source.read(2 - i) * tf.reduce_sum(x)

    return tf.while_loop(lambda i, total: i < 3, body, (tf.constant(0), tf.constant(0.0, tf.float64)))[1]


def array_read_and_written(tf, x):
    array = tf.TensorArray(tf.float64, size=6, clear_after_read=False).write(0, x).write(1, x * x)

    def body(i, array):
        return i + 1, array.write(i, array.read(i - 1) * 0.5 + tf.sin(array.read(i - 2)))

    array = tf.while_loop(lambda i, array: i < 6, body, (tf.constant(2), array))[1]
    return array.stack(), array.read(4), array.gather([1, 3])


def array_overwritten(tf, x):
    array = tf.TensorArray(tf.float64, size=2, clear_after_read=False)

    def body(i, array):
        return i + 1, array.write(i % 2, x * tf.cast(i, x.dtype))

    before = array.write(0, x).write(1, -x)
    after = tf.while_loop(lambda i, array: i < 5, body, (tf.constant(0), before))[1]
    return before.stack() * 10.0, after.stack()


def array_of_scalars_partly_written(tf, x):
    array = tf.TensorArray(tf.float64, size=5, element_shape=[])

    def body(i, array):
        return i + 2, array.write(i, x[0] * tf.cast(i + 1, x.dtype))

    array = tf.while_loop(lambda i, array: i < 5, body, (tf.constant(0), array))[1]
    return array.stack(), array.gather(tf.constant([0, 1, 4]))


def array_scattered(tf, x):
    array = tf.TensorArray(tf.float64, size=4).scatter([3, 0, 1], x)
    array = array.write(2, x[0] * x[1])
    total = tf.while_loop(
        lambda i, total: i < 4, lambda i, total: (i + 1, total * 2.0 + array.read(i)), (0, tf.constant(0.0, tf.float64))
    )[1]
    return total


def array_joined(tf, x):
    array = tf.TensorArray(tf.float64, size=3, element_shape=[3])

    def body(i, array):
        return i + 1, array.write(i, x * tf.cast(i, x.dtype) * x)

    array = tf.while_loop(lambda i, array: i < 3, body, (tf.constant(0), array))[1]
    return array.concat(), tf.cast(array.size(), x.dtype) * x


def array_of_unknown_length(tf, x):
    array = tf.TensorArray(tf.float64, size=0, dynamic_size=True, element_shape=[3], clear_after_read=False)

    def body(y, array):
        return y * 1.5 + 0.25, array.write(array.size(), y * x)

    array = tf.while_loop(lambda y, array: tf.reduce_sum(y) < 9.0, body, (x, array))[1]
    return array.read(array.size() - 1), array.read(1)


def array_in_a_choice(tf, x):
    array = tf.TensorArray(tf.float64, size=2, clear_after_read=False).write(0, x)
    array = tf.cond(tf.reduce_sum(x) > 0.0, lambda: array.write(1, x * x), lambda: array.write(1, x))
    return array.stack()


def array_in_nested_loops(tf, x):
    def outer(i, array):
        inner = tf.while_loop(
            lambda j, array: j < 2,
            lambda j, array: (j + 1, array.write(i * 2 + j, x * tf.cast(i - j, x.dtype) * x)),
            (tf.constant(0), array),
        )
        return i + 1, inner[1]

    array = tf.TensorArray(tf.float64, size=6)
    return tf.while_loop(lambda i, array: i < 3, outer, (tf.constant(0), array))[1].stack()


def loop_over_a_range_known_later(tf, x):
    n = tf.cast(tf.reduce_sum(tf.abs(x)), tf.int32) + 2
    y = x
    for i in tf.range(n):
        y = tf.sin(y) * x + tf.cast(i, x.dtype)
    for i in tf.range(n, 0, -2):
        y = y * 0.5 + tf.cast(i, x.dtype) * x
    return y


def loop_with_a_state_that_nobody_reads(tf, x):
    i, y, unread = tf.constant(0), x, x
    while i < 3:
        y = tf.sin(y) * x
        unread = unread * 0.9
        i += 1
    return tf.sort(y)  # what is sorted here keeps the loop from being one program with the rest


def loop_with_a_choice_of_which_one_result_is_read(tf, x):
    i, y = tf.constant(0), x
    while i < 3:
        y, _ = tf.cond(tf.reduce_sum(y) > 1.0, lambda y=y: (tf.sin(y) * x, y * 2.0), lambda y=y: (y + x, tf.exp(y)))
        i += 1
    return tf.sort(y)


def loop_over_rows(tf, x):
    y = x
    for row in tf.stack([x, x * x, tf.exp(x)]):
        if tf.reduce_sum(row) > 3.0:
            break
        y = tf.sin(y) * row
    return y


def loop_with_an_array(tf, x):
    array = tf.TensorArray(tf.float64, size=3)
    y = x
    for i in tf.range(3):
        y = tf.tanh(y) * x
        array = array.write(i, y)
    return array.stack()


PROGRAMS = {name: program for name, program in list(globals().items()) if callable(program) and not name.startswith("_")}
