"""Multi-head self-attention: einsum, masks, softmax, residual, layer normalization, positional encodings."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(4)
batch, length, d_model, heads = 2, 5, 8, 2
depth = d_model // heads


def init(*shape):
    return tf.Variable((rng.randn(*shape) / np.sqrt(shape[0])).astype(np.float32))


wq, wk, wv, wo = (
    init(d_model, heads, depth),
    init(d_model, heads, depth),
    init(d_model, heads, depth),
    init(heads, depth, d_model),
)
gamma, beta = tf.Variable(tf.ones([d_model])), tf.Variable(tf.zeros([d_model]))


def positional_encoding(length, depth):
    positions = np.arange(length)[:, np.newaxis]
    rates = 1 / (10000 ** (np.arange(depth // 2)[np.newaxis, :] / (depth / 2)))
    angles = positions * rates
    return tf.cast(np.concatenate([np.sin(angles), np.cos(angles)], axis=-1), dtype=tf.float32)


def scaled_dot_product_attention(q, k, v, mask=None):
    scores = tf.matmul(q, k, transpose_b=True) / tf.math.sqrt(tf.cast(tf.shape(k)[-1], tf.float32))
    if mask is not None:
        scores += mask * -1e9
    weights = tf.nn.softmax(scores, axis=-1)
    return tf.matmul(weights, v), weights


def layer_norm(x, epsilon=1e-6):
    mean, variance = tf.nn.moments(x, axes=[-1], keepdims=True)
    return gamma * (x - mean) * tf.math.rsqrt(variance + epsilon) + beta


def block(x, lengths):
    q = tf.einsum("btd,dhk->bhtk", x, wq)
    k = tf.einsum("btd,dhk->bhtk", x, wk)
    v = tf.einsum("...td,dhk->...htk", x, wv)
    causal = 1 - tf.linalg.band_part(tf.ones((length, length)), -1, 0)
    padding = 1.0 - tf.sequence_mask(lengths, length, dtype=tf.float32)
    mask = tf.maximum(causal, padding[:, tf.newaxis, tf.newaxis, :])
    out, weights = scaled_dot_product_attention(q, k, v, mask)
    return layer_norm(x + tf.einsum("bhtk,hkd->btd", out, wo)), weights


x = tf.constant(rng.randn(batch, length, d_model).astype(np.float32)) + positional_encoding(length, d_model)
with tf.GradientTape(persistent=True) as tape:
    tape.watch(x)
    y, weights = block(x, [5, 3])
    loss = tf.reduce_mean(tf.square(y[:, 1:] - x[:, :-1]))
print(y.shape, weights.shape, f"{loss.numpy():.6f}")
print(np.round(weights[1, 0].numpy(), 4))
for name, v in zip(["wq", "wk", "wv", "wo", "gamma", "beta", "x"], [wq, wk, wv, wo, gamma, beta, x], strict=True):
    g = tape.gradient(loss, v)
    print(f"{name:5s} {str(g.shape):12s} {tf.norm(g):.5f}")
variables = [wq, wk, wv, wo, gamma, beta]
optimizer = tf.keras.optimizers.Adam(0.01, beta_1=0.9, beta_2=0.98, epsilon=1e-9)
for step in range(21):
    with tf.GradientTape() as tape:
        y, _ = block(x, [5, 3])
        loss = tf.reduce_mean(tf.square(y[:, :-1] - x[:, 1:]))
    optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
    if step % 10 == 0:
        tf.print("step", step, "loss", loss)
