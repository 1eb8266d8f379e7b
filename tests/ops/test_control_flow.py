"""Choices and loops run at once, are seen by tapes, and refuse what they cannot mean."""

import pytest

import tapeflow as tf


def test_a_gradient_follows_the_branch_taken():
    x = tf.Variable(-3.0)
    with tf.GradientTape() as tape:
        y = tf.cond(x > 0.0, lambda: x * 2.0, lambda: x * x)
    assert tape.gradient(y, x).numpy() == -6.0


def test_the_other_branch_is_not_called():
    called = []
    tf.cond(tf.constant(True), lambda: called.append("true"), lambda: called.append("false"))
    tf.case([(tf.constant(False), lambda: called.append("a")), (tf.constant(True), lambda: called.append("b"))])
    tf.switch_case(tf.constant(1), [lambda: called.append(0), lambda: called.append(1)])
    assert called == ["true", "b", 1]


def test_a_gradient_passes_a_loop():
    x = tf.Variable(1.5)
    with tf.GradientTape() as tape:
        _, power = tf.while_loop(lambda i, p: i < 4, lambda i, p: (i + 1, p * x), (tf.constant(0), tf.constant(1.0)))
    assert power.numpy() == 1.5**4
    assert tape.gradient(power, x).numpy() == 4 * 1.5**3


@pytest.mark.parametrize("limit, expected", [(3, 3), (50, 10), (0, 0)])
def test_a_loop_stops_at_its_condition_or_its_limit(limit, expected):
    (count,) = tf.while_loop(lambda i: i < 10, lambda i: (i + 1,), (tf.constant(0),), maximum_iterations=limit)
    assert count.numpy() == expected


def test_back_prop_false_stops_gradients():
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        (y,) = tf.while_loop(lambda v: v < 10.0, lambda v: (v * x,), (x * 1.0,), back_prop=False)
    assert tape.gradient(y, x) is None


def test_a_loop_carries_structures():
    _, state = tf.while_loop(
        lambda i, s: i < 3,
        lambda i, s: (i + 1, {"sum": s["sum"] + tf.cast(i, tf.float32)}),
        (tf.constant(0), {"sum": tf.constant(0.0)}),
    )
    assert state["sum"].numpy() == 3.0


@pytest.mark.parametrize(
    "action, error, message",
    [
        (lambda: tf.cond(None, lambda: 1, lambda: 2), ValueError, "got None"),
        (lambda: tf.cond(True, 1, 2), TypeError, "'true_fn' must be callable"),
        (lambda: tf.case([]), ValueError, "at least one pair"),
        (lambda: tf.case([(tf.constant(False), lambda: 1)]), tf.errors.InvalidArgumentError, "no default"),
        (lambda: tf.case(3), TypeError, "list, tuple, or dict"),
        (
            lambda: tf.case([(True, lambda: 1), (True, lambda: 2)], exclusive=True),
            tf.errors.InvalidArgumentError,
            "2 conditions",
        ),
        (lambda: tf.switch_case(1, [lambda: 1]), TypeError, "must be a Tensor"),
        (lambda: tf.switch_case(tf.constant(1.0), [lambda: 1]), TypeError, "int32 scalar, got float32"),
        (lambda: tf.switch_case(tf.constant(1), {0: lambda: 1, 2: lambda: 2}), ValueError, "contiguous"),
        (lambda: tf.group(1, other=2), ValueError, "other"),
    ],
)
def test_what_cannot_be_meant_is_refused(action, error, message):
    with pytest.raises(error, match=message):
        action()


def test_a_function_among_control_inputs_is_called():
    v = tf.Variable(1.0)
    with tf.control_dependencies([lambda: v.assign(5.0)]):
        assert v.numpy() == 5.0


# -- Python functions as operations -----------------------------------------------------------


def test_py_function_is_recorded_and_numpy_function_is_not():
    x = tf.Variable(3.0)
    with tf.GradientTape(persistent=True) as tape:
        y = tf.py_function(lambda a: a * a, [x], tf.float32)
        z = tf.numpy_function(lambda a: a * a, [x], tf.float32)
    assert tape.gradient(y, x).numpy() == 6.0
    assert tape.gradient(z, x) is None
    assert z.numpy() == 9.0


@pytest.mark.parametrize(
    "function, dtypes, message",
    [
        (lambda a: a, tf.int32, "returns float32 .* expects int32"),
        (lambda a: None, tf.float32, "returns 0 values, but expects to see 1"),
        (lambda a: a, [tf.float32, tf.float32], "returns 1 values, but expects to see 2"),
        (lambda a: (a, a), [tf.float32], "returns 2 values, but expects to see 1"),
    ],
)
def test_py_function_holds_its_function_to_what_it_said(function, dtypes, message):
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        tf.py_function(function, [1.0], dtypes)


# -- devices ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["/cpu:0", "CPU", "/GPU:*", "/tpu:0", "/job:w/replica:0/task:1/device:GPU:0", "/device:NPU:0", None, ""]
)
def test_a_device_is_accepted_by_its_name(name):
    with tf.device(name):
        assert tf.constant(1.0).device.endswith("CPU:0")


@pytest.mark.parametrize("name", ["/npu:0", "GPU 0", "/device:CPU", "/job:w/npu:1"])
def test_what_names_no_device_is_an_error(name):
    with pytest.raises(ValueError, match="Unknown attribute"), tf.device(name):
        pass
