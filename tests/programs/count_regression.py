"""Poisson, survival (Weibull with censoring), quantile and ordinal regression."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(15)
X = np.c_[np.ones(50), rng.randn(50, 2)]
beta_true = np.array([0.5, 0.8, -0.4])
counts = rng.poisson(np.exp(X @ beta_true))
beta = tf.Variable(tf.zeros([3, 1], dtype=tf.float64))
for i in range(8):
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            eta = tf.matmul(X, beta)
            nll = tf.reduce_mean(tf.nn.log_poisson_loss(counts[:, None].astype(np.float64), eta))
        g = inner.gradient(nll, beta)
    hessian = tf.reshape(outer.jacobian(g, beta), [3, 3])
    beta.assign_sub(tf.linalg.solve(hessian, g))
    if i in (0, 1, 7):
        tf.print("newton", i, nll, "beta", tf.reshape(beta, [-1]))
standard_errors = tf.sqrt(tf.linalg.diag_part(tf.linalg.inv(hessian * 50)))
print(
    "se", np.round(standard_errors.numpy(), 5), f"{tf.keras.losses.poisson(counts[None, :], tf.exp(eta)[None, :, 0])[0]:.5f}"
)

time = rng.weibull(1.5, size=50) * np.exp(0.5 * X[:, 1])
observed = (time < 1.8).astype(np.float64)
time = np.minimum(time, 1.8)
log_shape, coef = tf.Variable(0.0, dtype=tf.float64), tf.Variable([0.0, 0.0], dtype=tf.float64)
opt = tf.keras.optimizers.Adam(0.05)
for i in range(61):
    with tf.GradientTape() as tape:
        k = tf.exp(log_shape)
        scale = tf.exp(tf.linalg.matvec(X[:, :2], coef))
        ratio = time / scale
        log_hazard = tf.math.log(k / scale) + (k - 1) * tf.math.log(ratio)
        log_lik = tf.reduce_sum(observed * log_hazard - tf.pow(ratio, k))
        loss = -log_lik / 50.0
    opt.apply_gradients(zip(tape.gradient(loss, [log_shape, coef]), [log_shape, coef]))
    if i % 20 == 0:
        print(f"weibull {i} {loss:.6f} shape {k.numpy():.4f}")

w = tf.Variable([[0.0], [0.0]], dtype=tf.float64)
q = tf.constant(0.8, tf.float64)
for i in range(100):
    with tf.GradientTape() as tape:
        e = counts[:, None] - X[:, :2] @ w
        pinball = tf.reduce_mean(tf.where(e >= 0, q * e, (q - 1) * e))
    w.assign_sub(0.2 * tape.gradient(pinball, w))
print("quantile", w.numpy().ravel().round(4), float(tf.reduce_mean(tf.cast(e >= 0, tf.float32))))

levels = np.clip(counts, 0, 3)
cuts = tf.Variable([-1.0, 0.0, 0.0], dtype=tf.float64)
slope = tf.Variable(0.1, dtype=tf.float64)
for i in range(50):
    with tf.GradientTape() as tape:
        thresholds = tf.concat([cuts[:1], cuts[0] + tf.cumsum(tf.nn.softplus(cuts[1:]))], axis=0)
        cumulative = tf.sigmoid(thresholds[None, :] - slope * X[:, 1:2])
        padded = tf.pad(cumulative, [[0, 0], [1, 0]])
        padded = tf.concat([padded, tf.ones([50, 1], tf.float64)], axis=1)
        p = tf.gather(padded[:, 1:] - padded[:, :-1], levels, axis=1, batch_dims=1)
        loss = -tf.reduce_mean(tf.math.log(p))
    dc, ds = tape.gradient(loss, [cuts, slope])
    cuts.assign_sub(0.5 * dc)
    slope.assign_sub(0.5 * ds)
print("ordinal", f"{loss:.5f}", thresholds.numpy().round(4), slope.numpy().round(4))
