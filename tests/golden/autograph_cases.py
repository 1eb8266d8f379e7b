"""Expressions, functions and scopes on tensors inside `tf.function`."""

from __future__ import annotations

import functools

from tests.golden.cases import both, case, plain, raised


@case
def logic(tf):
    def f(x):
        inside = 0.0 < x < 2.0
        if (inside and not x <= 1.0) or x > 5.0:
            return x
        return -x

    return both(tf, f, 1.0, 1.5, 6.0, 3.0)


@case
def conditional_expressions(tf):
    def f(x):
        return (x if x > 0 else -x), (2.0 if x > 1.0 else 1.0), [e if e > 0 else 0.0 for e in [x, -x]]

    @tf.function
    def g(x):
        return x if x > 0 else 1

    @tf.function
    def h(x):
        return None if x > 0 else x

    one = tf.constant(1.0)
    return [
        both(tf, f, 2.0, -3.0),
        raised(lambda: g(one), "x > 0", "float32", "int32"),
        raised(lambda: h(one), "x > 0", "None"),
    ]


@case
def not_of_vectors(tf):
    @tf.function
    def f(x):
        return not x > 0.0

    return plain(f(tf.constant([1.0, -1.0])))


@case
def builtins(tf):
    @tf.function
    def f(x):
        return int(x), float(tf.cast(x, tf.int32)), int(3.7), abs(-x), len([x]), sum([x, x])

    @tf.function
    def g(x):
        return len(x), sorted(x), sorted(x, reverse=True)

    return [plain(f(tf.constant(2.5))), plain(g(tf.constant([3, 1, 2])))]


def magnitude(x):
    if x > 0:
        return x
    return -x


def through(function):
    @functools.wraps(function)
    def called(*args):
        return function(*args)

    return called


@case
def called_functions_are_converted(tf):
    class Model:
        def __init__(self):
            self.scale = 2.0

        def __call__(self, x):
            return self.scaled(x) if x > 0.0 else x

        def scaled(self, x):
            return x * self.scale

    def apply(function, x):
        return function(x)

    def f(x):
        return magnitude(x), (lambda q: q if q > 0 else q * 2.0)(x), Model()(x), apply(magnitude, x)

    @tf.function
    @through
    def decorated(x):
        if x > 0:
            return x
        return -x

    return [both(tf, f, 2.0, -3.0), plain(decorated(tf.constant(-2.0)))]


@case
def scopes(tf):
    def f(x):
        k = x

        def inner():
            nonlocal k
            if x > 0:
                k = k + 1.0

        inner()
        try:
            if x > 0:
                y = x
            else:
                y = -x
        finally:
            z = 1.0
        with tf.name_scope("a"):
            if x > 0:
                y = y + z
        return k, y

    return both(tf, f, 2.0, -3.0)


@case
def errors_of_the_users_own(tf):
    @tf.function
    def f(x):
        if x > 0:
            x = x + 1.0
        raise KeyError("mine")

    @tf.function
    def g(x):
        try:
            if x > 0:
                x = x + 1.0
            raise ValueError("mine")
        except ValueError:
            return -x

    return [raised(lambda: f(tf.constant(1.0)), "mine"), plain(g(tf.constant(1.0)))]


@case
def generators(tf):
    @tf.function
    def f(x):
        yield x

    return raised(lambda: f(tf.constant(1.0)), "must return zero or more Tensors", "generator")


@case
def to_graph(tf):
    converted = tf.autograph.to_graph(magnitude)
    inside = tf.function(lambda x: converted(x), autograph=False)
    code = tf.autograph.to_code(magnitude)
    return [
        plain(converted(tf.constant(-2.0))),
        plain(inside(tf.constant(-2.0))),
        "ag__.if_stmt" in code,
        raised(lambda: tf.autograph.to_code(max)),
        raised(lambda: tf.autograph.to_code(inside)),
    ]
