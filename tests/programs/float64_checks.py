"""Gradients checked by central differences, as careful people do, and by tf.test.compute_gradient."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(23)
x = rng.rand(3, 4) + 0.5


def numeric(f, x, eps=1e-6):
    g = np.zeros_like(x)
    it = np.nditer(x, flags=["multi_index"])
    while not it.finished:
        i = it.multi_index
        ahead, behind = x.copy(), x.copy()
        ahead[i] += eps
        behind[i] -= eps
        g[i] = (f(tf.constant(ahead)) - f(tf.constant(behind))).numpy() / (2 * eps)
        it.iternext()
    return g


functions = {
    "softmax entropy": lambda x: -tf.reduce_sum(tf.nn.softmax(x) * tf.nn.log_softmax(x)),
    "logsumexp": lambda x: tf.reduce_sum(tf.reduce_logsumexp(x, axis=0)),
    "cumprod": lambda x: tf.reduce_sum(tf.math.cumprod(x, axis=1, exclusive=True)),
    "norms": lambda x: tf.norm(x, ord=3) + tf.reduce_sum(tf.norm(x, axis=1)),
    "trig": lambda x: tf.reduce_sum(tf.atan2(tf.sin(x), x) + tf.acos(x / 4.0) * tf.cosh(x)),
    "special": lambda x: tf.reduce_sum(
        tf.math.lgamma(x) * tf.math.erf(x) + tf.math.xlogy(x, x) + tf.math.expm1(x) + tf.math.log1p(x)
    ),
    "matrix": lambda x: tf.linalg.logdet(x @ tf.transpose(x) + tf.eye(3, dtype=tf.float64)),
    "statistics": lambda x: tf.math.reduce_std(x) + tf.reduce_sum(tf.math.reduce_variance(x, axis=1)),
    "power": lambda x: tf.reduce_sum(
        tf.pow(x, x) + x**-1.5 + tf.sqrt(x) * tf.math.rsqrt(x + 1.0) + tf.math.reciprocal_no_nan(x)
    ),
    "pad and roll": lambda x: tf.reduce_sum(
        tf.pad(x, [[1, 1], [2, 0]], mode="REFLECT") ** 2 * tf.roll(tf.ones([5, 6], tf.float64), 1, 0)
    ),
    "activations": lambda x: tf.reduce_sum(
        tf.nn.selu(x) * tf.nn.silu(x) + tf.nn.softsign(x) + tf.nn.relu6(4.0 * x) + tf.nn.swish(x)
    ),
    "einsum": lambda x: tf.einsum("ij,ij,kj->", x, x, x),
    "clip": lambda x: tf.reduce_sum(tf.clip_by_value(x, 0.7, 1.2) * x + tf.maximum(x, 1.0) - tf.math.floormod(x, 0.3)),
}
for name, f in functions.items():
    v = tf.Variable(x)
    with tf.GradientTape() as tape:
        y = f(v)
    g = tape.gradient(y, v).numpy()
    print(f"{name:16s} {y:.8f} |g|={np.linalg.norm(g):.8f} agrees={np.allclose(g, numeric(f, x), rtol=1e-5, atol=1e-6)}")
theoretical, estimated = tf.test.compute_gradient(lambda a, b: tf.matmul(a, b), [tf.constant(x), tf.constant(x.T)])
print([t.shape for t in theoretical], max(np.max(np.abs(t - e)) for t, e in zip(theoretical, estimated)) < 1e-6)
hv = tf.constant([1.0, -2.0, 0.5], tf.float64)
z = tf.Variable([0.3, 0.6, 0.9], dtype=tf.float64)
with tf.autodiff.ForwardAccumulator(z, hv) as acc:
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.exp(z) * tf.reverse(z, [0]) ** 2)
    grads = tape.gradient(loss, z)
print(acc.jvp(grads).numpy().round(8), acc.jvp(loss).numpy().round(8))
with tf.GradientTape() as tape:
    with tf.GradientTape() as inner:
        loss = tf.reduce_sum(tf.exp(z) * tf.reverse(z, [0]) ** 2)
    g = inner.gradient(loss, z)
print(tape.gradient(g, z, output_gradients=hv).numpy().round(8))
