"""Powers, roots and reciprocals."""

import numpy as np

from tests.gradient.case import Case, array

POSITIVE = {"low": 0.3, "high": 2.0}
SHAPES = {
    "same": ((3, 4), (3, 4)),
    "row": ((3, 4), (4,)),
    "outer": ((3, 1), (1, 4)),
    "scalar": ((), (2, 3)),
    "exponent": ((2, 3), ()),
    "scalars": ((), ()),
    "empty": ((0, 3), (3,)),
}
X = np.array([0.0, -2.0, 3.0, -0.0])
Z = array(3) + 1j * array(3, low=0.5)
EXPONENTS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, -1.0, -2.0, -0.5)


def third(tf, x):
    """The second derivative of a power, by tapes of its own, so that the table differentiates up to four times."""
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = x**3.5
        slope = inner.gradient(y, x)
    return outer.gradient(slope, x)


CASES = [
    *(Case(f"pow_{k}", lambda tf, x, y: x**y, array(*a, **POSITIVE), array(*b)) for k, (a, b) in SHAPES.items()),
    *(Case(f"power_{e}", lambda tf, x, e=e: tf.pow(x, e), array(2, 3, **POSITIVE)) for e in EXPONENTS),
    *(Case(f"power_{e}_scalar", lambda tf, x, e=e: x**e, array(**POSITIVE)) for e in EXPONENTS),
    *(Case(f"power_{e}_at_zero", lambda tf, x, e=e: x**e, X, numeric=False) for e in EXPONENTS),
    Case("pow_at_zero", lambda tf, x, y: x**y, X, np.array([2.0, 3.0, 0.0, 1.0]), numeric=False),
    Case("pow_zeros", lambda tf, x, y: x**y, np.array([0.0, 1.0]), np.array([0.0, np.inf]), numeric=False),
    Case("pow_exponent_only", lambda tf, y: 2.0**y, array(2, 3)),
    Case("pow_negative_base", lambda tf, x, y: x**y, np.array([-2.0, -1.5]), np.array([2.0, 3.0]), numeric=False),
    Case("pow_complex", lambda tf, x, y: x**y, Z, array(3) + 1j * array(3)),
    Case("pow_complex_square", lambda tf, x: x**2.0, Z),
    Case("pow_complex_at_zero", lambda tf, x, y: x**y, np.array([0j]), np.array([2.0 + 0j]), numeric=False, second=False),
    Case("pow_third_derivative", third, array(3, **POSITIVE)),
    Case("sqrt", lambda tf, x: tf.sqrt(x), array(2, 3, **POSITIVE)),
    Case("sqrt_scalar", lambda tf, x: tf.sqrt(x), array(**POSITIVE)),
    Case("sqrt_empty", lambda tf, x: tf.sqrt(x), array(0, **POSITIVE)),
    Case("sqrt_at_zero", lambda tf, x: tf.sqrt(x), np.array([0.0, -1.0, np.inf]), numeric=False),
    Case("sqrt_complex", lambda tf, x: tf.sqrt(x), Z),
    Case("sqrt_twice", lambda tf, x: tf.sqrt(tf.sqrt(x)), array(3, **POSITIVE)),
    Case("rsqrt_twice", lambda tf, x: tf.math.rsqrt(tf.math.rsqrt(x)), array(3, **POSITIVE)),
    Case("reciprocal_twice", lambda tf, x: tf.math.reciprocal(tf.math.reciprocal(x) + 1.0), array(3, **POSITIVE)),
    Case("roots_masked", lambda tf, x: tf.where(x > 0.0, tf.sqrt(x) + tf.math.rsqrt(x), x), X, numeric=False),
    Case("reciprocal_masked", lambda tf, x: tf.where(x > 0.0, tf.math.reciprocal(x), x), X, numeric=False),
    Case("roots_masked_scalar", lambda tf, x: tf.where(x > 0.0, tf.sqrt(x), x), np.array(0.0), numeric=False),
    Case("rsqrt", lambda tf, x: tf.math.rsqrt(x), array(2, 3, **POSITIVE)),
    Case("rsqrt_scalar", lambda tf, x: tf.math.rsqrt(x), array(**POSITIVE)),
    Case("rsqrt_at_zero", lambda tf, x: tf.math.rsqrt(x), np.array([0.0, -1.0, np.inf]), numeric=False),
    Case("rsqrt_complex", lambda tf, x: tf.math.rsqrt(x), Z),
    Case("reciprocal", lambda tf, x: tf.math.reciprocal(x), array(2, 3, **POSITIVE)),
    Case("reciprocal_scalar", lambda tf, x: tf.math.reciprocal(x), array(**POSITIVE)),
    Case("reciprocal_at_zero", lambda tf, x: tf.math.reciprocal(x), np.array([0.0, -0.0, np.inf]), numeric=False),
    Case("reciprocal_complex", lambda tf, x: tf.math.reciprocal(x), Z),
]
