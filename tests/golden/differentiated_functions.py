"""Tapes around `tf.function`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.golden.differentiated import derivatives, program

# -- variables --------------------------------------------------------------------------------------


@program
def variables(tf: Any) -> Any:
    w, b = tf.Variable([[1.0, 2.0], [3.0, 4.0]]), tf.Variable([0.5, -0.5])
    f = tf.function(lambda x: tf.reduce_sum(tf.tanh(tf.matmul(x, w) + b) * w))
    x = tf.constant([[0.1, 0.2], [0.3, -0.4]])
    return derivatives(tf, lambda: f(x), [w, b, x], [x])


@program
def variables_assigned_inside(tf: Any) -> Any:
    v, w = tf.Variable(3.0), tf.Variable(2.0)

    @tf.function
    def f(x):
        before = v * x
        v.assign(x * w)
        w.assign_add(v)
        return before * v + w

    results = []
    for number in (5.0, 7.0):
        x = tf.constant(number)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = f(x)
        results += [y, tape.gradient(y, [x, v, w]), v.read_value(), w.read_value()]
    return results


@program
def what_is_read_after_an_assignment(tf: Any) -> Any:
    v = tf.Variable(3.0)

    @tf.function
    def f(x):
        v.assign(x + 1.0)
        return v * v * x

    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = f(tf.constant(2.0))
        g = inner.gradient(y, v)
    return [y, g, outer.gradient(g, v)]


@program
def which_variables_a_tape_follows(tf: Any) -> Any:
    v, w, fixed = tf.Variable(2.0), tf.Variable(3.0), tf.Variable(5.0, trainable=False)
    f = tf.function(lambda: v * w * fixed)
    results = []
    with tf.GradientTape() as tape:
        y = f()
    results.append(tape.gradient(y, [v, w, fixed]))
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch([w, fixed])
        y = f()
    results.append(tape.gradient(y, [v, w, fixed]))
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        y = f()
    return [*results, tape.gradient(y, [v, w, fixed])]


@program
def training(tf: Any) -> Any:
    w, b = tf.Variable(0.5), tf.Variable(0.0)
    loss = tf.function(lambda x, y: tf.reduce_mean((w * x + b - y) ** 2))
    x, y = tf.constant([1.0, 2.0, 3.0]), tf.constant([2.0, 3.0, 5.0])
    losses = []
    for _ in range(5):
        with tf.GradientTape() as tape:
            value = loss(x, y)
        for variable, g in zip([w, b], tape.gradient(value, [w, b]), strict=True):
            variable.assign_sub(0.1 * g)
        losses.append(value)
    return [*losses, w.read_value(), b.read_value()]


# -- captured tensors -----------------------------------------------------------------------------------


@program
def captured_tensors(tf: Any) -> Any:
    c, d = tf.constant([1.0, 2.0]), tf.constant([3.0, 4.0])
    f = tf.function(lambda x: tf.reduce_sum(c * x * c + tf.exp(d)))
    x = tf.constant([0.5, 0.25])
    first = f(x)
    return [first, derivatives(tf, lambda: f(x), [c, d, x], [c, d, x]), derivatives(tf, lambda: f(x), [c, x], [c])]


@program
def captured_tensors_alone(tf: Any) -> Any:
    c = tf.constant(3.0)
    cube = tf.function(lambda: c * c * c)
    return [cube(), derivatives(tf, cube, [c], [c]), cube()]


@program
def captured_under_the_tape(tf: Any) -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        w = v * v
        f = tf.function(lambda x: w * x + w)
        y = f(tf.constant(4.0)) + f(tf.constant(5.0))
    return [y, tape.gradient(y, v)]


# -- slices -----------------------------------------------------------------------------------------------


@program
def embeddings(tf: Any) -> Any:
    table = tf.Variable(np.arange(12.0, dtype=np.float32).reshape(4, 3) / 10)
    f = tf.function(lambda i: tf.reduce_sum(tf.nn.embedding_lookup(table, i) ** 2))
    i = tf.constant([1, 3, 1])
    with tf.GradientTape() as tape:
        y = f(i)
    sparse = tape.gradient(y, table)
    with tf.GradientTape() as tape:
        y = f(i) + f(i + 0)
    return [sparse, tf.convert_to_tensor(tape.gradient(y, table)), derivatives(tf, lambda: f(i), [table])[0]]


@program
def embeddings_and_dense_use(tf: Any) -> Any:
    table = tf.Variable(np.arange(8.0, dtype=np.float32).reshape(4, 2) / 10)
    f = tf.function(lambda i: tf.reduce_sum(tf.gather(table, i) ** 3) + tf.reduce_sum(table * table))
    i = tf.constant([2, 0, 2])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = f(i)
        g = tf.convert_to_tensor(inner.gradient(y, table))
    return [y, g, tf.convert_to_tensor(outer.gradient(g, table))]


@program
def rows_of_an_argument(tf: Any) -> Any:
    f = tf.function(lambda m, i: tf.reduce_sum(m[1] * m[-1]) + tf.reduce_sum(tf.gather(m * 2.0, i) ** 2))
    m = tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    return derivatives(tf, lambda: f(m, tf.constant([0, 2])), [m], [m])


# -- functions and tapes in one another ---------------------------------------------------------------------------


@program
def functions_of_functions(tf: Any) -> Any:
    w = tf.Variable(2.0)
    inner = tf.function(lambda x: tf.sin(x * w))
    outer = tf.function(lambda x: inner(x) * inner(x + 1.0) + w)
    x = tf.constant(0.7)
    return derivatives(tf, lambda: outer(x), [x, w], [x])


@program
def one_after_the_other(tf: Any) -> Any:
    f, g = tf.function(lambda x: (x * x, tf.exp(x))), tf.function(lambda x, y: x * y * y)
    x = tf.constant([0.3, 0.6])
    return derivatives(tf, lambda: tf.reduce_sum(g(*f(g(x, x)))), [x], [x])


@program
def tapes_inside_and_outside(tf: Any) -> Any:
    v = tf.Variable(1.5)

    @tf.function
    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(x**3 * v)
        return tape.gradient(y, x)

    x = tf.constant([1.0, 2.0])
    return derivatives(tf, lambda: slope(x), [x, v], [x])


@program
def three_tapes(tf: Any) -> Any:
    v = tf.Variable(2.0)
    f = tf.function(lambda x: tf.exp(x * v))
    x = tf.constant(0.5)
    with tf.GradientTape() as third:
        third.watch(x)
        with tf.GradientTape() as second:
            second.watch(x)
            with tf.GradientTape() as first:
                first.watch(x)
                y = f(x)
            dy = first.gradient(y, x)
        ddy = second.gradient(dy, [x, v])
    return [y, dy, ddy, third.gradient(ddy, [x, v])]


@program
def concrete_functions(tf: Any) -> Any:
    v = tf.Variable([1.0, 2.0])
    f = tf.function(lambda x: tf.reduce_sum(x * x * v)).get_concrete_function(tf.TensorSpec([2], tf.float32))
    x = tf.constant([3.0, 4.0])
    return derivatives(tf, lambda: f(x), [x, v], [x])


@program
def unknown_sizes(tf: Any) -> Any:
    v = tf.Variable([1.0, 2.0])

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32)])
    def f(x):
        return tf.reduce_mean(tf.reduce_sum(x * x * v, 1))

    a, b = tf.constant([[1.0, 2.0]]), tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    return [derivatives(tf, lambda: f(a), [a, v], [a]), derivatives(tf, lambda: f(b), [b, v], [b])]


# -- what tapes are asked -------------------------------------------------------------------------------------


@program
def persistent_tapes(tf: Any) -> Any:
    v = tf.Variable([1.0, 2.0])
    f = tf.function(lambda x: (tf.sin(x) * v, tf.reduce_sum(x * v)))
    x = tf.constant([0.5, 1.5])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y, z = f(x)
    return [
        *(tape.gradient(target, [x, v]) for target in (y, z, [y, z])),
        *(tape.jacobian(target, [x, v]) for target in (y, z)),
        tape.gradient([y, z], x, [tf.constant([2.0, 3.0]), tf.constant(5.0)]),
    ]


@program
def a_tape_that_hears_itself(tf: Any) -> Any:
    f = tf.function(lambda x: x**4)
    x = tf.constant(2.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = f(x)
        g = tape.gradient(y, x)
        h = tape.gradient(g, x)
    return [g, h, tape.gradient(h, x), tape.gradient(y, x)]


@program
def the_outer_tape_is_asked_first(tf: Any) -> Any:
    f = tf.function(lambda x: x**3)
    x = tf.constant(2.0)
    with tf.GradientTape() as inner:
        inner.watch(x)
        with tf.GradientTape(persistent=True) as outer:
            pass
        with outer:
            outer.watch(x)
            y = f(x)
        g = outer.gradient(y, x)
    return [g, inner.gradient(g, x)]


@program
def batch_jacobians(tf: Any) -> Any:
    w = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    f = tf.function(lambda x: tf.tanh(tf.matmul(x, w)))
    x = tf.constant([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    first = tape.batch_jacobian(y, x)
    with tf.GradientTape() as tape:
        y = f(x)
    return [first, tape.jacobian(y, w)]


@program
def hessians(tf: Any) -> Any:
    f = tf.function(lambda x: tf.reduce_sum(tf.exp(x) * tf.reverse(x, [0]) ** 2))
    x = tf.constant([0.1, 0.2, 0.3])
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = f(x)
        g = inner.gradient(y, x)
    return outer.jacobian(g, x)


@program
def unconnected(tf: Any) -> Any:
    v, other = tf.Variable(2.0), tf.Variable([1.0, 1.0])
    f = tf.function(lambda x: x * v)
    x, z = tf.constant(3.0), tf.constant(4.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([x, z])
        y = f(x)
    return [tape.gradient(y, [x, z, v, other]), tape.gradient(y, [z, other], unconnected_gradients="zero")]


@program
def structures_and_integers(tf: Any) -> Any:
    f = tf.function(lambda d, n: {"sum": d["a"] + d["b"][0], "shape": n + 1, "same": d["a"]})
    a, b, n = tf.constant(1.0), tf.constant(2.0), tf.constant(3)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([a, b])
        y = f({"a": a, "b": [b]}, n)
    return [y, tape.gradient(y["sum"], [a, b]), tape.gradient([y["sum"], y["same"]], [a, b])]


@program
def one_tensor_given_twice(tf: Any) -> Any:
    f = tf.function(lambda x, y: x * x * y)
    x = tf.constant(3.0)
    return derivatives(tf, lambda: f(x, x), [x], [x])


@program
def pauses_in_recording(tf: Any) -> Any:
    f = tf.function(lambda x: x * x)
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
        with tape.stop_recording():
            z = f(x)
        total = y + z
    return tape.gradient(total, x)


@program
def random_numbers(tf: Any) -> Any:
    tf.random.set_seed(3)
    f = tf.function(lambda x: tf.reduce_sum(x * tf.random.uniform([3], seed=2)) ** 2)
    x = tf.constant([1.0, 2.0, 3.0])
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape(persistent=True) as inner:
            inner.watch(x)
            y = f(x)
        g = inner.gradient(y, x)
    return [y, g, outer.gradient(g, x), inner.gradient(y, x)]


@program
def complex_numbers(tf: Any) -> Any:
    f = tf.function(lambda z: tf.math.real(z * tf.math.conj(z)) + tf.math.imag(tf.exp(z)))
    z = tf.constant([1 + 2j, 0.5 - 1j])
    with tf.GradientTape() as tape:
        tape.watch(z)
        y = f(z)
    g = tape.gradient(y, z)
    return [y, tf.math.real(g), tf.math.imag(g)]


@program
def labels(tf: Any) -> Any:
    w = tf.Variable([[1.0, 2.0, 3.0], [0.5, -0.5, 0.25]])
    f = tf.function(lambda x, y: tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, tf.matmul(x, w))))
    x, y = tf.constant([[1.0, 2.0], [3.0, -1.0]]), tf.constant([2, 0])
    return derivatives(tf, lambda: f(x, y), [w], [])
