"""`tf.keras`: the parts of Keras that programs with a GradientTape use."""

from tapeflow.keras import activations, losses, metrics, optimizers

__all__ = ["activations", "losses", "metrics", "optimizers"]


def __dir__() -> list[str]:
    return __all__
