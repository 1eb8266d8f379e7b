"""Learning rates that change: schedules of Keras, one by hand, warm restarts, and a rate set from outside."""

import math

import numpy as np
import tensorflow as tf

schedules = tf.keras.optimizers.schedules
cases = {
    "exponential": schedules.ExponentialDecay(0.1, decay_steps=10, decay_rate=0.5),
    "staircase": schedules.ExponentialDecay(0.1, 10, 0.5, staircase=True),
    "inverse": schedules.InverseTimeDecay(0.1, decay_steps=5, decay_rate=1.0),
    "polynomial": schedules.PolynomialDecay(0.1, 20, end_learning_rate=0.01, power=2.0),
    "piecewise": schedules.PiecewiseConstantDecay([10, 20], [0.1, 0.01, 0.001]),
    "cosine": schedules.CosineDecay(0.1, decay_steps=25, alpha=0.1),
    "warmup": schedules.CosineDecay(0.0, decay_steps=20, warmup_target=0.1, warmup_steps=8),
    "restarts": schedules.CosineDecayRestarts(0.1, first_decay_steps=8, t_mul=2.0, m_mul=0.9),
}
for name, schedule in cases.items():
    print(f"{name:12s}", np.round([float(schedule(step)) for step in (0, 5, 10, 15, 20, 30)], 6))


class TransformerSchedule(tf.keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, d_model, warmup_steps=40):
        super().__init__()
        self.d_model = tf.cast(d_model, tf.float32)
        self.warmup_steps = warmup_steps

    def __call__(self, step):
        step = tf.cast(step, dtype=tf.float32) + 1.0
        return tf.math.rsqrt(self.d_model) * tf.math.minimum(tf.math.rsqrt(step), step * (self.warmup_steps**-1.5))


optimizer = tf.keras.optimizers.Adam(TransformerSchedule(64))
x = tf.Variable([3.0, -2.0])
for step in range(60):
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(x**2)
    optimizer.apply_gradients([(tape.gradient(loss, x), x)])
    if step % 20 == 19:
        print(step, f"{loss:.5f}", f"{optimizer.learning_rate.numpy():.6f}")

sgd = tf.keras.optimizers.SGD(learning_rate=0.5)
v = tf.Variable(1.0)
best, patience = math.inf, 0
for step in range(12):
    with tf.GradientTape() as tape:
        loss = tf.abs(v)
    sgd.apply_gradients([(tape.gradient(loss, v), v)])
    if float(loss) < best - 1e-6:
        best, patience = float(loss), 0
    else:
        patience += 1
    if patience == 2:
        sgd.learning_rate.assign(sgd.learning_rate * 0.5)
        patience = 0
        print("reduced to", float(sgd.learning_rate), "at", step)
sgd.learning_rate = 0.01
print(sgd.learning_rate.numpy(), v.numpy())
sgd.learning_rate.assign(0.25)
print(float(sgd.learning_rate))
config = sgd.get_config()
print(config["learning_rate"], config["momentum"], tf.keras.optimizers.SGD.from_config(config).nesterov)
