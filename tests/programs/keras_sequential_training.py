"""A classifier of layers, trained by a loop of one's own in a compiled step, with metrics, dropout and regularizers."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.clear_session()
keras.utils.set_random_seed(7)

rng = np.random.default_rng(0)
centers = rng.normal(size=(3, 4)) * 2.0
labels = rng.integers(0, 3, 240)
points = (centers[labels] + rng.normal(size=(240, 4))).astype("float32")
train = tf.data.Dataset.from_tensor_slices((points[:192], labels[:192])).batch(32)

model = keras.Sequential(
    [
        keras.Input(shape=(4,)),
        layers.Dense(16, activation="relu", kernel_regularizer=keras.regularizers.L2(1e-3)),
        layers.Dropout(0.2, seed=3),
        layers.Dense(8),
        layers.LeakyReLU(negative_slope=0.1),
        layers.Dense(3),
    ],
    name="classifier",
)
model.summary()
print([(w.path, tuple(w.shape)) for w in model.trainable_variables])

optimizer = keras.optimizers.Adam(learning_rate=0.01)
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
loss_metric = keras.metrics.Mean(name="loss")
accuracy = keras.metrics.SparseCategoricalAccuracy()


@tf.function
def train_step(x, y):
    with tf.GradientTape() as tape:
        logits = model(x, training=True)
        loss = loss_fn(y, logits) + tf.add_n(model.losses)
    gradients = tape.gradient(loss, model.trainable_weights)
    optimizer.apply_gradients(zip(gradients, model.trainable_weights))
    loss_metric.update_state(loss)
    accuracy.update_state(y, logits)


for epoch in range(4):
    loss_metric.reset_state()
    accuracy.reset_state()
    for x, y in train:
        train_step(x, y)
    print(f"epoch {epoch}: loss {loss_metric.result():.4f}, accuracy {accuracy.result():.4f}")

logits = model(points[192:], training=False)
print("validation", float(loss_fn(labels[192:], logits)))
print("correct", int(np.sum(np.argmax(logits, axis=1) == labels[192:])))
print(model.layers)
print(model.get_layer("leaky_re_lu"), model.count_params())
