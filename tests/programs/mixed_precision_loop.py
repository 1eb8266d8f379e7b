"""Half precision by hand: float16 compute, float32 masters, dynamic loss scale; bfloat16; casts in the gradient."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(16)
x = tf.constant(rng.randn(16, 4).astype("float32"))
y = tf.constant((rng.randn(4, 1) * 0.5).astype("float32"))
target = x @ y
w = tf.Variable(tf.zeros([4, 1]))
scale = tf.Variable(2.0**15, trainable=False)
good = tf.Variable(0, trainable=False)
opt = tf.keras.optimizers.SGD(0.1)


@tf.function
def step():
    with tf.GradientTape() as tape:
        w16 = tf.cast(w, tf.float16)
        pred = tf.matmul(tf.cast(x, tf.float16), w16)
        loss = tf.reduce_mean(tf.square(tf.cast(pred, tf.float32) - target))
        scaled = loss * scale
    g = tape.gradient(scaled, w) / scale
    finite = tf.reduce_all(tf.math.is_finite(g))
    if finite:
        opt.apply_gradients([(g, w)])
        good.assign_add(1)
        if good >= 5:
            scale.assign(scale * 2.0)
            good.assign(0)
    else:
        scale.assign(tf.maximum(scale / 2.0, 1.0))
        good.assign(0)
    return loss, finite


with tf.GradientTape() as tape:
    loss = tf.reduce_mean(tf.square(tf.cast(tf.cast(x, tf.float16) @ tf.cast(w, tf.float16), tf.float32) - target))
g = tape.gradient(loss, w)
print(g.dtype, f"{loss:.4f}")
opt.apply_gradients([(g, w)])
for i in range(12):
    loss, finite = step()
    if i % 3 == 0:
        print(i, f"{loss:.3f}", bool(finite), scale.numpy(), good.numpy())
h = tf.constant([1.0, 2.0, 3.0], tf.float16)
print(h * 2, tf.exp(h).dtype, (h / 3).numpy(), tf.reduce_sum(h).dtype)
b = tf.cast([1.0, 2.5, 3.1415926], tf.bfloat16)
print(b, tf.cast(b, tf.float32).numpy(), (b * b).dtype.name)
with tf.GradientTape() as tape:
    tape.watch(b)
    z = tf.reduce_sum(tf.cast(b, tf.float32) ** 2)
print(tape.gradient(z, b))
print(tf.float16.max, tf.float32.min, tf.bfloat16.size, tf.float16.is_floating, tf.as_dtype("half"))
