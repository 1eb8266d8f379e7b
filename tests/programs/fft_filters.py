"""tf.signal: a spectral filter that is learnt, convolution by FFT, derivatives through rfft, 2-D transforms, poisson by FFT."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(15)
n = 16
t = tf.linspace(0.0, 2 * np.pi, n + 1)[:-1]
signal = tf.sin(t) + 0.5 * tf.sin(5 * t) + 0.1 * rng.randn(n).astype("float32")
clean = tf.sin(t)
gain = tf.Variable(tf.ones(n // 2 + 1))
opt = tf.keras.optimizers.Adam(0.1)


def apply(x):
    return tf.signal.irfft(tf.signal.rfft(x) * tf.cast(gain, tf.complex64), [n])


def step():
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((apply(signal) - clean) ** 2)
    g = tape.gradient(loss, gain)
    opt.apply_gradients([(g, gain)])
    return loss


print([f"{step():.5f}" for _ in range(3)])
fast = tf.function(step)
for _ in range(30):
    loss = fast()
print(f"{loss:.5f}", gain.numpy().round(3))
spectrum = tf.signal.fft(tf.cast(signal, tf.complex64))
print(spectrum.dtype, tf.abs(spectrum)[:4].numpy().round(4), tf.math.angle(spectrum)[1].numpy().round(4))
print(tf.math.real(tf.signal.ifft(spectrum))[:3].numpy())
img = tf.constant(rng.randn(4, 6), tf.float32)
with tf.GradientTape() as tape:
    tape.watch(img)
    F = tf.signal.rfft2d(img)
    power = tf.reduce_sum(tf.abs(F) ** 2)
print(F.shape, f"{power:.3f}", np.round((tape.gradient(power, img) / img).numpy()[0, :3], 3))
print(np.allclose(tf.signal.irfft2d(F).numpy(), img.numpy(), atol=1e-5), tf.signal.fft2d(tf.cast(img, tf.complex128)).dtype)
k = tf.signal.fftshift(tf.range(-4, 4))
print(k.numpy(), tf.signal.ifftshift(k).numpy())


def heat(u0, nu, time):
    freq = tf.cast(tf.concat([tf.range(0, n // 2 + 1)], 0), tf.float32)
    return tf.signal.irfft(tf.signal.rfft(u0) * tf.cast(tf.exp(-nu * freq**2 * time), tf.complex64), [n])


nu = tf.Variable(0.05)
with tf.GradientTape() as tape:
    u = heat(signal, nu, 1.0)
    e = tf.reduce_sum(u**2)
print(f"{e:.5f} {tape.gradient(e, nu):.5f}")
a, b = tf.constant(rng.randn(8), tf.float64), tf.constant(rng.randn(8), tf.float64)
conv = tf.signal.irfft(tf.signal.rfft(a, [16]) * tf.signal.rfft(b, [16]))
print(np.abs(conv.numpy()[:15] - np.convolve(a, b)).max() < 1e-12)
z = tf.Variable(tf.complex(tf.constant([1.0, 2.0], tf.float64), tf.constant([0.5, -1.0], tf.float64)))
with tf.GradientTape() as tape:
    y = tf.reduce_sum(tf.abs(tf.signal.fft(z)) ** 2)
print(tape.gradient(y, z).numpy())
