"""A physics-informed network for Burgers' equation: nested tapes over two inputs, eagerly and as a function."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(0)
tf.random.set_seed(3)


class Net(tf.Module):
    def __init__(self, sizes, name=None):
        super().__init__(name=name)
        self.weights = []
        self.biases = []
        for a, b in zip(sizes[:-1], sizes[1:]):
            self.weights.append(
                tf.Variable(rng.randn(a, b).astype("float32") * float(np.sqrt(2.0 / (a + b))), name=f"w{len(self.weights)}")
            )
            self.biases.append(tf.Variable(tf.zeros([b]), name="b"))

    def __call__(self, t, x):
        h = tf.concat([t, x], axis=1)
        for w, b in zip(self.weights[:-1], self.biases[:-1]):
            h = tf.nn.tanh(tf.add(tf.matmul(h, w), b))
        return tf.add(tf.matmul(h, self.weights[-1]), self.biases[-1])


net = Net([2, 8, 8, 1], name="pinn")
nu = tf.constant(0.01 / np.pi, dtype=tf.float32)


def residual(t, x):
    with tf.GradientTape(persistent=True) as outer:
        outer.watch(x)
        with tf.GradientTape(persistent=True) as inner:
            inner.watch([t, x])
            u = net(t, x)
        u_x = inner.gradient(u, x)
        u_t = inner.gradient(u, t)
    u_xx = outer.gradient(u_x, x)
    del inner, outer
    return u_t + u * u_x - nu * u_xx


t_f = tf.constant(rng.rand(20, 1), tf.float32)
x_f = tf.constant(rng.uniform(-1, 1, (20, 1)), tf.float32)
x_0 = tf.reshape(tf.linspace(-1.0, 1.0, 11), (-1, 1))
u_0 = -tf.sin(np.pi * x_0)


def loss_fn():
    f = residual(t_f, x_f)
    u = net(tf.zeros_like(x_0), x_0)
    bc = net(t_f, tf.ones_like(t_f)) ** 2 + net(t_f, -tf.ones_like(t_f)) ** 2
    return tf.reduce_mean(f**2) + tf.reduce_mean(tf.square(u - u_0)) + tf.reduce_mean(bc)


def make_step(optimizer):
    def step():
        with tf.GradientTape() as tape:
            loss = loss_fn()
        grads = tape.gradient(loss, net.trainable_variables)
        optimizer.apply_gradients(zip(grads, net.trainable_variables))
        return loss, tf.linalg.global_norm(grads)

    return step


print([v.name for v in net.trainable_variables], [tuple(v.shape) for v in net.variables])
step = make_step(tf.keras.optimizers.Adam(1e-2))
for i in range(5):
    loss, norm = step()
    print(f"eager {i} {loss:.5f} {float(norm):.4f}")
compiled = tf.function(make_step(tf.keras.optimizers.Adam(learning_rate=5e-3)))
for i in range(12):
    loss, norm = compiled()
    if i % 4 == 3:
        tf.print("step", i, "loss", loss, "norm", norm)
        print(f"graph {i} {loss.numpy():.5f}", norm.shape, norm.dtype)
print(residual(t_f[:2], x_f[:2]).numpy())
