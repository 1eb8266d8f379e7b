"""`tf.device`: accepted everywhere; everything runs on the CPU."""

from __future__ import annotations

import re
from typing import Any

__all__ = [
    "device",
    "gpu_device_name",
    "is_built_with_cuda",
    "is_built_with_gpu_support",
    "is_built_with_rocm",
    "is_built_with_xla",
    "is_gpu_available",
]

# "/job:worker/replica:0/task:1/device:GPU:0" in any part, "/gpu:0", "cpu"; compiled when it is first used
_PART = r"(job|replica|task):[\w*]+|device:[A-Za-z]\w*:(\d+|\*)|(?i:cpu|gpu|tpu)(:(\d+|\*))?"


class device:  # TensorFlow's name
    """A context that names a device. TapeFlow computes on the CPU, whichever device is named.

    Args:
        device_name: a device such as "/CPU:0" or "/GPU:0", or None.

    Raises:
        ValueError: the name is not that of a device.

    >>> import tapeflow as tf
    >>> with tf.device("/GPU:0"):
    ...     tf.constant(1.0).device
    '/job:localhost/replica:0/task:0/device:CPU:0'
    """

    def __init__(self, device_name: Any) -> None:
        self._name = device_name

    def __enter__(self) -> None:
        if self._name is None or callable(self._name):
            return
        for part in str(self._name).strip("/").split("/"):
            if part and not re.fullmatch(_PART, part):
                raise ValueError(f"Unknown attribute {part!r} is encountered while parsing the device spec: {self._name!r}.")

    def __exit__(self, *error: Any) -> None:
        return None


# -- questions of tf.test --------------------------------------------------------------------------------


def is_built_with_cuda() -> bool:
    """Whether NVIDIA's GPUs could be used: no.

    >>> import tapeflow as tf
    >>> tf.test.is_built_with_cuda()
    False
    """
    return False


def is_built_with_gpu_support() -> bool:
    """Whether any GPU could be used: no.

    >>> import tapeflow as tf
    >>> tf.test.is_built_with_gpu_support()
    False
    """
    return False


def is_built_with_rocm() -> bool:
    """Whether AMD's GPUs could be used: no.

    >>> import tapeflow as tf
    >>> tf.test.is_built_with_rocm()
    False
    """
    return False


def is_built_with_xla() -> bool:
    """Whether the compiler XLA is here: no.

    >>> import tapeflow as tf
    >>> tf.test.is_built_with_xla()
    False
    """
    return False


def is_gpu_available(cuda_only: bool = False, min_cuda_compute_capability: tuple[int, int] | None = None) -> bool:
    """Whether there is a GPU to compute on: no.

    Args:
        cuda_only, min_cuda_compute_capability: accepted; there is no GPU of any kind.

    >>> import tapeflow as tf
    >>> tf.test.is_gpu_available()
    False
    """
    return False


def gpu_device_name() -> str:
    """The name of the first GPU: empty, since there is none.

    >>> import tapeflow as tf
    >>> tf.test.gpu_device_name()
    ''
    """
    return ""
