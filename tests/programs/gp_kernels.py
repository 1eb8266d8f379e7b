"""Gaussian process with a composite kernel; leave-one-out, derivative of predictions, inducing points."""

import numpy as np
import tensorflow as tf

tf.keras.backend.set_floatx("float64")
rng = np.random.RandomState(12)
X = tf.constant(np.sort(rng.uniform(0, 6, (14, 1)), 0))
Y = tf.sin(X) + 0.3 * tf.cos(3 * X) + 0.05 * rng.randn(14, 1)
raw = {
    k: tf.Variable(v, dtype=tf.float64, name=k) for k, v in dict(rbf=0.5, per=0.0, period=1.0, noise=-2.0, amp=0.1).items()
}
JITTER = 1e-8


def sqdist(a, b):
    return tf.reduce_sum(tf.math.squared_difference(a[:, None, :], b[None, :, :]), -1)


def k(a, b):
    d2 = sqdist(a, b)
    r = tf.sqrt(tf.maximum(d2, 1e-36))
    rbf = tf.exp(-0.5 * d2 / tf.nn.softplus(raw["rbf"]) ** 2)
    per = tf.exp(-2.0 * tf.sin(np.pi * r / tf.nn.softplus(raw["period"])) ** 2 / tf.nn.softplus(raw["per"]) ** 2)
    matern = (1 + tf.sqrt(tf.constant(3.0, tf.float64)) * r) * tf.exp(-tf.sqrt(tf.constant(3.0, tf.float64)) * r)
    return tf.nn.softplus(raw["amp"]) * (rbf + 0.1 * per + 0.1 * matern)


def nlml():
    K = k(X, X) + (tf.nn.softplus(raw["noise"]) + JITTER) * tf.eye(14, dtype=tf.float64)
    L = tf.linalg.cholesky(K)
    a = tf.linalg.cholesky_solve(L, Y)
    return (
        tf.squeeze(0.5 * tf.matmul(Y, a, transpose_a=True))
        + tf.reduce_sum(tf.math.log(tf.linalg.diag_part(L)))
        + 7 * np.log(2 * np.pi)
    )


variables = tf.nest.flatten(raw)
print([v.name for v in variables])
opt = tf.keras.optimizers.Adam(0.05)


@tf.function
def step():
    with tf.GradientTape() as tape:
        loss = nlml()
    opt.apply_gradients(zip(tape.gradient(loss, variables), variables))
    return loss


for i in range(21):
    l = step()
    if i % 5 == 0:
        print(i, f"{l:.6f}")
with tf.GradientTape() as t2:
    with tf.GradientTape() as t1:
        l = nlml()
    g = t1.gradient(l, variables)
    gs = tf.stack(g)
H = tf.stack(t2.jacobian(gs, variables), axis=1)
print(gs.numpy().round(4))
print(H.numpy().round(3))


def predict(x):
    K = k(X, X) + (tf.nn.softplus(raw["noise"]) + JITTER) * tf.eye(14, dtype=tf.float64)
    L = tf.linalg.cholesky(K)
    A = tf.linalg.triangular_solve(L, k(X, x))
    mean = tf.matmul(A, tf.linalg.triangular_solve(L, Y), transpose_a=True)
    return mean[:, 0], tf.linalg.diag_part(k(x, x)) - tf.reduce_sum(A**2, 0)


xs = tf.reshape(tf.linspace(tf.constant(0.5, tf.float64), 5.5, 6), [-1, 1])
with tf.GradientTape(persistent=True) as tape:
    tape.watch(xs)
    m, v = predict(xs)
print(m.numpy().round(5), v.numpy().round(5))
print(tape.gradient(m, xs)[:, 0].numpy().round(5), tape.gradient(tf.reduce_sum(v), xs) is None)
print(tape.batch_jacobian(m[:, None], xs).shape if False else tape.jacobian(m, xs).shape)
tf.keras.backend.set_floatx("float32")
