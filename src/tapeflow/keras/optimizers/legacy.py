"""`tf.keras.optimizers.legacy`: the optimizers as they were before Keras 2.11.

The rules are today's. What differs: an optimizer takes variables that it has not seen before at any time. The old arguments
`lr` and `decay` are understood by today's classes as well.
"""

from __future__ import annotations

from tapeflow.compat.missing import names_missing_from
from tapeflow.keras.optimizers import adadelta, adagrad, adam, adamax, ftrl, nadam, optimizer, rmsprop, sgd

__all__ = ["SGD", "Adadelta", "Adagrad", "Adam", "Adamax", "Ftrl", "Nadam", "Optimizer", "RMSprop"]


class Optimizer(optimizer.Optimizer):
    """`tf.keras.optimizers.Optimizer` that takes new variables at any time.

    >>> import tapeflow as tf
    >>> optimizer = tf.keras.optimizers.legacy.SGD(lr=1.0, decay=1.0)
    >>> for x in (tf.Variable(1.0), tf.Variable(1.0)):
    ...     _ = optimizer.apply_gradients([(tf.constant(0.5), x)])
    ...     print(x.numpy())
    0.5
    0.75
    """

    grows = True


class SGD(Optimizer, sgd.SGD):
    __doc__ = sgd.SGD.__doc__


class Adam(Optimizer, adam.Adam):
    __doc__ = adam.Adam.__doc__


class Adamax(Optimizer, adamax.Adamax):
    __doc__ = adamax.Adamax.__doc__


class Nadam(Optimizer, nadam.Nadam):
    __doc__ = nadam.Nadam.__doc__


class RMSprop(Optimizer, rmsprop.RMSprop):
    __doc__ = rmsprop.RMSprop.__doc__


class Adagrad(Optimizer, adagrad.Adagrad):
    __doc__ = adagrad.Adagrad.__doc__


class Adadelta(Optimizer, adadelta.Adadelta):
    __doc__ = adadelta.Adadelta.__doc__


class Ftrl(Optimizer, ftrl.Ftrl):
    __doc__ = ftrl.Ftrl.__doc__


__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
