"""`tf.keras.mixed_precision`: policies that compute in half precision and keep weights in full."""

from __future__ import annotations

from tapeflow.compat.missing import names_missing_from
from tapeflow.keras.dtype_policies import DTypePolicy, dtype_policy, set_dtype_policy

Policy = DTypePolicy
global_policy = dtype_policy
set_global_policy = set_dtype_policy

__all__ = ["DTypePolicy", "Policy", "dtype_policy", "global_policy", "set_dtype_policy", "set_global_policy"]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
