"""`tf.keras`: the optimizers of Keras."""

from tapeflow.compat.missing import names_missing_from
from tapeflow.keras import optimizers

__all__ = ["optimizers"]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
