"""Trigonometric and hyperbolic functions and their inverses."""

import numpy as np

from tests.gradient.case import Case, array

INSIDE = {"low": -0.8, "high": 0.8}
Z = array(3) + 1j * array(3)
UNARY = {
    "sin": {},
    "cos": {},
    "tan": {"low": -1.0, "high": 1.0},
    "asin": INSIDE,
    "acos": INSIDE,
    "atan": {},
    "sinh": {},
    "cosh": {},
    "tanh": {},
    "asinh": {},
    "acosh": {"low": 1.3, "high": 3.0},
    "atanh": INSIDE,
}
POINTS = {
    "asin": [1.0, -1.0, 2.0],
    "acos": [1.0, -1.0, 2.0],
    "acosh": [1.0, 0.5, np.inf],
    "atanh": [1.0, -1.0, 2.0],
    "tanh": [1000.0, -1000.0, np.inf],
    "atan": [1e200, np.inf, 0.0],
    "asinh": [1e200, 0.0, -1e200],
    "sin": [np.inf, 0.0, np.pi],
    "sinh": [1000.0, 0.0, -1000.0],
}

CASES = [
    *(Case(k, lambda tf, x, k=k: getattr(tf, k)(x), array(2, 3, **where)) for k, where in UNARY.items()),
    *(Case(f"{k}_scalar", lambda tf, x, k=k: getattr(tf, k)(x), array(**where)) for k, where in UNARY.items()),
    *(Case(f"{k}_empty", lambda tf, x, k=k: getattr(tf, k)(x), array(0, **where)) for k, where in UNARY.items()),
    *(Case(f"{k}_complex", lambda tf, x, k=k: getattr(tf, k)(x), Z) for k in UNARY),
    *(
        Case(f"{k}_at_the_edge", lambda tf, x, k=k: getattr(tf, k)(x), np.array(points), numeric=False, single=False)
        for k, points in POINTS.items()
    ),
    Case("tanh_twice", lambda tf, x: tf.tanh(tf.tanh(x)), array(3)),
    Case("tanh_twice_complex", lambda tf, x: tf.tanh(tf.tanh(x)), Z),
    Case("atan2", lambda tf, y, x: tf.atan2(y, x), array(3, 1), array(4)),
    Case("atan2_same", lambda tf, y, x: tf.math.atan2(y, x), array(2, 3), array(2, 3)),
    Case("atan2_scalar", lambda tf, y, x: tf.atan2(y, x), array(), array()),
    Case(
        "atan2_axes",
        lambda tf, y, x: tf.atan2(y, x),
        np.array([0.0, 0.0, 1.0, 0.0]),
        np.array([0.0, -1.0, 0.0, 2.0]),
        numeric=False,
    ),
]
