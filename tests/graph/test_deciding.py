"""Only functions whose source needs it are converted."""

from __future__ import annotations

import functools

import pytest

import tapeflow as tf
from tapeflow.graph.deciding import _is_worth_it, converted


def plain(x):
    return tf.exp(x) * 2.0


def with_if(x):
    return x if x > 0 else -x


def calls_with_if(x):
    return with_if(x) + 1.0


def calls_itself(x):
    return calls_itself(x)


def calls_its_argument(function, x):
    return function(x)


def uses_methods_of_values(x, optimizer, tape):
    gradient = tape.gradient(x, [x])
    optimizer.apply_gradients(gradient)
    return x.numpy()


def chained(x):
    return 0.0 < x < 1.0


@pytest.mark.parametrize(
    "function, is_converted",
    [
        (plain, False),
        (with_if, True),
        (calls_with_if, True),
        (calls_itself, False),
        (calls_its_argument, True),
        (uses_methods_of_values, False),
        (chained, True),
        (len, False),
        (tf.reduce_sum, False),
        (tf.autograph.experimental.do_not_convert(functools.partial(with_if)), False),
    ],
)
def test_which_functions_are_converted(function, is_converted):
    assert (converted(function) is not function) is is_converted


def test_partials_methods_and_callables_are_converted_inside():
    class Model:
        def method(self, x):
            return with_if(x)

        def __call__(self, x):
            return -x if x > 0 else x

    model = Model()
    assert converted(model.method)(2.0) == 2.0 and converted(model.method).__self__ is model
    assert converted(model)(2.0) == -2.0
    assert converted(functools.partial(with_if))(-2.0) == 2.0


def test_loops_mind_their_options_where_they_run_eagerly_too():
    @tf.function
    def f(x):
        seen = []
        while x > 1.0:
            tf.autograph.experimental.set_loop_options(maximum_iterations=2)
            seen.append(x)  # of another iteration: this cannot be part of the graph
            x = x / 2.0
        return x, seen

    x, seen = f(tf.constant(64.0))
    assert x.numpy() == 16.0 and [y.numpy() for y in seen] == [64.0, 32.0]
    assert f.experimental_eager_reasons()


def test_lambdas_on_one_line_are_told_apart():
    # fmt: off
    plain, chosen, other = (lambda x: x + 1.0), (lambda x: x if x > 0.0 else -x), (lambda x: sorted([x, 0.0]))
    # fmt: on
    assert [_is_worth_it(f) for f in (plain, chosen, other)] == [False, True, True]
    compiled = tf.function(plain)
    assert compiled(tf.constant(1.0)).numpy() == 2.0
    assert compiled.experimental_eager_reasons() == ()
