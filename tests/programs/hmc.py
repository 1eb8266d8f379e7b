"""Hamiltonian Monte Carlo and Langevin dynamics with stateless random numbers."""

import tensorflow as tf


def log_prob(q):
    return -0.5 * tf.reduce_sum(q**2 * tf.constant([1.0, 4.0]), -1) - 0.1 * tf.reduce_sum(q, -1) ** 4


def grad_log_prob(q):
    with tf.GradientTape() as tape:
        tape.watch(q)
        lp = log_prob(q)
    return tape.gradient(lp, q)


def leapfrog(q, p, eps, n):
    p += 0.5 * eps * grad_log_prob(q)
    for i in tf.range(n):
        q += eps * p
        p += eps * grad_log_prob(q)
    p -= 0.5 * eps * grad_log_prob(q)
    return q, -p


@tf.function
def hmc(q, n_samples, eps=0.1, steps=10):
    samples = tf.TensorArray(tf.float32, size=n_samples)
    accepted = 0
    for i in tf.range(n_samples):
        seed = tf.stack([i, 7])
        p = tf.random.stateless_uniform(tf.shape(q), seed, -1.5, 1.5)
        q_new, p_new = leapfrog(q, p, eps, steps)
        ratio = log_prob(q_new) - log_prob(q) - 0.5 * tf.reduce_sum(p_new**2 - p**2, -1)
        u = tf.random.stateless_uniform([], seed + 100)
        if tf.math.log(u) < ratio:
            q = q_new
            accepted += 1
        samples = samples.write(i, q)
    return samples.stack(), accepted


s, a = hmc(tf.constant([1.0, 1.0]), 25)
print(s.shape, a.numpy())
print(s[::8].numpy().round(3))
s, a = hmc(tf.constant([1.0, -1.0]), tf.constant(25), steps=tf.constant(5))
print(s[::8].numpy().round(3), int(a), hmc.experimental_get_tracing_count())


@tf.function
def langevin(x, steps, step_size):
    def body(i, x):
        noise = tf.random.stateless_uniform(tf.shape(x), [i, 3], minval=-1.0, maxval=1.0)
        return i + 1, x + step_size * grad_log_prob(x) + tf.sqrt(2 * step_size) * noise

    return tf.while_loop(lambda i, _: i < steps, body, (0, x), maximum_iterations=100)[1]


print(langevin(tf.ones([3, 2]), 40, 0.05).numpy().round(3))
try:
    hmc(tf.constant(["a"]), 2)
except Exception as e:
    print(type(e).__name__)
