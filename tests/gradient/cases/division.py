"""Quotients and remainders."""

import numpy as np

from tests.gradient.case import Case, array

SHAPES = {
    "same": ((3, 4), (3, 4)),
    "row": ((3, 4), (4,)),
    "outer": ((3, 1), (1, 4)),
    "scalar": ((), (2, 3)),
    "scalars": ((), ()),
    "empty": ((0, 3), (3,)),
}
POSITIVE = {"low": 0.5, "high": 2.0}
X = np.array([0.0, 0.0, 2.0, -3.0])
Y = np.array([0.0, 2.0, 0.0, 4.0])

CASES = [
    *(Case(f"divide_{k}", lambda tf, x, y: x / y, array(*a), array(*b, **POSITIVE)) for k, (a, b) in SHAPES.items()),
    Case("realdiv", lambda tf, x, y: tf.realdiv(x, y), array(3), array(3, **POSITIVE)),
    Case("divide_by_number", lambda tf, x: tf.divide(x, 4.0), array(2, 3)),
    Case("divide_number", lambda tf, x: 4.0 / x, array(2, 3, **POSITIVE)),
    Case("divide_by_zero", lambda tf, x, y: x / y, X, Y, numeric=False),
    Case("divide_infinite", lambda tf, x, y: x / y, np.array([np.inf, 1.0]), np.array([2.0, np.inf]), numeric=False),
    Case("divide_complex", lambda tf, x, y: x / y, array(3) + 1j, array(3) + 2j),
    Case("divide_no_nan", lambda tf, x, y: tf.math.divide_no_nan(x, y), array(3, 1), array(2, **POSITIVE)),
    Case("divide_no_nan_by_zero", lambda tf, x, y: tf.math.divide_no_nan(x, y), X, Y, numeric=False),
    Case("divide_no_nan_complex", lambda tf, x, y: tf.math.divide_no_nan(x, y), array(3) + 1j, array(3) + 2j),
    Case("reciprocal_no_nan", lambda tf, x: tf.math.reciprocal_no_nan(x), np.array([0.0, 2.0]), numeric=False),
    Case("multiply_no_nan", lambda tf, x, y: tf.math.multiply_no_nan(x, y), array(3, 1), array(2, **POSITIVE)),
    Case(
        "multiply_no_nan_zero",
        lambda tf, x, y: tf.math.multiply_no_nan(x, y),
        np.array([np.inf, np.nan, 0.0, 2.0]),
        np.array([0.0, 0.0, 2.0, 0.0]),
        numeric=False,
    ),
    # TensorFlow leaves out the conjugate here, so that only central differences judge the gradient.
    Case(
        "multiply_no_nan_complex", lambda tf, x, y: tf.math.multiply_no_nan(x, y), array(3) + 1j, array(3) + 2j, first=False
    ),
    Case("xdivy", lambda tf, x, y: tf.math.xdivy(x, y), array(3, 1), array(2, **POSITIVE)),
    Case("xdivy_zero", lambda tf, x, y: tf.math.xdivy(x, y), X, Y, numeric=False),
    Case("xdivy_complex", lambda tf, x, y: tf.math.xdivy(x, y), array(3) + 1j, array(3) + 2j, first=False),
    Case("floormod", lambda tf, x, y: tf.math.floormod(x, y) * x, array(3, 4, high=9.0), array(4, **POSITIVE)),
    Case("floormod_negative", lambda tf, x: x % -0.75, array(5)),
    Case("floormod_at_multiples", lambda tf, x, y: x % y, np.array([2.0, 0.0, -2.0]), np.array(2.0), numeric=False),
    Case("floordiv", lambda tf, x, y: x // y + x, array(3), array(3, **POSITIVE), numeric=False),
    Case("truncatediv", lambda tf, x, y: tf.truncatediv(x, y) + x, array(3), array(3, **POSITIVE), numeric=False),
]
