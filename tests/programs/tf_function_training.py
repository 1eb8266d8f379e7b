"""Training steps under @tf.function, with signatures, metrics, and a class that holds its own optimizer."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(40)
X = rng.rand(64, 2).astype(np.float32)
Y = (X[:, :1] * 2 - X[:, 1:] + 0.5).astype(np.float32)


class Trainer(tf.Module):
    def __init__(self):
        super().__init__(name="trainer")
        self.w1 = tf.Variable(rng.randn(2, 8).astype(np.float32) * 0.5)
        self.b1 = tf.Variable(tf.zeros([8]))
        self.w2 = tf.Variable(rng.randn(8, 1).astype(np.float32) * 0.5)
        self.optimizer = tf.keras.optimizers.Adam(0.02)
        self.steps = tf.Variable(0, dtype=tf.int64, trainable=False)

    @tf.function
    def predict(self, x):
        return tf.matmul(tf.nn.gelu(tf.matmul(x, self.w1) + self.b1), self.w2)

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32), tf.TensorSpec([None, 1], tf.float32)])
    def train_step(self, x, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.keras.losses.MSE(y, self.predict(x)))
        grads = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(grads, self.trainable_variables))
        self.steps.assign_add(1)
        return loss


trainer = Trainer()
metric = tf.keras.metrics.Mean(name="train_loss")
for epoch in range(5):
    metric.reset_state()
    for start in range(0, 64, 16):
        metric.update_state(trainer.train_step(tf.constant(X[start : start + 16]), tf.constant(Y[start : start + 16])))
    print(f"epoch {epoch} {metric.name} {metric.result():.5f}")
print(int(trainer.steps), len(trainer.trainable_variables))


@tf.function
def power(x, n=2):
    result = tf.ones_like(x)
    for _ in range(n):
        result *= x
    return result


x = tf.constant([1.0, 2.0, 3.0])
with tf.GradientTape() as tape:
    tape.watch(x)
    y = power(x, n=3)
print(y.numpy(), tape.gradient(y, x).numpy())


@tf.function
def gradient_inside(z):
    with tf.GradientTape() as t:
        t.watch(z)
        value = tf.reduce_sum(tf.exp(z) * z)
    return value, t.gradient(value, z)


value, grad = gradient_inside(tf.constant([0.0, 1.0]))
print(value.numpy(), grad.numpy())
print(gradient_inside.__name__, callable(power.python_function))


@tf.function(jit_compile=False, reduce_retracing=True)
def with_state(v, amount):
    v.assign_add(amount)
    return v * 2.0


v = tf.Variable(1.0)
print(with_state(v, tf.constant(2.0)).numpy(), v.numpy())


@tf.function
def branches(x):
    if tf.reduce_sum(x) > 0:
        return x * 2.0
    else:
        return -x


print(branches(tf.constant([1.0, -3.0])).numpy(), branches(tf.constant([1.0, 3.0])).numpy())


@tf.function
def loops(n):
    total = tf.constant(0)
    for i in tf.range(n):
        total += i
    while total < 100:
        total *= 2
    return total


print(loops(tf.constant(6)).numpy())
tf.config.run_functions_eagerly(True)
print(tf.config.functions_run_eagerly(), power(tf.constant(3.0)).numpy())
tf.config.run_functions_eagerly(False)
acc = tf.keras.metrics.SparseCategoricalAccuracy()
acc.update_state([0, 1, 2], [[0.9, 0.1, 0.0], [0.2, 0.3, 0.5], [0.1, 0.1, 0.8]])
print(round(float(acc.result()), 4))
