"""An LSTM cell by hand over time steps, a GRU in tf.scan, and lengths that differ."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(17)
T, B, D, H = 7, 3, 2, 4


class LSTMCell(tf.Module):
    def __init__(self, units, input_size, name="lstm"):
        super().__init__(name=name)
        self.units = units
        self.kernel = tf.Variable(rng.uniform(-0.5, 0.5, (input_size, 4 * units)).astype(np.float32), name="kernel")
        self.recurrent = tf.Variable(rng.uniform(-0.5, 0.5, (units, 4 * units)).astype(np.float32), name="recurrent")
        bias = np.zeros(4 * units, np.float32)
        bias[units : 2 * units] = 1.0
        self.bias = tf.Variable(bias, name="bias")

    def __call__(self, x, state):
        h, c = state
        i, f, g, o = tf.split(x @ self.kernel + h @ self.recurrent + self.bias, num_or_size_splits=4, axis=-1)
        c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
        h = tf.sigmoid(o) * tf.tanh(c)
        return h, (h, c)


cell = LSTMCell(H, D)
readout = tf.Variable(rng.randn(H, 1).astype(np.float32))
x = tf.constant(rng.randn(B, T, D).astype(np.float32))
y = tf.cumsum(x[:, :, :1], axis=1)
lengths = tf.constant([7, 4, 2])


def run(x):
    state = (tf.zeros([B, H]), tf.zeros([B, H]))
    outputs = tf.TensorArray(tf.float32, size=T)
    for t in range(T):
        h, state = cell(x[:, t, :], state)
        outputs = outputs.write(t, h)
    return tf.transpose(outputs.stack(), [1, 0, 2])


mask = tf.sequence_mask(lengths, maxlen=T, dtype=tf.float32)
variables = [*cell.trainable_variables, readout]
optimizer = tf.keras.optimizers.Adam(learning_rate=0.05, clipnorm=1.0)
for step in range(31):
    with tf.GradientTape() as tape:
        prediction = run(x) @ readout
        errors = tf.reduce_sum(tf.square(prediction - y), axis=-1) * mask
        loss = tf.reduce_sum(errors) / tf.reduce_sum(mask)
    grads = tape.gradient(loss, variables)
    optimizer.apply_gradients(zip(grads, variables, strict=True))
    if step % 10 == 0:
        print("step", step, "loss", f"{loss:.5f}", "norm", f"{tf.linalg.global_norm(grads):.5f}")
print([v.name for v in cell.variables], cell.kernel.shape)

wz = tf.Variable(rng.randn(D + H, 2 * H).astype(np.float32) * 0.3)
wh = tf.Variable(rng.randn(D + H, H).astype(np.float32) * 0.3)


def gru(h, x_t):
    z, r = tf.split(tf.sigmoid(tf.concat([x_t, h], 1) @ wz), 2, axis=1)
    candidate = tf.tanh(tf.concat([x_t, r * h], 1) @ wh)
    return (1 - z) * h + z * candidate


with tf.GradientTape() as tape:
    tape.watch(x)
    states = tf.scan(gru, tf.transpose(x, [1, 0, 2]), initializer=tf.zeros([B, H]))
    objective = tf.reduce_mean(states[-1] ** 2)
dz, dh, dx = tape.gradient(objective, [wz, wh, x])
print(states.shape, f"{objective:.6f} {tf.norm(dz):.6f} {tf.norm(dh):.6f}")
print(np.round(dx[0].numpy(), 5))
