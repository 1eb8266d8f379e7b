"""Sums, products and powers: the operations that every other rule is made of."""

import numpy as np

from tests.gradient.case import Case, array

SHAPES = {
    "same": ((3, 4), (3, 4)),
    "row": ((3, 4), (4,)),
    "column": ((3, 1), (3, 4)),
    "outer": ((3, 1), (1, 4)),
    "scalar": ((), (2, 3)),
    "scalars": ((), ()),
    "empty": ((0, 3), (3,)),
    "ranks": ((2, 1, 3), (4, 1)),
}


def squared_gradient(tf, x, y):
    """A function that asks a tape itself: its gradients are of second and third order, through what was broadcast."""
    with tf.GradientTape() as tape:
        tape.watch(y)
        z = x * y
        w = z * z
    g = tape.gradient(w, y)
    return g * g


CASES = [
    *(Case(f"add_{k}", lambda tf, x, y: tf.add(x, y), array(*a), array(*b)) for k, (a, b) in SHAPES.items()),
    *(Case(f"subtract_{k}", lambda tf, x, y: tf.subtract(x, y), array(*a), array(*b)) for k, (a, b) in SHAPES.items()),
    *(Case(f"multiply_{k}", lambda tf, x, y: tf.multiply(x, y), array(*a), array(*b)) for k, (a, b) in SHAPES.items()),
    Case("add_self", lambda tf, x: x + x, array(3)),
    Case("subtract_self", lambda tf, x: x - x * 1.0, array(3)),
    Case("multiply_self", lambda tf, x: x * x * x, array(2, 3)),
    Case("multiply_complex", lambda tf, x, y: x * y, array(2, 3) + 1j * array(2, 3), array(3) + 1j * array(3)),
    Case("multiply_infinite", lambda tf, x, y: x * y, np.array([np.inf, 0.0]), np.array([2.0, np.inf]), numeric=False),
    Case("negative", lambda tf, x: tf.negative(x), array(2, 3)),
    Case("negative_scalar", lambda tf, x: -x, array()),
    Case("square", lambda tf, x: tf.square(x), array(2, 3)),
    Case("square_scalar", lambda tf, x: tf.square(x), array()),
    Case("square_empty", lambda tf, x: tf.square(x), array(0)),
    Case("square_complex", lambda tf, x: tf.square(x), array(3) + 1j * array(3)),
    Case("pow_2", lambda tf, x: tf.pow(x, 2.0), array(2, 3)),
    Case("pow_3", lambda tf, x: x**3.0, array(2, 3)),
    Case("pow_half", lambda tf, x: x**0.5, array(2, 3, low=0.5, high=3.0)),
    Case("polynomial", lambda tf, x: x * x * x * 2.0 - x * 3.0 + 1.0, array()),
    Case("tape_inside", squared_gradient, array(3, 1), array(4)),
    Case("unconnected", lambda tf, x, y: x * 2.0, array(2), array(2)),
    Case("two_outputs", lambda tf, x, y: (x * y, x + y), array(2), array(2)),
]
