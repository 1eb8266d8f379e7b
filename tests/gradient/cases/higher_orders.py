"""Third order: the square of a gradient, differentiated twice. So the rules that only rules use are differentiated themselves."""

import numpy as np

from tests.gradient.case import Case, array


def squared_gradient(function):
    """x ↦ g(x)², where g is the gradient of the sum of the function."""

    def case(tf, *sources):
        with tf.GradientTape() as tape:
            tape.watch(list(sources))
            y = function(tf, *sources)
        return tuple(g * g for g in tape.gradient(y, list(sources)))

    return case


def cubed(tf, x):
    return x * x * x


FUNCTIONS = {
    "tanh": lambda tf, x: tf.tanh(x),
    "exp": lambda tf, x: tf.exp(x),
    "sigmoid": lambda tf, x: tf.sigmoid(x),
    "log_of_sum": lambda tf, x: tf.math.log(tf.reduce_sum(tf.exp(x), axis=1)),
    "logsumexp": lambda tf, x: tf.reduce_logsumexp(x, axis=1),
    "softmax": lambda tf, x: cubed(tf, tf.nn.softmax(x)),
    "mean": lambda tf, x: cubed(tf, tf.reduce_mean(x, axis=0)),
    "maximum": lambda tf, x: cubed(tf, tf.reduce_max(x, axis=1)),
    "product": lambda tf, x: tf.reduce_prod(x, axis=1),
    "running_sum": lambda tf, x: cubed(tf, tf.cumsum(x, axis=1)),
    "transpose": lambda tf, x: cubed(tf, tf.transpose(x)),
    "reshape": lambda tf, x: cubed(tf, tf.reshape(x, [-1])),
    "slice": lambda tf, x: cubed(tf, x[1:, ::2]),
    "concat": lambda tf, x: cubed(tf, tf.concat([x, x * 2.0], 0)),
    "where": lambda tf, x: tf.where(x > 0.0, cubed(tf, x), x * x),
}

CASES = [
    *(Case(name, squared_gradient(function), array(3, 4)) for name, function in FUNCTIONS.items()),
    Case("power", squared_gradient(lambda tf, x, y: x**y), array(3, low=0.5), array(3)),
    Case("divide", squared_gradient(lambda tf, x, y: x / y), array(2, 3), array(3, low=0.5)),
    Case("matmul", squared_gradient(lambda tf, x, y: cubed(tf, tf.matmul(x, y))), array(2, 3), array(3, 2)),
    Case("inverse", squared_gradient(lambda tf, x: tf.linalg.inv(x)), array(2, 2) + 3.0 * np.eye(2)),
    Case("determinant", squared_gradient(lambda tf, x: tf.linalg.det(x)), array(2, 3, 3) + 3.0 * np.eye(3)),
    Case("norm", squared_gradient(lambda tf, x: tf.norm(x, axis=1)), array(3, 4)),
]
