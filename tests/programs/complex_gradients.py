"""Complex numbers: a Fourier transform by hand, phase retrieval, and conventions of complex gradients."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(19)
n = 8
k = tf.range(n, dtype=tf.float64)
angles = -2.0 * np.pi * k[:, None] * k[None, :] / n
dft = tf.complex(tf.cos(angles), tf.sin(angles))
signal = tf.Variable(rng.randn(n))
target = np.abs(np.fft.fft(rng.randn(n)))
print(np.allclose(tf.linalg.matvec(dft, tf.cast(signal, tf.complex128)), np.fft.fft(signal.numpy())))
for step in range(61):
    with tf.GradientTape() as tape:
        spectrum = tf.linalg.matvec(dft, tf.cast(signal, tf.complex128))
        loss = tf.reduce_mean((tf.abs(spectrum) - target) ** 2)
    g = tape.gradient(loss, signal)
    signal.assign_sub(0.05 * g)
    if step % 20 == 0:
        print(step, f"{loss:.6f} {tf.norm(g):.6f}")

z = tf.Variable(1.0 + 2.0j, dtype=tf.complex128)
functions = {
    "square": lambda z: z * z,
    "abs": lambda z: tf.abs(z),
    "abs2": lambda z: tf.math.real(z * tf.math.conj(z)),
    "real": lambda z: tf.math.real(z),
    "imag": lambda z: tf.math.imag(z),
    "angle": lambda z: tf.math.angle(z),
    "exp": lambda z: tf.exp(z),
    "inverse": lambda z: 1.0 / z,
    "conj": lambda z: tf.math.conj(z) ** 2,
    "sqrt": lambda z: tf.sqrt(z) + tf.math.log(z) + tf.sin(z),
}
for name, f in functions.items():
    with tf.GradientTape() as tape:
        y = f(z)
    g = tape.gradient(y, z).numpy()
    print(f"{name:8s} {y.dtype.name:10s} {g.real:+.6f} {g.imag:+.6f}")

r, phi = tf.Variable(2.0), tf.Variable(0.5)
with tf.GradientTape() as tape:
    w = tf.complex(r * tf.cos(phi), r * tf.sin(phi))
    out = tf.math.real(w * w * tf.constant(1.0 - 1.0j, tf.complex64))
print([f"{g:.5f}" for g in tape.gradient(out, [r, phi])])
A = tf.constant(rng.randn(3, 3) + 1j * rng.randn(3, 3))
with tf.GradientTape() as tape:
    tape.watch(A)
    hermitian = tf.matmul(A, A, adjoint_b=True) + tf.eye(3, dtype=tf.complex128)
    value = tf.math.real(tf.linalg.logdet(hermitian)) + tf.math.real(tf.linalg.trace(tf.linalg.inv(hermitian)))
print(f"{value:.6f}", np.round(tape.gradient(value, A).numpy()[0], 5))
x = tf.constant(rng.randn(6).astype(np.float32))
with tf.GradientTape() as tape:
    tape.watch(x)
    power = tf.abs(tf.signal.fft(tf.cast(x, tf.complex64))) ** 2
    high = tf.reduce_sum(power[2:5])
print(f"{high:.4f}", np.round(tape.gradient(high, x).numpy(), 4))
