"""`tf.strings`: text. Names only: see `tapeflow.core`, `tapeflow.ops` and `tapeflow.gradient`."""

from tapeflow.compat.missing import names_missing_from
from tapeflow.ops.printing import format
from tapeflow.ops.strings import as_string, join, length, lower, substr, upper

__all__ = ["as_string", "format", "join", "length", "lower", "substr", "upper"]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
