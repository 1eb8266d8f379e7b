"""Gradients of loops and choices, in the graph: every order, wherever the tapes stand."""

from __future__ import annotations

import gc
import tracemalloc

import numpy as np
import pytest

import tapeflow as tf


def powers(x):
    y = tf.ones_like(x)
    for _ in tf.range(4):
        y = y * x + tf.sin(x)
    return y


def until(x):
    y = x
    while tf.reduce_sum(y) < 20.0:
        y = y * 1.7 + 1.0 / (x * x + 1.0)
    return y


def chosen(x):
    if tf.reduce_sum(x) > 2.0:
        y = tf.sin(x) * x
    else:
        y = x * x * x
    return y


def choice_with_one_side(x):
    y = x * 2.0
    if tf.reduce_sum(x) > 2.0:
        y = y * x
    return y


def nested(x):
    y = x
    for i in tf.range(3):
        j = tf.constant(0)
        while j <= i:
            y = tf.sin(y) * x
            j += 1
        if tf.reduce_sum(y) > 0.5:
            y = y * y
        else:
            y = y * 3.0 * x
    return y


def rows_with_break(x):
    y = tf.constant(1.0, tf.float64)
    for row in tf.stack([x, 2.0 * x, x * x, 3.0 * x]):
        y = y * tf.reduce_sum(tf.sin(row)) + 1.0
        if y > 3.0:
            break
    return y


def swapped(x):
    a, b = x, tf.sin(x)
    for _ in tf.range(3):
        a, b = b, a * b
    return a + 2.0 * b


def no_iteration(x):
    y = x * x
    for _ in tf.range(0):
        y = y * x
    i = tf.constant(5)
    while i < 3:
        y = tf.exp(y)
        i += 1
    return y


def stopped(x):
    y = x
    for _ in tf.range(3):
        y = y * tf.stop_gradient(y) + x
    return y


def loop_in_a_choice(x):
    y = x
    if tf.reduce_sum(x) > 2.0:
        for _ in tf.range(3):
            y = tf.tanh(y) * x
    else:
        y = y * y
    return y


def gathered(x):
    table = tf.stack([x, x * x, tf.sin(x)])
    y = tf.zeros_like(x)
    for i in tf.range(5):
        y = y * 0.5 + tf.gather(table, [i % 3, 0])[0]
    return y


def sliced_rows(x):
    table = tf.stack([x, x * x, tf.sin(x)])
    y = tf.ones_like(x)
    i = tf.constant(0)
    while i < 3:
        y = y * tf.gather(table, i)
        i += 1
    return y


PROGRAMS = [
    *(powers, until, chosen, choice_with_one_side, nested, rows_with_break, swapped, no_iteration, stopped),
    *(loop_in_a_choice, gathered, sliced_rows),
]
POINTS = [np.array(0.7), np.array(2.3), np.array([0.4, 0.9]), np.array([1.3, 1.9])]

every_program = pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
every_point = pytest.mark.parametrize("point", POINTS, ids=lambda x: str(x.tolist()))


def derivative(program):
    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = program(x)
        return tape.gradient(y, x)

    return gradient


def same(found, expected):
    """Where no path was taken that leads to a source, eager execution says None and a graph says zeros."""
    if expected is None:
        assert found is None or not np.any(found.numpy())
        return
    np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-12, atol=1e-14)


@every_program
@every_point
def test_gradients_of_three_orders_are_those_of_eager_execution(program, point):
    x = tf.constant(point)
    each = program
    for _ in range(3):
        each = derivative(each)
        if each(x) is None:
            break
        function = tf.function(each)
        same(function(x), each(x))
        assert function.experimental_eager_reasons() == ()


@every_program
@every_point
def test_the_gradient_is_the_slope(program, point):
    if program is stopped:
        pytest.skip("what is stopped has a slope")
    found = tf.function(derivative(program))(tf.constant(point)).numpy()
    for i in np.ndindex(point.shape):
        step = np.zeros_like(point)
        step[i] = 1e-6
        above, below = (np.sum(program(tf.constant(x)).numpy()) for x in (point + step, point - step))
        np.testing.assert_allclose(found[i], (above - below) / 2e-6, rtol=1e-5, atol=1e-8)


@every_program
@every_point
def test_a_tape_outside_agrees_with_one_inside(program, point):
    x = tf.constant(point)
    function = tf.function(program)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        g = tape.gradient(y, x)
    inside = derivative(program)
    same(g, inside(x))
    same(outer.gradient(g, x), derivative(inside)(x))
    same(derivative(tf.function(inside))(x), derivative(inside)(x))
    assert function.experimental_eager_reasons() == ()


def compared(function, *args, variables=()):
    """The results of a function run eagerly and traced, from the same variables."""
    start = [v.numpy() for v in variables]
    answers = []
    traced = tf.function(function)
    for each in (function, traced, traced):
        for v, value in zip(variables, start, strict=True):
            v.assign(value)
        answers.append([None if y is None else np.asarray(y) for y in each(*args)])
        answers[-1] += [v.numpy() for v in variables]
    assert traced.experimental_eager_reasons() == ()
    for found in answers[1:]:
        for a, b in zip(found, answers[0], strict=True):
            assert (a is None) == (b is None)
            if a is not None:
                np.testing.assert_allclose(a, b, rtol=1e-6)
    return answers[0]


def test_variables_read_in_a_loop():
    v, w = tf.Variable(1.5), tf.Variable([[0.1, 0.2], [0.3, 0.4]])

    def function(x):
        with tf.GradientTape() as tape:
            y = x
            for _ in tf.range(3):
                y = tf.tanh(y @ w) * v + v
            if tf.reduce_sum(y) > 0.0:
                y = y * v
        return tape.gradient(y, [v, w])

    compared(function, tf.constant([[1.0, 2.0]]))


def test_variables_assigned_in_a_loop_cut_the_path_and_every_read_counts():
    v = tf.Variable(1.5)

    def function(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x
            for _ in tf.range(3):
                y = y * v
                v.assign(y * 0.5)
                y = y + v * v
        return [*tape.gradient(y, [v, x]), y]

    compared(function, tf.constant(1.25), variables=[v])


def test_what_is_not_followed_has_no_gradient():
    v = tf.Variable(1.5, trainable=False)
    other = tf.Variable(1.0)

    def function(x, z):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(z)
            y = x
            n = tf.constant(0)
            for _ in tf.range(3):
                y = y * v * x
                n += 1
        g = tape.gradient(y, [x, v, other, z])
        return [*g, tape.gradient(n, x), *tape.gradient(y, [z], unconnected_gradients="zero")]

    found = compared(function, tf.constant(1.25), tf.constant(2.0))
    assert found[:5] == [None] * 5


def test_a_persistent_tape_answers_twice():
    def function(x):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            y = x
            for _ in tf.range(3):
                y = tf.sin(y) * x
            z = y * y
        return [tape.gradient(y, x), tape.gradient(z, x), tape.gradient(z, y)]

    compared(function, tf.constant(1.25))


def test_a_gradient_and_a_step_in_the_body():
    w = tf.Variable([3.0, 1.0])
    optimizer = tf.keras.optimizers.SGD(0.05)

    def function(x):
        with tf.GradientTape() as outer:
            outer.watch(x)
            total = tf.constant(0.0)
            for _ in tf.range(4):
                with tf.GradientTape() as tape:
                    loss = tf.reduce_sum((w * w - x) ** 2)
                g = tape.gradient(loss, w)
                total += tf.reduce_sum(g * g)
                optimizer.apply_gradients([(g, w)])
        return [total, outer.gradient(total, x)]

    compared(function, tf.constant([1.0, 2.0]), variables=[w])


def test_a_gradient_within_the_body_is_differentiated_by_a_tape_around_the_loop():
    def function(x):
        with tf.GradientTape() as outer:
            outer.watch(x)
            y = x * 1.0
            for _ in tf.range(3):
                with tf.GradientTape() as tape:
                    tape.watch(y)
                    z = tf.sin(y) * x
                y = y - 0.1 * tape.gradient(z, y)
        return [y, outer.gradient(y, x)]

    compared(function, tf.constant([1.0, 2.0]))


def test_a_gradient_by_a_tape_around_the_loop_asked_for_in_another_loop():
    def function(x):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            y = x
            for _ in tf.range(3):
                y = tf.sin(y) * x
        total = tf.zeros_like(x)
        for i in tf.range(2):
            total += tape.gradient(y, x) * tf.cast(i + 1, tf.float32)
            if tf.reduce_sum(x) > 0.0:
                total += tape.gradient(y, x)
        return [total]

    compared(function, tf.constant([1.0, 2.0]))


def test_custom_gradients_in_a_loop():
    w = tf.Variable(2.0)

    @tf.custom_gradient
    def clipped(x):
        return x * 3.0, lambda dy: tf.minimum(dy, 1.0) * x

    @tf.custom_gradient
    def scaled(x):
        return x * w, lambda dy, variables: (dy * w, [dy * x * 10.0])

    def function(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x
            for _ in tf.range(3):
                y = clipped(y) + scaled(y) * 0.1
        return tape.gradient(y, [x, w])

    compared(function, tf.constant(0.5))


def test_rows_of_an_embedding():
    table = tf.Variable(np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32))

    def function(tokens):
        with tf.GradientTape() as tape:
            h = tf.zeros([3])
            for token in tokens:
                h = tf.tanh(h + tf.gather(table, token))
            y = tf.reduce_sum(h)
        return [tf.convert_to_tensor(tape.gradient(y, table))]

    compared(function, tf.constant([1, 3, 1, 0]))


def test_forward_mode_through_a_loop():
    def function(x):
        with tf.autodiff.ForwardAccumulator(x, tf.ones_like(x)) as accumulator:
            y = x
            for _ in tf.range(3):
                y = tf.sin(y) * x
        return [accumulator.jvp(y)]

    compared(function, tf.constant([1.0, 2.0]))


def test_a_tape_around_a_loop_that_is_asked_inside_runs_eagerly():
    def function(x):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            y = x
            total = tf.zeros_like(x)
            for _ in tf.range(3):
                y = y * x
                total = total + tape.gradient(y, x)
        return total

    traced = tf.function(function)
    x = tf.constant(1.5)
    assert traced(x).numpy() == function(x).numpy()
    assert "used inside" in traced.experimental_eager_reasons()[0]


def memory_of(steps):
    """The most memory that a gradient through so many steps of a recurrent cell takes, and what is left of it."""
    w = tf.Variable(np.full((64, 64), 0.01, np.float32))

    @tf.function
    def gradient(x, n):
        with tf.GradientTape() as tape:
            h = x
            i = tf.constant(0)
            while i < n:
                h = tf.tanh(h @ w + x)
                i += 1
            y = tf.reduce_sum(h)
        return tape.gradient(y, w)

    x = tf.ones([64, 64])
    gradient(x, tf.constant(2))
    gc.collect()
    tracemalloc.start()
    try:
        gradient(x, tf.constant(steps))
        after, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert gradient.experimental_eager_reasons() == ()
    return most, after


def test_memory_is_linear_in_the_number_of_iterations_and_freed():
    (few, _), (many, left) = memory_of(50), memory_of(200)
    size = 64 * 64 * 4
    assert 150 * size * 0.9 < many - few < 150 * size * 3
    assert left < 4 * size


def test_a_thousand_steps_have_the_gradient_of_eager_execution():
    v = tf.Variable(0.999)

    def function(x):
        with tf.GradientTape() as tape:
            h = x
            for _ in tf.range(1000):
                h = tf.tanh(h * v + 0.01)
        return [tape.gradient(h, v)]

    compared(function, tf.constant([0.5, -0.5]))


# -- what a loop reads without a derivative ----------------------------------------------------------------


def three_times(change):
    """A function of c and y that changes y three times."""
    return lambda c, y: tf.while_loop(lambda i, z: i < 3, lambda i, z: (i + 1, change(c, z)), (0, y))[1]


def until_ten(c, y):
    return tf.while_loop(lambda i, z: z < 10.0 * tf.stop_gradient(c), lambda i, z: (i + 1, z * 2.0), (0, y))[1]


# A function, and the gradients for c = 1.5 and y = 2 that TensorFlow gives.
READ_ONLY = {
    "stopped": (three_times(lambda c, z: z * tf.stop_gradient(c)), [0.0, 3.375]),
    "cast": (three_times(lambda c, z: z * tf.cast(tf.cast(c, tf.int32), tf.float32)), [0.0, 1.0]),
    "compared": (three_times(lambda c, z: tf.where(c > 0.0, z, z * 2.0)), [0.0, 1.0]),
    "rounded": (three_times(lambda c, z: tf.floor(c) * z), [0.0, 1.0]),
    "in a choice": (three_times(lambda c, z: tf.cond(z > 0.0, lambda: z * tf.stop_gradient(c), lambda: z)), [0.0, 3.375]),
    "in a loop": (three_times(lambda c, z: three_times(lambda d, w: w * tf.floor(d))(c, z)), [0.0, 1.0]),
    "in the test": (until_ten, [0.0, 8.0]),
    "only its shape": (three_times(lambda c, z: tf.zeros_like(c) * z), [None, 0.0]),
    "in a choice alone": (lambda c, y: tf.cond(y > 0.0, lambda: y * tf.stop_gradient(c), lambda: y), [None, 1.5]),
    "in a function": (lambda c, y: tf.function(lambda d, z: z * tf.floor(d))(c, y), [None, 1.0]),
}


@pytest.mark.parametrize("name", READ_ONLY)
def test_sources_that_a_loop_only_reads_have_zeros_as_in_tensorflow(name):
    program, expected = READ_ONLY[name]

    def inside(c, y):
        with tf.GradientTape() as tape:
            tape.watch([c, y])
            z = program(c, y)
        found = tape.gradient(z, [c, y])
        assert [g is None for g in found] == [g is None for g in expected]
        return [tf.constant(-1.0) if g is None else g for g in found]

    arguments = [tf.constant(1.5), tf.constant(2.0)]
    with tf.GradientTape() as tape:
        tape.watch(arguments)
        z = tf.function(program)(*arguments)
    found = tape.gradient(z, arguments)
    assert [None if g is None else float(g) for g in found] == expected
    assert [float(g) for g in tf.function(inside)(*arguments)] == [-1.0 if g is None else g for g in expected]
