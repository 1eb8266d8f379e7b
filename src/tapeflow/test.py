"""`tf.test`: names. Names only: see `tapeflow.core`, `tapeflow.ops` and `tapeflow.gradient`."""

from tapeflow.compat.missing import names_missing_from
from tapeflow.gradient.check import compute_gradient

__all__ = ["compute_gradient"]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
