"""Complex numbers: made of parts, and taken apart; casts and copies."""

import numpy as np

from tests.gradient.case import Case, array

Z = array(2, 3) + 1j * array(2, 3)

CASES = [
    Case("complex", lambda tf, x, y: tf.complex(x, y) ** 2, array(2, 3), array(3)),
    Case("complex_scalars", lambda tf, x, y: tf.complex(x, y) * tf.complex(y, x), array(), array()),
    Case("complex_empty", lambda tf, x, y: tf.complex(x, y), array(0), array(0)),
    Case("real", lambda tf, z: tf.math.real(z) ** 2, Z),
    Case("imag", lambda tf, z: tf.math.imag(z) ** 2, Z),
    Case("imag_of_square", lambda tf, z: tf.math.imag(z * z), Z),
    Case("angle", lambda tf, z: tf.math.angle(z), Z),
    Case("conj", lambda tf, z: tf.math.conj(z) * z * z, Z),
    Case("magnitude", lambda tf, z: tf.math.real(z * tf.math.conj(z)), Z),
    Case("polar", lambda tf, r, t: tf.complex(r * tf.cos(t), r * tf.sin(t)) ** 2, array(3), array(3)),
    Case("cast_to_complex", lambda tf, x: tf.cast(x, tf.complex128) ** 2, array(3), single=False),
    Case("cast_to_real", lambda tf, z: tf.cast(z * z, tf.float64), Z, single=False),
    Case(
        "cast_down_and_up",
        lambda tf, x: tf.cast(tf.cast(x, tf.float32) ** 2, tf.float64),
        array(3),
        numeric=False,
        rtol=1e-6,
        single=False,
    ),
    Case(
        "cast_through_integers",
        lambda tf, x: tf.cast(tf.cast(x, tf.int32), tf.float64) * x,
        array(3, high=9.0),
        numeric=False,
        single=False,
    ),
    Case("identity", lambda tf, x: tf.identity(x) * x, array(2, 3)),
    Case(
        "saturate_cast",
        lambda tf, x: tf.cast(tf.saturate_cast(x * 1e38, tf.float32), tf.float64) * x,
        np.array([1.0, 9.0]),
        numeric=False,
        rtol=1e-6,
        single=False,
    ),
]
