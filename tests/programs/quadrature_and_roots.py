"""Quadrature, root finding, interpolation and optimal control, differentiated: Gauss-Legendre, Newton in while, splines, shooting."""

import numpy as np
import tensorflow as tf

nodes, weights = np.polynomial.legendre.leggauss(12)
nodes, weights = tf.constant(nodes), tf.constant(weights)


def integrate(f, a, b):
    x = 0.5 * (b - a) * nodes + 0.5 * (a + b)
    return 0.5 * (b - a) * tf.reduce_sum(weights * f(x))


k = tf.Variable(1.3, dtype=tf.float64)
for wrap in (lambda f: f, tf.function):

    @wrap
    def moment(a, b):
        return integrate(lambda x: tf.exp(-k * x**2) * tf.cos(x), a, b)

    a, b = tf.constant(0.0, tf.float64), tf.constant(2.0, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch([a, b])
        y = moment(a, b)
    g = tape.gradient(y, [k, a, b])
    print(f"{y:.8f}", [f"{float(v):.8f}" for v in g], f"{float(tf.exp(-k * 4) * tf.cos(b)):.8f}")

    @wrap
    def newton_root(c):
        x = tf.ones_like(c)
        i = tf.constant(0)
        while tf.reduce_max(tf.abs(x**3 + x - c)) > 1e-12 and i < 50:
            x -= (x**3 + x - c) / (3 * x**2 + 1)
            i += 1
        return x, i

    c = tf.constant([2.0, 10.0], tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(c)
        x, i = newton_root(c)
    print(x.numpy(), i.numpy(), tape.gradient(x, c).numpy(), (1 / (3 * x**2 + 1)).numpy())

xs = tf.constant(np.linspace(0, 5, 6))
ys = tf.Variable(np.sin(np.linspace(0, 5, 6)))


def spline(q):
    h = xs[1:] - xs[:-1]
    n = 6
    diag = tf.concat([[1.0], 2 * (h[:-1] + h[1:]), [1.0]], 0)
    A = (
        tf.linalg.diag(diag)
        + tf.linalg.diag(tf.concat([[tf.constant(0.0, tf.float64)], h[1:]], 0), k=1)
        + tf.linalg.diag(tf.concat([h[:-1], [tf.constant(0.0, tf.float64)]], 0), k=-1)
    )
    d = (ys[1:] - ys[:-1]) / h
    rhs = tf.concat([[0.0], 6 * (d[1:] - d[:-1]), [0.0]], 0)
    m = tf.linalg.solve(A, rhs[:, None])[:, 0]
    i = tf.clip_by_value(tf.searchsorted(xs, q, side="right") - 1, 0, n - 2)
    t, hi = q - tf.gather(xs, i), tf.gather(h, i)
    m0, m1, y0, y1 = tf.gather(m, i), tf.gather(m, i + 1), tf.gather(ys, i), tf.gather(ys, i + 1)
    return y0 + t * ((y1 - y0) / hi - hi * (2 * m0 + m1) / 6) + t**2 * m0 / 2 + t**3 * (m1 - m0) / (6 * hi)


q = tf.constant([0.5, 1.7, 4.9], tf.float64)
with tf.GradientTape(persistent=True) as tape:
    tape.watch(q)
    s = spline(q)
print(s.numpy().round(6), tape.gradient(s, q).numpy().round(6))
print(tape.jacobian(s, ys).numpy().round(4))
compiled = tf.function(spline)
print(np.abs(compiled(q).numpy() - s.numpy()).max() < 1e-12)

u = tf.Variable(tf.zeros([10]))
opt = tf.keras.optimizers.SGD(0.5, momentum=0.8)


@tf.function
def control():
    with tf.GradientTape() as tape:
        x, v = tf.constant(0.0), tf.constant(0.0)
        for i in tf.range(10):
            v += 0.1 * u[i]
            x += 0.1 * v
        cost = (x - 1.0) ** 2 * 10 + v**2 + 0.001 * tf.reduce_sum(u**2)
    opt.apply_gradients([(tape.gradient(cost, u), u)])
    return cost, x, v


for i in range(60):
    cost, x, v = control()
print(f"{cost:.4f} {x:.4f} {v:.4f}", u.numpy().round(2))
