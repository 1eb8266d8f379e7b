"""Recurrent layers: a classifier of sequences, a sequence to sequence, and cells called one step at a time."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.clear_session()
keras.utils.set_random_seed(3)

rng = np.random.default_rng(0)
x = rng.integers(1, 9, (48, 10))
y = (np.sum(x > 4, axis=1) > 5).astype("float32")[:, None]

inputs = keras.Input(shape=(10,), dtype="int32")
h = layers.Embedding(10, 6)(inputs)
h = layers.GRU(8, return_sequences=True)(h)
h = layers.LSTM(6)(h)
model = keras.Model(inputs, layers.Dense(1)(h))
for weight in model.weights:
    print(weight.path, tuple(weight.shape))

loss_fn = keras.losses.BinaryCrossentropy(from_logits=True)
optimizer = keras.optimizers.SGD(0.05)


@tf.function
def step(x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    trained = model.trainable_variables[1:]
    optimizer.apply_gradients(zip(tape.gradient(loss, trained), trained))
    return loss


for i in range(25):
    loss = step(tf.constant(x), tf.constant(y))
    if i % 6 == 0:
        print(i, f"{float(loss):.3f}")

rnn = layers.SimpleRNN(
    4, return_sequences=True, return_state=True, kernel_initializer="ones", recurrent_initializer="identity"
)
sequences, state = rnn(tf.ones((1, 3, 2)) * 0.1)
print(sequences.numpy().round(4).tolist(), state.numpy().round(4).tolist())

cell = layers.LSTMCell(3, kernel_initializer="ones", recurrent_initializer="ones")
states = cell.get_initial_state(batch_size=2)
for t in range(3):
    output, states = cell(tf.ones((2, 2)) * 0.1 * t, states)
print(cell.state_size, output.numpy().round(4).tolist(), states[1].numpy().round(4).tolist())
print([(w.name, tuple(w.shape)) for w in cell.weights], cell.bias.numpy().tolist())

long = layers.GRU(3, kernel_initializer="ones", recurrent_initializer="identity")
with tf.GradientTape() as tape:
    z = tf.reduce_sum(long(tf.reshape(tf.linspace(-1.0, 1.0, 60), (1, 30, 2))))
print(float(z), [float(tf.reduce_sum(g)) for g in tape.gradient(z, long.trainable_variables)])
