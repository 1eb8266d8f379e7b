"""More tapes around `tf.function`: around loops, choices and custom gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.golden.differentiated import derivatives, program

# -- custom gradients ----------------------------------------------------------------------------------------


@program
def custom_gradients(tf: Any) -> Any:
    @tf.custom_gradient
    def log1pexp(x):
        e = tf.exp(x)
        return tf.math.log(1 + e), lambda dy: dy * (1 - 1 / (1 + e))

    f = tf.function(lambda x: tf.reduce_sum(log1pexp(x * x)))
    x = tf.constant([0.5, -1.0, 2.0])
    return derivatives(tf, lambda: f(x), [x], [x])


@program
def custom_gradients_that_lie(tf: Any) -> Any:
    @tf.custom_gradient
    def straight(x, y):
        def grad(dy):
            return dy * 7.0 * x, None

        return tf.round(x) * y, grad

    f = tf.function(lambda x, y: straight(x, y) * 2.0)
    x, y = tf.constant(1.25), tf.constant(3.0)
    with tf.GradientTape() as outer:
        outer.watch([x, y])
        with tf.GradientTape() as inner:
            inner.watch([x, y])
            z = f(x, y)
        g = inner.gradient(z, [x, y])
    return [z, g, outer.gradient(g[0], [x, y])]


@program
def custom_gradients_with_variables(tf: Any) -> Any:
    w = tf.Variable(3.0)

    @tf.custom_gradient
    def scaled(x):
        def grad(dy, variables):
            return dy * w * 10.0, [dy * x * 100.0 for _ in variables]

        return x * w, grad

    f = tf.function(lambda x: scaled(x) ** 2)
    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return [y, tape.gradient(y, [x, w])]


@program
def custom_gradients_of_unknown_sizes(tf: Any) -> Any:
    @tf.custom_gradient
    def log1pexp(x):
        e = tf.exp(x)
        return tf.math.log(1 + e), lambda dy: dy * (1 - 1 / (1 + e))

    f = tf.function(lambda x: tf.reduce_sum(log1pexp(x) ** 2), input_signature=[tf.TensorSpec([None], tf.float32)])
    x, y = tf.constant([0.5, -1.0, 2.0]), tf.constant([1.0])
    return [derivatives(tf, lambda: f(x), [x], [x]), derivatives(tf, lambda: f(y), [y], [y])]


@program
def recomputed(tf: Any) -> Any:
    w = tf.Variable([0.5, 1.5])
    block = tf.recompute_grad(lambda x: tf.sin(tf.exp(x * w)))
    f = tf.function(lambda x: tf.reduce_sum(block(x) * x))
    x = tf.constant([0.25, -0.5])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return [y, tape.gradient(y, [x, w])]


@program
def stopped_gradients(tf: Any) -> Any:
    f = tf.function(lambda x: tf.stop_gradient(x * x) * x)
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return [y, tape.gradient(y, x)]


# -- loops and choices -----------------------------------------------------------------------------------------


@program
def loops(tf: Any) -> Any:
    w = tf.Variable(1.1)

    @tf.function
    def power(x, n):
        y = tf.ones_like(x)
        for _ in tf.range(n):
            y = y * x * w
        return y

    x, n = tf.constant(2.0), tf.constant(3)
    with tf.GradientTape() as third:
        third.watch(x)
        orders = derivatives(tf, lambda: power(x, n), [x, w], [x])
    return [orders, third.gradient(orders[2][0], [x, w])]


@program
def loops_that_end_when_they_like(tf: Any) -> Any:
    @tf.function
    def f(x):
        y = x
        while tf.reduce_sum(y) < 50.0:
            y = y * y + tf.sin(x)
        return y

    results = []
    for number in (2.0, 3.0, 100.0):
        x = tf.constant([number, 1.5])
        results.append(derivatives(tf, lambda x=x: f(x), [x], [x]))
    return results


@program
def loops_over_rows(tf: Any) -> Any:
    w = tf.Variable([[0.5, -0.3], [0.2, 0.4]])

    @tf.function
    def recurrent(rows):
        state = tf.zeros([2])
        for row in rows:
            state = tf.tanh(tf.linalg.matvec(w, state) + row)
        return tf.reduce_sum(state)

    x = tf.constant([[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]])
    return derivatives(tf, lambda: recurrent(x), [x, w], [x])


@program
def loops_in_loops(tf: Any) -> Any:
    @tf.function
    def f(x):
        total = tf.zeros_like(x)
        for i in tf.range(3):
            y = x
            for _ in tf.range(i + 1):
                y = tf.sin(y) + y * x
            total += y
        return total

    x = tf.constant(0.4)
    return derivatives(tf, lambda: f(x), [x], [x])


@program
def choices(tf: Any) -> Any:
    v = tf.Variable(2.0)

    @tf.function
    def f(x):
        if tf.reduce_sum(x) > 0.0:
            y = x * x * v
        else:
            y = tf.exp(x)
        return tf.reduce_sum(y) + v

    results = []
    for number in (1.5, -1.5):
        x = tf.constant([number, 0.5])
        results.append(derivatives(tf, lambda x=x: f(x), [x, v], [x]))
    return results


@program
def choices_in_loops(tf: Any) -> Any:
    @tf.function
    def f(x):
        y = x
        for i in tf.range(5):
            if i % 2 == 0:
                y = y * x
            elif y > 3.0:
                break
            else:
                y = tf.sin(y) + 1.0
        return y

    return [derivatives(tf, lambda x=x: f(x), [x], [x]) for x in (tf.constant(0.7), tf.constant(1.9))]


@program
def variables_assigned_in_loops(tf: Any) -> Any:
    v, count = tf.Variable(2.0), tf.Variable(0)

    @tf.function
    def f(x):
        y = x * v
        for _ in tf.range(3):
            y = y * x + v
            count.assign_add(1)
        return y

    x = tf.constant(1.5)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return [y, tape.gradient(y, [x, v]), count.read_value()]


@program
def maps_and_scans(tf: Any) -> Any:
    w = tf.Variable(0.5)
    f = tf.function(lambda x: tf.reduce_sum(tf.scan(lambda a, b: a * w + b, x) * tf.map_fn(lambda b: b * b * w, x)))
    x = tf.constant([1.0, 2.0, 3.0])
    return derivatives(tf, lambda: f(x), [x, w], [x])


@program
def tapes_in_loops(tf: Any) -> Any:
    @tf.function
    def descended(x, rate):
        for _ in tf.range(4):
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = tf.reduce_sum(x**4)
            x = x - rate * tape.gradient(y, x)
        return tf.reduce_sum(x)

    x, rate = tf.constant([0.5, 1.0]), tf.constant(0.05)
    return derivatives(tf, lambda: descended(x, rate), [x, rate], [x, rate])


@program
def tapes_around_loops(tf: Any) -> Any:
    @tf.function
    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x
            for _ in tf.range(3):
                y = y * tf.sin(x)
        return tape.gradient(y, x)

    x = tf.constant(0.8)
    return derivatives(tf, lambda: slope(x), [x], [x])


@program
def custom_gradients_in_loops(tf: Any) -> Any:
    @tf.custom_gradient
    def doubled(x):
        return x * x, lambda dy: dy * x * 4.0

    @tf.function
    def f(x):
        y = x
        for _ in tf.range(2):
            y = doubled(y) + x
        return y

    x = tf.constant(1.1)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return [y, tape.gradient(y, x)]


@program
def embeddings_in_loops(tf: Any) -> Any:
    table = tf.Variable(np.arange(6.0, dtype=np.float32).reshape(3, 2) / 10)

    @tf.function
    def f(indices):
        total = tf.zeros([2])
        for i in indices:
            total += tf.gather(table, i) ** 2
        return tf.reduce_sum(total)

    with tf.GradientTape() as tape:
        y = f(tf.constant([0, 2, 2]))
    return [y, tf.convert_to_tensor(tape.gradient(y, table))]


@program
def what_tapes_are_asked_of_loops(tf: Any) -> Any:
    @tf.function
    def f(x):
        y = x
        for _ in tf.range(2):
            y = y * x
        return y, tf.reduce_sum(x)

    x = tf.constant([1.0, 2.0])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y, z = f(x)
        g = tape.gradient(y, x)
    return [tape.jacobian(y, x), tape.gradient(z, x), tape.gradient([y, z], x), g, tape.gradient(g, x)]
