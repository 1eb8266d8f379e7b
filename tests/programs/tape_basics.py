"""The tape at its simplest: what is watched, what is not, and what comes back."""

import tensorflow as tf

x = tf.Variable(3.0)
with tf.GradientTape() as tape:
    y = x**2
dy_dx = tape.gradient(y, x)
print(dy_dx)
print(dy_dx.numpy())

w = tf.Variable([[0.5, -0.25], [1.0, 0.75], [-0.5, 0.125]], name="w")
b = tf.Variable(tf.zeros(2, dtype=tf.float32), name="b")
inputs = [[1.0, 2.0, 3.0]]
with tf.GradientTape(persistent=True) as tape:
    y = inputs @ w + b
    loss = tf.reduce_mean(y**2)
[dl_dw, dl_db] = tape.gradient(loss, [w, b])
print(w.shape, dl_dw.shape)
print(dl_dw)
print(dl_db)
grads = tape.gradient(loss, {"w": w, "b": b})
print(sorted(grads), grads["b"])
print(tape.gradient(y, w))
del tape

x0 = tf.Variable(3.0, name="x0")
x1 = tf.Variable(3.0, name="x1", trainable=False)
x2 = tf.Variable(2.0, name="x2") + 1.0
x3 = tf.constant(3.0, name="x3")
with tf.GradientTape() as tape:
    y = (x0**2) + (x1**2) + (x2**2)
for g in tape.gradient(y, [x0, x1, x2, x3]):
    print(g)
print([v.name for v in tape.watched_variables()])

x = tf.constant(3.0)
with tf.GradientTape() as tape:
    tape.watch(x)
    y = x * x
    z = y * y
print(tape.gradient(z, y).numpy(), isinstance(y, tf.Tensor), isinstance(x0, tf.Variable))

x = tf.constant([1, 3.0])
with tf.GradientTape(persistent=True) as tape:
    tape.watch(x)
    y = x * x
    z = y * y
print(tape.gradient(z, x).numpy())
print(tape.gradient(y, x).numpy())

with tf.GradientTape(watch_accessed_variables=False) as tape:
    tape.watch(x0)
    y = tf.math.sin(x0) * tf.nn.softplus(x1)
print([None if g is None else f"{g:.6f}" for g in tape.gradient(y, [x0, x1])])

with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.nn.sigmoid(x)
try:
    tape.gradient(y, x)
    tape.gradient(y, x)
except RuntimeError as e:
    print(type(e).__name__, "non-persistent" in str(e))
