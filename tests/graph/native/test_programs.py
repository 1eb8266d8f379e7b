"""Programs of scalars as machine code: the same answers as eagerly and as a Plan, bit for bit where it is plain arithmetic."""

import threading

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.graph.native import calling
from tapeflow.graph.native.machine import machine
from tapeflow.graph.native.programs import written
from tests.graph.native.identical import identical

pytestmark = pytest.mark.skipif(machine() is None, reason="no LLVM for this processor")


@pytest.fixture(autouse=True)
def everything_is_compiled(monkeypatch):
    monkeypatch.setattr(calling, "WORTH", 0)


def native(function, *args):
    """Asserts that the function runs as one program."""
    assert function.experimental_eager_reasons() == ()
    plan = function.get_concrete_function(*args)._plan
    assert plan._native is not None
    found = plan._native(*[np.asarray(x)[()] for x in args])
    assert found is not None  # it was not given up
    return plan


# -- kinds of programs -----------------------------------------------------------------------------------------


def test_the_tutorial_s_training_loop():
    def make():
        x, optimizer = tf.Variable(0.0), tf.keras.optimizers.SGD(0.01)
        a, b, c = tf.constant(1.0), tf.constant(-2.0), tf.constant(1.0)

        def train():
            for _ in tf.range(200):
                with tf.GradientTape() as tape:
                    y = a * x * x + b * x + c
                optimizer.apply_gradients([(tape.gradient(y, x), x)])
            return a * x * x + b * x + c

        return train, x, optimizer

    eager, x, optimizer = make()
    traced, twin, other = make()
    function = tf.function(traced)
    identical(function(), eager())
    identical(twin.numpy(), x.numpy())
    identical(other.iterations.numpy(), optimizer.iterations.numpy())
    native(function)


def test_numbers_of_a_range_and_rows_of_arrays():
    weights = tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    v = tf.Variable([0.0, 0.0])

    @tf.function
    def program(x, rows):
        total = 0
        for i in tf.range(10, 0, -3):
            total += i
        for row in weights:
            v.assign_add(row * x)
        for element in rows:
            x += element
        return total, x, v * 1.0

    def check(rows):
        v.assign([0.0, 0.0])
        wanted = program.python_function(tf.constant(2.0), rows)
        v.assign([0.0, 0.0])
        for a, b in zip(program(tf.constant(2.0), rows), wanted, strict=True):
            identical(a, b)
        native(program, tf.constant(2.0), rows)

    check(tf.constant([1.0, 0.1, 0.01]))
    check(tf.constant(np.linspace(0, 1, 1000, dtype=np.float32)))  # too many to be registers


def test_small_matrices():
    w, bias = tf.Variable([[0.5, -1.0, 0.25], [1.0, 2.0, -0.5]]), tf.Variable([0.1, 0.2, 0.3])
    x = tf.constant([[1.0, 2.0], [3.0, -4.0]])

    @tf.function
    def step(x):
        with tf.GradientTape() as tape:
            hidden = tf.nn.relu(x @ w + bias)
            parts = tf.stack([tf.reduce_mean(hidden, axis=0), tf.transpose(hidden)[:, 1]])
            loss = tf.reduce_sum(parts[:, 1:] ** 2) + tf.reduce_max(hidden)
        gradients = tape.gradient(loss, [w, bias])
        w.assign_sub(0.1 * gradients[0])
        bias.assign_sub(0.1 * gradients[1])
        return loss, tf.concat([tf.reshape(w, [6]), bias], 0), tf.reduce_any(hidden > 1.0)

    start = w.numpy(), bias.numpy()
    wanted = [y.numpy() for _ in range(3) for y in step.python_function(x)]
    w.assign(start[0])
    bias.assign(start[1])
    found = [y.numpy() for _ in range(3) for y in step(x)]
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)
    native(step, x)


def test_places_beside_the_diagonals_hold_the_padding():
    def last(x, n):
        bands, matrix = tf.zeros([3, 3]), tf.zeros([5, 4])
        for _ in tf.range(n):
            bands = tf.linalg.diag_part(x, k=(-1, 1), padding_value=3.0)  # 3 is an element's number as well
            matrix = tf.linalg.diag(x[0, :3], k=1, num_rows=5, num_cols=4, padding_value=np.nan)
        return bands, matrix

    function, x = tf.function(last), tf.reshape(tf.range(12.0), [3, 4])
    for found, expected in zip(function(x, tf.constant(2)), last(x, tf.constant(2)), strict=True):
        identical(found, expected)
    native(function, x, tf.constant(2))


def test_sums_are_added_up_in_numpy_s_order():
    @tf.function
    def program(x, y):
        return tf.reduce_sum(x), tf.reduce_sum(y, axis=1), tf.reduce_mean(x), tf.reduce_prod(y, axis=0)

    rng = np.random.default_rng(0)
    x, y = tf.constant(rng.normal(size=53)), tf.constant(rng.normal(size=(4, 11)))
    for a, b in zip(program(x, y), program.python_function(x, y), strict=True):
        identical(a, b)
    native(program, x, y)


def test_running_sums_and_biases():
    @tf.function
    def program(x, bias):
        return (
            *[tf.cumsum(x, axis, exclusive, reverse) for axis in (0, 1) for exclusive in (0, 1) for reverse in (0, 1)],
            *[tf.math.cumprod(x, axis, exclusive=True) for axis in (0, 1)],
            tf.nn.bias_add(x, bias),
            tf.ensure_shape(x, [None, 3]) * 2.0,
        )

    x, bias = tf.constant(np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)), tf.constant([0.1, 0.2, 0.3])
    for a, b in zip(program(x, bias), program.python_function(x, bias), strict=True):
        identical(a, b)
    native(program, x, bias)


def test_elements_at_places_known_only_when_it_runs():
    table = tf.constant([2.0, 3.0, 5.0, 7.0])

    @tf.function
    def program(i):
        return tf.gather(table, i) * 2.0

    assert program(tf.constant(2)).numpy() == 10.0
    native(program, tf.constant(2))
    with pytest.raises(tf.errors.InvalidArgumentError):
        program(tf.constant(4))


def test_elementary_functions_are_within_two_units():
    @tf.function
    def program(x):
        return tf.exp(x), tf.math.log(x), tf.tanh(x), tf.sigmoid(x), tf.sin(x), tf.cos(x), tf.math.erf(x)

    for number in (0.3, 1e-3, 2.5, 50.0, 1e20):
        x = tf.constant(number)
        for a, b in zip(program(x), program.python_function(x), strict=True):
            np.testing.assert_array_max_ulp(a.numpy(), b.numpy(), 2)
        native(program, x)


def test_angles_of_all_sizes_in_one_loop():
    @tf.function
    def program(x):
        for _ in tf.range(30):
            x = tf.sin(x) * 1e3 * x + tf.cos(x) + tf.tan(x)
        return x

    for number in (0.5, 3.0, 1e9, 3e38, float("inf"), float("nan")):
        x = tf.constant(number)
        once = tf.function(lambda x: (tf.sin(x), tf.cos(x), tf.tan(x)))
        for a, b in zip(once(x), once.python_function(x), strict=True):
            np.testing.assert_array_max_ulp(a.numpy(), b.numpy(), 2)
        native(once, x)
        native(program, x)


def test_division_by_zero_is_the_plan_s_error_and_changes_what_the_plan_changes():
    v = tf.Variable(0)

    @tf.function
    def program(n):
        total = 0
        for i in tf.range(5):
            v.assign_add(1)
            total += 12 // (i - n)
        return total

    assert program(tf.constant(7)).numpy() == program.python_function(tf.constant(7)).numpy()
    native(program, tf.constant(7))
    v.assign(0)
    with pytest.raises(tf.errors.InvalidArgumentError, match="division by zero"):
        program(tf.constant(3))
    assert v.numpy() == 4


def test_casts_that_do_not_fit_are_numpy_s():
    program = tf.function(lambda x: (tf.cast(x, tf.int32) + 1, tf.cast(x, tf.int64)))
    for number in (1.9, -1.9, 1e20, float("nan"), float("-inf")):
        for a, b in zip(program(tf.constant(number)), program.python_function(tf.constant(number)), strict=True):
            identical(a, b)


def test_an_effect_in_between_keeps_the_plan(capfd):
    v = tf.Variable(0.0)

    @tf.function
    def program():
        for _ in tf.range(3):
            v.assign_add(1.0)
            tf.print(v)
        return v * 2.0

    assert program().numpy() == 6.0
    assert capfd.readouterr().err.split() == ["1", "2", "3"]
    assert program.get_concrete_function()._plan._native is None


def test_a_loop_of_scalars_in_a_larger_function(capfd):
    v = tf.Variable(1.0)
    data = tf.constant(np.arange(200.0, dtype=np.float32))

    @tf.function
    def program(n, divisor):
        tf.print("begins")
        total = tf.reduce_sum(data)
        steps = 0
        while total > 1.0 and steps < n:
            total = total * 0.5 + v
            v.assign_add(0.125)
            steps += 12 // divisor
        return total, steps, data * total

    def outcome(call, *args):
        v.assign(1.0)
        return [x.numpy() for x in call(*args)], v.numpy()

    args = tf.constant(50), tf.constant(5)
    wanted, found = outcome(program.python_function, *args), outcome(program, *args)
    for a, b in zip(found[0], wanted[0], strict=True):
        identical(a, b)
    identical(found[1], wanted[1])
    plan = program.get_concrete_function(*args)._plan
    assert plan._native is None
    assert "is None:" in plan.source
    assert capfd.readouterr().err.split() == ["begins"] * 2
    v.assign(1.0)
    with pytest.raises(tf.errors.InvalidArgumentError, match="division by zero"):
        program(tf.constant(50), tf.constant(0))
    assert v.numpy() == 1.125  # as far as it came


def test_large_arrays_are_refused():
    program = tf.function(lambda x: tf.reduce_sum(x * x) + 1.0)
    assert program(tf.ones(1000)).numpy() == 1001.0
    assert program.get_concrete_function(tf.ones(1000))._plan._native is None


def test_results_are_arrays_of_their_own():
    v = tf.Variable([1.0, 2.0])

    @tf.function
    def program(x):
        v.assign_add(x)
        return v * 2.0

    first = program(tf.constant([1.0, 1.0]))
    held = v.read_value()
    second = program(tf.constant([1.0, 1.0]))
    assert first.numpy().tolist() == [4.0, 6.0]
    assert held.numpy().tolist() == [2.0, 3.0]
    assert second.numpy().tolist() == [6.0, 8.0]
    assert v._value.flags.writeable


def test_a_variable_that_may_change_its_shape_keeps_the_plan():
    v = tf.Variable([1.0, 2.0], shape=[None])

    @tf.function
    def program():
        return tf.reduce_sum(v * 2.0)

    assert program().numpy() == 6.0
    v.assign([1.0, 2.0, 3.0])
    assert program().numpy() == 12.0


def test_many_threads_call_one_program():
    @tf.function
    def power(x, n):
        y = x
        for _ in tf.range(1000):
            y = y * 0.999 + x * n
        return y

    inputs = [(tf.constant(float(k)), tf.constant(1.0 / (k + 1))) for k in range(8)]
    wanted = [power(*each).numpy() for each in inputs]
    native(power, *inputs[0])
    found = [[] for _ in inputs]

    def work(k):
        found[k] += [power(*inputs[k]).numpy() for _ in range(100)]

    threads = [threading.Thread(target=work, args=(k,)) for k in range(len(inputs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(set(found[k]) == {wanted[k]} for k in range(len(inputs)))


def test_scalars_without_a_loop_stay_a_plan_unless_there_are_many(monkeypatch):
    monkeypatch.undo()

    def make(count):
        def program(x):
            for _ in range(count):
                x = x * 0.5 + 1.0
            return x

        return tf.function(program)

    few, many = make(2), make(200)
    x = tf.constant(1.0)
    identical(few(x), few.python_function(x))
    identical(many(x), many.python_function(x))
    assert few.get_concrete_function(x)._plan._native is None
    native(many, x)


def test_a_long_function_is_written_once():
    def program(x, y):
        for _ in range(100):
            x = tf.tanh(x) + tf.exp(-x) * 0.01 + x**y
        return x

    function = tf.function(program)
    x, y = tf.constant(0.3), tf.constant(0.7)
    np.testing.assert_allclose(function(x, y), program(x, y), rtol=1e-4)
    plan = native(function, x, y)
    tensors = [z for node in plan.graph.nodes for z in node.inputs if type(z).__name__ == "SymbolicTensor"]
    given = [z for z in {z._value.number: z for z in tensors}.values() if z._value.number in (1, 2)]
    text = written(plan.graph.nodes, given, plan.outputs, plan.needed).module
    assert text.count("define internal") == 3
    assert text.count("\n") < 1500
