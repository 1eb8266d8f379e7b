"""`tf.math`: mathematics. Names only: what they name lives in `tapeflow.core`, `tapeflow.ops` and `tapeflow.gradient`."""

from tapeflow.compat.missing import names_missing_from
from tapeflow.ops.arithmetic import add, multiply, negative, pow, square, subtract
from tapeflow.ops.reduction import reduce_mean, reduce_sum

__all__ = ["add", "multiply", "negative", "pow", "reduce_mean", "reduce_sum", "square", "subtract"]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
