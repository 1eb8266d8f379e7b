"""`keras.Sequential` and `keras.Model`: what is in them, when it is built, and what they print of themselves."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import tapeflow as tf
from tests.keras.models.summary_cases import MODELS

layers = tf.keras.layers
SUMMARIES = json.loads((Path(__file__).parents[2] / "golden" / "keras" / "summaries.json").read_text())


@pytest.fixture(autouse=True)
def names_from_the_start():
    tf.keras.backend.clear_session()


class Two(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = layers.Dense(3, activation="tanh")
        self.dropout = layers.Dropout(0.5, seed=1)
        self.scores = layers.Dense(1)

    def call(self, x, training=False):
        return self.scores(self.dropout(self.hidden(x), training=training))


@pytest.mark.parametrize("name", MODELS)
def test_summaries_are_keras(name, capsys):
    model = MODELS[name](tf)
    lines = []
    model.summary(print_fn=lines.append)
    assert "\n".join(lines) == SUMMARIES[name]
    model.summary()
    assert capsys.readouterr().out == SUMMARIES[name]


def test_a_sequential_with_an_input_is_built_at_once():
    for first in (
        [tf.keras.Input((3,)), layers.Dense(2)],
        [layers.InputLayer((3,)), layers.Dense(2)],
        [layers.InputLayer(input_shape=(3,)), layers.Dense(2)],
        [layers.Dense(2, input_shape=(3,))],
        [layers.Dense(2, input_dim=3)],
        [layers.Dense(2, batch_input_shape=(None, 3))],
    ):
        model = tf.keras.Sequential(first)
        assert model.built and model.input_shape == (None, 3) and model.output_shape == (None, 2)
        assert [tuple(w.shape) for w in model.weights] == [(3, 2), (2,)] and len(model.layers) == 1


def test_a_sequential_without_one_is_built_when_called():
    model = tf.keras.Sequential([layers.Dense(4), layers.Dense(2)])
    assert not model.built and model.weights == []
    with pytest.raises(AttributeError, match="no defined input shape"):
        model.output_shape  # noqa: B018
    model(tf.ones([2, 5]))
    assert model.built and model.input_shape == (2, 5) and model.output_shape == (2, 2)
    assert [w.path for w in model.weights] == [
        "sequential/dense/kernel",
        "sequential/dense/bias",
        "sequential/dense_1/kernel",
        "sequential/dense_1/bias",
    ]


def test_layers_are_added_and_taken_off():
    model = tf.keras.Sequential(name="net")
    model.add(tf.keras.Input(shape=(3,)))
    model.add(layers.Dense(2))
    assert model.built and [w.path for w in model.weights] == ["net/dense/kernel", "net/dense/bias"]
    model.add(layers.Dense(1))
    assert len(model.weights) == 4 and model(tf.ones([1, 3])).shape == (1, 1)
    model.pop()
    assert model(tf.ones([1, 3])).shape == (1, 2) and model.output_shape == (None, 2)


def test_nested_models_have_nested_paths():
    model = tf.keras.Sequential([tf.keras.Sequential([layers.Dense(2)]), Two(), layers.Lambda(lambda x: x * 2.0)])
    model.build((None, 3))
    assert [w.path for w in model.weights] == [
        "sequential_1/sequential/dense/kernel",
        "sequential_1/sequential/dense/bias",
        "sequential_1/two/dense_1/kernel",
        "sequential_1/two/dense_1/bias",
        "sequential_1/two/dense_2/kernel",
        "sequential_1/two/dense_2/bias",
    ]
    assert model.output_shape == (None, 1)


def test_a_model_is_restored_from_its_config():
    model = tf.keras.Sequential([tf.keras.Input((3,)), layers.Dense(2, activation="relu"), layers.Dropout(0.5)])
    again = tf.keras.Sequential.from_config(model.get_config())
    again.set_weights(model.get_weights())
    x = tf.constant([[1.0, -2.0, 3.0]])
    assert again(x).numpy().tolist() == model(x).numpy().tolist() and again.name == model.name


def test_layers_are_found_by_name_and_place():
    model = Two()
    assert model.layers == [model.hidden, model.dropout, model.scores]
    assert model.get_layer("dense_1") is model.get_layer(index=2) is model.scores
    with pytest.raises(ValueError, match=r"No such layer: zz. Existing layers are: \['dense', 'dropout', 'dense_1'\]"):
        model.get_layer("zz")
    with pytest.raises(ValueError, match="only has 3 layers"):
        model.get_layer(index=3)


def test_weights_are_saved_and_loaded(tmp_path):
    first, second = Two(), Two()
    x = tf.ones([1, 2])
    first(x), second(x)
    first.save_weights(tmp_path / "w.weights.h5")
    second.load_weights(tmp_path / "w.weights.h5")
    assert second(x).numpy().tolist() == first(x).numpy().tolist()
    (tmp_path / "bad").write_bytes(b"no weights")
    before = second.get_weights()
    with pytest.raises(ValueError, match="cannot be read"):
        second.load_weights(tmp_path / "bad")
    with pytest.raises(tf.errors.NotFoundError):
        second.load_weights(tmp_path / "none")
    with pytest.raises(ValueError, match="expecting 2 weights"):
        tf.keras.Sequential([layers.Dense(1, input_dim=2)]).load_weights(tmp_path / "w.weights.h5")
    assert all((a == b).all() for a, b in zip(before, second.get_weights(), strict=True))


def test_training_in_a_function_equals_training_as_python():
    def trained(wrap):
        tf.keras.backend.clear_session()
        model = Two()
        model.build((None, 2))
        model(tf.ones([1, 2]))
        model.set_weights([np.full(w.shape, 0.1 * (i + 1), "float32") for i, w in enumerate(model.weights)])
        optimizer, mean = tf.keras.optimizers.Adam(0.05), tf.keras.metrics.Mean()

        def step(x, y):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((model(x, training=True) - y) ** 2) + sum(model.losses)
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
            mean.update_state(loss)

        step = wrap(step)
        x = tf.constant(np.random.RandomState(0).randn(8, 2), tf.float32)
        for _ in range(5):
            step(x, x[:, :1])
        return [mean.result().numpy(), *model.get_weights()], step

    eager, _ = trained(lambda step: step)
    compiled, step = trained(tf.function)
    assert step.experimental_eager_reasons() == ()
    for a, b in zip(eager, compiled, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (
            lambda: tf.keras.Sequential([3]),
            ValueError,
            r"Only instances of `keras.Layer`.*Received: 3 \(of type <class 'int'>\)",
        ),
        (
            lambda: tf.keras.Sequential([layers.Dense(1, name="a"), layers.Dense(2, name="a")]),
            ValueError,
            "unique names. Name 'a'",
        ),
        (lambda: tf.keras.Sequential().build((1, 2)), ValueError, "sequential cannot be built because it has no layers"),
        (lambda: tf.keras.Sequential()(tf.ones([1])), ValueError, "has no layers"),
        (lambda: tf.keras.Sequential().pop(), IndexError, "."),
        (lambda: tf.keras.Model()(tf.ones([1])), NotImplementedError, r"Model Model does not have a `call\(\)` method"),
        (lambda: setattr(Two(), "layers", 3), AttributeError, "`Model.layers` attribute is reserved"),
        (lambda: setattr(Two(), "weights", 3), AttributeError, "weights"),
        (lambda: Two().no_such, AttributeError, "'Two' object has no attribute 'no_such'"),
        (
            lambda: tf.keras.Sequential([tf.keras.Input((3,)), layers.Dense(2)])(tf.ones([2, 5])),
            ValueError,
            r"calling Sequential.call\(\)[\s\S]*layer 'dense' is incompatible[\s\S]*inputs=tf.Tensor\(shape=\(2, 5\)",
        ),
    ],
)
def test_what_does_not_fit_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()
