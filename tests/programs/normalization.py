"""Batch normalization by hand with moving averages, against tf.nn's; layer, instance and weight normalization."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(30)


class BatchNorm(tf.Module):
    def __init__(self, features, momentum=0.9, epsilon=1e-3):
        super().__init__(name="bn")
        self.gamma = tf.Variable(tf.ones([features]), name="gamma")
        self.beta = tf.Variable(tf.zeros([features]), name="beta")
        self.moving_mean = tf.Variable(tf.zeros([features]), trainable=False, name="moving_mean")
        self.moving_variance = tf.Variable(tf.ones([features]), trainable=False, name="moving_variance")
        self.momentum, self.epsilon = momentum, epsilon

    def __call__(self, x, training):
        if training:
            mean, variance = tf.nn.moments(x, axes=[0])
            self.moving_mean.assign(self.moving_mean * self.momentum + mean * (1 - self.momentum))
            self.moving_variance.assign_sub((self.moving_variance - variance) * (1 - self.momentum))
        else:
            mean, variance = self.moving_mean, self.moving_variance
        return tf.nn.batch_normalization(x, mean, variance, self.beta, self.gamma, self.epsilon)


bn = BatchNorm(3)
x = tf.constant((rng.randn(16, 3) * [1.0, 2.0, 0.5] + [0.0, 1.0, -1.0]).astype(np.float32))
with tf.GradientTape() as tape:
    tape.watch(x)
    y = bn(x, training=True)
    loss = tf.reduce_sum(tf.sin(y))
gx, ggamma, gbeta = tape.gradient(loss, [x, bn.gamma, bn.beta])
print(tf.reduce_max(tf.abs(tf.reduce_mean(y, 0))).numpy() < 1e-5, np.round(tf.math.reduce_std(y, 0).numpy(), 3))
print(np.round(gx[:2].numpy(), 4), np.round(ggamma.numpy(), 4), np.round(gbeta.numpy(), 4))
for i in range(10):
    bn(x + 0.1 * i, training=True)
tf.print(bn.moving_mean, bn.moving_variance)
print([v.name for v in bn.trainable_variables], [v.name for v in bn.non_trainable_variables])
print(np.round(bn(x[:1], training=False).numpy(), 4))

images = tf.constant(rng.rand(2, 4, 4, 3).astype(np.float32))
with tf.GradientTape() as tape:
    tape.watch(images)
    mean, var = tf.nn.moments(images, axes=[1, 2], keepdims=True)
    instance = (images - mean) / tf.sqrt(var + 1e-5)
    out = tf.reduce_sum(instance**3)
print(mean.shape, f"{out:.4f}", f"{tf.norm(tape.gradient(out, images)):.4f}")

v = tf.Variable(rng.randn(3, 4).astype(np.float32))
g = tf.Variable(tf.ones([4]))
with tf.GradientTape() as tape:
    w = tf.nn.l2_normalize(v, axis=0) * g
    h = tf.reduce_sum(tf.nn.elu(x @ w))
dv, dg = tape.gradient(h, [v, g])
print(np.round(dv.numpy(), 3), np.round(dg.numpy(), 3))
print("orthogonal:", np.allclose(tf.reduce_sum(dv * v, axis=0), 0.0, atol=1e-4))
print(np.round(tf.math.reduce_variance(images, axis=[0, 1, 2]).numpy(), 5))
u = tf.nn.l2_normalize(tf.ones([4, 1]), 0)
for _ in range(20):
    left = tf.math.l2_normalize(tf.matmul(v, u))
    u = tf.math.l2_normalize(tf.matmul(v, left, transpose_a=True))
print(f"{tf.squeeze(tf.transpose(left) @ v @ u):.4f} {tf.linalg.svd(v, compute_uv=False)[0]:.4f}")
