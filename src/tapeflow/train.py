"""`tf.train`: names. Names only: see `tapeflow.core`, `tapeflow.ops` and `tapeflow.gradient`."""

from tapeflow.compat.missing import names_missing_from
from tapeflow.ops.moving_average import ExponentialMovingAverage

__all__ = ["ExponentialMovingAverage"]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
