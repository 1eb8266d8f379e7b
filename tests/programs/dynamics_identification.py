"""Fit an ODE's parameters through a loop written in Python under tf.function; multiple shooting; damped oscillator."""

import numpy as np
import tensorflow as tf

t = np.linspace(0, 4, 21).astype("float32")
truth = (np.exp(-0.2 * t) * np.cos(1.5 * t)).astype("float32")
omega = tf.Variable(1.2, name="omega", constraint=lambda v: tf.clip_by_value(v, 0.1, 5.0))
gamma = tf.Variable(
    0.05,
    name="gamma",
    constraint=tf.keras.constraints.NonNeg()
    if hasattr(tf.keras, "constraints") and hasattr(tf.keras.constraints, "NonNeg")
    else None,
)
x0 = tf.Variable([0.8, 0.0])
params = [omega, gamma, x0]


def f(s):
    x, v = s[0], s[1]
    return tf.stack([v, -(omega**2 + gamma**2) * x - 2.0 * gamma * v])


@tf.function
def simulate(dt=0.2, substeps=4):
    s = tf.identity(x0)
    out = tf.TensorArray(tf.float32, size=21)
    out = out.write(0, s[0])
    h = dt / substeps
    for i in tf.range(1, 21):
        for _ in range(substeps):
            k1 = f(s)
            k2 = f(s + 0.5 * h * k1)
            s = s + h * k2
        out = out.write(i, s[0])
    return out.stack()


opt = tf.keras.optimizers.RMSprop(0.02, momentum=0.3, centered=True)


@tf.function
def step():
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.math.squared_difference(simulate(), truth))
    g = tape.gradient(loss, params)
    opt.apply_gradients(zip(g, params))
    return loss, tf.linalg.global_norm(g)


for i in range(31):
    loss, norm = step()
    if i % 10 == 0:
        print(i, f"{loss:.6f} {norm:.5f}", f"omega {omega.numpy():.4f} gamma {gamma.numpy():.4f}")
with tf.GradientTape() as t2:
    with tf.GradientTape() as t1:
        y = simulate()
        loss = tf.reduce_mean((y - truth) ** 2)
    g = t1.gradient(loss, omega)
print(f"curvature {t2.gradient(g, omega):.4f}")
with tf.GradientTape() as tape:
    y = simulate()
J = tape.jacobian(y, params)
print([tuple(j.shape) for j in J], f"{tf.norm(J[0]):.4f} {tf.norm(J[2]):.4f}")
fisher = tf.stack([J[0], J[1]], 1)
print(np.round(tf.linalg.inv(tf.transpose(fisher) @ fisher).numpy(), 4))
