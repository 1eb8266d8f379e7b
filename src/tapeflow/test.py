"""`tf.test`: names. Names only: see `tapeflow.core`, `tapeflow.ops` and `tapeflow.gradient`."""

from tapeflow.compat.missing import names_missing_from
from tapeflow.core.device import (
    gpu_device_name,
    is_built_with_cuda,
    is_built_with_gpu_support,
    is_built_with_rocm,
    is_built_with_xla,
    is_gpu_available,
)
from tapeflow.gradient.check import compute_gradient

__all__ = [
    "compute_gradient",
    "gpu_device_name",
    "is_built_with_cuda",
    "is_built_with_gpu_support",
    "is_built_with_rocm",
    "is_built_with_xla",
    "is_gpu_available",
]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
