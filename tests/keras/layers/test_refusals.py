"""What layers refuse: arguments out of range, inputs that do not fit, and what is not supported."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf

layers = tf.keras.layers


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: layers.Conv2D(2, 3)(tf.ones([1, 2, 2, 1])), ValueError, r"zero or negative.*\(1, 2, 2, 1\)"),
        (lambda: layers.Conv2D(0, 3), ValueError, "`filters`.*Received filters=0"),
        (lambda: layers.Conv2D(2, (3,)), ValueError, r"`kernel_size` argument must be a tuple of 2 integers.*\(3,\)"),
        (lambda: layers.Conv2D(2, 3, padding="foo"), ValueError, "`padding`.*foo"),
        (lambda: layers.Conv2D(2, 3, padding="causal"), ValueError, "`padding`.*causal"),
        (lambda: layers.Conv2D(2, 3, data_format="x"), ValueError, "data_format=x"),
        (
            lambda: layers.Conv2D(2, 3, strides=2, dilation_rate=2),
            ValueError,
            r"strides=\(2, 2\) and dilation_rate=\(2, 2\)",
        ),
        (lambda: layers.Conv2D(3, 3, groups=2), ValueError, "groups=2, filters=3"),
        (lambda: layers.Conv2D(2, 3)(tf.ones([1, 2, 2])), ValueError, "expected min_ndim=4, found ndim=3"),
        (lambda: layers.Conv2D(2, 3, groups=2)(tf.ones([1, 5, 5, 3])), ValueError, "groups=2, but the input has 3 channels"),
        (lambda: layers.Conv2D(2, 3).kernel, AttributeError, "build the layer"),
        (lambda: layers.DepthwiseConv2D(2, strides=(1, 2)), NotImplementedError, r"\(1, 2\)"),
        (lambda: layers.MaxPooling2D(0), ValueError, "pool_size=0, including values {0}"),
        (lambda: layers.MaxPooling2D()(tf.ones([2, 2])), ValueError, "expected ndim=4, found ndim=2"),
        (lambda: layers.ZeroPadding2D((1, 2, 3)), ValueError, r"padding=\(1, 2, 3\)"),
        (lambda: layers.Cropping1D(3)(tf.ones([1, 5, 2])), ValueError, r"\(1, 5, 2\)"),
        (lambda: layers.UpSampling2D(interpolation="bilinear"), NotImplementedError, "bilinear"),
        (lambda: layers.BatchNormalization(renorm=True), NotImplementedError, "renorm"),
        (lambda: layers.LayerNormalization(axis="x"), TypeError, "x"),
        (lambda: layers.GroupNormalization(3)(tf.ones([2, 4])), ValueError, r"\(3\).*\(4\)"),
        (lambda: layers.Embedding(3, 2)(tf.constant([[5]])), tf.errors.InvalidArgumentError, r"Embedding.call\(\)[\s\S]*5"),
        (lambda: layers.Add()(tf.ones([1, 2])), ValueError, r"called on a list of inputs.*\(1, 2\)"),
        (lambda: layers.Add()([tf.ones([1, 2]), tf.ones([1, 3])]), ValueError, r"incompatible shapes.*\(2,\) and \(3,\)"),
        (lambda: layers.Add()([tf.ones([2, 2]), tf.ones([3, 2])]), ValueError, "different batch sizes"),
        (lambda: layers.Subtract()([tf.ones([1, 2])] * 3), ValueError, "exactly 2 inputs"),
        (
            lambda: layers.Concatenate()([tf.ones([1, 2, 3]), tf.ones([1, 3, 3])]),
            ValueError,
            r"matching shapes except.*\[\(1, 2, 3\), \(1, 3, 3\)\]",
        ),
        (lambda: layers.Dot(1)([tf.ones([1, 2]), tf.ones([1, 3])]), ValueError, "2 != 3"),
        (lambda: layers.Dot("x"), ValueError, "axes=x"),
        (lambda: layers.GaussianNoise(2.0), ValueError, "stddev=2.0"),
        (lambda: layers.GaussianDropout(-1), ValueError, "rate=-1"),
        (lambda: layers.MultiHeadAttention(0, 2), ValueError, "num_heads=0"),
        (lambda: layers.MultiHeadAttention(2, 2, attention_axes=(1, 2)), NotImplementedError, "attention_axes"),
        (lambda: layers.MultiHeadAttention(2, 2)(tf.ones([1, 2]), tf.ones([1, 2])), ValueError, r"query_shape=\(1, 2\)"),
        (lambda: layers.Attention(score_mode="x"), ValueError, "score_mode"),
        (lambda: layers.Attention()(tf.ones([1, 2, 3])), ValueError, "list of inputs"),
        (lambda: layers.ConvLSTM2D(2, 3), AttributeError, "tapeflow has no tf.keras.layers.ConvLSTM2D yet"),
        (lambda: layers.LSTM(0), ValueError, "positive integer, got 0"),
        (lambda: layers.LSTM(2, dropout=0.5), NotImplementedError, "dropout"),
        (lambda: layers.GRU(2, stateful=True), NotImplementedError, "stateful"),
        (lambda: layers.LSTM(2)(tf.ones([3, 4])), ValueError, "expected ndim=3, found ndim=2"),
        (
            lambda: layers.LSTM(2)(tf.ones([1, 2, 3]), initial_state=[tf.ones([1, 2])]),
            ValueError,
            "'lstm.*2 tensors.* has 1",
        ),
        (lambda: layers.RNN(3), ValueError, "cell=3"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_batch_normalization_follows_training_and_trainable():
    layer = layers.BatchNormalization(momentum=0.5)
    x = tf.constant([[1.0, 2.0], [3.0, 6.0]])
    layer(x)
    assert layer.moving_mean.numpy().tolist() == [0.0, 0.0]
    layer(x, training=True)
    assert layer.moving_mean.numpy().tolist() == [1.0, 2.0]
    assert layer.moving_variance.numpy().tolist() == [1.0, 2.5]
    layer.trainable = False
    layer(x, training=True)
    assert layer.moving_mean.numpy().tolist() == [1.0, 2.0] and layer.trainable_weights == []
    model = tf.keras.Sequential([layers.BatchNormalization(momentum=0.5)])
    step = tf.function(lambda x: model(x, training=True))
    step(x), step(x)
    assert model.layers[0].moving_mean.numpy().tolist() == [1.5, 3.0] and step.experimental_eager_reasons() == ()


def test_masks_that_are_given_are_used():
    x = tf.constant(np.arange(12.0).reshape(1, 3, 4), tf.float32)
    layer = layers.MultiHeadAttention(2, 3)
    mask = tf.constant([[True, True, False]])
    _, weights = layer(x, x, value_mask=mask, return_attention_scores=True)
    assert float(tf.reduce_max(weights[..., 2])) == 0.0
    _, weights = layer(x, x, attention_mask=tf.ones([1, 3, 3]), use_causal_mask=True, return_attention_scores=True)
    assert float(tf.reduce_max(weights[0, :, 0, 1:])) == 0.0
    _, weights = layers.Attention()([x, x], mask=[mask, mask], return_attention_scores=True)
    assert float(tf.reduce_max(weights[..., 2])) == 0.0
    embedding = layers.Embedding(5, 2, mask_zero=True)
    assert embedding.compute_mask(tf.constant([[1, 0]])).numpy().tolist() == [[True, False]]


def test_unknown_sizes_are_traced():
    model = tf.keras.Sequential(
        [
            layers.Conv2D(4, 3, padding="same", activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.Conv2DTranspose(2, 3, strides=2, padding="same"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3),
        ]
    )
    step = tf.function(lambda x: model(x), input_signature=[tf.TensorSpec([None, 8, 8, 1], tf.float32)])
    assert step(tf.ones([2, 8, 8, 1])).shape == (2, 3) and step(tf.ones([5, 8, 8, 1])).shape == (5, 3)
    assert step.experimental_eager_reasons() == () and step.experimental_get_tracing_count() == 1
    np.testing.assert_allclose(step(tf.ones([2, 8, 8, 1])), model(tf.ones([2, 8, 8, 1])), rtol=1e-5, atol=1e-6)


def test_embeddings_begin_with_given_weights():
    table = np.arange(6.0, dtype="float32").reshape(3, 2)
    assert layers.Embedding(3, 2, weights=[table])(tf.constant([2])).numpy().tolist() == [[4.0, 5.0]]


def test_recurrent_layers_take_states_and_lengths_that_are_not_known():
    layer = layers.LSTM(3, return_sequences=True, return_state=True)
    x = tf.random.stateless_normal([2, 6, 4], [1, 2])
    whole, *end = layer(x)
    first, *state = layer(x[:, :2])
    second, *again = layer(x[:, 2:], initial_state=state)
    np.testing.assert_allclose(tf.concat([first, second], 1), whole, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(again[1], end[1], rtol=1e-5, atol=1e-6)
    step = tf.function(lambda x: layer(x)[0], input_signature=[tf.TensorSpec([None, None, 4], tf.float32)])
    with tf.GradientTape() as tape:
        y = step(x)
    np.testing.assert_allclose(y, whole, rtol=1e-5, atol=1e-6)
    assert all(gradient is not None for gradient in tape.gradient(y, layer.trainable_variables))
    assert step(x[:, :1]).shape == (2, 1, 3) and step.experimental_eager_reasons() == ()


def test_a_cell_of_ones_own_is_a_layer():
    class Sums(layers.Layer):
        state_size = 2

        def call(self, inputs, states):
            states = states + inputs
            return states * 2.0, states

    layer = layers.RNN(Sums(), return_sequences=True, return_state=True)
    outputs, state = layer(tf.ones([1, 3, 2]))
    assert outputs.numpy().tolist() == [[[2.0, 2.0], [4.0, 4.0], [6.0, 6.0]]] and state.numpy().tolist() == [[3.0, 3.0]]
    gru = layers.RNN(layers.GRUCell(3))
    again = layers.RNN.from_config(gru.get_config())
    assert again.cell.units == 3 and again(tf.ones([1, 2, 2])).shape == (1, 3)
