"""`tf.autograph`: names. Names only: see `tapeflow.core`, `tapeflow.ops` and `tapeflow.gradient`."""

from tapeflow.autograph import experimental
from tapeflow.compat.missing import names_missing_from

__all__ = ["experimental"]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
