"""A generator and a discriminator of convolutional layers, trained against each other as in the tutorials."""

import numpy as np
import tensorflow as tf
from tensorflow.keras import layers

tf.keras.utils.clear_session()
tf.keras.utils.set_random_seed(11)


def make_generator():
    model = tf.keras.Sequential(name="generator")
    model.add(layers.Dense(4 * 4 * 8, use_bias=False, input_shape=(6,)))
    model.add(layers.BatchNormalization())
    model.add(layers.LeakyReLU())
    model.add(layers.Reshape((4, 4, 8)))
    assert model.output_shape == (None, 4, 4, 8)
    model.add(layers.Conv2DTranspose(4, (3, 3), strides=(2, 2), padding="same", use_bias=False))
    model.add(layers.BatchNormalization())
    model.add(layers.LeakyReLU())
    model.add(layers.Conv2D(1, 3, padding="same", activation="tanh"))
    return model


def make_discriminator():
    return tf.keras.Sequential(
        [
            layers.Conv2D(4, (3, 3), strides=(2, 2), padding="same", input_shape=[8, 8, 1]),
            layers.LeakyReLU(),
            layers.Dropout(0.3, seed=2),
            layers.AveragePooling2D(2),
            layers.Flatten(),
            layers.Dense(1),
        ],
        name="discriminator",
    )


generator, discriminator = make_generator(), make_discriminator()
generator.summary()
print([(w.path, tuple(w.shape), w.trainable) for w in discriminator.weights])
cross_entropy = tf.keras.losses.BinaryCrossentropy(from_logits=True)
generator_optimizer = tf.keras.optimizers.Adam(1e-3)
discriminator_optimizer = tf.keras.optimizers.Adam(1e-3)


@tf.function
def train_step(images, noise):
    with tf.GradientTape() as gen_tape, tf.GradientTape() as disc_tape:
        generated = generator(noise, training=True)
        real_output = discriminator(images, training=True)
        fake_output = discriminator(generated, training=True)
        gen_loss = cross_entropy(tf.ones_like(fake_output), fake_output)
        disc_loss = cross_entropy(tf.ones_like(real_output), real_output) + cross_entropy(
            tf.zeros_like(fake_output), fake_output
        )
    gen_gradients = gen_tape.gradient(gen_loss, generator.trainable_variables)
    disc_gradients = disc_tape.gradient(disc_loss, discriminator.trainable_variables)
    generator_optimizer.apply_gradients(zip(gen_gradients, generator.trainable_variables))
    discriminator_optimizer.apply_gradients(zip(disc_gradients, discriminator.trainable_variables))
    return gen_loss, disc_loss


rng = np.random.default_rng(3)
images = tf.constant(np.sign(np.sin(np.arange(8) + rng.normal(size=(16, 8, 1))))[..., None].astype("float32"))
for i in range(6):
    noise = tf.constant(rng.normal(size=(16, 6)).astype("float32"))
    gen_loss, disc_loss = train_step(images, noise)
    print(i, f"{float(gen_loss):.4f} {float(disc_loss):.4f}")
sample = generator(tf.ones([2, 6]), training=False)
print(sample.shape, float(tf.reduce_mean(sample)))
print("moving mean", float(tf.reduce_sum(generator.layers[1].moving_mean)), len(generator.non_trainable_variables))
discriminator.trainable = False
print(len(discriminator.trainable_variables), len(discriminator.non_trainable_weights))
