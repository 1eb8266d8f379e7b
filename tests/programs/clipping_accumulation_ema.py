"""Clipping by value, norm and global norm; gradients accumulated over micro-batches; an average of the weights."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(99)
x = rng.randn(32, 5).astype(np.float32)
y = (x @ np.array([[1.0], [2.0], [-1.0], [0.0], [0.5]]) + 0.3).astype(np.float32)
w = tf.Variable(tf.random.normal([5, 1]) * 0.0)
b = tf.Variable([0.0])


def loss_fn(xb, yb):
    return tf.reduce_mean(tf.keras.losses.mse(yb, xb @ w + b))


with tf.GradientTape() as tape:
    loss = loss_fn(x, y)
grads = tape.gradient(loss, [w, b])
print("norms", [f"{tf.norm(g):.5f}" for g in grads], f"global {tf.linalg.global_norm(grads):.5f}")
clipped, norm = tf.clip_by_global_norm(grads, 1.0)
print(f"{norm:.5f} {tf.linalg.global_norm(clipped):.5f}")
print(tf.clip_by_value(grads[0], -1.0, 1.0).numpy().ravel())
print(tf.clip_by_norm(grads[0], 2.0).numpy().ravel().round(5))
print([None if g is None else g.shape for g in tf.clip_by_global_norm([grads[0], None], 1.0)[0]])

accumulated = [tf.Variable(tf.zeros_like(v), trainable=False) for v in (w, b)]
optimizer = tf.keras.optimizers.SGD(learning_rate=0.1, momentum=0.5)
shadow = [tf.Variable(v.read_value(), trainable=False) for v in (w, b)]
decay = 0.9
for epoch in range(10):
    for micro, (xb, yb) in enumerate(zip(np.split(x, 8), np.split(y, 8), strict=True)):
        with tf.GradientTape() as tape:
            loss = loss_fn(xb, yb) / 4
        for total, g in zip(accumulated, tape.gradient(loss, [w, b]), strict=True):
            total.assign_add(g)
        if (micro + 1) % 4 == 0:
            optimizer.apply_gradients(zip([total.value() for total in accumulated], [w, b], strict=True))
            for total in accumulated:
                total.assign(tf.zeros_like(total))
            for average, v in zip(shadow, (w, b), strict=True):
                average.assign(decay * average + (1.0 - decay) * v)
    if epoch % 3 == 0:
        print(f"epoch {epoch} loss {loss_fn(x, y):.6f}")
tf.print("w", tf.squeeze(w), "average", tf.squeeze(shadow[0]))
print(int(optimizer.iterations), optimizer.learning_rate.numpy())

opt = tf.keras.optimizers.Adam(0.1, use_ema=True, ema_momentum=0.5)
for _ in range(5):
    opt.apply_gradients([(tf.ones([1]), b)])
before = b.numpy()
opt.finalize_variable_values([b])
print(before, b.numpy())
