"""Random operations: seeds give the same numbers again, shapes and dtypes, gradients through samples."""

import numpy as np
import tensorflow as tf

tf.random.set_seed(42)
a = tf.random.normal([3])
tf.random.set_seed(42)
print(np.allclose(a, tf.random.normal([3])), a.shape, a.dtype)
print(tf.reduce_all(tf.random.stateless_normal([4], seed=[1, 2]) == tf.random.stateless_normal([4], seed=(1, 2))).numpy())
g1, g2 = tf.random.Generator.from_seed(7), tf.random.Generator.from_seed(7)
print(np.allclose(g1.uniform([2, 2]), g2.uniform([2, 2])), bool(tf.reduce_any(g1.normal([5]) != 0.0)))
u = tf.random.uniform([10000], -1.0, 1.0)
n = tf.random.normal([10000], mean=2.0, stddev=0.5)
t = tf.random.truncated_normal([10000])
print(
    abs(float(tf.reduce_mean(u))) < 0.05, abs(float(tf.reduce_mean(n)) - 2.0) < 0.05, float(tf.reduce_max(tf.abs(t))) <= 2.0
)
print(
    sorted(tf.random.shuffle(tf.range(6)).numpy().tolist()),
    tf.random.categorical(tf.math.log([[0.0, 1.0]]), 4).numpy().tolist(),
)
x = tf.Variable(tf.ones([200, 50]))
with tf.GradientTape() as tape:
    y = tf.nn.dropout(x, rate=0.4, seed=1)
g = tape.gradient(y, x)
kept = tf.cast(y > 0, tf.float32)
print(np.allclose(y, kept / 0.6), np.allclose(g, kept / 0.6), abs(float(tf.reduce_mean(kept)) - 0.6) < 0.03)
print(np.allclose(tf.nn.dropout(x, 0.0), x))
mu, log_sigma = tf.Variable([0.0, 1.0]), tf.Variable([0.0, -1.0])
tf.random.set_seed(3)
with tf.GradientTape() as tape:
    eps = tf.random.normal([500, 2])
    z = mu + tf.exp(log_sigma) * eps
    value = tf.reduce_mean(z**2)
dmu, dsigma = tape.gradient(value, [mu, log_sigma])
print(
    np.allclose(dmu, tf.reduce_mean(z, 0), atol=1e-5),
    np.allclose(dsigma, tf.reduce_mean(z * tf.exp(log_sigma) * eps, 0), atol=1e-5),
)
temperature, logits = 0.5, tf.Variable([1.0, 0.0, -1.0])
with tf.GradientTape() as tape:
    gumbel = -tf.math.log(-tf.math.log(tf.constant([0.3, 0.8, 0.5])))
    soft = tf.nn.softmax((logits + gumbel) / temperature)
    hard = tf.one_hot(tf.argmax(soft), 3)
    sample = tf.stop_gradient(hard - soft) + soft
    score = tf.reduce_sum(sample * [1.0, 2.0, 3.0])
print(np.round(soft.numpy(), 5), sample.numpy().round(5), np.round(tape.gradient(score, logits).numpy(), 5))
print(
    tf.random.uniform([3], maxval=5, dtype=tf.int32).dtype,
    tf.random.gamma([2], 1.0).shape,
    tf.random.poisson([2], 3.0).dtype,
)
