"""A neural ODE solved by RK4 in tf.while_loop, and by an adaptive step in AutoGraph."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(1)
W1 = tf.Variable(rng.randn(2, 10).astype(np.float32) * 0.5, name="W1")
W2 = tf.Variable(rng.randn(10, 2).astype(np.float32) * 0.3, name="W2")
A = tf.constant([[-0.1, 2.0], [-2.0, -0.1]])
y0 = tf.constant([[2.0, 0.0]])


def field(t, y):
    return tf.matmul(tf.tanh(tf.matmul(y**3, W1)), W2)


def true_field(t, y):
    return tf.matmul(y**3, A)


def rk4(f, y, t, h):
    k1 = f(t, y)
    k2 = f(t + h / 2, y + h / 2 * k1)
    k3 = f(t + h / 2, y + h / 2 * k2)
    k4 = f(t + h, y + h * k3)
    return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def solve(f, y0, n, h):
    ta = tf.TensorArray(tf.float32, size=n + 1, element_shape=y0.shape)
    ta = ta.write(0, y0)

    def body(i, y, ta):
        y = rk4(f, y, tf.cast(i, tf.float32) * h, h)
        return i + 1, y, ta.write(i + 1, y)

    _, last, ta = tf.while_loop(lambda i, y, ta: i < n, body, [0, y0, ta], parallel_iterations=1)
    return last, ta.stack()


target = solve(true_field, y0, 12, 0.05)[1]
print(target.shape, target[-1].numpy())
opt = tf.keras.optimizers.RMSprop(0.02)


def train_step():
    with tf.GradientTape() as tape:
        last, path = solve(field, y0, 12, 0.05)
        loss = tf.reduce_mean(tf.abs(path - target))
    g = tape.gradient(loss, [W1, W2])
    opt.apply_gradients(zip(g, [W1, W2]))
    return loss


for i in range(3):
    print("eager", i, "%.6f" % train_step())
fast = tf.function(train_step)
for i in range(30):
    l = fast()
    if i % 10 == 0:
        print("graph", i, "%.6f" % l.numpy())
print(fast.experimental_get_tracing_count())


@tf.function
def adaptive(y, t_end, tol):
    t = tf.constant(0.0)
    h = tf.constant(0.1)
    steps = 0
    rejected = 0
    while t < t_end:
        h = tf.minimum(h, t_end - t)
        full = rk4(true_field, y, t, h)
        half = rk4(true_field, rk4(true_field, y, t, h / 2), t + h / 2, h / 2)
        err = tf.reduce_max(tf.abs(full - half))
        if err < tol:
            t += h
            y = half
            steps += 1
        else:
            rejected += 1
            if rejected > 50:
                break
        h = h * tf.clip_by_value(0.9 * (tol / (err + 1e-10)) ** 0.2, 0.2, 3.0)
    return y, steps, rejected


y, s, r = adaptive(y0, tf.constant(0.5), tf.constant(1e-4))
print(np.round(y.numpy(), 4), s.numpy(), r.numpy())
with tf.GradientTape() as tape:
    tape.watch(y0)
    y, s, r = adaptive(y0, 0.5, 1e-4)
print(np.round(tape.gradient(y, y0).numpy(), 3), s.dtype, r.numpy().dtype)
