"""A small convolutional network from tf.nn, with batch normalization, pooling and dropout, on stripes."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(4)


def images(n):
    x = rng.randn(n, 12, 12, 1).astype(np.float32) * 0.3
    y = rng.randint(0, 3, n)
    for i, c in enumerate(y):
        if c == 0:
            x[i, ::2] += 1
        elif c == 1:
            x[i, :, ::2] += 1
        else:
            x[i, 3:9, 3:9] += 1
    return tf.constant(x), tf.constant(y)


params = {
    "conv1": tf.Variable(rng.randn(3, 3, 1, 4).astype(np.float32) * 0.3),
    "bias1": tf.Variable(tf.zeros(4)),
    "gamma": tf.Variable(tf.ones(4)),
    "beta": tf.Variable(tf.zeros(4)),
    "depth": tf.Variable(rng.randn(3, 3, 4, 1).astype(np.float32) * 0.3),
    "point": tf.Variable(rng.randn(1, 1, 4, 6).astype(np.float32) * 0.3),
    "dense": tf.Variable(rng.randn(54, 3).astype(np.float32) * 0.1),
}
moving_mean = tf.Variable(tf.zeros(4), trainable=False)
moving_var = tf.Variable(tf.ones(4), trainable=False)


def forward(x, training):
    h = tf.nn.conv2d(x, params["conv1"], strides=1, padding="SAME")
    h = tf.nn.bias_add(h, params["bias1"])
    if training:
        mean, var = tf.nn.moments(h, axes=[0, 1, 2])
        moving_mean.assign(0.9 * moving_mean + 0.1 * mean)
        moving_var.assign_sub(0.1 * (moving_var - var))
    else:
        mean, var = moving_mean, moving_var
    h = tf.nn.batch_normalization(h, mean, var, params["beta"], params["gamma"], 1e-3)
    h = tf.nn.max_pool2d(tf.nn.relu(h), ksize=2, strides=2, padding="VALID")
    h = tf.nn.separable_conv2d(h, params["depth"], params["point"], strides=[1, 1, 1, 1], padding="SAME")
    h = tf.nn.avg_pool2d(tf.nn.leaky_relu(h), 2, 2, "SAME")
    h = tf.reshape(h, [tf.shape(h)[0], -1]) if x.shape[0] is None else tf.reshape(h, [h.shape[0], -1])
    return tf.matmul(h, params["dense"])


opt = tf.keras.optimizers.AdamW(0.02, weight_decay=1e-3)
variables = [params[k] for k in sorted(params)]


def step(x, y):
    with tf.GradientTape() as tape:
        logits = forward(x, True)
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits))
        loss += 1e-3 * tf.add_n([tf.nn.l2_loss(v) for v in variables])
    grads = tape.gradient(loss, variables)
    opt.apply_gradients(zip(grads, variables))
    return loss, tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, -1, output_type=y.dtype), y), tf.float32))


X, Y = images(24)
Xt, Yt = images(16)
print(Y.dtype)
for i in range(2):
    loss, acc = step(X, Y)
    print("eager", f"{loss:.5f} {acc:.3f}")
compiled = tf.function(step, input_signature=[tf.TensorSpec([None, 12, 12, 1], tf.float32), tf.TensorSpec([None], tf.int64)])
for i in range(15):
    loss, acc = compiled(X, Y)
    if i % 5 == 0:
        print("graph", f"{loss:.5f} {acc:.3f}")
print("test", tf.math.confusion_matrix(Yt, tf.argmax(forward(Xt, False), axis=1)).numpy())
x = X[:2]
with tf.GradientTape() as tape:
    tape.watch(x)
    score = tf.reduce_max(forward(x, False), axis=1)
saliency = tape.gradient(score, x)
print(saliency.shape, tf.reduce_max(tf.abs(saliency), axis=[1, 2, 3]).numpy())
