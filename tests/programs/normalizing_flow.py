"""A normalizing flow: affine couplings with log-determinants, invertibility, maximum likelihood, and a planar flow's Jacobian."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(2)
data = tf.constant(np.stack([rng.randn(64) * 0.5 + 1.0, rng.randn(64) * 1.5], 1).astype("float32"))
data = tf.stack([data[:, 0], data[:, 1] + data[:, 0] ** 2], 1)


class Coupling(tf.Module):
    def __init__(self, flip, name=None):
        super().__init__(name=name)
        self.flip = flip
        self.w1 = tf.Variable(rng.randn(1, 8).astype("float32") * 0.3)
        self.w2 = tf.Variable(tf.zeros([8, 2]))

    def net(self, x):
        s, t = tf.unstack(tf.tanh(x @ self.w1) @ self.w2, axis=-1)
        return tf.tanh(s), t

    def forward(self, x):
        a, b = tf.split(x, 2, -1)
        if self.flip:
            a, b = b, a
        s, t = self.net(a)
        b = (b[:, 0] * tf.exp(s) + t)[:, None]
        out = tf.concat([b, a] if self.flip else [a, b], -1)
        return out, s

    def inverse(self, y):
        a, b = tf.split(y, 2, -1)
        if self.flip:
            a, b = b, a
        s, t = self.net(a)
        b = ((b[:, 0] - t) * tf.exp(-s))[:, None]
        return tf.concat([b, a] if self.flip else [a, b], -1)


flow = [Coupling(i % 2 == 1, name=f"c{i}") for i in range(4)]
variables = sum([list(c.trainable_variables) for c in flow], [])


def log_prob(x):
    total = 0.0
    for c in flow:
        x, s = c.forward(x)
        total += s
    return -0.5 * tf.reduce_sum(x**2, -1) - np.log(2 * np.pi) + total, x


opt = tf.keras.optimizers.Adam(0.02)


@tf.function
def step():
    with tf.GradientTape() as tape:
        loss = -tf.reduce_mean(log_prob(data)[0])
    opt.apply_gradients(zip(tape.gradient(loss, variables), variables))
    return loss


for i in range(40):
    loss = step()
    if i % 10 == 0:
        print(i, f"{loss:.4f}")
lp, z = log_prob(data)
x = z
for c in reversed(flow):
    x = c.inverse(x)
print("inverts", float(tf.reduce_max(tf.abs(x - data))) < 1e-4)
point = data[:3]
with tf.GradientTape() as tape:
    tape.watch(point)
    _, z = log_prob(point)
J = tape.batch_jacobian(z, point)
manual = tf.math.log(tf.abs(tf.linalg.det(J)))
print(np.allclose((lp[:3] + 0.5 * tf.reduce_sum(z**2, -1) + np.log(2 * np.pi)).numpy(), manual.numpy(), atol=1e-4))
u, w, b = tf.constant([[0.5], [1.0]]), tf.constant([[1.0], [-0.3]]), tf.constant(0.1)
with tf.GradientTape() as tape:
    tape.watch(point)
    out = point + tf.transpose(u) * tf.tanh(point @ w + b)
J = tape.batch_jacobian(out, point)
print(
    tf.linalg.det(J).numpy().round(5),
    (1.0 + (1 - tf.tanh(point @ w + b) ** 2)[:, 0] * tf.tensordot(w[:, 0], u[:, 0], 1)).numpy().round(5),
)
