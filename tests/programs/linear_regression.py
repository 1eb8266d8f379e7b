"""Linear regression: a Module, NumPy batches, plain gradient descent, then an optimizer."""

import numpy as np
import tensorflow as tf

TRUE_W, TRUE_B = 3.0, 2.0
rng = np.random.default_rng(42)
x = tf.linspace(-2, 2, 201)
x = tf.cast(x, tf.float32)
noise = tf.constant(rng.normal(size=201), dtype=tf.float32)
y = x * TRUE_W + TRUE_B + noise
print(x.dtype, y.shape)


class MyModel(tf.Module):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.w = tf.Variable(5.0)
        self.b = tf.Variable(0.0)

    def __call__(self, x):
        return self.w * x + self.b


model = MyModel()
print("Variables:", model.variables)


def loss(target_y, predicted_y):
    return tf.reduce_mean(tf.square(target_y - predicted_y))


print("Untrained loss: %.5f" % loss(y, model(x)).numpy())


def train(model, x, y, learning_rate):
    with tf.GradientTape() as t:
        current_loss = loss(y, model(x))
    dw, db = t.gradient(current_loss, [model.w, model.b])
    model.w.assign_sub(learning_rate * dw)
    model.b.assign_sub(learning_rate * db)


weights, biases = [], []
for epoch in range(10):
    train(model, x, y, learning_rate=0.1)
    weights.append(model.w.numpy())
    biases.append(model.b.numpy())
    print(f"Epoch {epoch:2d}: W = {weights[-1]:.4f}, b = {biases[-1]:.4f}, loss={loss(y, model(x)):2.5f}")

model = MyModel(name="again")
opt = tf.keras.optimizers.SGD(learning_rate=0.1)
dataset = list(zip(np.array_split(x.numpy(), 10), np.array_split(y.numpy(), 10), strict=True))
for epoch in range(3):
    total = 0.0
    for xb, yb in dataset:
        with tf.GradientTape() as tape:
            batch_loss = loss(yb, model(xb))
        grads = tape.gradient(batch_loss, model.trainable_variables)
        opt.apply_gradients(zip(grads, model.trainable_variables, strict=True))
        total += float(batch_loss)
    print(epoch, round(total / len(dataset), 4), int(opt.iterations))
print(model.name, model.w.numpy().round(3), model.b.numpy().round(3))
