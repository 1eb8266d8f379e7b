"""`tf.nn`: neural-network operations. Names only: what they name lives in `tapeflow.core`, `tapeflow.ops` and `tapeflow.gradient`."""

from tapeflow.compat.missing import names_missing_from
from tapeflow.ops.exponential import sigmoid, softplus
from tapeflow.ops.hyperbolic import tanh

__all__ = ["sigmoid", "softplus", "tanh"]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
