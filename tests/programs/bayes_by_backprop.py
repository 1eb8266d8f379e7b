"""Bayesian regression by variational inference: reparameterized weights, closed-form KL, minibatch scaling, posterior predictive."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(10)
x = np.linspace(-2, 2, 24).astype("float32")[:, None]
y = (0.5 * x**3 - x + 0.2 * rng.randn(24, 1)).astype("float32")


class VariationalDense(tf.Module):
    def __init__(self, n_in, n_out, name=None):
        super().__init__(name)
        self.mu = tf.Variable(rng.randn(n_in, n_out).astype("float32") * 0.3, name="mu")
        self.rho = tf.Variable(tf.fill([n_in, n_out], -3.0), name="rho")

    @property
    def sigma(self):
        return tf.math.softplus(self.rho)

    def kl(self, prior=1.0):
        return tf.reduce_sum(tf.math.log(prior / self.sigma) + (self.sigma**2 + self.mu**2) / (2 * prior**2) - 0.5)

    def __call__(self, x, eps):
        return x @ (self.mu + self.sigma * eps)


l1, l2 = VariationalDense(2, 10, "l1"), VariationalDense(11, 1, "l2")
noise = tf.Variable(-1.0, name="log_noise")
variables = [*l1.trainable_variables, *l2.trainable_variables, noise]
print([v.name for v in variables])


def predict(x, e1, e2):
    ones = tf.ones_like(x[:, :1])
    h = tf.nn.tanh(l1(tf.concat([x, ones], 1), e1))
    return l2(tf.concat([h, ones], 1), e2)


@tf.function
def elbo(xb, yb, e1, e2, scale):
    mean = predict(xb, e1, e2)
    ll = tf.reduce_sum(-0.5 * ((yb - mean) / tf.exp(noise)) ** 2 - noise)
    return scale * ll - (l1.kl() + l2.kl())


opt = tf.keras.optimizers.Adam(tf.keras.optimizers.schedules.CosineDecay(0.05, 60))
draw = lambda *s: tf.constant(rng.randn(*s).astype("float32"))
for step in range(60):
    idx = rng.choice(24, 8, replace=False)
    with tf.GradientTape() as tape:
        loss = -elbo(x[idx], y[idx], draw(2, 10), draw(11, 1), 3.0) / 24.0
    grads = tape.gradient(loss, variables)
    opt.apply_gradients(zip(grads, variables))
    if step % 20 == 0:
        print(step, f"{loss:.4f}", f"noise {tf.exp(noise).numpy():.4f}", f"lr {float(opt.learning_rate):.5f}")
samples = tf.stack([predict(tf.constant(x[::6]), draw(2, 10), draw(11, 1))[:, 0] for _ in range(20)])
print(samples.shape, tf.reduce_mean(samples, 0).numpy().round(2), tf.math.reduce_std(samples, 0).numpy().round(2))
print(f"{l1.kl():.3f} {l2.kl(tf.constant(0.5)):.3f}")
lp = tf.vectorized_map(lambda s: tf.reduce_mean(s) * 2.0, samples)
print(lp.shape)
