"""Layers and models of one's own: lazily built weights, nested layers, losses, freezing, saving and restoring."""

import tempfile

import numpy as np
import tensorflow as tf

tf.keras.utils.clear_session()


class Linear(tf.keras.layers.Layer):
    def __init__(self, units=32, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.w = self.add_weight(
            shape=(input_shape[-1], self.units),
            initializer=tf.keras.initializers.RandomNormal(seed=5),
            trainable=True,
            name="w",
        )
        self.b = self.add_weight(shape=(self.units,), initializer="zeros", trainable=True, name="b")

    def call(self, inputs):
        return tf.matmul(inputs, self.w) + self.b

    def get_config(self):
        return {**super().get_config(), "units": self.units}


class ActivityLoss(tf.keras.layers.Layer):
    def __init__(self, rate):
        super().__init__()
        self.rate = rate
        self.seen = self.add_weight(shape=(), initializer="zeros", trainable=False, name="seen")

    def call(self, inputs):
        self.add_loss(self.rate * tf.reduce_mean(inputs**2))
        self.seen.assign_add(1.0)
        return inputs


class Block(tf.keras.Model):
    def __init__(self, widths):
        super().__init__(name="block")
        self.hidden = [Linear(width) for width in widths]
        self.activity = ActivityLoss(0.01)
        self.out = Linear(1, name="out")

    def call(self, x, training=False):
        for layer in self.hidden:
            x = tf.nn.relu(layer(x))
        if training:
            x = self.activity(x)
        return self.out(x)


layer = Linear(4)
print(layer, layer.weights)
y = layer(tf.ones((2, 2)))
print(layer, layer.w.shape, [w.path for w in layer.weights], layer.count_params())
print(Linear.from_config(layer.get_config()).units)

x = np.linspace(-1, 1, 24).reshape(12, 2).astype("float32")
target = (x[:, :1] * x[:, 1:]) + 0.5
model = Block([8, 8])
optimizer = tf.keras.optimizers.SGD(0.5, momentum=0.9)


def step():
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((model(x, training=True) - target) ** 2) + sum(model.losses)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    return loss


for i in range(30):
    loss = step()
    if i % 10 == 9:
        print(i, f"{float(loss):.5f}", len(model.losses), float(model.activity.seen))
print([v.path for v in model.trainable_variables])
print([v.path for v in model.non_trainable_variables])

model.hidden[0].trainable = False
print(len(model.trainable_variables), len(model.non_trainable_variables), len(model.weights))

with tempfile.TemporaryDirectory() as folder:
    path = tf.train.Checkpoint(layer=layer).save(folder + "/layer")
    other = Linear(4)
    other(tf.ones((1, 2)))
    tf.train.Checkpoint(layer=other).restore(path)
    print("restored", bool(np.allclose(other(tf.ones((2, 2))), y)))
twin = Block([8, 8])
twin(x, training=True)
twin.set_weights(model.get_weights())
print("set", bool(np.allclose(twin(x), model(x))))

for bad in (
    lambda: tf.keras.layers.Dense(3).kernel,
    lambda: tf.keras.layers.Dense(-1),
    lambda: model.get_layer("nothing"),
    lambda: tf.keras.Sequential([1]),
):
    try:
        bad()
    except (ValueError, AttributeError) as error:
        print(type(error).__name__, error)
dense = tf.keras.layers.Dense(2, name="dense_here")
dense(tf.ones((1, 3)))
try:
    dense(tf.ones((1, 4)))
except ValueError as error:
    print(error)
