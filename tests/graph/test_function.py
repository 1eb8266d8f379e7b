"""`tf.function`, which runs its function eagerly in this version and gives TensorFlow's results."""

import functools

import numpy as np
import pytest

import tapeflow as tf


def test_it_decorates_with_and_without_arguments():
    @tf.function
    def plain(x):
        return x + 1

    @tf.function(jit_compile=True, autograph=False, reduce_retracing=True)
    def configured(x):
        return x + 1

    assert plain(tf.constant(1)).numpy() == configured(tf.constant(1)).numpy() == 2
    assert tf.function(lambda x: x * 2)(tf.constant(3)).numpy() == 6
    assert tf.function(functools.partial(tf.add, 1))(tf.constant(3)).numpy() == 4


def test_methods_are_bound_to_their_instance_and_can_be_taken_from_the_class():
    class Model(tf.Module):
        def __init__(self):
            super().__init__()
            self.w = tf.Variable(2.0)

        @tf.function
        def __call__(self, x):
            return self.w * x

        @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
        def total(self, x):
            return tf.reduce_sum(self.w * x)

    model = Model()
    assert model(tf.constant(3.0)).numpy() == 6.0
    assert model.total([1, 2]).numpy() == 6.0
    assert Model.__call__.python_function is Model.__call__._python_function


def test_numbers_among_the_results_become_tensors_and_structures_stay():
    @tf.function
    def results(x):
        return {"x": x, "list": [1, None, "text"], "pair": (2.5, x)}

    found = results(np.ones(2, np.float32))
    assert found["list"][0].dtype == tf.int32
    assert found["list"][1] is None
    assert found["list"][2].numpy() == b"text"
    assert found["pair"][0].dtype == tf.float32
    assert found["x"].numpy().tolist() == [1.0, 1.0]


def test_arrays_become_tensors_and_python_numbers_stay_numbers():
    seen = []

    @tf.function
    def look(array, number):
        seen.extend([array, number])
        return number

    look(np.arange(3), 5)
    assert isinstance(seen[0], tf.Tensor)
    assert seen[0].dtype == tf.int64
    assert seen[1] == 5
    assert type(seen[1]) is int


def test_a_tape_sees_through_it_to_every_order():
    x = tf.Variable(2.0)

    @tf.function
    def cube(v):
        return v * v * v

    @tf.function
    def slope(v):
        with tf.GradientTape() as tape:
            y = cube(v)
        return tape.gradient(y, v)

    with tf.GradientTape() as tape:
        dy = slope(x)
    assert dy.numpy() == 12.0
    assert tape.gradient(dy, x).numpy() == 12.0


def test_a_signature_converts_and_refuses():
    @tf.function(input_signature=[tf.TensorSpec([2], tf.float32), tf.TensorSpec([], tf.int32)])
    def f(x, n):
        return x * tf.cast(n, tf.float32)

    assert f([1, 2], 3).numpy().tolist() == [3.0, 6.0]
    assert f(n=3, x=[1.0, 2.0]).numpy().tolist() == [3.0, 6.0]

    @tf.function(input_signature=[{"a": tf.TensorSpec([2]), "b": (tf.TensorSpec([]), tf.TensorSpec([]))}])
    def nested(parts):
        return parts["a"] * parts["b"][0] + parts["b"][1]

    assert nested({"a": [1, 2], "b": (3, 4)}).numpy().tolist() == [7.0, 10.0]
    with pytest.raises(TypeError, match="input_signature"):
        f([1.0, 2.0, 3.0], 3)
    with pytest.raises(TypeError):
        f([1.0, 2.0])
    assert f([1, 2], 3).numpy().tolist() == [3.0, 6.0]


def test_an_exception_leaves_it_callable():
    @tf.function
    def divide(x, y):
        return x // y

    with pytest.raises(tf.errors.InvalidArgumentError):
        divide(tf.constant(1), tf.constant(0))
    assert divide(tf.constant(4), tf.constant(2)).numpy() == 2


def test_what_is_no_function_is_refused():
    with pytest.raises(TypeError):
        tf.function(3)
    with pytest.raises(TypeError):
        tf.function(lambda x: x, input_signature=[3])


def test_what_needs_a_compiled_function_says_so():
    f = tf.function(lambda x: x)
    with pytest.raises(NotImplementedError, match="eagerly"):
        f.get_concrete_function(tf.constant(1.0))
    assert f.experimental_get_tracing_count() == 0


def test_name_and_docstring_are_those_of_the_function():
    @tf.function
    def documented(x):
        """Says what it does."""
        return x

    assert documented.name == documented.__name__ == "documented"
    assert documented.__doc__ == "Says what it does."
