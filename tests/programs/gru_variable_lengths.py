"""A GRU over sequences of different lengths: masks, dynamic loops over TensorArray, teacher forcing, retracing counts."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(10)
D, H = 3, 5


class GRU(tf.Module):
    def __init__(self, name=None):
        super().__init__(name=name)
        self.is_built = False

    def build(self, d):
        self.W = tf.Variable(tf.cast(rng.randn(d, 3 * H) * 0.3, tf.float32), name="W")
        self.U = tf.Variable(tf.cast(rng.randn(H, 3 * H) * 0.3, tf.float32), name="U")
        self.b = tf.Variable(tf.zeros([3 * H]), name="b")
        self.is_built = True

    def step(self, x, h):
        xz, xr, xn = tf.split(x @ self.W + self.b, 3, axis=-1)
        hz, hr, hn = tf.split(h @ self.U, 3, axis=-1)
        z, r = tf.sigmoid(xz + hz), tf.sigmoid(xr + hr)
        n = tf.tanh(xn + r * hn)
        return (1 - z) * n + z * h

    @tf.function
    def __call__(self, x, lengths):
        if not self.is_built:
            self.build(x.shape[-1])
        batch, steps = tf.shape(x)[0], tf.shape(x)[1]
        h = tf.zeros([batch, H])
        outputs = tf.TensorArray(tf.float32, size=steps)
        for t in tf.range(steps):
            new = self.step(x[:, t], h)
            alive = tf.expand_dims(t < lengths, -1)
            h = tf.where(alive, new, h)
            outputs = outputs.write(t, tf.where(alive, h, tf.zeros_like(h)))
        return tf.transpose(outputs.stack(), [1, 0, 2]), h


cell = GRU(name="gru")
head = tf.Variable(tf.cast(rng.randn(H, 1), tf.float32), name="head")
opt = tf.keras.optimizers.Nadam(0.03)
for i in range(6):
    n = 4 + i % 3
    x = tf.constant(rng.randn(2 + i % 2, n, D), tf.float32)
    lengths = tf.constant(rng.randint(1, n + 1, x.shape[0]), tf.int32)
    mask = tf.sequence_mask(lengths, n)
    with tf.GradientTape() as tape:
        y, last = cell(x, lengths)
        pred = tf.squeeze(y @ head, -1)
        target = tf.cumsum(tf.reduce_sum(x, -1), axis=1)
        err = tf.boolean_mask(tf.square(pred - target), mask)
        loss = tf.reduce_mean(err)
    variables = list(cell.trainable_variables) + [head]
    grads = tape.gradient(loss, variables)
    opt.apply_gradients(zip(grads, variables))
    print(i, y.shape, lengths.numpy(), f"{loss:.5f}", [f"{tf.norm(g):.4f}" for g in grads])
print([v.name for v in cell.trainable_variables])
print(tf.reverse_sequence(x, lengths, seq_axis=1)[0, :, 0].numpy())
