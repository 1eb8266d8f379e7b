"""FGSM and projected gradient attacks on a fixed classifier; a Gram-matrix style loss; a saliency map."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(77)
w1, b1 = tf.constant(rng.randn(16, 12), tf.float32), tf.constant(rng.randn(12), tf.float32)
w2 = tf.constant(rng.randn(12, 3), tf.float32)
image = tf.Variable(rng.rand(1, 4, 4).astype(np.float32), name="image")


def classifier(x):
    h = tf.nn.leaky_relu(tf.reshape(x, [-1, 16]) @ w1 + b1, alpha=0.1)
    return tf.nn.softmax(h @ w2)


loss_object = tf.keras.losses.CategoricalCrossentropy()
label = tf.one_hot(tf.argmax(classifier(image), axis=-1), 3)


def create_adversarial_pattern(input_image, input_label):
    with tf.GradientTape() as tape:
        tape.watch(input_image)
        prediction = classifier(input_image)
        loss = loss_object(input_label, prediction)
    gradient = tape.gradient(loss, input_image)
    return tf.sign(gradient)


perturbation = create_adversarial_pattern(image, label)
print(np.round(classifier(image).numpy(), 4), label.numpy())
print(perturbation.numpy().astype(int).reshape(4, 4))
for eps in [0.0, 0.01, 0.1, 0.3]:
    adversarial = tf.clip_by_value(image + eps * perturbation, 0.0, 1.0)
    p = classifier(adversarial)
    print(f"eps = {eps:0.3f}: class {int(tf.argmax(p, -1)[0])} : {100 * tf.reduce_max(p):.2f}% confidence")

x = tf.identity(image)
for _ in range(5):
    x = x + 0.05 * create_adversarial_pattern(x, label)
    x = tf.clip_by_value(x, tf.maximum(image - 0.15, 0.0), tf.minimum(image + 0.15, 1.0))
print("pgd", np.round(classifier(x).numpy(), 4), f"{tf.reduce_max(tf.abs(x - image)):.3f}")

with tf.GradientTape() as tape:
    tape.watch(x)
    top = tf.reduce_max(classifier(x), axis=-1)
saliency = tf.abs(tape.gradient(top, x))
saliency = (saliency - tf.reduce_min(saliency)) / (tf.reduce_max(saliency) - tf.reduce_min(saliency))
print(np.round(saliency.numpy()[0], 3))


def gram_matrix(features):
    result = tf.linalg.einsum("bijc,bijd->bcd", features, features)
    shape = tf.shape(features)
    return result / tf.cast(shape[1] * shape[2], tf.float32)


style = tf.constant(rng.rand(1, 4, 4, 3).astype(np.float32))
generated = tf.Variable(rng.rand(1, 4, 4, 3).astype(np.float32))
opt = tf.keras.optimizers.Adam(learning_rate=0.02, beta_1=0.99, epsilon=1e-1)
for step in range(30):
    with tf.GradientTape() as tape:
        style_loss = tf.reduce_mean((gram_matrix(generated) - gram_matrix(style)) ** 2)
        dx = generated[:, :, 1:, :] - generated[:, :, :-1, :]
        dy = generated[:, 1:, :, :] - generated[:, :-1, :, :]
        variation = tf.reduce_sum(tf.abs(dx)) + tf.reduce_sum(tf.abs(dy))
        loss = 100.0 * style_loss + 0.01 * variation
    grad = tape.gradient(loss, generated)
    opt.apply_gradients([(grad, generated)])
    generated.assign(tf.clip_by_value(generated, clip_value_min=0.0, clip_value_max=1.0))
    if step % 10 == 0:
        print(step, f"{style_loss:.5f} {variation:.4f}")
