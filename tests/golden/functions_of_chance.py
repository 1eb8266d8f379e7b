"""Random programs inside `tf.function`: each is run here and, by `record_functions_of_chance.py`, under TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

PROGRAMS: dict[str, Callable[[Any], list]] = {}


def program(function: Callable[[Any], list]) -> Callable[[Any], list]:
    """Enters a program: a function of the module that gives what is to be compared, call by call."""
    PROGRAMS[function.__name__] = function
    return function


def as_lists(tf: Any, results: Any) -> Any:
    """Tensors as rounded numbers, for JSON."""
    return [y.numpy().astype("float64").round(4).tolist() for y in tf.nest.flatten(results)]


@program
def operations_are_numbered_in_the_order_of_the_trace(tf: Any) -> list:
    tf.random.set_seed(5)

    @tf.function
    def f():
        return tf.random.uniform([2]), tf.random.uniform([2]), tf.random.uniform([2], seed=7), tf.random.uniform([2], seed=7)

    return [f(), f()]


@program
def a_seed_set_later_starts_the_sequences_anew(tf: Any) -> list:
    tf.random.set_seed(5)

    @tf.function
    def f():
        return tf.random.uniform([2]), tf.random.normal([2], seed=3)

    results = [f(), f()]
    tf.random.set_seed(5)
    results.append(f())
    tf.random.set_seed(6)
    return [*results, f(), f()]


@program
def no_global_seed(tf: Any) -> list:
    @tf.function
    def f():
        return tf.random.uniform([2], seed=3), tf.random.uniform([2], seed=4)

    return [f(), f()]


@program
def functions_have_sequences_of_their_own(tf: Any) -> list:
    tf.random.set_seed(5)

    @tf.function
    def f():
        return tf.random.uniform([2])

    @tf.function
    def g():
        return tf.random.uniform([2])

    return [f(), g(), f(), tf.random.uniform([2])]


@program
def functions_called_by_functions(tf: Any) -> list:
    tf.random.set_seed(5)

    @tf.function
    def inner():
        return tf.random.uniform([2])

    @tf.function
    def outer():
        return inner(), inner(), tf.random.uniform([2])

    return [outer(), outer()]


@program
def branches(tf: Any) -> list:
    tf.random.set_seed(5)

    @tf.function
    def f(c):
        a = tf.random.uniform([2])
        y = tf.cond(c, lambda: tf.random.uniform([2]), lambda: tf.random.uniform([2]) + 1.0)
        return a, y, tf.random.uniform([2])

    return [f(tf.constant(True)), f(tf.constant(False)), f(tf.constant(True))]


@program
def loops(tf: Any) -> list:
    tf.random.set_seed(5)

    @tf.function
    def f(x):
        x = x + tf.random.uniform([2])
        for _ in tf.range(3):
            x = x * 10.0 + tf.random.uniform([2])
        return x, tf.random.uniform([2])

    return [f(tf.constant(2.0)), f(tf.constant(3.0))]


@program
def many_operations(tf: Any) -> list:
    tf.random.set_seed(5)

    @tf.function
    def f(x, logits):
        return (
            tf.random.shuffle(x),
            tf.random.shuffle(x, seed=3),
            tf.nn.dropout(tf.ones([6]), 0.5),
            tf.nn.dropout(tf.ones([6]), 0.0),
            tf.random.categorical(logits, 5),
            tf.random.truncated_normal([2]),
            tf.random.uniform([2], 0, 10, tf.int32),
            tf.random.normal([3], 1.0, tf.reduce_sum(logits), tf.float32),
        )

    x, logits = tf.range(5), tf.constant([[0.0, 1.0]])
    return [f(x, logits), f(x, logits)]


@program
def a_seed_set_inside(tf: Any) -> list:
    tf.random.set_seed(5)

    @tf.function
    def f():
        tf.random.set_seed(9)
        return tf.random.uniform([2]), tf.random.uniform([2], seed=3)

    return [f(), f(), tf.random.uniform([2])]


@program
def each_signature_has_its_own(tf: Any) -> list:
    tf.random.set_seed(5)

    @tf.function
    def f(x):
        return tf.random.uniform([2]) + 0.0 * x

    one, two = tf.constant(1.0), tf.constant([1.0, 1.0])
    return [f(one), f(two), f(one)]


@program
def bounds_known_later(tf: Any) -> list:
    tf.random.set_seed(5)

    @tf.function
    def f(low, high):
        return tf.random.uniform([4], low, high, tf.int32), tf.random.uniform([2], maxval=tf.cast(high, tf.float32))

    return [f(tf.constant(1), tf.constant(5)), f(tf.constant(-3), tf.constant(100))]


@program
def seeds_that_are_tensors(tf: Any) -> list:
    @tf.function
    def f(s):
        return (
            tf.random.stateless_uniform([2], s),
            tf.random.stateless_normal([2], s),
            tf.random.stateless_uniform([2], s, 0, 10, tf.int32),
            tf.random.split(s, 2),
            tf.random.fold_in(s, 4),
            tf.random.experimental.stateless_shuffle(tf.range(5), s),
            tf.nn.experimental.stateless_dropout(tf.ones([4]), 0.5, s),
        )

    return [f(tf.constant([1, 2])), f(tf.constant([3, 4]))]


@program
def generators(tf: Any) -> list:
    generator = tf.random.Generator.from_seed(3)

    @tf.function
    def f(delta):
        y = generator.uniform([2]), generator.normal([2]), generator.uniform([2], 0, 10, tf.int32)
        generator.skip(delta)
        return y, generator.truncated_normal([2]), tf.cast(generator.key, tf.float32), generator.state.read_value()

    @tf.function
    def reset(seed, state):
        generator.reset_from_seed(seed)
        a = generator.uniform([2])
        generator.reset(state)
        b = generator.uniform([2])
        generator.reset_from_key_counter(seed, state[:2])
        return a, b, generator.uniform([2])

    delta = tf.constant(3)
    state = tf.constant([4, 5, 6], tf.int64)
    return [f(delta), f(delta), generator.uniform([2]), reset(tf.constant(7, tf.int64), state), generator.state.read_value()]


@program
def gradients_through_chance(tf: Any) -> list:
    tf.random.set_seed(5)

    @tf.function
    def f(mean, deviation):
        with tf.GradientTape() as tape:
            tape.watch([mean, deviation])
            y = tf.reduce_sum(tf.nn.dropout(tf.random.normal([4], mean, deviation), 0.25) ** 2.0)
        return y, tape.gradient(y, [mean, deviation])

    mean, deviation = tf.constant(1.0), tf.constant(2.0)
    return [f(mean, deviation), f(mean, deviation)]


@program
def initializers_inside(tf: Any) -> list:
    tf.random.set_seed(5)

    @tf.function
    def f():
        return tf.keras.initializers.GlorotUniform(seed=3)([2, 2]), tf.random.uniform([2])

    return [f(), f()]


@program
def unknown_sizes(tf: Any) -> list:
    tf.random.set_seed(5)
    generator = tf.random.Generator.from_seed(1)

    @tf.function(input_signature=[tf.TensorSpec([None, 3])])
    def f(x):
        y = tf.nn.dropout(x, 0.5), tf.random.normal(tf.shape(x)), tf.random.uniform([tf.shape(x)[0]], seed=3)
        return y, generator.normal(tf.shape(x)), tf.random.stateless_uniform(tf.shape(x), [1, 2])

    return [f(tf.ones([n, 3])) for n in (2, 4, 2)] + [generator.state.read_value()]
