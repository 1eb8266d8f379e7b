"""Nested tapes: second to fifth derivatives and a gradient of a gradient's norm."""

import tensorflow as tf

x = tf.Variable(1.0)
with tf.GradientTape() as t2:
    with tf.GradientTape() as t1:
        y = x * x * x
    dy_dx = t1.gradient(y, x)
d2y_dx2 = t2.gradient(dy_dx, x)
print("dy_dx:", dy_dx.numpy())
print("d2y_dx2:", d2y_dx2.numpy())


def nth_derivative(f, x, n):
    if n == 0:
        return f(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = nth_derivative(f, x, n - 1)
    return tape.gradient(y, x)


point = tf.constant(0.7, dtype=tf.float64)
for n in range(6):
    value = nth_derivative(lambda t: tf.exp(-t) * tf.sin(2.0 * t) / (1.0 + t**2), point, n)
    print(n, f"{value.numpy():.8f}")

x = tf.constant([[1.0, -2.0], [0.5, 3.0]])
w = tf.Variable([[0.3, -0.1, 0.2], [0.4, 0.1, -0.5]])
with tf.GradientTape() as outer:
    with tf.GradientTape() as inner:
        inner.watch(x)
        out = tf.reduce_sum(tf.tanh(x @ w))
    g1 = inner.gradient(out, x)
    penalty = tf.norm(g1)
print("penalty", f"{float(penalty):.5f}")
print(outer.gradient(penalty, w))

x = tf.Variable(0.5)
with tf.GradientTape(persistent=True) as t2:
    with tf.GradientTape(persistent=True) as t1:
        y = tf.sin(x)
        z = tf.cos(y)
    dz_dx = t1.gradient(z, x)
    dy_dx = t1.gradient(y, x)
print(t2.gradient(dz_dx, x).numpy(), t2.gradient(dy_dx, x).numpy(), t2.gradient([dz_dx, dy_dx], x).numpy())
print(t2.gradient(dz_dx + dy_dx, x))

with tf.GradientTape() as t3, tf.GradientTape() as t2, tf.GradientTape() as t1:
    y = x**4 + tf.math.log(x)
try:
    print(t1.gradient(y, x), t2.gradient(y, x))
except RuntimeError as error:
    print(type(error).__name__)
