"""A partial differential equation solved with explicit steps, and its source and diffusivity found by the adjoint."""

import numpy as np
import tensorflow as tf

n, steps = 24, 40
dx, dt = 1.0 / n, 2e-4
grid = np.linspace(0, 1, n, dtype=np.float32)
true_source = np.exp(-100 * (grid - 0.3) ** 2)


def laplacian(u):
    padded = tf.pad(u, [[1, 1]], mode="SYMMETRIC")
    return (padded[2:] - 2.0 * padded[1:-1] + padded[:-2]) / dx**2


def simulate(source, kappa):
    u = tf.zeros([n])
    for _ in tf.range(steps):
        u = u + dt * (kappa * laplacian(u) + source)
    return u


measured = simulate(tf.constant(true_source), tf.constant(1.0))
print(f"total heat {tf.reduce_sum(measured):.6f}, expected {steps * dt * true_source.sum():.6f}")
source = tf.Variable(tf.zeros([n]), name="source")
log_kappa = tf.Variable(-0.3, name="log_kappa")
optimizer = tf.keras.optimizers.Adam(learning_rate=0.1)
for iteration in range(31):
    with tf.GradientTape() as tape:
        u = simulate(tf.nn.relu(source), tf.exp(log_kappa))
        misfit = 1e4 * tf.reduce_mean(tf.math.squared_difference(u, measured))
        smooth = 1e-3 * tf.reduce_sum(tf.square(source[1:] - source[:-1]))
        loss = misfit + smooth
    grads = tape.gradient(loss, [source, log_kappa])
    optimizer.apply_gradients(zip(grads, [source, log_kappa]))
    if iteration % 10 == 0:
        print(f"{iteration:3d} loss {loss:.5f} |dsource| {tf.norm(grads[0]):.5f} dkappa {grads[1]:.5f}")

plate = tf.Variable(tf.random.stateless_uniform([6, 6], seed=[1, 2]) * 0.0 + 0.5)
kernel = tf.constant([[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]])
with tf.GradientTape() as tape:
    state = plate
    for _ in range(5):
        ring = tf.pad(state, [[1, 1], [1, 1]])
        change = tf.add_n([kernel[i, j] * ring[i : i + 6, j : j + 6] for i in range(3) for j in range(3)])
        state = state + 0.1 * change
    center = state[2, 3]
influence = tape.gradient(center, plate)
tf.print("center", center, "sum of influence", tf.reduce_sum(influence))
print(np.round(influence.numpy(), 5))
