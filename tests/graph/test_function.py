"""What `tf.function` promises: traces, effects in order, arguments, errors."""

from __future__ import annotations

import functools
import gc
import weakref

import numpy as np
import pytest

import tapeflow as tf


def traced(function):
    """Asserts that nothing was run eagerly."""
    assert function.experimental_eager_reasons() == ()


def test_python_runs_once_for_each_signature():
    seen = []

    @tf.function
    def double(x, factor=2.0):
        seen.append(x.shape)
        return x * factor

    for value in (1.0, 2.0):
        assert double(tf.constant(value)).numpy() == 2 * value
    assert double(tf.constant(3.0), factor=2.0).numpy() == 6.0
    assert len(seen) == double.experimental_get_tracing_count() == 1
    double(tf.constant([1.0]))
    double(tf.constant(1.0), 3.0)
    double(tf.constant(1.0, tf.float64))
    assert len(seen) == double.experimental_get_tracing_count() == 4
    traced(double)


def test_structures_go_in_and_come_out():
    @tf.function
    def swap(pair, *, scale=None):
        return {"a": pair[1], "b": [pair[0], None], "c": 3}

    result = swap((tf.constant(1.0), {"x": tf.constant(2)}))
    assert result["a"]["x"].numpy() == 2 and result["b"][0].numpy() == 1.0 and result["b"][1] is None
    assert result["c"].numpy() == 3
    traced(swap)


def test_a_variable_is_captured_by_reference_and_effects_keep_their_order(capfd):
    v = tf.Variable(1.0)

    @tf.function
    def step(x):
        v.assign_add(x)
        before = v * 1.0
        tf.print("now", v)
        v.assign(before * 2.0)
        tf.print("then", v)
        v.assign_sub(1.0)
        return before, v

    before, after = step(tf.constant(1.0))
    assert (before.numpy(), after.numpy(), v.numpy()) == (2.0, 3.0, 3.0)
    v.assign(10.0)
    before, after = step(tf.constant(1.0))
    assert (before.numpy(), after.numpy(), v.numpy()) == (11.0, 21.0, 21.0)
    assert capfd.readouterr().err.splitlines() == ["now 2", "then 4", "now 11", "then 22"]
    traced(step)


def test_a_value_read_before_an_assignment_stays():
    v = tf.Variable(np.ones(4, np.float32))

    @tf.function
    def update():
        view, value = tf.reshape(v, [2, 2]), v.read_value()
        v.assign_add(tf.ones(4))
        v.assign_add(tf.ones(4))
        return view, value, v

    for start in (1.0, 3.0):
        view, value, after = update()
        assert view.numpy().tolist() == [[start] * 2] * 2
        assert value.numpy().tolist() == [start] * 4
        assert after.numpy().tolist() == [start + 2] * 4
    traced(update)


def test_an_error_while_tracing_leaves_no_effect_and_the_function_usable():
    v = tf.Variable(1.0)

    @tf.function
    def add(x, y):
        z = x + y
        v.assign_add(1.0)
        return z

    with pytest.raises(ValueError, match=r"AddV2.*\[2\], \[3\]"):
        add(tf.zeros(2), tf.zeros(3))
    assert v.numpy() == 1.0
    assert add(tf.zeros(2), tf.ones(2)).numpy().tolist() == [1.0, 1.0]
    assert v.numpy() == 2.0


def test_an_error_of_a_kernel_names_the_operation():
    @tf.function
    def gather(x, i):
        return tf.gather(x, i)

    assert gather(tf.constant([1.0, 2.0]), tf.constant([1])).numpy().tolist() == [2.0]
    with pytest.raises(tf.errors.InvalidArgumentError, match="GatherV2"):
        gather(tf.constant([1.0, 2.0]), tf.constant([5]))
    traced(gather)


def test_variables_may_be_made_on_the_first_call_only():
    class Layer:
        w = None

        @tf.function
        def __call__(self, x):
            if self.w is None:
                self.w = tf.Variable(3.0)
            return self.w * x

    layer, other = Layer(), Layer()
    assert [layer(tf.constant(2.0)).numpy() for _ in range(2)] == [6.0, 6.0]
    other.w = tf.Variable(5.0)
    assert other(tf.constant(2.0)).numpy() == 10.0
    assert layer(tf.constant(2.0)).numpy() == 6.0

    @tf.function
    def careless(x):
        return tf.Variable(1.0) + x

    with pytest.raises(ValueError, match="first call"):
        careless(tf.constant(1.0))


def test_symbolic_tensors_refuse_python_as_tensorflows_do():
    leaked = []

    @tf.function(autograph=False)
    def choose(x):
        leaked.append(x * 2.0)
        return x if x > 0 else -x

    for _ in range(2):
        with pytest.raises(tf.errors.OperatorNotAllowedInGraphError, match="Python `bool` is not allowed"):
            choose(tf.constant(1.0))
    assert "shape=()" in str(leaked[0]) and "float32" in repr(leaked[0])
    with pytest.raises(TypeError, match="out of scope"):
        leaked[0] + 1.0

    @tf.function
    def numpy(x):
        return x.numpy()

    with pytest.raises(AttributeError, match=r"numpy\(\)"):
        numpy(tf.constant(1.0))


@pytest.mark.parametrize(
    "body",
    [
        lambda x: tf.constant(float(x[0])),
        lambda x: tf.constant(np.asarray(x) * 2),
        lambda x: tf.py_function(lambda y: y * 2.0, [x], tf.float32) + x,  # of a shape that nobody knows before it runs
    ],
)
def test_what_cannot_be_traced_runs_eagerly(body):
    function = tf.function(body)
    for values in ([1.0, 2.0, 3.0], [3.0, 3.0, 1.0]):
        x = tf.constant(values)
        assert np.array_equal(function(x).numpy(), body(x).numpy())
    assert len(function.experimental_eager_reasons()) == 1


def test_random_numbers_are_new_at_every_call_and_follow_the_seed():
    @tf.function
    def draw():
        return tf.random.normal([2])

    tf.random.set_seed(3)
    first = [draw().numpy().tolist() for _ in range(2)]
    tf.random.set_seed(3)
    assert [draw().numpy().tolist() for _ in range(2)] == first
    assert first[0] != first[1]


def test_input_signature_admits_unknown_dimensions():
    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
    def total(x):
        return tf.reduce_sum(x) / tf.cast(tf.shape(x)[0], tf.float32)

    assert total([1.0, 3.0]).numpy() == 2.0
    assert total(np.array([1.0, 2.0, 6.0], np.float32)).numpy() == 3.0
    assert total.experimental_get_tracing_count() == 1
    with pytest.raises(TypeError, match="input_signature"):
        total([[1.0]])


def test_concrete_functions():
    function = tf.function(lambda x, y: {"sum": x + y})
    concrete = function.get_concrete_function(tf.TensorSpec([2], tf.float32), tf.TensorSpec([], tf.float32))
    assert concrete(tf.ones(2), tf.constant(2.0))["sum"].numpy().tolist() == [3.0, 3.0]
    assert tf.nest.map_structure(lambda y: (y.shape, y.dtype), concrete.structured_outputs) == {"sum": ((2,), tf.float32)}
    assert (concrete.output_shapes, concrete.output_dtypes) == ({"sum": tf.TensorShape([2])}, {"sum": tf.float32})
    with pytest.raises(TypeError):
        concrete(tf.ones(3), tf.constant(2.0))
    function(tf.ones(2), tf.constant(1.0))
    assert function.experimental_get_tracing_count() == 1


def test_partials_methods_callables_and_nested_functions():
    class Scale:
        def __init__(self, factor):
            self.factor = factor

        def __call__(self, x):
            return x * self.factor

        @tf.function
        def twice(self, x):
            return self(self(x))

    assert tf.function(functools.partial(lambda a, b: a - b, 5.0))(tf.constant(2.0)).numpy() == 3.0
    assert tf.function(Scale(3.0))(tf.constant(2.0)).numpy() == 6.0
    a, b = Scale(2.0), Scale(10.0)
    assert a.twice(tf.constant(1.0)).numpy() == 4.0 and b.twice(tf.constant(1.0)).numpy() == 100.0
    outer = tf.function(lambda x: a.twice(x) + b.twice(x))
    assert outer(tf.constant(1.0)).numpy() == 104.0
    traced(outer)


def test_running_eagerly_on_request():
    calls = []
    function = tf.function(lambda x: calls.append(1) or x)
    tf.config.run_functions_eagerly(True)
    try:
        function(tf.constant(1.0))
        function(tf.constant(1.0))
    finally:
        tf.config.run_functions_eagerly(False)
    assert len(calls) == 2


def test_init_scope_computes_at_once():
    found = []

    @tf.function
    def function(x):
        with tf.init_scope():
            found.append(tf.constant(2.0) * 3.0)
            assert tf.executing_eagerly()
        assert not tf.executing_eagerly() and tf.inside_function()
        return x * found[0]

    assert function(tf.constant(2.0)).numpy() == 12.0
    assert found[0].numpy() == 6.0


def test_a_function_that_is_dropped_leaves_nothing():
    class Weights:
        pass

    gone = []
    for _ in range(20):
        held = Weights()
        function = tf.function(lambda x, held=held: x * 2.0)
        function(tf.constant(1.0))
        gone.append(weakref.ref(held))
    del held, function
    gc.collect()
    assert not [r for r in gone if r() is not None]


def test_equal_nodes_are_shared_and_dead_ones_left_out():
    @tf.function
    def function(x):
        tf.exp(x)
        return tf.sin(x) + tf.sin(x), tf.sin(x)

    x = tf.constant([1.0, 2.0])
    a, b = function(x)
    assert np.array_equal(a.numpy(), 2 * np.sin(x.numpy())) and np.array_equal(b.numpy(), np.sin(x.numpy()))
    source = function.get_concrete_function(x).source
    assert source.count("(v1)") == 2  # the header and one sine


def test_large_arrays_give_the_same_numbers_as_eagerly():
    draw = np.random.default_rng(0)
    x, y = tf.constant(draw.normal(size=200_000).astype(np.float32)), tf.constant(2.0)

    def python(x, y):
        return tf.exp(x), tf.tanh(x), tf.math.erf(x), x**y, tf.sigmoid(x) * tf.sin(x) + x * y

    for eager, traced in zip(python(x, y), tf.function(python)(x, y), strict=True):
        np.testing.assert_allclose(traced.numpy(), eager.numpy(), rtol=1e-6, atol=1e-7)


def test_a_function_that_makes_variables_is_traced_twice():
    kept, seen = [], []

    def scale(x):
        seen.append(x.shape)
        if not kept:
            kept.append(tf.Variable(3.0))
        return x * kept[0]

    known = tf.function(scale)
    assert known(tf.constant(2.0)).numpy() == 6.0
    assert len(seen) == known.experimental_get_tracing_count() == 2
    known(tf.constant([1.0]))
    assert len(seen) == known.experimental_get_tracing_count() == 3
    kept.clear(), seen.clear()
    relaxed = tf.function(scale, input_signature=[tf.TensorSpec([None], tf.float32)])
    assert relaxed(tf.constant([1.0, 2.0])).numpy().tolist() == [3.0, 6.0]
    assert len(seen) == relaxed.experimental_get_tracing_count() == 2


def test_a_spec_of_text_has_a_concrete_function():
    concrete = tf.function(lambda s: s).get_concrete_function(tf.TensorSpec([], tf.string))
    assert concrete(tf.constant("a")).numpy() == b"a"
