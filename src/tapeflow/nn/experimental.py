"""`tf.nn.experimental`: names. Names only: see `tapeflow.core`, `tapeflow.ops` and `tapeflow.gradient`."""

from tapeflow.compat.missing import names_missing_from
from tapeflow.ops.dropout import general_dropout, stateless_dropout

__all__ = ["general_dropout", "stateless_dropout"]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
