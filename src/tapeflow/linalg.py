"""`tf.linalg`: linear algebra. Names only: what they name lives in `tapeflow.core`, `tapeflow.ops` and `tapeflow.gradient`."""

from tapeflow.compat.missing import names_missing_from
from tapeflow.ops.clipping import global_norm
from tapeflow.ops.matrix_products import matmul, matvec

__all__ = ["global_norm", "matmul", "matvec"]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
