"""A variational autoencoder with fixed noise, KL warm-up, and an IWAE bound."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(2)


def glorot(*shape):
    limit = np.sqrt(6 / (shape[-2] + shape[-1]))
    return rng.uniform(-limit, limit, shape).astype(np.float32)


class Dense(tf.Module):
    def __init__(self, n_in, n_out, activation=None, name=None):
        super().__init__(name)
        self.w = tf.Variable(glorot(n_in, n_out), name="kernel")
        self.b = tf.Variable(tf.zeros(n_out), name="bias")
        self.activation = activation

    @tf.Module.with_name_scope
    def __call__(self, x):
        y = x @ self.w + self.b
        return self.activation(y) if self.activation else y


class VAE(tf.Module):
    def __init__(self, d, h, z):
        super().__init__(name="vae")
        self.encoder = [Dense(d, h, tf.nn.relu, name="e0"), Dense(h, 2 * z, name="e1")]
        self.decoder = {"d0": Dense(z, h, tf.nn.elu, name="d0"), "d1": Dense(h, d, name="d1")}

    def encode(self, x):
        for layer in self.encoder:
            x = layer(x)
        return tf.split(x, 2, axis=-1)

    def decode(self, z):
        return self.decoder["d1"](self.decoder["d0"](z))

    @tf.function
    def elbo(self, x, eps, beta):
        mean, logvar = self.encode(x)
        z = mean + tf.exp(0.5 * logvar) * eps
        logits = self.decode(z)
        log_px = -tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(labels=x, logits=logits), axis=-1)
        kl = -0.5 * tf.reduce_sum(1.0 + logvar - tf.square(mean) - tf.exp(logvar), axis=-1)
        return tf.reduce_mean(log_px - beta * kl), tf.reduce_mean(kl)

    @tf.function
    def iwae(self, x, eps):
        mean, logvar = self.encode(x)
        z = mean[None] + tf.exp(0.5 * logvar)[None] * eps
        log_px = -tf.reduce_sum(
            tf.nn.sigmoid_cross_entropy_with_logits(tf.broadcast_to(x, [tf.shape(eps)[0], *x.shape]), self.decode(z)), -1
        )
        log_w = log_px + tf.reduce_sum(-0.5 * z**2 + 0.5 * eps**2 + 0.5 * logvar, -1)
        return tf.reduce_mean(tf.reduce_logsumexp(log_w, 0) - tf.math.log(tf.cast(tf.shape(eps)[0], tf.float32)))


X = (rng.rand(16, 12) < np.linspace(0.1, 0.9, 12)).astype(np.float32)
model = VAE(12, 10, 2)
print([v.name for v in model.trainable_variables])
print([m.name for m in model.submodules])
optimizer = tf.keras.optimizers.Adam(
    learning_rate=tf.keras.optimizers.schedules.ExponentialDecay(0.02, 10, 0.9, staircase=True)
)
beta = tf.Variable(0.0, trainable=False)
for epoch in range(20):
    eps = tf.constant(rng.randn(16, 2).astype(np.float32))
    beta.assign(min(1.0, epoch / 10))
    with tf.GradientTape() as tape:
        elbo, kl = model.elbo(X, eps, beta)
        loss = -elbo
    grads = tape.gradient(loss, model.trainable_variables)
    grads, norm = tf.clip_by_global_norm(grads, 5.0)
    optimizer.apply_gradients(zip(grads, model.trainable_variables))
    if epoch % 5 == 0:
        tf.print("epoch", epoch, "elbo", elbo, "kl", kl, "norm", norm, sep=" | ")
        print(
            f"{epoch} {elbo:.4f} {kl:.4f} {optimizer.learning_rate.numpy() if hasattr(optimizer.learning_rate, 'numpy') else float(optimizer.learning_rate):.5f}"
        )
print(f"{model.iwae(X, tf.constant(rng.randn(5, 16, 2).astype(np.float32))):.3f}", len(model.variables))
