"""`tf.autograph.experimental`: names. Names only: see `tapeflow.core`, `tapeflow.ops` and `tapeflow.gradient`."""

from tapeflow.compat.missing import names_missing_from
from tapeflow.graph.autograph import do_not_convert

__all__ = ["do_not_convert"]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
