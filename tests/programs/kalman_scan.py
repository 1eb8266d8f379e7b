"""A Kalman filter in tf.scan; its noise parameters are fitted by the likelihood's gradient. A smoother in a reversed scan."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(9)
F = tf.constant([[1.0, 0.1], [0.0, 1.0]], tf.float64)
H = tf.constant([[1.0, 0.0]], tf.float64)
T = 20
z = tf.constant(np.cumsum(rng.randn(T, 1) * 0.2, 0) + rng.randn(T, 1) * 0.3)
log_q = tf.Variable(-1.0, dtype=tf.float64)
log_r = tf.Variable(-1.0, dtype=tf.float64)


def filter_step(carry, obs):
    m, P, _, _, _ = carry
    Q = tf.exp(log_q) * tf.eye(2, dtype=tf.float64)
    m_pred = tf.linalg.matvec(F, m)
    P_pred = F @ P @ tf.transpose(F) + Q
    S = H @ P_pred @ tf.transpose(H) + tf.exp(log_r)
    K = tf.transpose(tf.linalg.solve(S, H @ P_pred))
    innovation = obs - tf.linalg.matvec(H, m_pred)
    m = m_pred + tf.linalg.matvec(K, innovation)
    P = P_pred - K @ H @ P_pred
    ll = -0.5 * (tf.math.log(2 * np.pi * S[0, 0]) + innovation[0] ** 2 / S[0, 0])
    return m, P, m_pred, P_pred, ll


def run():
    e = tf.eye(2, dtype=tf.float64)
    zero = tf.zeros(2, tf.float64)
    return tf.scan(filter_step, z, initializer=(zero, e, zero, e, tf.constant(0.0, tf.float64)))


opt = tf.keras.optimizers.Adam(0.1)


def step():
    with tf.GradientTape() as tape:
        loss = -tf.reduce_sum(run()[-1])
    g = tape.gradient(loss, [log_q, log_r])
    opt.apply_gradients(zip(g, [log_q, log_r]))
    return loss


for i in range(3):
    print("eager", f"{step():.6f}", log_q.numpy().round(5), log_r.numpy().round(5))
fast = tf.function(step)
for i in range(10):
    loss = fast()
print("graph", f"{loss:.6f}", log_q.numpy().round(5), log_r.numpy().round(5))
m, P, mp, Pp, ll = run()


@tf.function
def smooth(m, P, mp, Pp):
    def back(carry, elems):
        ms, Ps = carry
        m, P, mp, Pp = elems
        G = P @ tf.transpose(F) @ tf.linalg.inv(Pp)
        return m + tf.linalg.matvec(G, ms - mp), P + G @ (Ps - Pp) @ tf.transpose(G)

    return tf.scan(back, (m[:-1], P[:-1], mp[1:], Pp[1:]), (m[-1], P[-1]), reverse=True)


ms, Ps = smooth(m, P, mp, Pp)
print(ms.shape, ms[::6].numpy().round(5))
print(tf.reduce_all(tf.linalg.trace(Ps) <= tf.linalg.trace(P[:-1]) + 1e-12).numpy())
print(tf.foldl(lambda a, x: 0.9 * a + x, z).numpy(), tf.foldr(lambda a, x: 0.9 * a + x, z[:, 0]).numpy())
print(
    tf.map_fn(lambda p: tf.linalg.logdet(p), P[:3]).numpy(),
    tf.vectorized_map(tf.linalg.trace, P[:3]).numpy() if hasattr(tf, "vectorized_map") else "",
)
