"""`tf.keras`: the parts of Keras that programs with a GradientTape use."""

from tapeflow.compat.missing import names_missing_from
from tapeflow.keras import activations, backend, constraints, initializers, losses, metrics, optimizers

# Loaded when they are first used.
LAYERS = ("Input", "InputSpec", "Layer")
MODELS = ("Model", "Sequential")
FOUND_IN = {
    **dict.fromkeys(LAYERS, "tapeflow.keras.layers"),
    **dict.fromkeys(MODELS, "tapeflow.keras.models"),
    **dict.fromkeys(("DTypePolicy", "FloatDTypePolicy"), "tapeflow.keras.dtype_policies"),
    "Initializer": "tapeflow.keras.initializers",
    "KerasTensor": "tapeflow.keras.layers.input_layer",
    "Loss": "tapeflow.keras.losses",
    "Metric": "tapeflow.keras.metrics",
    "Optimizer": "tapeflow.keras.optimizers",
    "Regularizer": "tapeflow.keras.regularizers",
    "Variable": "tapeflow.keras.variable",
}
__all__ = [
    "DTypePolicy",
    "FloatDTypePolicy",
    "Initializer",
    "Input",
    "InputSpec",
    "KerasTensor",
    "Layer",
    "Loss",
    "Metric",
    "Model",
    "Optimizer",
    "Regularizer",
    "Sequential",
    "Variable",
    "activations",
    "backend",
    "config",
    "constraints",
    "dtype_policies",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "mixed_precision",
    "models",
    "optimizers",
    "random",
    "regularizers",
    "utils",
]

__getattr__ = names_missing_from(__name__, {"utils": "tapeflow.keras.preparation"}, FOUND_IN)


def __dir__() -> list[str]:
    return __all__
