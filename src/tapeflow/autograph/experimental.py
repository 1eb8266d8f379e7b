"""`tf.autograph.experimental`: names. Names only: see `tapeflow.core`, `tapeflow.ops` and `tapeflow.gradient`."""

from tapeflow.compat.missing import names_missing_from
from tapeflow.graph.autograph import Feature, do_not_convert, set_loop_options

__all__ = ["Feature", "do_not_convert", "set_loop_options"]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
