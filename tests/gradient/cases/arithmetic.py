"""Sums, products and their kin beyond the basics."""

import numpy as np

from tests.gradient.case import Case, array

Z = array(2, 3) + 1j * array(2, 3)
W = array(3) + 1j * array(3)

CASES = [
    Case("squared_difference", lambda tf, x, y: tf.math.squared_difference(x, y), array(3, 4), array(4)),
    Case("squared_difference_outer", lambda tf, x, y: tf.math.squared_difference(x, y), array(3, 1), array(4)),
    Case("squared_difference_scalar", lambda tf, x, y: tf.math.squared_difference(x, y), array(), array()),
    Case("squared_difference_empty", lambda tf, x, y: tf.math.squared_difference(x, y), array(0, 3), array(3)),
    Case("abs", lambda tf, x: tf.abs(x), array(3, 4)),
    Case("abs_scalar", lambda tf, x: abs(x), array()),
    Case("abs_empty", lambda tf, x: tf.abs(x), array(0)),
    Case("abs_at_zero", lambda tf, x: tf.abs(x), np.array([0.0, -0.0, 1.0, -np.inf]), numeric=False),
    Case("abs_complex", lambda tf, x: tf.abs(x), Z),
    Case("abs_complex_at_zero", lambda tf, x: tf.abs(x), np.array([0j, 3 + 4j]), numeric=False, second=False),
    Case("sign", lambda tf, x: tf.sign(x) * x, array(3)),
    Case("sign_at_zero", lambda tf, x: tf.sign(x) * x * x, np.array([0.0, 1.0, -2.0]), numeric=False),
    Case("sign_complex", lambda tf, x: tf.sign(x), np.array([1 + 2j, -0.5 + 0.1j, 3 - 4j])),
    Case("sign_complex_squared", lambda tf, x: tf.sign(x * x) * x, np.array([1 + 2j, -0.5 + 0.1j, 3 - 4j])),
    Case("sign_complex_at_zero", lambda tf, x: tf.sign(x), np.array([0j, 3 + 4j]), numeric=False, second=False),
    Case("square_of_square", lambda tf, x: tf.square(tf.square(x)), array(2, 3)),
    Case("square_of_square_complex", lambda tf, x: tf.square(tf.square(x)), Z),
    Case("polyval", lambda tf, a, b, x: tf.math.polyval([a, b, a], x), array(), array(3), array(2, 1)),
    Case("scalar_mul", lambda tf, s, x: tf.scalar_mul(s, x), array(), array(2, 3)),
    Case("add_n", lambda tf, x, y, z: tf.add_n([x, y, z, x]) * x, array(2, 3), array(2, 3), array(2, 3)),
    Case("add_n_one", lambda tf, x: tf.add_n([x]) * x, array(2)),
    Case("add_n_scalars", lambda tf, x, y: tf.add_n([x, y, x]) * y, array(), array()),
    Case("accumulate_n", lambda tf, x, y: tf.math.accumulate_n([x, y]) * y, array(2), array(2)),
    Case("subtract_complex", lambda tf, x, y: (x - y) * x, Z, W),
    Case("add_complex", lambda tf, x, y: (x + y) * y, Z, W),
    Case("negative_complex", lambda tf, x: -x * x, Z),
    Case("variable_like_reuse", lambda tf, x: x * x + x / x - x * 3.0, array(3, low=1.0)),
]
