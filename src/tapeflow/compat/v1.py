"""`tf.compat.v1`: what programs for TensorFlow 2 still call there; TensorFlow 1 itself is not here.

Execution is always eager, so what switches that on has nothing to do, and what switches it off is refused.
"""

from typing import Any, NoReturn

import tapeflow.compat.v1_logging as logging
from tapeflow.compat.missing import names_missing_from

__all__ = [
    "disable_eager_execution",
    "disable_v2_behavior",
    "enable_eager_execution",
    "enable_resource_variables",
    "enable_tensor_equality",
    "enable_v2_behavior",
    "enable_v2_tensorshape",
    "executing_eagerly",
    "logging",
]


def enable_eager_execution(config: Any = None, device_policy: Any = None, execution_mode: Any = None) -> None:
    """Execution is eager already.

    Raises:
        NotImplementedError: one of the arguments, which are about sessions and devices, is given.

    >>> import tapeflow as tf
    >>> tf.compat.v1.enable_eager_execution()
    """
    given = {"config": config, "device_policy": device_policy, "execution_mode": execution_mode}
    for name, value in given.items():
        if value is not None:
            raise NotImplementedError(f"tf.compat.v1.enable_eager_execution: {name}={value!r} is not supported")


def enable_v2_behavior() -> None:
    """TensorFlow 2's behaviour is the only one there is."""


def enable_resource_variables() -> None:
    """Variables are those of TensorFlow 2 already."""


def enable_tensor_equality() -> None:
    """`==` compares tensors element by element already."""


def enable_v2_tensorshape() -> None:
    """A `tf.TensorShape` gives numbers already."""


def executing_eagerly() -> bool:
    """Whether operations run at once: always.

    >>> import tapeflow as tf
    >>> tf.compat.v1.executing_eagerly()
    True
    """
    return True


def disable_eager_execution() -> NoReturn:
    """Refused: there are no sessions.

    Raises:
        NotImplementedError: always.
    """
    _refuse("disable_eager_execution")


def disable_v2_behavior() -> NoReturn:
    """Refused: there is no other behaviour.

    Raises:
        NotImplementedError: always.
    """
    _refuse("disable_v2_behavior")


def _refuse(name: str) -> NoReturn:
    raise NotImplementedError(
        f"tf.compat.v1.{name}: tapeflow runs programs for TensorFlow 2, which execute eagerly; graphs and sessions of "
        f"TensorFlow 1 are not supported"
    )


__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
