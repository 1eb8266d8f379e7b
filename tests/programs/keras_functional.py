"""Models of inputs and outputs: two inputs, shared layers, residuals, several outputs, a part of a model, trained by a tape."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.clear_session()
keras.utils.set_random_seed(21)


def residual(x, filters):
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    y = layers.BatchNormalization()(y)
    y = layers.ReLU()(y)
    return layers.Add()([x, y])


image = keras.Input(shape=(8, 8, 2), name="image")
facts = keras.Input(shape=(4,), name="facts")
x = residual(residual(image, 2), 2)
x = layers.MaxPooling2D()(x)
x = layers.GlobalAveragePooling2D(name="pooled")(x)
shared = layers.Dense(4, activation="tanh", name="shared")
h = layers.Concatenate()([shared(facts), shared(facts * 0.5), x])
h = layers.Dropout(0.1, seed=4)(h)
score = layers.Dense(1, name="score")(h)
kind = layers.Dense(3, name="kind")(h)
model = keras.Model(inputs=[image, facts], outputs={"score": score, "kind": kind}, name="both")
model.summary()
print(model.input_shape, model.output_shape)
print([layer.name for layer in model.layers])
print([w.path for w in model.trainable_weights])

rng = np.random.default_rng(0)
images = tf.constant(rng.normal(size=(32, 8, 8, 2)).astype("float32"))
numbers = tf.constant(rng.normal(size=(32, 4)).astype("float32"))
targets = tf.reduce_sum(numbers, 1, keepdims=True)
kinds = tf.cast(tf.reduce_sum(numbers, 1) > 0, tf.int32)
mse = keras.losses.MeanSquaredError()
cce = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
optimizer = keras.optimizers.Adam(0.02)


@tf.function
def step():
    with tf.GradientTape() as tape:
        outputs = model({"image": images, "facts": numbers}, training=True)
        loss = mse(targets, outputs["score"]) + cce(kinds, outputs["kind"])
    optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_weights), model.trainable_weights))
    return loss


for i in range(20):
    loss = step()
    if i % 5 == 4:
        print(i, f"{float(loss):.4f}")
outputs = model([images, numbers])
print({name: tuple(y.shape) for name, y in outputs.items()}, f"{float(mse(targets, outputs['score'])):.4f}")
features = keras.Model(inputs=model.inputs, outputs=model.get_layer("pooled").output)
print(features([images, numbers]).shape)
try:
    model([images, numbers[:, :3]])
except ValueError as error:
    print(error)
