"""A block of a transformer made of layers: attention, normalization, embeddings, residuals, with a causal mask and a schedule."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.clear_session()
keras.utils.set_random_seed(5)


class TransformerBlock(layers.Layer):
    def __init__(self, size, heads, rate=0.1):
        super().__init__()
        self.attention = layers.MultiHeadAttention(num_heads=heads, key_dim=size // heads)
        self.feed_forward = keras.Sequential([layers.Dense(2 * size, activation="gelu"), layers.Dense(size)])
        self.norms = [layers.LayerNormalization(epsilon=1e-6) for _ in range(2)]
        self.dropout = layers.Dropout(rate, seed=1)
        self.add = layers.Add()

    def call(self, x, training=False):
        attended = self.attention(x, x, use_causal_mask=True)
        x = self.norms[0](self.add([x, self.dropout(attended, training=training)]))
        return self.norms[1](self.add([x, self.feed_forward(x)]))


class Model(keras.Model):
    def __init__(self, vocabulary, length, size):
        super().__init__()
        self.tokens = layers.Embedding(vocabulary, size)
        self.positions = layers.Embedding(length, size)
        self.block = TransformerBlock(size, 2)
        self.head = layers.Dense(vocabulary)

    def call(self, x, training=False):
        steps = tf.range(tf.shape(x)[1])
        x = self.tokens(x) + self.positions(steps)
        return self.head(self.block(x, training=training))


length, vocabulary = 6, 8
rng = np.random.default_rng(1)
starts = rng.integers(0, vocabulary, (24, 1))
data = (starts + np.arange(length + 1)) % vocabulary
inputs, targets = tf.constant(data[:, :-1]), tf.constant(data[:, 1:])
model = Model(vocabulary, length, 8)
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
optimizer = keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9), momentum=0.8)


@tf.function
def step(x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    gradients, norm = tf.clip_by_global_norm(tape.gradient(loss, model.trainable_variables), 1.0)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    return loss, norm


for i in range(12):
    loss, norm = step(inputs, targets)
    if i % 3 == 2:
        print(i, f"{float(loss):.4f} {float(norm):.4f}")
logits = model(inputs)
print("right", float(tf.reduce_mean(tf.cast(tf.argmax(logits, -1) == targets, tf.float32))))
for variable in model.trainable_variables:
    print(variable.path, tuple(variable.shape))
print(model.block.attention.count_params(), model.count_params())
