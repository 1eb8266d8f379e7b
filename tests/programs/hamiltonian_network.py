"""A Hamiltonian neural network: the vector field is the gradient of a learnt energy, symplectic steps in a loop, conserved energy."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(3)
W1 = tf.Variable(rng.randn(2, 12).astype("float32") * 0.7)
b1 = tf.Variable(tf.zeros(12))
W2 = tf.Variable(rng.randn(12, 1).astype("float32") * 0.5)
variables = [W1, b1, W2]


def H(z):
    return tf.squeeze(tf.matmul(tf.nn.tanh(z @ W1 + b1), W2), -1)


@tf.function
def field(z):
    with tf.GradientTape() as tape:
        tape.watch(z)
        energy = H(z)
    dq, dp = tf.split(tape.gradient(energy, z), 2, axis=-1)
    return tf.concat([dp, -dq], -1)


q = rng.uniform(-1, 1, (32, 2)).astype("float32")
target = np.stack([q[:, 1], -np.sin(q[:, 0])], 1).astype("float32")
opt = tf.keras.optimizers.Adam(learning_rate=0.02)


@tf.function
def step(z, dz):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.reduce_sum((field(z) - dz) ** 2, -1))
    grads = tape.gradient(loss, variables)
    opt.apply_gradients(zip(grads, variables))
    return loss


for i in range(61):
    loss = step(q, target)
    if i % 20 == 0:
        print(i, f"{loss:.5f}")


@tf.function
def leapfrog(z, n, h=0.1):
    path = tf.TensorArray(tf.float32, size=n, element_shape=[1, 2])
    for i in tf.range(n):
        f = field(z)
        half = tf.stack([z[:, 0], z[:, 1] + 0.5 * h * f[:, 1]], 1)
        f = field(half)
        z = tf.stack([half[:, 0] + h * f[:, 0], half[:, 1]], 1)
        f = field(z)
        z = tf.stack([z[:, 0], z[:, 1] + 0.5 * h * f[:, 1]], 1)
        path = path.write(i, z)
    return path.concat()


path = leapfrog(tf.constant([[0.8, 0.0]]), 30)
print(path.shape, path.numpy()[::10].round(3))
e = H(path)
print("drift", bool(tf.reduce_max(e) - tf.reduce_min(e) < 0.05))
z0 = tf.constant([[0.8, 0.0]])
with tf.GradientTape(persistent=True) as tape:
    tape.watch(z0)
    end = leapfrog(z0, 5)[-1]
J = tape.jacobian(end, z0, experimental_use_pfor=False)[:, 0]
print(J.numpy().round(4), f"{tf.linalg.det(J):.4f}")
