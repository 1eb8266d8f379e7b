"""A small GAN in one dimension: two tapes, two optimizers, non-saturating loss, then WGAN with gradient penalty."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(5)
glorot = lambda a, b: tf.Variable(rng.uniform(-1, 1, (a, b)).astype("float32") * float(np.sqrt(6.0 / (a + b))))


class Net(tf.Module):
    def __init__(self, sizes, act, name):
        super().__init__(name=name)
        self.W = [glorot(a, b) for a, b in zip(sizes, sizes[1:])]
        self.b = [tf.Variable(tf.zeros(b)) for b in sizes[1:]]
        self.act = act

    def __call__(self, x):
        for W, b in zip(self.W[:-1], self.b[:-1]):
            x = self.act(x @ W + b)
        return x @ self.W[-1] + self.b[-1]


G, D = Net([2, 8, 1], tf.nn.relu, "g"), Net([1, 8, 1], tf.nn.leaky_relu, "d")
g_opt, d_opt = tf.keras.optimizers.Adam(1e-2, beta_1=0.5), tf.keras.optimizers.Adam(1e-2, beta_1=0.5)
bce = tf.keras.losses.BinaryCrossentropy(from_logits=True)


@tf.function
def train_step(real, noise):
    with tf.GradientTape() as gen_tape, tf.GradientTape() as disc_tape:
        fake = G(noise)
        real_out, fake_out = D(real), D(fake)
        gen_loss = bce(tf.ones_like(fake_out), fake_out)
        disc_loss = bce(tf.ones_like(real_out), real_out) + bce(tf.zeros_like(fake_out), fake_out)
    g_opt.apply_gradients(zip(gen_tape.gradient(gen_loss, G.trainable_variables), G.trainable_variables))
    d_opt.apply_gradients(zip(disc_tape.gradient(disc_loss, D.trainable_variables), D.trainable_variables))
    return gen_loss, disc_loss


def batch():
    return tf.constant(rng.randn(16, 1) * 0.5 + 3.0, tf.float32), tf.constant(rng.randn(16, 2), tf.float32)


for i in range(20):
    g, d = train_step(*batch())
    if i % 5 == 0:
        print(i, f"{g:.4f} {d:.4f}")


@tf.function
def critic_step(real, noise, eps):
    with tf.GradientTape() as tape:
        fake = G(noise)
        mixed = eps * real + (1.0 - eps) * fake
        with tf.GradientTape() as inner:
            inner.watch(mixed)
            score = D(mixed)
        slope = inner.gradient(score, mixed)
        norm = tf.sqrt(tf.reduce_sum(tf.square(slope), axis=1) + 1e-12)
        penalty = tf.reduce_mean((norm - 1.0) ** 2)
        loss = tf.reduce_mean(D(fake)) - tf.reduce_mean(D(real)) + 10.0 * penalty
    grads = tape.gradient(loss, D.trainable_variables)
    d_opt.apply_gradients(zip(grads, D.trainable_variables))
    return loss, penalty


for i in range(10):
    real, noise = batch()
    loss, penalty = critic_step(real, noise, tf.constant(rng.rand(16, 1), tf.float32))
    if i % 3 == 0:
        print(i, f"{loss:.4f} {penalty:.4f}")
print([v.name for v in G.trainable_variables], G(tf.zeros([1, 2])).numpy().round(4), int(d_opt.iterations.numpy()))
