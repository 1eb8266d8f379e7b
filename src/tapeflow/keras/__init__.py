"""`tf.keras`: the parts of Keras that programs with a GradientTape use."""

from tapeflow.compat.missing import names_missing_from
from tapeflow.keras import activations, backend, constraints, initializers, losses, metrics, optimizers

__all__ = ["activations", "backend", "constraints", "initializers", "losses", "metrics", "optimizers"]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
