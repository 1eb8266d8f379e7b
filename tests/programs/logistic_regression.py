"""Logistic regression with standardized data, accuracy and a decision threshold."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(0)
n = 120
X = np.vstack([rng.randn(n // 2, 3) + [1.0, 0.5, -0.5], rng.randn(n // 2, 3) * 2.0 - [1.0, 0.0, 0.0]]).astype(np.float32)
Y = np.concatenate([np.ones(n // 2), np.zeros(n // 2)]).astype(np.float32)


class Normalize(tf.Module):
    def __init__(self, x):
        self.mean = tf.Variable(tf.math.reduce_mean(x, axis=0))
        self.std = tf.Variable(tf.math.reduce_std(x, axis=0))

    def norm(self, x):
        return (x - self.mean) / self.std

    def unnorm(self, x):
        return (x * self.std) + self.mean


norm = Normalize(X)
x_norm = norm.norm(X)
print(tf.reduce_mean(tf.abs(norm.unnorm(x_norm) - X)).numpy() < 1e-5)


def log_loss(y_pred, y):
    ce = tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=y_pred)
    return tf.reduce_mean(ce)


class LogisticRegression(tf.Module):
    def __init__(self):
        self.built = False

    def __call__(self, x, train=True):
        if not self.built:
            self.w = tf.Variable(tf.zeros(shape=[x.shape[-1], 1], dtype=tf.float32))
            self.b = tf.Variable(tf.fill([], 0.1))
            self.built = True
        z = tf.add(tf.matmul(x, self.w), self.b)
        z = tf.squeeze(z, axis=1)
        return z if train else tf.sigmoid(z)


model = LogisticRegression()
print(model(x_norm[:5], train=False).numpy().round(4))


def accuracy(y_pred, y):
    y_class = tf.cast(tf.greater(y_pred, 0.5), tf.float32)
    return tf.reduce_mean(tf.cast(tf.equal(y_class, y), tf.float32))


for epoch in range(41):
    order = rng.permutation(n)
    losses = []
    for i in range(0, n, 40):
        index = order[i : i + 40]
        xb, yb = tf.gather(x_norm, index), tf.gather(Y, index)
        with tf.GradientTape() as tape:
            loss = log_loss(model(xb), yb)
        grads = tape.gradient(loss, model.variables)
        for g, v in zip(grads, model.variables, strict=True):
            v.assign_sub(0.5 * g)
        losses.append(loss)
    if epoch % 10 == 0:
        print(
            f"Epoch: {epoch}, Training log loss: {tf.reduce_mean(losses):.3f}, acc {accuracy(model(x_norm, False), Y):.3f}"
        )
tf.print("w:", model.w, "b:", model.b)
