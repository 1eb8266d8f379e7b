"""Exponentials, logarithms and the logistic family."""

import numpy as np

from tests.gradient.case import Case, array

POSITIVE = {"low": 0.3, "high": 3.0}
EXTREME = np.array([-1000.0, -50.0, 0.0, 50.0, 1000.0, np.inf, -np.inf])
Z = array(3) + 1j * array(3)
UNARY = {
    "exp": (lambda tf, x: tf.exp(x), {}),
    "expm1": (lambda tf, x: tf.math.expm1(x), {}),
    "log": (lambda tf, x: tf.math.log(x), POSITIVE),
    "log1p": (lambda tf, x: tf.math.log1p(x), POSITIVE),
    "sigmoid": (lambda tf, x: tf.sigmoid(x), {}),
    "softplus": (lambda tf, x: tf.math.softplus(x), {}),
    "log_sigmoid": (lambda tf, x: tf.math.log_sigmoid(x), {}),
}

CASES = [
    *(Case(k, f, array(2, 3, **where)) for k, (f, where) in UNARY.items()),
    *(Case(f"{k}_scalar", f, array(**where)) for k, (f, where) in UNARY.items()),
    *(Case(f"{k}_empty", f, array(0, 2, **where)) for k, (f, where) in UNARY.items()),
    *(Case(f"{k}_extreme", f, EXTREME, numeric=False, second=k != "expm1", single=False) for k, (f, where) in UNARY.items()),
    *(Case(f"{k}_complex", f, Z) for k, (f, _) in UNARY.items() if k not in ("softplus", "log_sigmoid")),
    Case("sigmoid_twice", lambda tf, x: tf.sigmoid(tf.sigmoid(x)), array(3)),
    Case("log_at_zero", lambda tf, x: tf.math.log(x), np.array([0.0, -1.0]), numeric=False),
    Case("log1p_at_pole", lambda tf, x: tf.math.log1p(x), np.array([-1.0, -2.0, 1e-12]), numeric=False),
    Case("xlogy", lambda tf, x, y: tf.math.xlogy(x, y), array(3, 1), array(4, **POSITIVE)),
    Case(
        "xlogy_zero",
        lambda tf, x, y: tf.math.xlogy(x, y),
        np.array([0.0, 0.0, 2.0]),
        np.array([0.0, 2.0, 0.0]),
        numeric=False,
    ),
    # TensorFlow leaves out the conjugate here, so that only central differences judge the gradient.
    Case("xlogy_complex", lambda tf, x, y: tf.math.xlogy(x, y), Z, array(3) + 1j * array(3), first=False),
    Case("xlog1py", lambda tf, x, y: tf.math.xlog1py(x, y), array(3, 1), array(4, **POSITIVE)),
    Case(
        "xlog1py_zero",
        lambda tf, x, y: tf.math.xlog1py(x, y),
        np.array([0.0, 0.0, 2.0]),
        np.array([-1.0, 2.0, -1.0]),
        numeric=False,
    ),
    Case("xlog1py_complex", lambda tf, x, y: tf.math.xlog1py(x, y), Z, array(3) + 1j * array(3), first=False),
]
