"""A training loop as tutorials write it: tf.data pipelines, epochs, metrics, a schedule, validation."""

import numpy as np
import tensorflow as tf

tf.random.set_seed(42)
rng = np.random.RandomState(0)
x = rng.randn(60, 4).astype("float32")
y = (x @ np.array([1.0, -2.0, 0.5, 0.0], "float32") + 0.1 * rng.randn(60) > 0).astype("int64")
train_ds = tf.data.Dataset.from_tensor_slices((x[:48], y[:48])).shuffle(48).batch(16)
test_ds = tf.data.Dataset.from_tensor_slices((x[48:], y[48:])).batch(8)
print(train_ds.element_spec, len(train_ds), len(test_ds))
w1, b1 = tf.Variable(rng.randn(4, 8).astype("float32") * 0.5), tf.Variable(tf.zeros(8))
w2, b2 = tf.Variable(rng.randn(8, 2).astype("float32") * 0.5), tf.Variable(tf.zeros(2))
params = [w1, b1, w2, b2]


def model(x):
    return tf.nn.relu(x @ w1 + b1) @ w2 + b2


loss_object = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
optimizer = tf.keras.optimizers.Adam(tf.keras.optimizers.schedules.PolynomialDecay(0.05, 12, 0.01))
train_loss = tf.keras.metrics.Mean(name="train_loss")
train_accuracy = tf.keras.metrics.SparseCategoricalAccuracy(name="train_accuracy")
test_loss = tf.keras.metrics.Mean(name="test_loss")
test_accuracy = tf.keras.metrics.SparseCategoricalAccuracy(name="test_accuracy")


@tf.function
def train_step(images, labels):
    with tf.GradientTape() as tape:
        predictions = model(images)
        loss = loss_object(labels, predictions)
    gradients = tape.gradient(loss, params)
    optimizer.apply_gradients(zip(gradients, params))
    train_loss(loss)
    train_accuracy(labels, predictions)


@tf.function
def test_step(images, labels):
    predictions = model(images)
    t_loss = loss_object(labels, predictions)
    test_loss(t_loss)
    test_accuracy(labels, predictions)


for epoch in range(4):
    for m in (train_loss, train_accuracy, test_loss, test_accuracy):
        m.reset_state()
    for images, labels in train_ds:
        train_step(images, labels)
    for test_images, test_labels in test_ds:
        test_step(test_images, test_labels)
    print(
        f"Epoch {epoch + 1}, Loss: {train_loss.result():0.4f}, Accuracy: {train_accuracy.result() * 100:0.2f}, Test Loss: {test_loss.result():0.4f}, Test Accuracy: {test_accuracy.result() * 100:0.2f}"
    )
for step, (xb, yb) in enumerate(train_ds.take(2)):
    print(step, xb.shape, yb.numpy())
for step, (xb, yb) in train_ds.repeat().enumerate().take(4):
    print(step.numpy(), tf.reduce_sum(xb).numpy().round(3), yb.numpy()[:4])
it = iter(test_ds)
while True:
    try:
        xb, yb = next(it)
    except StopIteration:
        break
    print(xb.shape, int(tf.reduce_sum(yb)))
