"""Jacobians of scalars, vectors and batches; a Hessian and one Newton step."""

import numpy as np
import tensorflow as tf

x = tf.linspace(-10.0, 10.0, 5)
delta = tf.Variable(0.0)
with tf.GradientTape() as tape:
    y = tf.nn.sigmoid(x + delta)
dy_dx = tape.jacobian(y, delta)
print(y.shape, dy_dx.shape)
tf.print(dy_dx, summarize=-1)

rng = np.random.RandomState(3)
kernel = tf.Variable(rng.randn(4, 3).astype("float32"))
inputs = tf.constant(rng.randn(5, 4).astype("float32"))
with tf.GradientTape(persistent=True) as tape:
    y = tf.nn.relu(inputs @ kernel)
j = tape.jacobian(y, kernel)
print(j.shape)
g = tape.gradient(y, kernel)
j_sum = tf.reduce_sum(j, axis=[0, 1])
print(tf.reduce_max(abs(g - j_sum)).numpy() < 1e-5)
j2 = tape.jacobian(y, {"k": kernel}, experimental_use_pfor=False)
print(sorted(j2), np.allclose(j, j2["k"]))

x = tf.constant(rng.randn(3, 4).astype("float32"))
with tf.GradientTape(persistent=True) as tape:
    tape.watch(x)
    y = tf.tanh(x @ kernel)
jb = tape.batch_jacobian(y, x)
jf = tf.einsum("bxby->bxy", tape.jacobian(y, x))
print(jb.shape, np.allclose(jb, jf, atol=1e-6))
tf.print(jb[0])

layer_w = tf.Variable([[0.1, -0.2], [0.3, 0.4]])
data = tf.constant([[1.0, 2.0], [3.0, -1.0]])
with tf.GradientTape() as t2:
    with tf.GradientTape() as t1:
        h = tf.nn.softplus(data @ layer_w)
        loss = tf.reduce_mean(h**2)
    g = t1.gradient(loss, layer_w)
h = t2.jacobian(g, layer_w)
print(f"Input.shape: {data.shape}", f"Hessian: {h.shape}")
n_params = tf.reduce_prod(layer_w.shape)
g_vec = tf.reshape(g, [n_params, 1])
h_mat = tf.reshape(h, [n_params, n_params])
print(np.round(h_mat.numpy(), 4))
print("symmetric:", bool(tf.reduce_all(tf.abs(h_mat - tf.transpose(h_mat)) < 1e-6)))
eye_eps = tf.eye(h_mat.shape[0]) * 1e-3
update = tf.linalg.solve(h_mat + eye_eps, g_vec)
_ = layer_w.assign_sub(tf.reshape(update, layer_w.shape))
tf.print(layer_w)
print(layer_w)
try:
    with tf.GradientTape() as t:
        t.watch(x)
        y = tf.matmul(x, kernel, transpose_a=True) if x.shape[0] == 4 else tf.reshape(x, [4, 3])
    t.batch_jacobian(y, x)
except ValueError as error:
    print(type(error).__name__)
