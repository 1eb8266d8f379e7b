"""Reparameterized variational inference, a mixture by logsumexp, and a Beta-Binomial by lgamma."""

import math

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(6)
x = rng.randn(30).astype(np.float32) * 0.5 + 1.5
mu, rho = tf.Variable(0.0), tf.Variable(-1.0)
opt = tf.keras.optimizers.Adam(0.05)


def log_normal(x, mean, std):
    return -0.5 * math.log(2.0 * math.pi) - tf.math.log(std) - 0.5 * tf.square((x - mean) / std)


for step in range(101):
    eps = tf.constant(rng.randn(8, 1).astype(np.float32))
    with tf.GradientTape() as tape:
        sigma = tf.nn.softplus(rho)
        z = mu + sigma * eps
        log_likelihood = tf.reduce_sum(log_normal(x[tf.newaxis, :], z, 0.5), axis=1)
        kl = tf.math.log(2.0 / sigma) + (sigma**2 + mu**2) / (2 * 2.0**2) - 0.5
        elbo = tf.reduce_mean(log_likelihood) - kl
        loss = -elbo
    grads = tape.gradient(loss, [mu, rho])
    opt.apply_gradients(zip(grads, [mu, rho]))
    if step % 25 == 0:
        print(f"step {step:3d} -elbo {loss:.3f} mu {mu.numpy():.4f} sigma {sigma.numpy():.4f}")

data = np.concatenate([rng.randn(20) - 2.0, 0.5 * rng.randn(30) + 1.5])
weights, means, scales = (
    tf.Variable(tf.zeros(2, tf.float64)),
    tf.Variable([-1.0, 1.0], dtype=tf.float64),
    tf.Variable([0.0, 0.0], dtype=tf.float64),
)
params = [weights, means, scales]
opt = tf.keras.optimizers.SGD(0.005, momentum=0.5)
for i in range(61):
    with tf.GradientTape() as tape:
        component = log_normal(data[:, None], means, tf.exp(scales)) + tf.nn.log_softmax(weights)
        nll = -tf.reduce_sum(tf.reduce_logsumexp(component, axis=1))
    opt.apply_gradients(zip(tape.gradient(nll, params), params))
    if i % 20 == 0:
        print(i, f"nll {nll:.5f}", means.numpy().round(4), tf.nn.softmax(weights).numpy().round(4))
responsibility = tf.nn.softmax(component, axis=1)
print(responsibility.shape, np.round(responsibility[:2].numpy(), 4))

n, k = tf.constant([10.0, 12.0, 8.0]), tf.constant([7.0, 9.0, 6.0])
log_ab = tf.Variable([0.0, 0.0])
for i in range(41):
    with tf.GradientTape() as tape:
        a, b = tf.unstack(tf.exp(log_ab))
        loss = -tf.reduce_sum(tf.math.lbeta(tf.stack([k + a, n - k + b], axis=-1)) - tf.math.lbeta(tf.stack([a, b])))
    g = tape.gradient(loss, log_ab)
    log_ab.assign_sub(0.1 * g)
print(f"{loss:.5f}", tf.exp(log_ab).numpy().round(3))
with tf.GradientTape() as tape:
    tape.watch(n)
    y = tf.math.lgamma(n) + tf.math.digamma(n) + tf.math.erf(n / 10) + tf.math.igamma(2.0, n / 5)
print(tape.gradient(y, n).numpy().round(5))
