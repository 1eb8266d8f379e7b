"""The softmax and its logarithm."""

import numpy as np

from tests.gradient.case import Case, array

EXTREME = np.array([[1000.0, -1000.0, 0.0], [-1000.0, -1000.0, -1000.0], [800.0, 800.0, -800.0]])
INFINITE = np.array([[0.0, -np.inf, 1.0], [np.inf, 0.0, 1.0], [np.nan, 0.0, 1.0], [-np.inf, -np.inf, -np.inf]])
BOTH = {
    "softmax": lambda tf, x, a=-1: tf.nn.softmax(x, axis=a),
    "log_softmax": lambda tf, x, a=-1: tf.nn.log_softmax(x, axis=a),
}

CASES = [
    *(Case(k, f, array(3, 4)) for k, f in BOTH.items()),
    *(Case(f"{k}_vector", f, array(5)) for k, f in BOTH.items()),
    *(Case(f"{k}_wide", f, array(3, 20)) for k, f in BOTH.items()),
    *(Case(f"{k}_axis", lambda tf, x, f=f: f(tf, x, 1), array(2, 3, 4)) for k, f in BOTH.items()),
    *(Case(f"{k}_first_axis", lambda tf, x, f=f: f(tf, x, 0), array(3, 2)) for k, f in BOTH.items()),
    *(Case(f"{k}_one_class", f, array(3, 1)) for k, f in BOTH.items()),
    *(Case(f"{k}_empty", f, array(0, 3)) for k, f in BOTH.items()),
    *(Case(f"{k}_no_class", f, array(2, 0)) for k, f in BOTH.items()),
    *(Case(f"{k}_extreme", f, EXTREME, numeric=False, single_rtol=1e-2) for k, f in BOTH.items()),
    *(Case(f"{k}_infinite", f, INFINITE, numeric=False) for k, f in BOTH.items()),
]
