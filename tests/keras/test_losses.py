"""Losses give Keras's values and gradients, under every reduction and with weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tapeflow as tf
from tests.keras import loss_cases as cases

losses = tf.keras.losses
GOLDEN = np.load(Path(__file__).parents[1] / "golden" / "keras" / "losses.npz")
LOSSES = [key.split("_", 2) for key in GOLDEN.files if key.startswith("loss_")]


@pytest.mark.parametrize(
    ("number", "how"), [key[1:] for key in LOSSES], ids=[f"{cases.LOSSES[int(i)][0]}-{i}-{how}" for _, i, how in LOSSES]
)
def test_value_and_gradient_are_keras(number, how):
    name, arguments, labels, predictions = cases.LOSSES[int(number)]
    reduction, _, weighted = how.rpartition("_")
    loss = getattr(losses, name)(**arguments, reduction=reduction)
    y = tf.constant(predictions)
    with tf.GradientTape() as tape:
        tape.watch(y)
        value = loss(labels, y, cases.WEIGHTS[: len(labels)] if weighted == "True" else None)
    expected = GOLDEN[f"loss_{number}_{how}"]
    assert value.numpy().dtype == expected.dtype and value.shape == expected.shape
    np.testing.assert_allclose(value.numpy(), expected, rtol=3e-6, atol=1e-6)
    np.testing.assert_allclose(tape.gradient(value, y).numpy(), GOLDEN[f"gradient_{number}_{how}"], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["mean_squared_error", "mean_absolute_error", "huber", "binary_crossentropy"])
def test_functions_keep_float64_and_classes_cast_to_float32(name):
    labels, predictions = tf.constant([[0.0, 1.0]], tf.float64), tf.constant([[0.25, 0.5]], tf.float64)
    assert getattr(losses, name)(labels, predictions).dtype == tf.float64
    cls = type(losses.get("".join(part.title() for part in name.split("_"))))
    assert cls()(labels, predictions).dtype == tf.float32
    assert cls(dtype="float64")(labels, predictions).dtype == tf.float64


def test_aliases_are_the_functions():
    assert losses.mse is losses.MSE is losses.mean_squared_error is losses.get("mse")
    assert losses.kld is losses.kullback_leibler_divergence is losses.kl_divergence


def test_keras_2_reductions_are_understood():
    labels, predictions = [1.0, 2.0], [2.0, 4.0]
    assert losses.MeanSquaredError(reduction=losses.Reduction.AUTO)(labels, predictions).numpy() == 2.5
    assert losses.MeanSquaredError(reduction=losses.Reduction.SUM)(labels, predictions).numpy() == 2.5
    assert losses.MeanSquaredError(reduction=None)([labels, labels], [labels, predictions]).numpy().tolist() == [0.0, 2.5]


def test_a_loss_is_restored_from_its_config():
    for loss in (losses.Huber(0.5), losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=1)):
        again = losses.deserialize(losses.serialize(loss))
        assert type(again) is type(loss) and again.get_config() == loss.get_config()
    assert losses.get(losses.mse) is losses.mse and losses.get(None) is None


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: losses.MeanSquaredError(reduction="bad"), ValueError, "reduction=bad"),
        (lambda: losses.get("smallest_circles"), ValueError, "smallest_circles"),
        (lambda: losses.get(5), ValueError, "5"),
        (lambda: losses.Loss()([1.0], [1.0]), NotImplementedError, "call"),
        (lambda: losses.sparse_categorical_crossentropy([1, 0], [[0.5, 0.5]]), ValueError, r"\(2,\).*\(1, 2\)"),
        (lambda: losses.sparse_categorical_crossentropy([1], [[0.5, 0.5]], axis=0), ValueError, "axis=0"),
        (lambda: losses.sparse_categorical_crossentropy([7], [[0.5, 0.5]]), tf.errors.InvalidArgumentError, "7"),
        (lambda: losses.binary_crossentropy([1.0], [0.5, 0.5]), ValueError, r"\(1,\).*\(2,\)"),
        (lambda: losses.categorical_crossentropy([[1.0, 0.0]], [[0.5, 0.2, 0.3]]), ValueError, r"\(1, 2\).*\(1, 3\)"),
        (
            lambda: losses.MeanSquaredError()([[1.0], [2.0]], [[1.0], [2.0]], [1.0, 2.0, 3.0]),
            tf.errors.InvalidArgumentError,
            ".",
        ),
        (lambda: losses.MeanSquaredError()(1.0, 2.0), tf.errors.InvalidArgumentError, "."),
    ],
)
def test_what_does_not_fit_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()


@pytest.mark.parametrize("function", [losses.mean_squared_error, losses.cosine_similarity, losses.kl_divergence])
def test_labels_and_predictions_may_be_variables(function):
    labels, predictions = tf.Variable([[0.25, 0.75]]), tf.Variable([[0.5, 0.5]])
    assert function(labels, predictions).numpy() == function(labels.numpy(), predictions.numpy()).numpy()
