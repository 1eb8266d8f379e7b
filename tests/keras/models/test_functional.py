"""`keras.Model(inputs, outputs)`: models of layers that were called on `keras.Input`s."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import tapeflow as tf

keras, layers = tf.keras, tf.keras.layers


@pytest.fixture(autouse=True)
def names_from_the_start():
    keras.backend.clear_session()


def two_inputs():
    a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
    shared = layers.Dense(4, activation="tanh", name="shared")
    h, g = shared(a), shared(b)
    z = layers.Concatenate()([h, g * 2.0 - 1.0, -h])
    return keras.Model(inputs=[a, b], outputs={"sum": layers.Dense(1, name="out")(z), "first": h[:, 0]}, name="two")


def test_a_model_computes_what_its_layers_do_one_by_one():
    model = two_inputs()
    a, b = tf.random.stateless_normal([5, 3], [1, 2]), tf.random.stateless_normal([5, 3], [3, 4])
    shared, out = model.get_layer("shared"), model.get_layer("out")
    h, g = shared(a), shared(b)
    expected = out(tf.concat([h, g * 2.0 - 1.0, -h], -1))
    for inputs in ([a, b], (a, b), {"a": a, "b": b}, [a.numpy(), b.numpy()]):
        found = model(inputs)
        np.testing.assert_allclose(found["sum"], expected, rtol=1e-6)
        np.testing.assert_allclose(found["first"], h[:, 0], rtol=1e-6)
    traced = tf.function(lambda a, b: model([a, b])["sum"])
    np.testing.assert_allclose(traced(a, b), expected, rtol=1e-5, atol=1e-6)
    assert traced.experimental_eager_reasons() == ()


def test_what_it_is_made_of():
    model = two_inputs()
    assert [w.path for w in model.weights] == ["shared/kernel", "shared/bias", "out/kernel", "out/bias"]
    assert [layer.name for layer in model.layers] == ["a", "b", "shared", "concatenate", "out"]
    assert model.input_shape == [(None, 3), (None, 3)] and model.output_shape == [(None,), (None, 1)]
    assert repr(model) == "<Functional name=two, built=True>" and model.built
    assert repr(model.inputs[0]) == "<KerasTensor shape=(None, 3), dtype=float32, sparse=False, ragged=False, name=a>"


def test_training_is_handed_down_and_gradients_reach_all_weights():
    inputs = keras.Input((8,))
    x = layers.Dropout(0.5, seed=1)(layers.BatchNormalization()(layers.Dense(8)(inputs)))
    model = keras.Model(inputs, x)
    assert int(tf.math.count_nonzero(model(tf.eye(8), training=True))) < 64
    assert int(tf.math.count_nonzero(model(tf.eye(8)))) == 64
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(model(tf.eye(8), training=True) ** 2)
    assert all(gradient is not None for gradient in tape.gradient(loss, model.trainable_variables))
    assert float(tf.reduce_sum(abs(model.layers[2].moving_mean))) > 0.0


def test_models_are_layers_of_models_and_parts_of_them_models():
    inputs = keras.Input((3,))
    inner = keras.Model(inputs, layers.Dense(2)(layers.Dense(4, activation="relu")(inputs)), name="inner")
    outer = keras.Model(inputs, keras.Sequential([layers.Dense(1)])(inner(inputs)))
    x = tf.ones([2, 3])
    assert outer(x).shape == (2, 1) and len(outer.weights) == 6
    features = keras.Model(inputs=inner.inputs, outputs=inner.layers[1].output)
    np.testing.assert_array_equal(features(x), inner.layers[1](x))
    assert inner.input is inputs and inner.output is inner.outputs[0]


def test_a_subclass_may_be_made_of_inputs_and_outputs():
    class Mine(keras.Model):
        def __init__(self):
            inputs = keras.Input((2,))
            super().__init__(inputs=inputs, outputs=layers.Dense(1)(inputs))

    model = Mine()
    assert model(tf.ones([1, 2])).shape == (1, 1) and len(model.trainable_variables) == 2


def test_a_copy_computes_the_same():
    model = two_inputs()
    twin = copy.deepcopy(model)
    inputs = [tf.ones([1, 3]), tf.zeros([1, 3])]
    assert twin(inputs)["sum"].numpy().tolist() == model(inputs)["sum"].numpy().tolist()
    twin.get_layer("out").bias.assign([5.0])
    assert twin(inputs)["sum"].numpy().tolist() != model(inputs)["sum"].numpy().tolist()


def test_checkpoints_hold_the_weights(tmp_path):
    model, other = two_inputs(), two_inputs()
    path = tf.train.Checkpoint(model=model).save(tmp_path / "c")
    tf.train.Checkpoint(model=other).restore(path).assert_consumed()
    assert all((a == b).all() for a, b in zip(model.get_weights(), other.get_weights(), strict=True))


def test_integers_and_missing_last_axes_are_fitted():
    tokens = keras.Input((None,), dtype="int32")
    model = keras.Model(tokens, layers.GlobalAveragePooling1D()(layers.Embedding(10, 4)(tokens)))
    assert model(np.array([[1, 2, 3]])).shape == (1, 4) and model(tf.ones([2, 5])).shape == (2, 4)
    inputs = keras.Input((1,))
    assert keras.Model(inputs, layers.Dense(2)(inputs))(tf.ones([3])).shape == (3, 2)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda: two_inputs()([tf.ones([2, 3]), tf.ones([2, 4])]),
            r"Input 1 with name 'b' of layer 'two'.*\(None, 3\).*\(2, 4\)",
        ),
        (lambda: two_inputs()([tf.ones([2, 3])]), r"\"two\" expects 2 input\(s\), but it received 1"),
        (lambda: keras.Model(keras.Input((1,)), layers.Dense(1)(keras.Input((1,)))), "not connected to `inputs`"),
        (lambda: keras.Model(tf.ones([1]), keras.Input((1,))), "All `inputs` values must be KerasTensors"),
        (lambda: keras.Model(inputs=keras.Input((1,)), outputs=[3]), "All `outputs` values must be KerasTensors"),
        (lambda: tf.nn.relu(keras.Input((1,))), "A KerasTensor cannot be used as input to a TensorFlow function"),
        (lambda: layers.Dense(1)(keras.Input((3, None))), "fully-defined"),
        (lambda: layers.Dense(1)(keras.Input(())), "min_ndim=2, found ndim=1"),
    ],
)
def test_what_does_not_fit_is_refused(call, text):
    with pytest.raises(ValueError, match=text):
        call()


def test_what_was_not_called_on_inputs_has_no_output():
    with pytest.raises(AttributeError, match="has never been called on a"):
        layers.Dense(1).output  # noqa: B018
    with pytest.raises(AttributeError, match="not made of inputs and outputs"):
        keras.Model().inputs  # noqa: B018
