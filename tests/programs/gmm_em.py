"""A Gaussian mixture by EM (no gradients), then by gradients of the same likelihood."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(5)
X = np.concatenate([rng.randn(30, 2) * 0.5 + [2, 2], rng.randn(30, 2) * 0.7 - [1, 1], rng.randn(20, 2) * [1, 0.3] + [-2, 3]])
X = tf.constant(X, dtype=tf.float64)
N, D = X.shape
K = 3


def log_prob(x, mu, L):
    diff = x[:, None, :] - mu[None]
    z = tf.linalg.triangular_solve(L[None], diff[..., None], lower=True)[..., 0]
    logdet = tf.reduce_sum(tf.math.log(tf.linalg.diag_part(L)), -1)
    return -0.5 * tf.reduce_sum(z**2, -1) - logdet - 0.5 * D * np.log(2 * np.pi)


def e_step(x, pi, mu, L):
    joint = tf.math.log(pi) + log_prob(x, mu, L)
    total = tf.reduce_logsumexp(joint, axis=1, keepdims=True)
    return tf.exp(joint - total), tf.reduce_mean(total)


def m_step(x, r):
    n = tf.reduce_sum(r, 0)
    mu = tf.einsum("nk,nd->kd", r, x) / n[:, None]
    d = x[:, None, :] - mu
    cov = tf.einsum("nk,nki,nkj->kij", r, d, d) / n[:, None, None] + 1e-6 * tf.eye(D, dtype=x.dtype)
    return n / tf.cast(tf.shape(x)[0], x.dtype), mu, tf.linalg.cholesky(cov)


@tf.function(
    input_signature=[tf.TensorSpec([None, 2], tf.float64), tf.TensorSpec([K, 2], tf.float64), tf.TensorSpec((), tf.int32)]
)
def fit(x, mu, iterations):
    pi = tf.fill([K], tf.constant(1.0 / K, tf.float64))
    L = tf.eye(2, batch_shape=[K], dtype=tf.float64)
    ll = tf.constant(-np.inf, tf.float64)
    for i in tf.range(iterations):
        r, new = e_step(x, pi, mu, L)
        pi, mu, L = m_step(x, r)
        if tf.abs(new - ll) < 1e-8:
            break
        ll = new
    return pi, mu, L, ll


pi, mu, L, ll = fit(X, X[:60:20], 40)
order = tf.argsort(mu[:, 0])
print(tf.gather(pi, order).numpy().round(5), float(ll))
print(tf.gather(mu, order).numpy().round(5))
pi, mu, L = tf.constant([0.3, 0.3, 0.4], tf.float64), X[:60:20], tf.eye(2, batch_shape=[K], dtype=tf.float64)
for i in range(5):
    r, ll = e_step(X, pi, mu, L)
    pi, mu, L = m_step(X, r)
    print("eager EM", i, f"{ll:.6f}", tf.argmax(r, axis=1)[::20].numpy())

logits = tf.Variable(tf.zeros(K, tf.float64))
m = tf.Variable(X[:60:20])
raw = tf.Variable(tf.linalg.eye(2, batch_shape=[K], dtype=tf.float64))


@tf.function
def nll():
    scale = tf.linalg.set_diag(tf.linalg.band_part(raw, -1, 0), tf.nn.softplus(tf.linalg.diag_part(raw)))
    return -tf.reduce_mean(tf.reduce_logsumexp(tf.nn.log_softmax(logits) + log_prob(X, m, scale), axis=-1))


opt = tf.keras.optimizers.Adam(0.05)
for i in range(30):
    with tf.GradientTape() as tape:
        loss = nll()
    gs = tape.gradient(loss, [logits, m, raw])
    opt.apply_gradients(zip(gs, [logits, m, raw]))
print(f"{loss:.6f}", [tf.norm(g).numpy().round(5) for g in gs])
