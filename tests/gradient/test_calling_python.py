"""`tf.py_function` and `tf.numpy_function` inside functions: called when the function runs, each time, and in order."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.graph.function import Function


@pytest.fixture(autouse=True)
def traced(monkeypatch):
    """Functions must not fall back to running eagerly."""

    def refuse(self, *args, **kwargs):
        raise AssertionError(f"{self.name} is run eagerly: {self.experimental_eager_reasons()}")

    monkeypatch.setattr(Function, "_run_eagerly", refuse)


def test_it_is_called_at_every_call_and_even_if_nobody_wants_the_result():
    calls = []

    @tf.function
    def f(x):
        tf.py_function(lambda y: calls.append(float(y)) or y, [x], tf.float32)
        tf.numpy_function(lambda y: calls.append(type(y).__name__) or y, [x], tf.float32)
        return x

    for value in (1.0, 2.0):
        f(tf.constant(value))
    assert calls == [1.0, "float32", 2.0, "float32"]


def test_the_order_is_that_of_the_program():
    v, seen = tf.Variable(1.0), []

    @tf.function
    def f(x):
        tf.py_function(lambda: seen.append(v.numpy()), [], [])
        v.assign_add(x)
        tf.py_function(lambda: seen.append(v.numpy()) or (v.assign(10.0) and None), [], [])
        return v + 1.0

    assert f(tf.constant(2.0)) == 11.0 and v == 10.0
    assert seen == [1.0, 3.0]


def set_shape(y, shape):
    y.set_shape(shape)
    return y


@pytest.mark.parametrize("tell", [tf.ensure_shape, set_shape])
def test_a_shape_that_was_told_makes_it_a_tensor_like_any_other(tell):
    @tf.function
    def f(x):
        y = tf.numpy_function(np.sort, [x], tf.float32)
        assert y.shape == tf.TensorShape(None)
        return tell(y, [3]) * 2.0 + x

    assert f(tf.constant([3.0, 1.0, 2.0])).numpy().tolist() == [5.0, 5.0, 8.0]

    @tf.function
    def wrong(x):
        return tell(tf.numpy_function(np.sort, [x], tf.float32), [2]) * 2.0

    with pytest.raises(tf.errors.InvalidArgumentError, match="not compatible with expected shape"):
        wrong(tf.constant([3.0, 1.0, 2.0]))


def test_unknown_shapes_can_be_returned_and_handed_on():
    @tf.function
    def f(x):
        y, n = tf.py_function(lambda a: (a[a > 1.0], tf.size(a)), [x], [tf.float32, tf.int32])
        return tf.py_function(lambda a: a + 1.0, [y], tf.float32), n

    y, n = f(tf.constant([1.0, 2.0, 3.0]))
    assert y.numpy().tolist() == [3.0, 4.0] and n == 3


def cube(x):
    return tf.ensure_shape(tf.py_function(lambda a: a**3, [x], tf.float32), [2])


def test_a_tape_inside_gets_the_gradient():
    @tf.function
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = cube(x) * tf.constant([1.0, 10.0])
        return tape.gradient(y, x)

    assert f(tf.constant([1.0, 2.0])).numpy().tolist() == [3.0, 120.0]


def test_the_function_is_not_called_again_for_the_gradient():
    calls = []

    @tf.function
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.py_function(lambda a: calls.append(1) or a * a, [x], tf.float32)
            y.set_shape([])
        return tape.gradient(y, x)

    assert f(tf.constant(3.0)) == 6.0 and len(calls) == 1


def test_several_results_of_which_some_have_no_derivative():
    @tf.function
    def f(x, n):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y, z, k = tf.py_function(lambda a, m: (a * a, tf.sin(a), m), [x, n], [tf.float32, tf.float32, tf.int32])
            y, z, k = (tf.ensure_shape(each, []) for each in (y, z, k))
            loss = y + 2.0 * z + tf.cast(k, tf.float32)
        return tape.gradient(loss, x)

    np.testing.assert_allclose(f(tf.constant(0.5), tf.constant(3)), 1.0 + 2.0 * np.cos(0.5), rtol=1e-6)


def test_a_tape_outside_gets_the_gradient():
    function = tf.function(lambda x: cube(x) + x)
    x = tf.constant([1.0, 2.0])
    for _ in range(2):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        assert tape.gradient(y, x).numpy().tolist() == [4.0, 13.0]


def test_numpy_functions_are_constants_to_tapes():
    @tf.function
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x + tf.ensure_shape(tf.numpy_function(np.square, [x], tf.float32), [])
        return tape.gradient(y, x)

    assert f(tf.constant(3.0)) == 1.0


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ValueError, tf.errors.InvalidArgumentError),
        (TypeError, tf.errors.InvalidArgumentError),
        (NotImplementedError, tf.errors.UnimplementedError),
        (KeyError, tf.errors.UnknownError),
        (tf.errors.NotFoundError, tf.errors.NotFoundError),
    ],
)
def test_errors_are_those_that_tensorflow_makes_of_them(error, kind):
    def refuse(x):
        raise error(None, None, "no") if issubclass(error, tf.errors.OpError) else error("no")

    for call in (tf.py_function, tf.numpy_function):
        function = tf.function(lambda x, call=call: call(refuse, [x], tf.float32))
        for _ in range(2):
            with pytest.raises(kind, match="no"):
                function(tf.constant(1.0))
    with pytest.raises(kind, match="no"):
        tf.py_function(refuse, [1.0], tf.float32)


def test_dtypes_are_held_to_what_was_said():
    function = tf.function(lambda x: tf.numpy_function(lambda a: a.astype(np.int32), [x], tf.float32))
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"int32 .* expects float32"):
        function(tf.constant([1.0]))


def test_in_loops_and_branches():
    calls = []

    @tf.function
    def f(x):
        for _ in tf.range(3):
            if x > 3.0:
                x = tf.ensure_shape(tf.py_function(lambda a: calls.append(float(a)) or a + 1.0, [x], tf.float32), [])
            else:
                x = x * 2.0
        return x

    assert f(tf.constant(1.0)) == 5.0 and calls == [4.0]
