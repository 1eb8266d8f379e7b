"""Jacobians, batch Jacobians, Hessians of a network by blocks, Laplacians, divergence, forward over reverse."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(13)
x = tf.constant(rng.randn(4, 3))
W = tf.Variable(rng.randn(3, 5))
b = tf.Variable(rng.randn(5))


def f(x):
    return tf.math.softplus(x @ W + b) * tf.math.cos(b)


for wrap in (lambda g: g, tf.function):

    @wrap
    def batch(x, parallel=True):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            y = f(x)
        return tape.batch_jacobian(y, x, experimental_use_pfor=parallel), tape.jacobian(y, [x, W])

    B, (J, JW) = batch(x)
    print(B.shape, J.shape, JW.shape, f"{tf.reduce_sum(B**2):.6f} {tf.norm(J):.6f} {tf.norm(JW):.6f}")
    print(np.abs(B.numpy() - np.stack([J[i, :, i].numpy() for i in range(4)])).max() < 1e-12)

    @wrap
    def laplacian(x):
        with tf.GradientTape() as t2:
            t2.watch(x)
            with tf.GradientTape() as t1:
                t1.watch(x)
                u = tf.reduce_sum(f(x), axis=1)
            g = t1.gradient(u, x)
        H = t2.batch_jacobian(g, x)
        return tf.linalg.trace(H)

    print(laplacian(x).numpy())

    @wrap
    def hessian_blocks():
        with tf.GradientTape(persistent=True) as t2:
            with tf.GradientTape() as t1:
                loss = tf.reduce_mean(f(x) ** 2)
            gW, gb = t1.gradient(loss, [W, b])
        return t2.jacobian(gW, W), t2.jacobian(gW, b), t2.jacobian(gb, b)

    HWW, HWb, Hbb = hessian_blocks()
    H = tf.concat(
        [
            tf.concat([tf.reshape(HWW, [15, 15]), tf.reshape(HWb, [15, 5])], 1),
            tf.concat([tf.transpose(tf.reshape(HWb, [15, 5])), Hbb], 1),
        ],
        0,
    )
    e = tf.linalg.eigvalsh(H)
    print(HWW.shape, e.numpy()[[0, 5, -1]].round(6), f"{tf.reduce_max(tf.abs(H - tf.transpose(H))).numpy():.1e}" < "1e-1")

    @wrap
    def divergence(v):
        with tf.autodiff.ForwardAccumulator(v, tf.ones_like(v)) as acc:
            with tf.GradientTape() as tape:
                tape.watch(v)
                y = tf.reduce_sum(tf.exp(-(v**2)) * v[::-1])
            g = tape.gradient(y, v)
        return acc.jvp(g), acc.jvp(y)

    hv, dy = divergence(tf.constant([0.1, 0.2, 0.3], tf.float64))
    print(hv.numpy(), dy.numpy())

    @wrap
    def third(z):
        with tf.GradientTape() as a:
            a.watch(z)
            with tf.GradientTape() as bb:
                bb.watch(z)
                with tf.GradientTape() as c:
                    c.watch(z)
                    y = tf.math.erf(z) * tf.math.lgamma(z)
                d1 = c.gradient(y, z)
            d2 = bb.gradient(d1, z)
        return d1, d2, a.gradient(d2, z)

    print([float(v) for v in third(tf.constant(1.3, tf.float64))])
try:
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_sum(x, 0)
    tape.batch_jacobian(y, x)
except ValueError as e:
    print("ValueError", str(e)[:60])
