"""Linear algebra that is differentiated: SVD, QR, eigen-decompositions, solves, matrix functions, low-rank fits, Procrustes."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(6)
A = tf.constant(rng.randn(4, 3))
S = tf.constant(rng.randn(4, 4))
S = S @ tf.transpose(S) + 0.5 * tf.eye(4, dtype=tf.float64)


def report(name, f, x):
    for wrapped in (f, tf.function(f)):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = wrapped(x)
        g = tape.gradient(y, x)
        print(name, f"{y:.6f}", f"{tf.norm(g):.6f}", g.numpy().ravel()[:2].round(5))


report("nuclear", lambda a: tf.reduce_sum(tf.linalg.svd(a, compute_uv=False)), A)
report("spectral", lambda a: tf.reduce_max(tf.linalg.svd(a, compute_uv=False)), A)
report("qr", lambda a: tf.reduce_sum(tf.abs(tf.linalg.qr(a)[1])), A)
report("logdet", lambda s: tf.linalg.logdet(0.5 * (s + tf.transpose(s))), S)
report("slogdet", lambda s: tf.linalg.slogdet(s)[1], S)
report("eigh", lambda s: tf.reduce_sum(tf.exp(-tf.linalg.eigh(0.5 * (s + tf.transpose(s)))[0])), S)
report("expm", lambda s: tf.linalg.trace(tf.linalg.expm(-0.3 * s)), S)
report("sqrtm", lambda s: tf.reduce_sum(tf.linalg.sqrtm(s)[0]), S)
report("inv", lambda s: tf.reduce_sum(tf.linalg.inv(s)), S)
report("pinv", lambda a: tf.reduce_sum(tf.linalg.pinv(a) ** 2), A)
report("lstsq", lambda a: tf.reduce_sum(tf.linalg.lstsq(a, tf.ones([4, 1], tf.float64))), A)
report("chol", lambda s: tf.reduce_sum(tf.linalg.cholesky(0.5 * (s + tf.transpose(s)))), S)
report("tri", lambda s: tf.reduce_sum(tf.linalg.triangular_solve(s, tf.ones([4, 2], tf.float64), lower=True)), S)
report("band", lambda s: tf.reduce_sum(tf.linalg.band_part(s, 1, 0) ** 3), S)
report("det", lambda s: tf.linalg.det(s), S)
report("norms", lambda a: tf.norm(a, ord=1) + tf.norm(a, "fro", axis=[0, 1]) + tf.norm(a, np.inf), A)
report("kron", lambda a: tf.reduce_sum(tf.reshape(tf.einsum("ij,kl->ikjl", a, a), [16, 9])[0] ** 2), A)
report("cross", lambda a: tf.reduce_sum(tf.linalg.cross(a[:2], a[2:]) ** 2), A)
report("matvec", lambda a: tf.reduce_sum(tf.linalg.matvec(a, tf.constant([1.0, 2.0, 3.0], tf.float64))), A)
report("adjoint", lambda a: tf.reduce_sum(tf.linalg.adjoint(a) @ a), A)
report("l2norm", lambda a: tf.reduce_sum(tf.math.l2_normalize(a, -1)[:, 0]), A)
U = tf.Variable(rng.randn(6, 2))
V = tf.Variable(rng.randn(5, 2))
M = tf.constant(rng.randn(6, 2) @ rng.randn(2, 5))
opt = tf.keras.optimizers.Adam(0.1)


@tf.function
def als_step():
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum((tf.matmul(U, V, transpose_b=True) - M) ** 2)
    opt.apply_gradients(zip(tape.gradient(loss, [U, V]), [U, V]))
    return loss


for i in range(40):
    loss = als_step()
    if i % 13 == 0:
        print(i, f"{loss:.5f}")
s, u, v = tf.linalg.svd(M)
print(
    s.numpy().round(4),
    tf.linalg.matrix_rank(M).numpy(),
    f"{tf.norm(u @ tf.linalg.diag(s) @ tf.transpose(v) - M).numpy() < 1e-9}",
)
B = tf.constant(rng.randn(2, 3, 3))
print(
    tf.linalg.solve(B, tf.ones([2, 3, 1], tf.float64))[:, :, 0].numpy().round(4),
    tf.linalg.diag_part(tf.linalg.set_diag(B, tf.zeros([2, 3], tf.float64))).numpy().sum(),
)
print(tf.linalg.tensor_diag([1.0, 2.0]).numpy().tolist(), tf.linalg.lu(B[0])[1].numpy())
