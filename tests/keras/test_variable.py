"""`keras.Variable`: Keras's face of a variable, which tapes and functions know as their own."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf


@pytest.fixture(autouse=True)
def names_from_the_start():
    tf.keras.backend.clear_session()


def test_it_shows_itself_as_keras_does():
    v = tf.keras.Variable(np.ones([2], "float32"), name="q")
    assert repr(v) == str(v) == f"{v}" == "<Variable path=q, shape=(2,), dtype=float32, value=[1. 1.]>"
    assert (v.name, v.path, v.ndim, v.trainable) == ("q", "q", 1, True) and v.dtype == "float32" == tf.float32
    assert tf.keras.Variable(1.0).name == "variable" and tf.keras.Variable([1, 2]).path == "variable_1"
    assert tf.keras.Variable([1, 2]).dtype == "int32"
    w = tf.keras.Variable("ones", shape=(2,), dtype="float64", trainable=False)
    assert w.numpy().tolist() == [1.0, 1.0] and w.dtype == "float64" and not w.trainable
    assert repr(w.value).startswith("<tf.Variable 'variable_3:0' shape=(2,) dtype=float64") and w.value().dtype == tf.float64


def test_assignments_cast_and_give_the_value():
    v = tf.keras.Variable([1.0, 2.0])
    assert v.assign([3, 4]).numpy().tolist() == [3.0, 4.0]
    assert v.assign_add(np.ones(2)).numpy().tolist() == [4.0, 5.0]
    assert v.assign_sub(tf.ones([2], tf.float64)).numpy().tolist() == [3.0, 4.0]
    for value in (1.0, np.ones([2, 2])):
        with pytest.raises(ValueError, match=r"variable.shape=\(2,\), Received: value.shape="):
            v.assign(value)
    assert v.numpy().tolist() == [3.0, 4.0]


def test_tapes_know_it_by_both_names():
    v = tf.keras.Variable([1.0, 2.0])
    with tf.GradientTape(persistent=True) as tape:
        y = tf.reduce_sum(v * v)
    assert tape.gradient(y, v).numpy().tolist() == tape.gradient(y, v.value).numpy().tolist() == [2.0, 4.0]
    assert tape.gradient(y, {"a": v})["a"].numpy().tolist() == [2.0, 4.0]
    assert tf.debugging.why_none(tape, y, tf.keras.Variable(1.0))


def test_functions_read_and_assign_it():
    v = tf.keras.Variable([1.0, 2.0])

    @tf.function
    def step(x):
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(v * x)
        v.assign_sub(tape.gradient(y, v))
        return repr(v), v.dtype, v.assign_add([1, 1])

    shown, dtype, value = step(tf.constant(0.5))
    assert shown == "<Variable path=variable, shape=(2,), dtype=float32>" and dtype == "float32"
    assert value.numpy().tolist() == v.numpy().tolist() == [1.5, 2.5] and step.experimental_eager_reasons() == ()


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: tf.keras.Variable("ones"), "`shape` argument should be specified"),
        (lambda: tf.keras.Variable("ones", shape=(None, 2)), r"fully-defined.*shape=\(None, 2\)"),
        (lambda: tf.keras.Variable(1.0, name="a/b"), "character `/`"),
        (lambda: tf.keras.DTypePolicy("foo"), "foo"),
        (lambda: tf.keras.dtype_policies.get(object()), "dtype"),
        (lambda: tf.keras.regularizers.L2(-0.1), "l2: expected a non-negative float. Received: l2=-0.1"),
        (lambda: tf.keras.regularizers.L2("a"), "l2=a"),
        (lambda: tf.keras.regularizers.get("zzz"), "zzz"),
        (lambda: tf.keras.regularizers.OrthogonalRegularizer(mode="x"), "mode=x"),
        (lambda: tf.keras.regularizers.OrthogonalRegularizer()(tf.ones([2])), r"\(2,\)"),
        (lambda: tf.keras.random.SeedGenerator(-1), "seed=-1"),
    ],
)
def test_what_does_not_fit_is_refused(call, text):
    with pytest.raises(ValueError, match=text):
        call()


def test_policies_stand_for_dtypes():
    policy = tf.keras.mixed_precision.Policy("mixed_bfloat16")
    assert repr(policy) == '<DTypePolicy "mixed_bfloat16">' and policy == "mixed_bfloat16"
    tf.keras.mixed_precision.set_global_policy(policy)
    try:
        assert tf.keras.layers.Dense(1).compute_dtype == "bfloat16"
    finally:
        tf.keras.mixed_precision.set_global_policy("float32")
    assert tf.keras.mixed_precision.global_policy() == tf.keras.DTypePolicy("float32")
    again = tf.keras.dtype_policies.deserialize(tf.keras.dtype_policies.serialize(policy))
    assert again == policy and hash(again) == hash(policy)


X = np.array([[1.0, -2.0, 0.5], [0.25, 3.0, -1.0]], "float32")


@pytest.mark.parametrize(
    ("regularizer", "value", "config"),
    [
        ("l1", 0.0775, {"l1": 0.009999999776482582}),
        ("l2", 0.153125, {"l2": 0.01}),
        (tf.keras.regularizers.L1L2(0.1, 0.2), 3.8375, {"l1": 0.1, "l2": 0.2}),
        (tf.keras.regularizers.OrthogonalRegularizer(0.5), 0.429949, {"factor": 0.5, "mode": "rows"}),
    ],
)
def test_regularizers_give_keras_values(regularizer, value, config):
    found = tf.keras.regularizers.get(regularizer)
    np.testing.assert_allclose(found(X), value, rtol=1e-3)
    assert found.get_config() == config
    again = tf.keras.regularizers.deserialize(tf.keras.regularizers.serialize(found))
    assert again(X).numpy() == found(X).numpy()
