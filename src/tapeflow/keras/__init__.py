"""`tf.keras`: the optimizers of Keras."""

from tapeflow.keras import optimizers

__all__ = ["optimizers"]


def __dir__() -> list[str]:
    return __all__
