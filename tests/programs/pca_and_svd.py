"""Principal components by svd and eigh, and gradients through both."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(21)
data = rng.randn(40, 4) @ np.diag([3.0, 1.5, 0.7, 0.2]) @ np.linalg.qr(rng.randn(4, 4))[0]
x = tf.constant(data - data.mean(axis=0))
s, u, v = tf.linalg.svd(x)
print(s.shape, u.shape, v.shape)
print("explained", np.round((s**2 / tf.reduce_sum(s**2)).numpy(), 4))
covariance = tf.matmul(x, x, transpose_a=True) / tf.cast(tf.shape(x)[0] - 1, x.dtype)
e, vectors = tf.linalg.eigh(covariance)
print(np.round(e.numpy(), 4), np.allclose(e[::-1], s**2 / 39))
projected = tf.matmul(x, vectors[:, -2:])
rebuilt = projected @ tf.transpose(vectors[:, -2:])
print(f"residual {tf.norm(x - rebuilt):.5f}")

with tf.GradientTape(persistent=True) as tape:
    tape.watch(x)
    singular = tf.linalg.svd(x, compute_uv=False)
    nuclear = tf.reduce_sum(singular)
    spectral = singular[0]
    cov = tf.linalg.matmul(x, x, adjoint_a=True)
    eigenvalues, q = tf.linalg.eigh(cov)
    gap = eigenvalues[-1] / eigenvalues[-2]
    first = tf.square(q[0, -1])
for name, target in {"nuclear": nuclear, "spectral": spectral, "gap": gap, "first": first}.items():
    g = tape.gradient(target, x)
    print(name, f"{target:.5f}", f"{tf.norm(g):.6f}", np.round(g.numpy()[0], 5))

w = tf.Variable(np.linalg.qr(rng.randn(4, 2))[0])
for i in range(30):
    with tf.GradientTape() as tape:
        variance = tf.linalg.trace(tf.transpose(w) @ covariance @ w)
    w.assign_add(0.1 * tape.gradient(variance, w))
    qq, r = tf.linalg.qr(w)
    w.assign(qq * tf.sign(tf.linalg.diag_part(r)))
print(f"{variance:.5f} of {tf.reduce_sum(e[-2:]):.5f}")
low_rank = tf.matmul(u[:, :2] * s[:2], v[:, :2], transpose_b=True)
print(f"{tf.linalg.norm(x - low_rank, ord='fro', axis=(0, 1)):.5f} {tf.sqrt(tf.reduce_sum(s[2:] ** 2)):.5f}")
