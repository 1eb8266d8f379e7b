"""Forward-mode derivatives of functions, of first, second and third order: inside of `tf.function` and around its call.

`record_tangents.py` asks TensorFlow for them, eagerly.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

FUNCTIONS: dict[str, Callable] = {}
SCHEMES: dict[str, Callable] = {}
PLACES = ("inside", "around")
X, T, V = np.float32([1.0, 2.0, 3.0]), np.float32([1.0, 0.5, -1.0]), np.float32([1.0, 2.0, 0.5])


def function(made: Callable) -> Callable:
    """Enters a function of (tf, v) that gives one of (x, n), with a scalar result."""
    FUNCTIONS[made.__name__] = made
    return made


def scheme(derivative: Callable) -> Callable:
    """Enters a derivative of f at x in direction t, with `f(x, n)` and a variable v."""
    SCHEMES[derivative.__name__] = derivative
    return derivative


# -- functions ---------------------------------------------------------------------------------------


@function
def plain(tf: Any, v: Any) -> Callable:
    return lambda x, n: tf.reduce_sum(tf.sin(x) * x**3 * v)


@function
def matrices(tf: Any, v: Any) -> Callable:
    return lambda x, n: tf.reduce_sum(tf.nn.softmax(tf.tanh(tf.matmul(x[:, None], v[None]))) * v)


@function
def assigns(tf: Any, v: Any) -> Callable:
    def f(x, n):
        w = v * x
        v.assign(v * 2.0)
        total = tf.reduce_sum(w * v * x * x)
        v.assign(v / 2.0)
        return total

    return f


@function
def gathered(tf: Any, v: Any) -> Callable:
    return lambda x, n: tf.reduce_sum(tf.gather(x * v, [0, 2, 2]) ** 3)


@function
def nested(tf: Any, v: Any) -> Callable:
    inner = tf.function(lambda x: tf.sin(x) * v)
    return lambda x, n: tf.reduce_sum(inner(x) * inner(x * x))


@function
def loop(tf: Any, v: Any) -> Callable:
    def f(x, n):
        y = x
        for _ in tf.range(n):
            y = tf.sin(y) * x + v * y
        return tf.reduce_sum(y * y)

    return f


@function
def loop_of_choices(tf: Any, v: Any) -> Callable:
    def f(x, n):
        y = x
        for i in tf.range(n):
            if tf.reduce_sum(y) > 0.5:
                y = tf.sin(y) * x
            else:
                y = tf.exp(y) * 0.2 + x * tf.cast(i, tf.float32)
        return tf.reduce_sum(y * y)

    return f


@function
def loops_in_loops(tf: Any, v: Any) -> Callable:
    def f(x, n):
        y = x
        for _ in tf.range(n):
            for row in x:
                y = tf.sin(y + row) * v
        return tf.reduce_sum(y * y)

    return f


@function
def loop_with_break(tf: Any, v: Any) -> Callable:
    def f(x, n):
        total, state = tf.constant(0.0), tf.constant(1.0)
        for row in tf.concat([x, x, x], 0):
            state = tf.sin(state * row) + v[0]
            if total > 2.0:
                break
            total += state * state
        return total * state

    return f


@function
def while_loop(tf: Any, v: Any) -> Callable:
    def f(x, n):
        y = x
        while tf.reduce_sum(y) < 50.0:
            y = y * x + v
        return tf.reduce_sum(tf.sqrt(y))

    return f


@function
def scan(tf: Any, v: Any) -> Callable:
    return lambda x, n: tf.reduce_sum(tf.scan(lambda a, e: tf.sin(a) * e + a, x, initializer=tf.constant(1.0)) ** 2)


@function
def mapped(tf: Any, v: Any) -> Callable:
    return lambda x, n: tf.reduce_sum(tf.map_fn(lambda e: tf.sin(e) * e * e, x) * v)


@function
def choice(tf: Any, v: Any) -> Callable:
    def f(x, n):
        y = tf.cond(n > 3, lambda: tf.sin(x) * x * v, lambda: x)
        z = tf.cond(n > 9, lambda: tf.sin(x), lambda: tf.constant([1.0, 2.0, 3.0]))
        return tf.reduce_sum(y * y * z)

    return f


# -- derivatives -------------------------------------------------------------------------------------


@scheme
def tangent(tf: Any, f: Callable, x: Any, t: Any, n: Any, v: Any) -> Any:
    with tf.autodiff.ForwardAccumulator(x, t) as accumulator:
        y = f(x, n)
    return y, accumulator.jvp(y)


@scheme
def of_variable(tf: Any, f: Callable, x: Any, t: Any, n: Any, v: Any) -> Any:
    with tf.autodiff.ForwardAccumulator(v, t) as accumulator:
        y = f(x, n)
    return accumulator.jvp(y, unconnected_gradients="zero")


@scheme
def forward_over_reverse(tf: Any, f: Callable, x: Any, t: Any, n: Any, v: Any) -> Any:
    with tf.autodiff.ForwardAccumulator(x, t) as accumulator:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = f(x, n)
        dx = tape.gradient(y, x)
    return dx, accumulator.jvp(dx), accumulator.jvp(y)


@scheme
def reverse_over_forward(tf: Any, f: Callable, x: Any, t: Any, n: Any, v: Any) -> Any:
    with tf.GradientTape() as tape:
        tape.watch(x)
        with tf.autodiff.ForwardAccumulator(x, t) as accumulator:
            y = f(x, n)
        slope = accumulator.jvp(y)
    return slope, tape.gradient(slope, x)


@scheme
def forward_over_forward(tf: Any, f: Callable, x: Any, t: Any, n: Any, v: Any) -> Any:
    with tf.autodiff.ForwardAccumulator(x, t) as outer:
        with tf.autodiff.ForwardAccumulator(x, t) as inner:
            y = f(x, n)
        slope = inner.jvp(y)
    return slope, outer.jvp(slope)


@scheme
def third_order(tf: Any, f: Callable, x: Any, t: Any, n: Any, v: Any) -> Any:
    with tf.GradientTape() as tape:
        tape.watch(x)
        curvature = forward_over_reverse(tf, f, x, t, n, v)[1]
    return tape.gradient(curvature, x)


@scheme
def tape_inside_that_is_asked_inside(tf: Any, f: Callable, x: Any, t: Any, n: Any, v: Any) -> Any:
    with tf.GradientTape() as tape:
        tape.watch(x)
        with tf.autodiff.ForwardAccumulator(x, t) as accumulator:
            y = f(x, n)
            dx = tape.gradient(y, x)
        return accumulator.jvp(dx)


def run(tf: Any, name: str, order: str, place: str, function: Callable | None = None) -> list:
    """What a derivative of a function is, as nested lists.

    Args:
        tf: the module.
        name, order: which.
        place: where the derivative is taken: `inside` of `tf.function`, `around` its call, or `eagerly`.
        function: `tf.function`, if another one than the module's is to be used.
    """
    function = function or tf.function
    v = tf.Variable(V)
    f, derivative = FUNCTIONS[name](tf, v), SCHEMES[order]
    x, t, n = tf.constant(X), tf.constant(T), tf.constant(4)
    if place == "inside":
        found = function(lambda x, t, n: derivative(tf, f, x, t, n, v))(x, t, n)
    else:
        found = derivative(tf, function(f) if place == "around" else f, x, t, n, v)
    return [None if y is None else np.asarray(y).tolist() for y in tf.nest.flatten(found)]
