"""Fourier transforms of complex and of real signals."""

from tests.gradient.case import Case, array

Z = array(3, 5) + 1j * array(3, 5)

CASES = [
    Case("fft", lambda tf, z: tf.signal.fft(z) ** 2, Z),
    Case("ifft", lambda tf, z: tf.signal.ifft(z) ** 2, Z),
    Case("fft_one_point", lambda tf, z: tf.signal.fft(z), Z[:, :1]),
    Case("fft_empty", lambda tf, z: tf.signal.fft(z), Z[:0]),
    Case("fft2d", lambda tf, z: tf.signal.fft2d(z) ** 2, Z),
    Case("ifft2d", lambda tf, z: tf.signal.ifft2d(z) ** 2, Z),
    Case("fft3d", lambda tf, z: tf.signal.fft3d(tf.reshape(z, [1, 3, 5])) ** 2, Z),
    Case("ifft3d", lambda tf, z: tf.signal.ifft3d(tf.reshape(z, [3, 5, 1])) ** 2, Z),
    Case("rfft", lambda tf, x: tf.signal.rfft(x) ** 2, array(2, 6), second=False),
    Case("rfft_odd", lambda tf, x: tf.signal.rfft(x) ** 2, array(7), second=False),
    Case("rfft_padded", lambda tf, x: tf.signal.rfft(x, [8]) ** 2, array(2, 5), second=False),
    Case("rfft_cut", lambda tf, x: tf.signal.rfft(x, [4]) ** 2, array(2, 6), first=False),
    Case("rfft2d", lambda tf, x: tf.signal.rfft2d(x) ** 2, array(4, 6), second=False),
    Case("rfft2d_odd", lambda tf, x: tf.signal.rfft2d(x, [5, 3]) ** 2, array(2, 4, 4), first=False),
    Case("rfft3d", lambda tf, x: tf.signal.rfft3d(x) ** 2, array(2, 3, 4), second=False, first=False),
    Case("irfft2d", lambda tf, z: tf.signal.irfft2d(z) ** 2, Z, second=False),
    Case("irfft2d_odd", lambda tf, z: tf.signal.irfft2d(z, [3, 5]) ** 2, Z, first=False),
    Case("irfft", lambda tf, z: tf.signal.irfft(z) ** 2, Z, second=False),
    Case("irfft_odd", lambda tf, z: tf.signal.irfft(z, [7]) ** 2, Z, first=False),
    Case("irfft_cut", lambda tf, z: tf.signal.irfft(z, [4]) ** 2, Z, first=False),
    Case("irfft_of_rfft", lambda tf, x: tf.signal.irfft(tf.signal.rfft(x)) ** 3, array(8), second=False),
    Case("fftshift", lambda tf, z: tf.signal.fftshift(z) ** 2, Z),
    Case("ifftshift", lambda tf, z: tf.signal.ifftshift(z, axes=[1]) ** 2, Z),
]
