"""`tf.autodiff`: differentiation. Names only: see `tapeflow.core`, `tapeflow.ops` and `tapeflow.gradient`."""

from tapeflow.compat.missing import names_missing_from
from tapeflow.gradient.forward import ForwardAccumulator
from tapeflow.gradient.tape import GradientTape

__all__ = ["ForwardAccumulator", "GradientTape"]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
