"""`tf.custom_gradient` and its relatives: whose rule is used, and what is refused. The answers are TensorFlow's."""

from __future__ import annotations

import functools
import gc
import weakref

import numpy as np
import pytest

import tapeflow as tf


def value(gradient):
    return None if gradient is None else np.asarray(gradient).tolist()


def slope(function, *sources):
    """The gradients of `function(*sources)`."""
    with tf.GradientTape() as tape:
        tape.watch(list(sources))
        y = function(*sources)
    return [value(g) for g in tape.gradient(y, list(sources))]


@pytest.fixture
def x():
    return tf.constant(3.0)


@pytest.fixture
def v():
    return tf.Variable(2.0)


def test_the_rule_takes_the_place_of_the_derivative(x):
    @tf.custom_gradient
    def f(x):
        """Doubles."""
        return x * 2.0, lambda dy: dy * 100.0

    assert value(f(x)) == 6.0
    assert slope(f, x) == [100.0]
    assert slope(lambda x: f(x) * x, x) == [306.0]
    assert (f.__name__, f.__doc__) == ("f", "Doubles.")


def test_the_decorator_may_be_called_without_a_function(x):
    @tf.custom_gradient()
    def f(x):
        return x, lambda dy: dy * 7.0

    assert slope(f, x) == [7.0]


def test_a_result_is_another_tensor_than_the_argument(x):
    f = tf.custom_gradient(lambda x: (x, lambda dy: dy * 100.0))
    assert f(x) is not x
    assert slope(f, x) == [100.0]


def test_keyword_arguments_reach_the_function_and_have_no_gradient(x):
    @tf.custom_gradient
    def f(x, factor, *, label="none"):
        assert label == "given"
        return x * factor, lambda dy: dy * 10.0

    factor = tf.constant(4.0)
    with tf.GradientTape() as tape:
        tape.watch([x, factor])
        y = f(x, factor=factor, label="given")
    assert [value(g) for g in tape.gradient(y, [x, factor])] == [10.0, None]


def test_structures_go_in_and_come_out(x):
    seen = []

    @tf.custom_gradient
    def f(d):
        def grad(*dy):
            seen.extend(value(g) for g in dy)
            return {"a": dy[0] * 2.0, "b": [dy[1] * 3.0, dy[2] * 4.0]}

        return {"p": d["a"] + 1.0, "q": (d["b"][0], d["b"][1])}, grad

    given = {"a": x, "b": [tf.constant(4.0), tf.constant(5.0)]}
    with tf.GradientTape() as tape:
        tape.watch(given)
        y = f(given)
    assert (value(y["p"]), [value(q) for q in y["q"]]) == (4.0, [4.0, 5.0])
    found = tape.gradient(y, given)
    assert (value(found["a"]), [value(g) for g in found["b"]]) == (2.0, [3.0, 4.0])
    assert seen == [1.0, 1.0, 1.0]


def test_results_that_are_not_used_have_zero_cotangents(x):
    seen = []

    @tf.custom_gradient
    def f(x):
        def grad(first, second):
            seen.extend([value(first), value(second)])
            return first

        return [x * 2.0, x * 3.0], grad

    assert type(f(x)) is list
    assert slope(lambda x: f(x)[0], x) == [1.0]
    assert seen == [1.0, 0.0]


def test_none_stands_for_no_dependence(x):
    f = tf.custom_gradient(lambda a, b: (a * b, lambda dy: (dy, None)))
    assert slope(f, x, tf.constant(4.0)) == [1.0, None]
    g = tf.custom_gradient(lambda a: (a * 2.0, lambda dy: None))
    assert slope(g, x) == [None]


def test_arguments_that_are_not_tensors_count_too(x):
    seen = []

    @tf.custom_gradient
    def f(x, k, text):
        seen.extend([type(k), text])
        return x * k, lambda dy: (dy * 5.0, None, None)

    assert slope(lambda x: f(x, 3, "hello"), x) == [5.0]
    assert seen == [int, "hello"]


def test_numbers_and_arrays_are_accepted_as_results_and_as_gradients(x):
    f = tf.custom_gradient(lambda x: (np.float32(3.0), lambda dy: np.float64(5.0)))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    gradient = tape.gradient(y, x)
    assert (value(y), value(gradient), gradient.dtype) == (3.0, 5.0, tf.float32)


def test_slices_are_accepted_as_gradients():
    f = tf.custom_gradient(lambda x: (x * 2.0, lambda dy: tf.IndexedSlices([[5.0]], [1], [3, 1])))
    x = tf.constant([[1.0], [2.0], [3.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    gradient = tape.gradient(y, x)
    assert isinstance(gradient, tf.IndexedSlices)
    assert value(tf.convert_to_tensor(gradient)) == [[0.0], [5.0], [0.0]]


def test_a_method_can_be_decorated(x):
    class Layer:
        factor = 50.0

        @tf.custom_gradient
        def call(self, x):
            return x * 2.0, lambda dy: dy * self.factor

    assert slope(Layer().call, x) == [50.0]


def test_the_rule_is_differentiated_again(x):
    @tf.custom_gradient
    def cube(x):
        return x * x * x, lambda dy: dy * 3.0 * x * x

    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = cube(x)
        first = inner.gradient(y, x)
    assert (value(first), value(outer.gradient(first, x))) == (27.0, 18.0)


def test_what_the_rule_uses_from_inside_the_function_is_differentiated_too(x):
    @tf.custom_gradient
    def f(x):
        z = x * x
        return z, lambda dy: dy * z

    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = f(x)
        first = inner.gradient(y, x)
    assert (value(first), value(outer.gradient(first, x))) == (9.0, 6.0)


def test_custom_gradients_nest(x):
    inner = tf.custom_gradient(lambda x: (x * 2.0, lambda dy: dy * 100.0))

    @tf.custom_gradient
    def outer(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = inner(x)
        s = tape.gradient(y, x)
        return y, lambda dy: dy * s * 2.0

    assert slope(outer, x) == [200.0]
    assert slope(lambda x: tf.custom_gradient(lambda x: (inner(x), lambda dy: dy * 3.0))(x), x) == [3.0]


def test_what_the_function_closes_over_has_no_gradient_by_the_rule(x):
    c = tf.constant(5.0)
    f = tf.custom_gradient(lambda x: (x * c, lambda dy: dy * c))
    assert slope(lambda x, c: f(x), x, c) == [5.0, None]


def test_a_tape_that_follows_no_argument_sees_the_operations_inside(x):
    c, calls = tf.constant(5.0), []

    def grad(dy):
        calls.append(dy)
        return dy

    f = tf.custom_gradient(lambda x: (x * c, grad))
    with tf.GradientTape() as tape:
        tape.watch(c)
        y = f(x)
    assert value(tape.gradient(y, c)) == 3.0
    assert calls == []


def test_a_persistent_tape_asks_the_rule_each_time(x):
    calls = []

    @tf.custom_gradient
    def f(x):
        def grad(dy):
            calls.append(dy)
            return dy * 4.0

        return x * 2.0, grad

    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = f(x) * x
    assert [value(tape.gradient(y, x)) for _ in range(2)] == [18.0, 18.0]
    assert len(calls) == 2


def test_an_error_in_the_rule_or_in_the_function_reaches_the_caller(x):
    def fails(dy):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        slope(tf.custom_gradient(lambda x: (x * 2.0, fails)), x)
    with pytest.raises(KeyError, match="mine"):
        tf.custom_gradient(fails)(x)
    assert (x * x)._key == 0  # nobody is left listening


@pytest.mark.parametrize(
    ("function", "error", "message"),
    [
        (lambda x: x * 2.0, TypeError, r"must return a pair \(results, grad_fn\)"),
        (lambda x: (x, lambda dy: dy, 3), ValueError, "it returned 3 values"),
        (lambda x: (x, 5.0), TypeError, r"must return a function beside its results; it returned 5\.0"),
        (lambda x: ((x, None), lambda *dy: dy[0]), ValueError, "None"),
        (lambda x: (x, lambda dy: (dy, dy)), ValueError, "expected to return 1 gradients, but returned 2 instead"),
        (lambda x: (x, lambda dy: []), ValueError, "expected to return 1 gradients, but returned 0 instead"),
    ],
)
def test_what_a_custom_gradient_must_return_is_said(x, function, error, message):
    with pytest.raises(error, match=message):
        slope(tf.custom_gradient(function), x)


# -- variables ---------------------------------------------------------------------------------------


def test_variables_that_were_read_are_handed_to_the_rule(x, v):
    frozen = tf.Variable(3.0, trainable=False)
    seen = []

    @tf.custom_gradient
    def f(x):
        def grad(dy, variables=None):
            seen.extend(variables)
            return dy * 2.0, [dy * 77.0]

        return x * v * frozen, grad

    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    assert [value(g) for g in tape.gradient(y, [x, v, frozen])] == [2.0, 77.0, None]
    assert [u is v for u in seen] == [True]


@pytest.mark.parametrize("takes", ["keyword only", "any keyword", "partial"])
def test_every_way_of_taking_variables_serves(x, v, takes):
    def keyword_only(dy, *, variables):
        return dy, [dy * 5.0]

    def any_keyword(dy, **options):
        return dy, [dy * 5.0 * len(options["variables"])]

    def partial(factor, dy, variables):
        return dy, [dy * factor]

    grads = {"keyword only": keyword_only, "any keyword": any_keyword, "partial": functools.partial(partial, 5.0)}
    assert slope(lambda x, v: tf.custom_gradient(lambda x: (x * v, grads[takes]))(x), x, v) == [1.0, 5.0]


def test_variables_come_in_the_order_of_their_creation(x):
    a, b, c = tf.Variable(1.0), tf.Variable(2.0), tf.Variable(3.0)

    def grad(dy, variables):
        assert [id(u) for u in variables] == [id(a), id(b), id(c)]
        return dy, [None, dy * 2.0, dy * 3.0]

    f = tf.custom_gradient(lambda x: (x * c * a * b * c, grad))
    assert slope(lambda x, a, b, c: f(x), x, a, b, c) == [1.0, None, 2.0, 3.0]


def test_a_rule_that_takes_variables_is_not_given_an_empty_list(x):
    def grad(dy, variables=None):
        assert variables is None
        return dy * 2.0

    assert slope(tf.custom_gradient(lambda x: (x * 2.0, grad)), x) == [2.0]


def test_a_variable_among_the_arguments_is_an_argument(x, v):
    f = tf.custom_gradient(lambda x, w: (x * w, lambda dy: (dy * 2.0, dy * 3.0)))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x, v)
    assert [value(g) for g in tape.gradient(y, [x, v])] == [2.0, 3.0]
    g = tf.custom_gradient(lambda x, w=None: (x * w, lambda dy: dy * 7.0))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = g(x, w=v)
    assert [value(g) for g in tape.gradient(y, [x, v])] == [7.0, None]


def test_a_function_of_variables_alone(v):
    @tf.custom_gradient
    def f():
        return v * 2.0, lambda dy, variables: ([], [dy * 9.0])

    with tf.GradientTape() as tape:
        y = f()
    assert value(tape.gradient(y, v)) == 9.0


def test_a_tape_that_does_not_follow_the_variable_ignores_its_gradient(x, v):
    f = tf.custom_gradient(lambda x: (x * v, lambda dy, variables: (dy * 2.0, [dy * 7.0])))
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(x)
        y = f(x)
    assert [value(g) for g in tape.gradient(y, [x, v])] == [2.0, None]


def test_a_rule_that_does_not_ask_for_variables_is_refused_at_the_call(x, v):
    with pytest.raises(TypeError, match="grad_fn must accept keyword argument 'variables', since function uses variables"):
        tf.custom_gradient(lambda x: (x * v, lambda dy: dy))(x)
    frozen = tf.Variable(2.0, trainable=False)
    assert slope(tf.custom_gradient(lambda x: (x * frozen, lambda dy: dy)), x) == [1.0]


@pytest.mark.parametrize(
    ("grad", "error", "message"),
    [
        (lambda dy, variables: (dy, [dy, dy]), ValueError, "Must return gradient for each variable"),
        (lambda dy, variables: (dy, dy), TypeError, r"\[gradients of the variables\]"),
        (lambda dy, variables: dy, TypeError, "must return a pair"),
    ],
)
def test_what_a_rule_with_variables_must_return_is_said(x, v, grad, error, message):
    with pytest.raises(error, match=message):
        slope(tf.custom_gradient(lambda x: (x * v, grad)), x)


# -- relatives -----------------------------------------------------------------------------------------


def test_grad_pass_through_has_the_gradient_of_the_identity(x, v):
    assert slope(tf.grad_pass_through(lambda x: x * x), x) == [1.0]
    assert slope(tf.grad_pass_through(lambda a, b: (a * b, a + b)), x, tf.constant(4.0)) == [1.0, 1.0]
    assert slope(lambda x, v: tf.grad_pass_through(lambda x: x * v)(x), x, v) == [1.0, None]
    assert slope(tf.grad_pass_through(v.assign), x) == [1.0]
    assert value(v) == 3.0
    with pytest.raises(ValueError, match="expected to return 2 gradients, but returned 1"):
        slope(tf.grad_pass_through(lambda a, b: a * b), x, x)


def test_recompute_grad_runs_the_function_again_for_the_gradient(x, v):
    calls = []

    @tf.recompute_grad
    def f(a, k=1.0):
        calls.append(a)
        return a * a * v * k, a + 1.0

    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x, k=5.0)
    assert len(calls) == 1
    assert [value(g) for g in tape.gradient(y, [x, v])] == [61.0, 45.0]
    assert len(calls) == 2
    assert f.__name__ == "f"


def test_recompute_grad_takes_structures_numbers_and_the_same_tensor_twice(x):
    given = {"a": x, "b": tf.constant(4.0)}
    with tf.GradientTape() as tape:
        tape.watch(given)
        y = tf.recompute_grad(lambda d, n: {"y": d["a"] * d["b"] * n})(given, 2.0)
    found = tape.gradient(y, given)
    assert (value(found["a"]), value(found["b"])) == (8.0, 6.0)
    assert slope(lambda x: tf.recompute_grad(lambda a, b: a * a * b)(x, x), x) == [27.0]


def test_recompute_grad_is_differentiated_again(x):
    f = tf.recompute_grad(lambda a: a * a * a)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = f(x)
        first = inner.gradient(y, x)
    assert (value(first), value(outer.gradient(first, x))) == (27.0, 18.0)


def test_recompute_grad_keeps_nothing_of_what_is_inside(x):
    inside = []

    @tf.recompute_grad
    def f(a):
        b = a * a
        inside.append(weakref.ref(b))
        return b * b

    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    gc.collect()
    assert inside[0]() is None
    assert value(tape.gradient(y, x)) == 108.0


def test_stop_gradient_makes_a_constant(x):
    assert slope(lambda x: x * tf.stop_gradient(x), x) == [3.0]
    assert slope(tf.stop_gradient, x) == [None]


def test_registering_a_gradient_twice_is_refused():
    @tf.RegisterGradient("AnOperationOfThisTest")
    def gradient(op, dy):
        return dy

    assert callable(gradient)
    with pytest.raises(KeyError, match="Registering two gradient with name 'AnOperationOfThisTest'!"):
        tf.no_gradient("AnOperationOfThisTest")
    with pytest.raises(KeyError, match="Registering two gradient with name 'Square'!"):
        tf.RegisterGradient("Square")(gradient)
    for register in (tf.RegisterGradient, tf.no_gradient):
        with pytest.raises(TypeError, match="op_type must be a string"):
            register(3)
