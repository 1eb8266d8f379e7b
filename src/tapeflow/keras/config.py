"""`tf.keras.config`: what Keras computes with unless told otherwise."""

from __future__ import annotations

from tapeflow.compat.missing import names_missing_from
from tapeflow.keras.backend import epsilon, floatx, set_floatx
from tapeflow.keras.dtype_policies import dtype_policy, set_dtype_policy

__all__ = ["dtype_policy", "epsilon", "floatx", "set_dtype_policy", "set_floatx"]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
