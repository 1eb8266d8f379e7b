"""`tf.keras.models`: layers made of layers."""

from tapeflow.compat.missing import names_missing_from
from tapeflow.keras.models.model import Model
from tapeflow.keras.models.sequential import Sequential

__all__ = ["Model", "Sequential"]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
