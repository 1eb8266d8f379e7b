"""A physics-informed network for u'' = -sin(x): second derivatives by nested tapes inside the loss."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(5)
sizes = [1, 10, 10, 1]
params = []
for fan_in, fan_out in zip(sizes[:-1], sizes[1:], strict=True):
    params.append(tf.Variable(rng.randn(fan_in, fan_out).astype(np.float32) / np.float32(fan_in) ** 0.5, name="kernel"))
    params.append(tf.Variable(tf.zeros([fan_out]), name="bias"))


def network(x):
    h = x
    for i in range(0, len(params) - 2, 2):
        h = tf.math.tanh(h @ params[i] + params[i + 1])
    return h @ params[-2] + params[-1]


def residual(x):
    with tf.GradientTape() as t2:
        t2.watch(x)
        with tf.GradientTape() as t1:
            t1.watch(x)
            u = network(x)
        u_x = t1.gradient(u, x)
    u_xx = t2.gradient(u_x, x)
    return u_xx + tf.sin(x)


x_interior = tf.reshape(tf.linspace(0.0, np.pi, 20), (-1, 1))
x_boundary = tf.constant([[0.0], [np.pi]], dtype=tf.float32)
optimizer = tf.keras.optimizers.Adam(
    learning_rate=tf.keras.optimizers.schedules.PiecewiseConstantDecay([40, 80], [1e-2, 5e-3, 1e-3])
)
for step in range(101):
    with tf.GradientTape() as tape:
        pde = tf.reduce_mean(tf.square(residual(x_interior)))
        bc = tf.reduce_mean(tf.square(network(x_boundary)))
        loss = pde + 10.0 * bc
    grads = tape.gradient(loss, params)
    optimizer.apply_gradients(zip(grads, params, strict=True))
    if step % 20 == 0:
        print(f"step {step:3d} loss {loss:.3e} pde {pde:.3e}")
error = tf.reduce_max(tf.abs(network(x_interior) - tf.sin(x_interior)))
print(f"max error {error:.2f}")
