"""Softmax regression with sparse labels, weight decay and a confusion matrix."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(7)
centers = np.array([[2.0, 0.0], [-1.0, 1.7], [-1.0, -1.7]])
labels = np.repeat(np.arange(3), [36, 30, 24])
points = (centers[labels] + 0.6 * rng.randn(90, 2)).astype("float32")

w = tf.Variable(tf.zeros([2, 3]), name="kernel")
b = tf.Variable(tf.zeros([3]), name="bias")
optimizer = tf.keras.optimizers.Adam(learning_rate=0.1)


def forward(x):
    return tf.nn.bias_add(tf.matmul(x, w), b)


for step in range(60):
    with tf.GradientTape() as tape:
        logits = forward(points)
        ce = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        loss = tf.reduce_mean(ce) + 1e-3 * tf.nn.l2_loss(w)
    gradients = tape.gradient(loss, [w, b])
    optimizer.apply_gradients(zip(gradients, [w, b], strict=True))
    if step % 20 == 19:
        print("step %d loss %.4f" % (step + 1, loss))

prob = tf.nn.softmax(forward(points))
pred = tf.argmax(prob, axis=1)
print(pred.dtype, "accuracy:", float(tf.reduce_mean(tf.cast(pred == labels, tf.float32))))
print(tf.math.confusion_matrix(labels, pred, num_classes=3).numpy())
print(np.round(w.numpy(), 3))
one_hot = tf.one_hot(labels, depth=3)
dense = tf.nn.softmax_cross_entropy_with_logits(labels=one_hot, logits=forward(points))
print(bool(tf.reduce_all(tf.abs(dense - tf.nn.sparse_softmax_cross_entropy_with_logits(labels, forward(points))) < 1e-5)))
cce = tf.keras.losses.CategoricalCrossentropy(from_logits=True)
scce = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
print(f"{cce(one_hot, forward(points)):.5f} {scce(labels, forward(points)):.5f}")
with tf.GradientTape() as tape:
    tape.watch(one_hot)
    smooth = 0.9 * one_hot + 0.1 / 3
    smoothed = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(smooth, forward(points)))
print(f"{smoothed.numpy():.4f}", tape.gradient(smoothed, one_hot).shape)
values, indices = tf.math.top_k(prob[0], k=2)
tf.print(values, indices)
print(tf.nn.in_top_k(labels[:4], prob[:4], 1).numpy() if hasattr(tf.nn, "in_top_k") else "")
